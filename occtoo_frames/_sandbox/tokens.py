"""Bearer tokens of both grants: handed out, checked, expired. Knows no HTTP; nothing of it is written down."""

from collections.abc import Callable
from secrets import token_urlsafe
from threading import Lock
from time import monotonic
from typing import Literal, TypeAlias

from occtoo_frames.protocol.tokens import Token

Grant: TypeAlias = Literal["provider", "application"]


class Tokens:
    """The tokens that are valid now.

    Args:
        lifetime_s: How long each lives.
        clock: Seconds that only grow.
    """

    def __init__(self, lifetime_s: float, clock: Callable[[], float] = monotonic) -> None:
        self.lifetime_s = lifetime_s
        self._clock = clock
        self._ends: dict[tuple[Grant, str], float] = {}
        self._changing = Lock()

    def issue(self, grant: Grant) -> Token:
        """A new token of this grant."""
        token = Token(token_urlsafe(32), self.lifetime_s)
        now = self._clock()
        with self._changing:
            self._ends = {place: end for place, end in self._ends.items() if end > now}
            self._ends[grant, token.access_token] = now + self.lifetime_s
        return token

    def holds(self, grant: Grant, authorization: str | None) -> bool:
        """True if the ``Authorization`` header holds a valid token of this grant."""
        scheme, _, text = (authorization or "").partition(" ")
        end = self._ends.get((grant, text.strip()))
        return scheme.lower() == "bearer" and end is not None and end > self._clock()

    def expire(self) -> None:
        """No token handed out before is valid any more."""
        with self._changing:
            self._ends.clear()
