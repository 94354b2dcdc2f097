"""How conversations about media are written: they yield what to ask and how long to wait, and are sent what came.

Takes nothing and does nothing; the words of the conversations beside it. A conversation knows no clock: it adds up its
own waits.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from json import dumps
from typing import Any, TypeAlias, TypeVar

from occtoo_frames.protocol.envelope import Envelope
from occtoo_frames.protocol.http import Failure, Request, Response
from occtoo_frames.protocol.meaning import Asked, Meaning
from occtoo_frames.protocol.words import document_of, words_of

T = TypeVar("T")
_PASSING = {Meaning.UNANSWERED, Meaning.UNREACHABLE, Meaning.SERVER_ERROR, Meaning.THROTTLED}
_PAUSES_S = (0.5, 2.0, 0.0)
_STOPPING = {Meaning.EXPIRED, Meaning.FORBIDDEN, Meaning.HOPELESS, Meaning.REDIRECTED}


@dataclass(frozen=True, slots=True)
class Ask:
    """Bring this to the platform, with as many attempts as patience allows. Sent back: what came of it.

    Attributes:
        repeat: False if it must not be sent again once the platform may have seen it.
    """

    request: Request
    repeat: bool = True


@dataclass(frozen=True, slots=True)
class Wait:
    """Let some time pass. Sent back: nothing."""

    seconds: float


Talk: TypeAlias = Generator[Ask | Wait, Any, T]
"""Yields ``Ask`` and ``Wait``, is sent ``Asked`` for each ``Ask``, returns what was learned."""


class NotDoneError(Exception):
    """The conversation could not be brought to its end; the message says why.

    Attributes:
        asked: What came of the last request, or None if it was not the platform that ended it.
        request: The last request; said by whoever carried it.
    """

    request: Request | None = None

    def __init__(self, why: str, asked: Asked | None = None) -> None:
        super().__init__(why)
        self.asked = asked

    @property
    def stops(self) -> bool:
        """True if no other file will fare better."""
        return self.asked is not None and (self.asked.fatal is not None or self.asked.meaning in _STOPPING)


def ask(request: Request) -> Talk[Asked]:
    """What came of ``request``, which may be sent again: asked for anew, after a while, if it came to nothing.

    The session tries a few times at once; this outlives a server that is away for seconds, so that one of a thousand
    files does not fail for it. The run's budget bounds both.
    """
    unsure = False
    for pause_s in _PAUSES_S:
        asked: Asked = yield Ask(request)
        unsure = unsure or asked.unsure
        if asked.fatal is not None or asked.meaning not in _PASSING:
            break
        unsure = unsure or asked.meaning is not Meaning.UNREACHABLE
        if pause_s:
            yield Wait(pause_s)
    return replace(asked, unsure=unsure)


def expect(request: Request) -> Talk[Asked]:
    """What came of ``request``, which may be sent again: a 2xx.

    Raises:
        NotDoneError: Anything else.
    """
    asked = yield from ask(request)
    if isinstance(asked.event, Response) and asked.event.ok:
        return asked
    raise NotDoneError(why(asked), asked)


def why(asked: Asked) -> str:
    """Why a request came to nothing, with the platform's words."""
    if asked.error is not None:
        return str(asked.error)
    if isinstance(asked.event, Failure):
        return asked.event.reason
    said = "; ".join(words_of(asked.event))
    return f"the platform answered {asked.event.status}" + (f": {said}" if said else "")


def status_of(asked: Asked) -> int | None:
    """The status of the answer, None if there was none."""
    return asked.event.status if isinstance(asked.event, Response) else None


def result_of(asked: Asked, read: Callable[[object], T]) -> T:
    """The result in the envelope of an answer, read by ``read``.

    Raises:
        NotDoneError: There is none that can be read.
    """
    document = document_of(asked.event) if isinstance(asked.event, Response) else None
    try:
        return read(Envelope.from_wire(document).result)
    except (TypeError, ValueError) as error:
        raise NotDoneError(f"the answer cannot be read: {error}", asked) from None


def json_request(method: str, url: str, document: object) -> Request:
    """A request whose body is ``document``."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    return Request(method, url, headers, dumps(document, ensure_ascii=False).encode())


def get_request(url: str) -> Request:
    """A request for what stands at ``url``."""
    return Request("GET", url, {"Accept": "application/json"})
