"""What is said to the portal: a file announced, put, imported and asked after.

Yields calls and pauses, is sent what came of each call, and returns what was learned. No wire and no clock. An import
is asked for once: where its answer stays out, the file's state is asked for instead.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, TypeVar

import msgspec

from occtoo_frames._push.outcomes import Outcome
from occtoo_frames.protocol import carecloud as words
from occtoo_frames.protocol.carecloud import Envelope, FieldError, Ticket
from occtoo_frames.protocol.conversing import Patience, Pause
from occtoo_frames.protocol.http import Failure, Request, Response, Upload
from occtoo_frames.protocol.meaning import Asked
from occtoo_frames.protocol.words import document_of

Mode: TypeAlias = Literal["async", "sync"]
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}
_ETAG_DIGITS = 32
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Call:
    """Send it. Sent back: ``Asked``.

    Attributes:
        to_portal: True if the portal's headers go with it; never to a signed address.
        idempotent: False if it must not be repeated once it may have arrived.
    """

    request: Request
    to_portal: bool = True
    idempotent: bool = True


@dataclass(frozen=True, slots=True)
class Tell:
    """Say this to whoever listens."""

    text: str


T = TypeVar("T")
Steps: TypeAlias = Generator[Call | Pause | Tell, Any, T]


class RefusedError(Exception):
    """A call did not come to a good end, and nothing was imported.

    Attributes:
        asked: What came of it.
        call: What was asked.
        why: What is wrong, if the answer does not say it.
    """

    def __init__(self, asked: Asked, call: Call, why: str | None = None) -> None:
        super().__init__(why or "refused")
        self.asked, self.call, self.why = asked, call, why


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file to be sent, and what is said about it."""

    entity_type: str
    file_name: str
    body: Upload
    md5: str
    workspace: str
    bucket: str
    about: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an import.

    Attributes:
        outcome: Of all rows but those in ``errors``.
        state: The portal's own word for it.
        reason: Why it is no other outcome.
        errors: What the portal said about fields and lines.
        refused: How many rows the portal says it refused.
    """

    outcome: Outcome
    ticket: Ticket
    state: str = ""
    reason: str | None = None
    errors: tuple[FieldError, ...] = ()
    refused: int = 0


def import_steps(base: str, parcel: Parcel, *, mode: Mode, wait: bool, patience: Patience) -> Steps[Fate]:
    """The fate of a file: announced, put and imported; with ``patience`` for its end.

    Raises:
        RefusedError: It did not come as far as an import.
    """
    ticket = yield from _announce(base, parcel)
    ticket = yield from _put(base, parcel, ticket)
    call = post(base, words.IMPORT_PATH if mode == "sync" else words.ASYNC_PATH, {
        "ActionId": ticket.action_id,
        "Description": parcel.about.get("Description"),
        "FileType": words.FILE_TYPE,
        "FileId": ticket.file_id,
        "FilePath": ticket.file_path,
    }, idempotent=False)  # fmt: skip
    asked: Asked = yield call
    envelope, lost = _envelope(asked), None
    if not _may_be_under_way(asked):
        if envelope is None:
            raise RefusedError(asked, call)
        if not envelope.success:
            return _fate(Outcome.REJECTED, ticket, envelope)
    elif not asked.unsure and isinstance(asked.event, Failure) and not asked.event.sent:
        raise RefusedError(asked, call)
    else:
        lost, envelope = f"the request for the import got no clear answer ({_said(asked, None)})", None
    if mode == "sync" and envelope is not None:
        return (yield from _after_waiting(base, ticket, envelope))
    if not wait:
        reason = _joined(lost, "nobody waited for its end: see carecloud.status")
        return Fate(Outcome.UNKNOWN, ticket, reason=reason)
    if lost:
        yield Tell(f"{lost}: the state of file {ticket.file_id} is asked for instead")
    return (yield from status_steps(base, ticket, patience, lost))


def status_steps(base: str, ticket: Ticket, patience: Patience, before: str | None = None) -> Steps[Fate]:
    """The fate of an import that has begun, or may have: asked for until it is known or patience is over.

    Args:
        base: The portal's address.
        ticket: Names the file.
        patience: How long to ask.
        before: What went wrong when the import was asked for, if something did.
    """
    state = ""
    while True:
        asked: Asked = yield Call(_get(base, words.status_path(ticket.file_id)))
        envelope = _envelope(asked)
        if envelope is not None:
            if not envelope.success:
                return _unseen(ticket, state, asked, before)
            fate = _ended(ticket, envelope)
            if fate is not None:
                return fate
            state = ", ".join(words.state_texts(envelope.data))
        pause = patience.after(asked, helped=envelope is not None)
        if pause is None:
            break
        yield pause
    if envelope is None:
        return _unseen(ticket, state, asked, before)
    what = "import it again if that does not change" if before else "see carecloud.status"
    reason = _joined(before, f"after {patience.total_s:g} s its state is still {state!r}: {what}")
    return Fate(Outcome.UNKNOWN, ticket, state, reason)


def _unseen(ticket: Ticket, state: str, asked: Asked, before: str | None) -> Fate:
    reason = _joined(before, f"its state cannot be asked for: {_said(asked, _envelope(asked))}")
    return Fate(Outcome.UNKNOWN, ticket, state, reason)


def _joined(before: str | None, reason: str) -> str:
    return reason if before is None else f"{before}; {reason}"


def _announce(base: str, parcel: Parcel) -> Steps[Ticket]:
    call = post(base, words.PATH_PATH, {
        "WorkspaceId": parcel.workspace,
        "BucketId": parcel.bucket,
        "EntityType": parcel.entity_type,
        "FileName": parcel.file_name,
        **parcel.about,
    })  # fmt: skip
    asked: Asked = yield call
    envelope = good(asked, call)
    try:
        return Ticket.from_data(envelope.data)
    except ValueError as error:
        raise RefusedError(asked, call, str(error)) from None


def _put(base: str, parcel: Parcel, ticket: Ticket) -> Steps[Ticket]:
    """The ticket under which the file lies in the storage; a second one if the first had expired."""
    again = False
    while True:
        call = Call(Request("PUT", ticket.url, {"Content-Type": words.OCTETS}, parcel.body), to_portal=False)
        asked: Asked = yield call
        event = asked.event
        if isinstance(event, Response) and event.ok:
            tag = event.headers.get("etag", "").strip('"').lower()
            if _is_digest(tag) and tag != parcel.md5:
                raise RefusedError(asked, call, "the storage holds other bytes than were sent; nothing was imported")
            return ticket
        if again or not (isinstance(event, Response) and _has_expired(event)):
            raise RefusedError(asked, call)
        again = True
        ticket = yield from _announce(base, parcel)


def _after_waiting(base: str, ticket: Ticket, envelope: Envelope) -> Steps[Fate]:
    """The portal waited and said yes: what else it knows of the file is asked for, once."""
    asked: Asked = yield Call(_get(base, words.status_path(ticket.file_id)))
    later = _envelope(asked)
    ended = _ended(ticket, later) if later is not None and later.success else None
    return ended or _fate(Outcome.ACCEPTED, ticket, envelope)


def _ended(ticket: Ticket, envelope: Envelope) -> Fate | None:
    state = words.state_of(envelope.data)
    if state == "pending":
        return None
    return _fate(Outcome.ACCEPTED if state == "done" else Outcome.REJECTED, ticket, envelope)


def _fate(outcome: Outcome, ticket: Ticket, envelope: Envelope) -> Fate:
    refused = envelope.data.get("refused")
    return Fate(
        outcome,
        ticket,
        ", ".join(words.state_texts(envelope.data)),
        reason_of(envelope) if outcome is Outcome.REJECTED else None,
        envelope.errors,
        refused if isinstance(refused, int) else 0,
    )


def post(base: str, path: str, document: Mapping[str, object], *, idempotent: bool = True) -> Call:
    """The call that says ``document``."""
    body = _ENCODER.encode(document)
    return Call(Request("POST", f"{base}{path}", _JSON, body, fresh=not idempotent), idempotent=idempotent)


def good(asked: Asked, call: Call) -> Envelope:
    """The envelope of an answer that says yes.

    Raises:
        RefusedError: It says no, or nothing.
    """
    envelope = _envelope(asked)
    if envelope is None or not envelope.success:
        raise RefusedError(asked, call)
    return envelope


def reason_of(envelope: Envelope) -> str:
    """The portal's words for all of it, without anybody's data."""
    said = ": ".join(part for part in (envelope.code, words.discreet(envelope.message)) if part)
    more = "; ".join(words.discreet(error.message) for error in envelope.errors[:3] if error.line is None)
    return " - ".join(part for part in (said, more) if part) or "the portal said no"


def _may_be_under_way(asked: Asked) -> bool:
    """True if nobody can tell from the answer whether the import has begun: a 2xx that says nothing is no refusal."""
    if asked.unsure or isinstance(asked.event, Failure):
        return True
    return asked.event.status >= _SERVER_ERROR or (asked.event.ok and envelope_in(asked.event) is None)


def _envelope(asked: Asked) -> Envelope | None:
    return envelope_in(asked.event) if isinstance(asked.event, Response) else None


def envelope_in(response: Response) -> Envelope | None:
    """The envelope that an answer is, what it says shown without our key; None for a gateway's, say."""
    try:
        return Envelope.from_wire(document_of(response), response.hide)
    except TypeError:
        return None


def _said(asked: Asked, envelope: Envelope | None) -> str:
    if envelope is not None:
        return reason_of(envelope)
    return asked.event.reason if isinstance(asked.event, Failure) else f"HTTP {asked.event.status}"


def _has_expired(response: Response) -> bool:
    return response.status in {400, 403} and b"expired" in response.body.lower()


def _is_digest(tag: str) -> bool:
    return len(tag) == _ETAG_DIGITS and not set(tag) - set("0123456789abcdef")


def _get(base: str, path: str) -> Request:
    return Request("GET", f"{base}{path}", {"Accept": "application/json"})
