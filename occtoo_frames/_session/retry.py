"""Patience: how often to try again, how long to wait, and how all workers share both.

Takes moments in seconds of some clock and gives waits in seconds; it reads no clock, does not sleep and knows no
server. The numbers of the budget follow the retry modes of large cloud SDKs.
"""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from threading import Lock

from occtoo_frames._given import to_number
from occtoo_frames.exceptions import ConfigurationError

TRANSIENT_COST = 14
"""What one retry after a failure takes from the budget: 35 of them empty a budget of 500."""

THROTTLE_COST = 5
"""What one retry after a 429 takes from the budget."""

TRANSIENT_BASE_S = 0.05
THROTTLE_BASE_S = 1.0
_LONGEST_BACKOFF_S = 20.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patient a connection is.

    Attributes:
        attempts: How often one request is sent at most. A 429 counts only if the server has taken nothing from
            anybody in the meantime.
        budget: What all workers of a run may spend on retries: 14 after a failure, 5 after a 429; successes pay back.
        max_wait_s: The longest wait a server may ask of one request; beyond it the run stops and names the wait.
    """

    attempts: int = 3
    budget: int = 500
    max_wait_s: float = 120

    def __post_init__(self) -> None:
        for name, least in (("attempts", 1), ("budget", 0), ("max_wait_s", 0)):
            value = getattr(self, name)
            number = to_number(value)
            if number is None or not number >= least:
                raise ConfigurationError(f"retry {name}={value!r}: it must be a number of at least {least}")
            object.__setattr__(self, name, number)
        if not isinstance(self.attempts, int):
            raise ConfigurationError(f"retry attempts={self.attempts!r}: it must be a whole number")


class Budget:
    """What all workers of a run may still spend on retries."""

    def __init__(self, size: float) -> None:
        self._size = self._left = float(size)
        self._lock = Lock()
        self._successes = 0

    @property
    def successes(self) -> int:
        """How many requests of this run the server has taken."""
        return self._successes

    def spend(self, cost: float) -> bool:
        """True if ``cost`` was left, and is now taken."""
        with self._lock:
            if self._left < cost:
                return False
            self._left -= cost
            return True

    def earn(self, paid: float) -> None:
        """Counts a success, which pays back what its retries cost, and 1 if it needed none."""
        with self._lock:
            self._successes += 1
            self._left = min(self._size, self._left + max(paid, 1.0))


class Gate:
    """What stands between all workers and one server: closed while it asks for patience, narrow afterwards.

    Open until the first 429. That one closes it for the wait and halves the rate (half of what the server really
    took in the last seconds); afterwards the rate recovers additively: quickly up to just below what was too much,
    slowly beyond it. Long after the last 429 it stands open again.
    """

    _WINDOW_S = 2.0
    _FORGET_S = 60.0
    _GUESS = 10.0
    _LEAST_RATE = 0.2
    _LATE_S = 0.1
    _NEAR = 0.92
    _SLOW = 0.01
    _CALM_S = 8.0

    def __init__(self) -> None:
        self._lock = Lock()
        self._closed_until = -math.inf
        self._next = -math.inf
        self._rate = math.inf
        self._ceiling = math.inf
        self._changed = -math.inf
        self._throttled = -math.inf
        self._taken: deque[float] = deque()

    @property
    def rate(self) -> float:
        """Requests a second that may pass; infinite while the server has not complained."""
        return self._rate

    def wait(self, now: float) -> float:
        """0.0 if a request may pass now, and then it has passed; else how many seconds to wait before asking again."""
        with self._lock:
            earliest = max(self._closed_until, self._next)
            if now < earliest:
                return earliest - now
            if math.isfinite(self._rate):
                self._recover(now)
                self._next = max(self._next, now - self._LATE_S) + 1 / self._rate
            return 0.0

    def succeed(self, now: float) -> None:
        """Notes that the server took a request."""
        with self._lock:
            self._taken.append(now)
            while self._taken[0] < now - self._WINDOW_S:
                self._taken.popleft()

    def close(self, now: float, wait_s: float) -> None:
        """Lets nobody pass for ``wait_s``; the first of a burst of complaints halves the rate."""
        with self._lock:
            if now >= self._closed_until:
                self._halve(now)
            self._closed_until = max(self._closed_until, now + wait_s)
            self._throttled = now

    def _halve(self, now: float) -> None:
        recent = [moment for moment in self._taken if moment >= now - self._WINDOW_S]
        seen = len(recent) / max(now - recent[0], self._LATE_S) if recent else self._GUESS
        self._ceiling = max(min(self._rate, seen), self._LEAST_RATE)
        self._rate = max(self._ceiling / 2, self._LEAST_RATE)
        self._changed = now

    def _recover(self, now: float) -> None:
        since = max(0.0, now - max(self._changed, self._closed_until))
        calm = now - self._throttled
        self._changed = now
        if calm > self._FORGET_S:
            self._rate = math.inf
        elif self._rate < self._NEAR * self._ceiling:
            self._rate = min(self._rate + since * self._ceiling, self._NEAR * self._ceiling)
        else:
            self._rate += since * self._ceiling * self._SLOW * max(1.0, calm - self._CALM_S)


def backoff_s(base_s: float, retry: int, chance: float) -> float:
    """The wait before retry number ``retry`` (from 1): full jitter, ``chance`` in [0, 1) times the doubling wait."""
    return min(base_s * 2.0 ** min(retry - 1, 30), _LONGEST_BACKOFF_S) * chance


def retry_after_s(headers: Mapping[str, str], wall_now: float) -> float | None:
    """The wait that ``Retry-After`` asks for, in seconds or as a date; None if absent or nonsense."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:18])
    try:
        moment = parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(0.0, moment - wall_now)
