"""What the requests of one run share, and where they take time and chance from."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event as Flag
from threading import Lock

from occtoo_frames._session.retry import Budget


def _wait(seconds: float, stop: Flag) -> None:
    stop.wait(seconds)


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and chance, replaceable. ``wait`` returns early once its flag is set."""

    now: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    wait: Callable[[float, Flag], None] = _wait
    chance: Callable[[], float] = random.random


@dataclass(slots=True)
class Run:
    """What the requests of one run share: the budget, the flag that stops them, and the counts.

    Requests for tokens wait and spend with the others, but are not counted among them.
    """

    budget: Budget
    stop: Flag = field(default_factory=Flag)
    requests: int = 0
    retries: int = 0
    waited_s: float = 0.0
    bytes_sent: int = 0
    lock: Lock = field(default_factory=Lock, repr=False)

    def count(self, *, size: int = 0, requests: int = 0, retries: int = 0, waited_s: float = 0.0) -> None:
        """Adds to the counts."""
        with self.lock:
            self.requests += requests
            self.retries += retries
            self.bytes_sent += size
            self.waited_s += waited_s

    def aside(self) -> "Run":
        """A run of the same budget and flag whose requests do not count in this one."""
        return Run(self.budget, self.stop)
