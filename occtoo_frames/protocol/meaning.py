"""What came back for one request, and what it means by the platform's rules: one table.

Takes a response or a failure, gives a ``Meaning``. What follows from a meaning is for the caller to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from occtoo_frames.protocol.http import Event, Failure, Response


class Meaning(StrEnum):
    """What an event says about a request."""

    DONE = "done"
    """2xx: it was carried out, if the body is of the kind that was expected."""

    UNREACHABLE = "unreachable"
    """No connection, or it broke before the body: the server has seen nothing."""

    UNANSWERED = "unanswered"
    """The body may have arrived and no whole answer came: what the server did is unknown."""

    HOPELESS = "hopeless"
    """It failed in a way that trying again cannot mend: an unverified certificate, an endless answer."""

    SERVER_ERROR = "server-error"
    """408, 425, 5xx: the server failed; the next attempt may do."""

    THROTTLED = "throttled"
    """429, or 503 with Retry-After: everybody has to wait (doc)."""

    EXPIRED = "expired"
    """401: the token is not taken (seen)."""

    FORBIDDEN = "forbidden"
    """403: the token is not taken, or the source does not exist or was not granted (seen)."""

    MISSING = "missing"
    """404: nothing stands at this address."""

    CONFLICT = "conflict"
    """409: the server holds something that contradicts it."""

    REFUSED = "refused"
    """400, 415, 422: it was understood and refused; the body says why (doc)."""

    TOO_LARGE = "too-large"
    """413: refused for its size."""

    REDIRECTED = "redirected"
    """3xx: the server points elsewhere; nobody follows, for the token and the body would go there too."""

    UNEXPLAINED = "unexplained"
    """No rule of the platform explains it."""


_STATUSES: Mapping[int, Meaning] = MappingProxyType(
    {
        400: Meaning.REFUSED,
        401: Meaning.EXPIRED,
        403: Meaning.FORBIDDEN,
        404: Meaning.MISSING,
        408: Meaning.SERVER_ERROR,
        409: Meaning.CONFLICT,
        413: Meaning.TOO_LARGE,
        415: Meaning.REFUSED,
        422: Meaning.REFUSED,
        425: Meaning.SERVER_ERROR,
        429: Meaning.THROTTLED,
    }
)
_CLASSES: Mapping[int, Meaning] = MappingProxyType({2: Meaning.DONE, 3: Meaning.REDIRECTED, 5: Meaning.SERVER_ERROR})
_UNAVAILABLE = 503
_SHORT = 1_000


def meaning_of(event: Event) -> Meaning:
    """The one meaning of ``event``."""
    if isinstance(event, Failure):
        if event.final:
            return Meaning.HOPELESS
        return Meaning.UNANSWERED if event.sent else Meaning.UNREACHABLE
    if event.status == _UNAVAILABLE and "retry-after" in event.headers:
        return Meaning.THROTTLED
    known = _STATUSES.get(event.status)
    return known or _CLASSES.get(event.status // 100, Meaning.UNEXPLAINED)


def is_spent(response: Response) -> bool:
    """True if a 429 of an AWS gateway is about its quota, not its rate: waiting a little is no use (doc)."""
    return len(response.body) < _SHORT and b'"limit exceeded"' in response.body.lower()


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of one request after all its attempts.

    Attributes:
        event: The last thing that came back.
        attempts: How often it was sent.
        unsure: True if an attempt before the last one may have been carried out without an answer to tell.
        fatal: Why nothing more should be asked of this server in this run, or None.
        error: The exception that kept it from being sent or ended it (a token that was refused), or None.
    """

    event: Event
    attempts: int = 1
    unsure: bool = False
    fatal: str | None = None
    error: Exception | None = None

    @property
    def meaning(self) -> Meaning:
        """What the last event means."""
        return meaning_of(self.event)
