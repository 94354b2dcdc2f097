"""One upload from the first byte to the end of its job: the conversation, with no wire and no clock.

Takes what to send, yields steps, is sent what came of each request after all its attempts, and returns the Fate.
create and append are sent once: where the server may have acted and did not say so, the fate is unknown.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias

from occtoo_frames.protocol.conversing import Patience, Pause
from occtoo_frames.protocol.datatile import DONE, Action, Job, job_id_of, job_path, upload_path
from occtoo_frames.protocol.http import Failure, Request, Response, Upload
from occtoo_frames.protocol.meaning import Asked, Meaning
from occtoo_frames.protocol.words import document_of, hidden, words_of


class Outcome(StrEnum):
    """What became of an upload."""

    DONE = "done"
    """Its job ended well: the rows are in the database."""

    FAILED = "failed"
    """Its job failed; a reload or append left the database as it was."""

    PENDING = "pending"
    """The server took it, and its job has not ended, as far as anybody could see."""

    UNKNOWN = "unknown"
    """It was sent, and no answer tells whether the server took it. Check before sending it again."""

    REFUSED = "refused"
    """The server has nothing of it."""


@dataclass(frozen=True, slots=True)
class Send:
    """Ask this. Sent back: what came of it."""

    request: Request
    idempotent: bool


@dataclass(frozen=True, slots=True)
class Tell:
    """The job is in this state now."""

    job: Job


Step: TypeAlias = Send | Pause | Tell


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of it.

    Attributes:
        job: The last that was seen of the job.
        reason: Why it is not done.
        check: What to look at before anything else is sent, when nobody knows what the server did.
        asked: What came of the upload itself.
        request: The request that was refused.
    """

    outcome: Outcome
    job: Job | None = None
    reason: str | None = None
    check: str | None = None
    asked: Asked | None = None
    request: Request | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What to upload, and how.

    Attributes:
        server: The collector's base address.
        target: The hash of a folder (create) or a database.
        wait: Whether to wait for the end of the job.
        turn: Whether to wait while another upload to the target is running.
        patience: With the target's turn and then with the job: what the one has taken is not left for the other.
    """

    server: str
    action: Action
    target: str
    body: Upload
    content_type: str
    wait: bool
    turn: bool
    patience: Patience


Steps: TypeAlias = Generator[Step, Any, Fate]
_JSON = {"Accept": "application/json"}

_CHECKS: Mapping[str, str] = MappingProxyType({
    "create": "look into the folder for a database of this name before creating it again",
    "append": "compare the database's number of rows before appending again",
    "reload": "the database holds the old rows or the new ones, never a mixture; reloading again is safe",
})  # fmt: skip


def upload(order: Order) -> Steps:
    """The fate of one upload."""
    again = order.action == "reload"
    request = Request(
        "POST",
        f"{order.server}{upload_path(order.action, order.target)}",
        {**_JSON, "Content-Type": order.content_type},
        order.body,
        fresh=not again,
    )
    while True:
        asked: Asked = yield Send(request, idempotent=again)
        mine = again and asked.unsure  # a reload whose first attempt was cut may be what it now waits for
        pause = order.patience.pause() if asked.meaning is Meaning.CONFLICT and (order.turn or mine) else None
        if pause is None:
            break
        yield pause
    if asked.meaning is not Meaning.DONE:
        return _not_taken(order, asked, request)
    job_id = job_id_of(_document(asked))
    if job_id is None:
        reason = "the server took it and named no job"
        return Fate(Outcome.UNKNOWN, reason=reason, check=check_of(order.action), asked=asked)
    taken = Job(job_id, "QUEUED", order.action, order.target)
    yield Tell(taken)
    if not order.wait:
        return Fate(Outcome.PENDING, taken, asked=asked)
    return (yield from follow(order.server, taken, order.patience))


def follow(server: str, job: Job, patience: Patience) -> Steps:
    """The fate of a job, asked for until it ends or patience does."""
    request = Request("GET", f"{server}{job_path(job.id)}", _JSON)
    while True:
        asked: Asked = yield Send(request, idempotent=True)
        seen = Job.from_wire(_document(asked))
        if seen is not None:
            if seen.state != job.state:
                yield Tell(seen)
            job = seen
            if job.is_over:
                return _ended(job)
        pause = patience.after(asked, helped=seen is not None)
        if pause is None:
            break
        yield pause
    if seen is None:
        said = f"its job could not be asked for: {_said(asked)}"
        return Fate(Outcome.PENDING, job, said, asked=asked, request=request)
    return Fate(Outcome.PENDING, job, f"its job was {job.status} when patience ended")


def check_of(action: str | None) -> str:
    """What to look at when nobody knows what the server did."""
    return _CHECKS.get(action or "", "look at the target before sending it again")


def _not_taken(order: Order, asked: Asked, request: Request) -> Fate:
    may_have_arrived = isinstance(asked.event, Failure) and asked.event.sent and asked.meaning is not Meaning.DONE
    if asked.unsure or may_have_arrived:
        return Fate(Outcome.UNKNOWN, reason=_said(asked), check=check_of(order.action), asked=asked)
    return Fate(Outcome.REFUSED, reason=_said(asked), asked=asked, request=request)


def _ended(job: Job) -> Fate:
    if job.state == DONE:
        return Fate(Outcome.DONE, job)
    error = job.error
    said = "the server gave no reason" if error is None else ": ".join(filter(None, (error.code, error.message)))
    return Fate(Outcome.FAILED, job, said)


def _document(asked: Asked) -> object:
    """What a 2xx says, without our token."""
    answer = asked.event
    return hidden(document_of(answer), answer.hide) if isinstance(answer, Response) and answer.ok else None


def _said(asked: Asked) -> str:
    event = asked.event
    if isinstance(event, Failure):
        return event.reason if asked.fatal in {None, event.reason} else f"{event.reason}; {asked.fatal}"
    return ": ".join(filter(None, (f"the server answered {event.status}", "; ".join(words_of(event)), asked.fatal)))
