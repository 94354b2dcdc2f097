"""The conversation that brings one request to its end: tries, pauses, closes the gate, renews the token.

Takes a retry policy and the budget that all workers share, yields steps, is sent what came of them, and returns what
came of the request. No clock, no sleep, no wire.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias

from occtoo_frames._session.retry import (
    THROTTLE_BASE_S,
    THROTTLE_COST,
    TRANSIENT_BASE_S,
    TRANSIENT_COST,
    Budget,
    RetryPolicy,
    backoff_s,
    retry_after_s,
)
from occtoo_frames.protocol.http import Event, Failure, Response
from occtoo_frames.protocol.meaning import Asked, Meaning, is_spent, meaning_of


@dataclass(frozen=True, slots=True)
class Try:
    """Send it now, through the gate. Sent back: the event, or ``Unsent``."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """It was not sent: the run was stopped, or there is no token to send it with."""

    reason: str
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait, this request alone."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Close:
    """Let no worker send anything to this server for so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Renew:
    """The token was not taken. Sent back: True if there may be a better one."""

    certain: bool


Step: TypeAlias = Try | Pause | Close | Renew
Asking: TypeAlias = Generator[Step, Any, Asked]
_RENEWABLE = {Meaning.EXPIRED, Meaning.FORBIDDEN}
_FAILED = 500
_PASSING = {Meaning.UNREACHABLE, Meaning.UNANSWERED, Meaning.SERVER_ERROR}


def ask(
    policy: RetryPolicy,
    budget: Budget,
    *,
    idempotent: bool,
    authorised: bool,
    chance: Callable[[], float],
    wall: Callable[[], float],
) -> Asking:
    """What came of one request, after as many attempts as policy and budget allow.

    Args:
        policy: How patient to be.
        budget: What all workers may spend.
        idempotent: False if it must not be sent again once the server may have seen it.
        authorised: True if it carries a token that can be renewed, once.
        chance: A random number in [0, 1).
        wall: Seconds since 1970, to read dates in ``Retry-After``.
    """
    asking = _Asking(policy, budget, idempotent, chance)
    renewed = not authorised
    while True:
        taken = budget.successes
        event = yield Try()
        if isinstance(event, Unsent):
            return asking.end(Failure(event.reason, sent=False, final=True), event.reason, event.error)
        asking.tries += 1
        meaning = meaning_of(event)
        if meaning in _RENEWABLE and not renewed:
            renewed = True
            if (yield Renew(certain=meaning is Meaning.EXPIRED)):
                continue
        elif meaning is Meaning.THROTTLED:
            asking.counted += budget.successes == taken
            if (yield from asking.throttled(event, wall())):
                continue
        elif meaning in _PASSING:
            asking.counted += 1
            if (yield from asking.failed(meaning)):
                continue
        elif meaning is Meaning.DONE:
            budget.earn(asking.paid)
        return asking.end(event, asking.fatal)


@dataclass(slots=True)
class _Asking:
    """What one request has cost so far."""

    policy: RetryPolicy
    budget: Budget
    idempotent: bool
    chance: Callable[[], float]
    tries: int = 0
    counted: int = 0
    throttles: int = 0
    paid: float = 0.0
    waited_s: float = 0.0
    unsure: bool = False
    fatal: str | None = None

    def throttled(self, response: Response, wall_now: float) -> Generator[Step, Any, bool]:
        """True if it may be tried again, after the gate was closed for the wait that the server asked for."""
        if response.status >= _FAILED:
            self.unsure = True
            if not self.idempotent:
                return False
        if is_spent(response):
            self.fatal = "its quota is spent, and waiting a little does not renew it"
            return False
        self.throttles += 1
        wait_s = retry_after_s(response.headers, wall_now)
        if wait_s is None:
            wait_s = backoff_s(THROTTLE_BASE_S, self.throttles, self.chance())
        self.waited_s += wait_s
        if self.waited_s > self.policy.max_wait_s:
            self.fatal = (
                f"the server asks to wait {self.waited_s:,.0f} s, longer than max_wait_s={self.policy.max_wait_s:g}"
            )
            return False
        yield Close(wait_s)
        return self._may_retry(THROTTLE_COST)

    def failed(self, meaning: Meaning) -> Generator[Step, Any, bool]:
        """True if it may be tried again, after a pause."""
        self.unsure = self.unsure or meaning is not Meaning.UNREACHABLE
        if (self.unsure and not self.idempotent) or not self._may_retry(TRANSIENT_COST):
            return False
        yield Pause(backoff_s(TRANSIENT_BASE_S, self.counted, self.chance()))
        return True

    def end(self, event: Event, fatal: str | None = None, error: Exception | None = None) -> Asked:
        """What came of it."""
        return Asked(event, self.tries, self.unsure, fatal, error)

    def _may_retry(self, cost: float) -> bool:
        if self.counted >= self.policy.attempts:
            return False
        if not self.budget.spend(cost):
            self.fatal = f"the retry budget of {self.policy.budget:g} that all workers share is spent"
            return False
        self.paid += cost
        return True
