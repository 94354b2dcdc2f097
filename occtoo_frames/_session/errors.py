"""Which exception says what came of a request: takes what was asked and what came, gives one exception of ours."""

from urllib.parse import urlsplit

from occtoo_frames._session.address import shown
from occtoo_frames.exceptions import (
    AuthenticationError,
    ConflictError,
    ConnectionFailedError,
    NotFoundError,
    OcctooError,
    ProtocolError,
    RateLimitedError,
    ReadLimitError,
    RejectedError,
    ResponseError,
    ServerError,
)
from occtoo_frames.protocol.http import Failure, Request, Response
from occtoo_frames.protocol.meaning import Asked, Meaning
from occtoo_frames.protocol.words import request_id_of, words_of

_KINDS: dict[Meaning, tuple[type[ResponseError], str]] = {
    Meaning.EXPIRED: (AuthenticationError, "check the credentials"),
    Meaning.FORBIDDEN: (AuthenticationError, "check that it exists and was granted to these credentials"),
    Meaning.MISSING: (NotFoundError, "check the address"),
    Meaning.CONFLICT: (ConflictError, ""),
    Meaning.REFUSED: (RejectedError, ""),
    Meaning.TOO_LARGE: (RejectedError, "the request is larger than the server takes"),
    Meaning.THROTTLED: (RateLimitedError, "try again later, or raise max_wait_s or the budget of the retry policy"),
    Meaning.SERVER_ERROR: (ServerError, "try again later"),
}


class RunStoppedError(OcctooError):
    """Nothing was sent, because the run that it belongs to was stopped."""


def ended_by(error: BaseException) -> str:
    """What ended a run, in words."""
    if isinstance(error, KeyboardInterrupt):
        return str(error) or "interrupted by Ctrl-C"
    return str(error) or type(error).__name__


def error_of(asked: Asked, request: Request, *, why: str | None = None) -> Exception:
    """The exception for a request that did not come to a good end.

    Args:
        asked: What came of it.
        request: What was asked; its address is named without its query.
        why: What made it the end, if that is more than the answer says.
    """
    if asked.error is not None:
        return asked.error
    reason = why or asked.fatal
    target = f"{request.method} {shown(request.url)}"
    if isinstance(asked.event, Failure):
        times = f" ({asked.attempts} attempts)" if asked.attempts > 1 else ""
        said = asked.event.reason if reason in {None, asked.event.reason} else f"{asked.event.reason}; {reason}"
        return (ReadLimitError if asked.event.capped else ConnectionFailedError)(f"{target}: {said}{times}")
    return response_error(asked.event, asked.meaning, target, reason)


def response_error(response: Response, meaning: Meaning, target: str, why: str | None = None) -> ResponseError:
    """The exception for an answer, with the server's words."""
    kind, hint = _KINDS.get(meaning, (ProtocolError, ""))
    words = words_of(response)
    if meaning is Meaning.REDIRECTED:
        host = response.hide(urlsplit(shown(response.headers.get("location", ""))).netloc) or "another address"
        hint = f"it points to {host}, and redirects are never followed: set the address that answers itself"
    parts = [f"{target} answered {response.status}", "; ".join(words), why or "", hint]
    request_id = request_id_of(response)
    if request_id is not None:
        parts.append(f"request id {request_id}")
    message = " - ".join(part for part in parts if part)
    return kind(message, status=response.status, request_id=request_id, errors=words)
