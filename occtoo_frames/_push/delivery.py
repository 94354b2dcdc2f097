"""The conversation that delivers one batch, and the receipts it comes back with.

Yields requests, is sent what came of each after all its attempts, and returns receipts that partition the batch. A
refused request is divided until the bad rows stand alone; one that is too large is divided and its size remembered.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from threading import Lock
from types import MappingProxyType
from typing import TypeAlias

from occtoo_frames._push.batch import Batch
from occtoo_frames._push.outcomes import Fate, Next, Outcome, fate_of, reason_of, strangeness_of
from occtoo_frames.protocol.http import Request, Response
from occtoo_frames.protocol.meaning import Asked, Meaning
from occtoo_frames.protocol.words import request_id_of

REFUSALS = 200
"""How many requests of a run may be refused beyond two for each that is accepted."""

_HEADERS = MappingProxyType({"Content-Type": "application/json", "Accept": "application/json"})


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of consecutive entries of one batch.

    Attributes:
        batch: The batch's number.
        first: The number of the first entry in the plan.
        count: How many entries.
        outcome: Their outcome.
        rule: What decided it: a meaning such as ``refused`` or ``server-error``; None if accepted.
        reason: Why, in the server's words if there were any; None if accepted.
        attempts: How many requests carried these entries.
        request_id: The platform's id of the last of them.
        status: Its HTTP status, or None if no answer came.
        bytes_sent: The size of all requests that carried exactly these entries, before compression.
        resent: True if they were sent again because nobody could tell what became of an earlier attempt.
    """

    batch: int
    first: int
    count: int
    outcome: Outcome
    rule: str | None = None
    reason: str | None = None
    attempts: int = 0
    request_id: str | None = None
    status: int | None = None
    bytes_sent: int = 0
    resent: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receipts of one batch.

    Attributes:
        receipts: In the order of the entries, each entry in exactly one.
        failed: What came of the request that ended the batch before its end, or None.
        stop: True if nothing more should be sent in this run.
        why: What made it the end, if that is more than ``failed`` says.
    """

    receipts: tuple[Receipt, ...]
    failed: Asked | None = None
    stop: bool = False
    why: str | None = None


Delivering: TypeAlias = Generator[Request, Asked, Delivered]


class Lessons:
    """What the batches of one run teach each other: how much is refused, and which size is too large."""

    def __init__(self, refusals: int = REFUSALS) -> None:
        self._size = self._left = refusals
        self._too_large: int | None = None
        self._lock = Lock()
        self.accepted = self.refused = 0

    def accept(self) -> None:
        """Notes an accepted request, which pays for two refused ones."""
        with self._lock:
            self.accepted += 1
            self._left = min(self._size, self._left + 2)

    def refuse(self) -> bool:
        """Notes a refused request; False once too many were."""
        with self._lock:
            self.refused += 1
            self._left -= 1
            return self._left > 0

    def learn_size(self, size: int) -> None:
        """Notes that a body of ``size`` bytes was too large."""
        with self._lock:
            self._too_large = size if self._too_large is None else min(size, self._too_large)

    def is_too_large(self, size: int) -> bool:
        """True if a body no larger than this was refused for its size."""
        return self._too_large is not None and size >= self._too_large

    @property
    def verdict(self) -> str:
        """Why so many refusals end the run."""
        return f"the source refused {self.refused} of {self.refused + self.accepted} requests, so the run was stopped"


@dataclass(frozen=True, slots=True)
class _Part:
    """Entries that are sent together, and what came of the larger parts that they were sent in before.

    Attributes:
        start: The place of the first in the batch.
        stop: The place after the last.
        carried: How many requests carried them.
        unsure: True if one of those may have been carried out without an answer to tell.
    """

    start: int
    stop: int
    carried: int = 0
    unsure: bool = False

    def halves(self, asked: Asked | None = None) -> tuple["_Part", "_Part"]:
        """Both halves, after ``asked`` if it was sent, the right one first, as a stack wants them."""
        middle = (self.start + self.stop) // 2
        after = self if asked is None else self.after(asked)
        return replace(after, start=middle), replace(after, stop=middle)

    def after(self, asked: Asked) -> "_Part":
        """The same entries after one more request."""
        return _Part(self.start, self.stop, self.carried + asked.attempts, self.unsure or asked.unsure)


def delivering(batch: Batch, url: str, lessons: Lessons) -> Delivering:
    """The receipts of ``batch`` after it, or what had to be cut out of it, was sent to ``url``.

    One bad entry in 1,000 costs 21 requests; the others land.
    """
    receipts: list[Receipt] = []
    waiting = [_Part(0, len(batch))]
    while waiting:
        part = waiting.pop()
        piece = batch if part.stop - part.start == len(batch) else batch.part(part.start, part.stop)
        if len(piece) > 1 and lessons.is_too_large(len(piece.body)):
            waiting += part.halves()
            continue
        asked = yield Request("POST", url, _HEADERS, piece.body)
        fate = fate_of(replace(asked, unsure=True) if part.unsure else asked)
        going = _learn(lessons, fate, asked, len(piece.body))
        if fate.next is Next.DIVIDE and len(piece) > 1:
            waiting += part.halves(asked)
        else:
            receipts.append(_receipt(piece, part.after(asked), fate, asked))
        if not going:
            rest = [_left(batch, left, asked, lessons.verdict) for left in reversed(waiting)]
            return Delivered((*receipts, *rest), asked, stop=True, why=lessons.verdict)
        if fate.next in {Next.GIVE_UP, Next.STOP}:
            rest = [_left(batch, left, asked, reason_of(asked)) for left in reversed(waiting)]
            why = strangeness_of(asked.event)
            return Delivered((*receipts, *rest), asked, stop=fate.next is Next.STOP, why=why)
    return Delivered(tuple(receipts))


def abandoned(batch: int, first: int, count: int) -> Receipt:
    """The receipt of a whole batch that was begun and never heard of again."""
    return Receipt(batch, first, count, Outcome.UNKNOWN, "stopped", "abandoned on the wire when the run was stopped")


def _learn(lessons: Lessons, fate: Fate, asked: Asked, size: int) -> bool:
    if fate.next is Next.GO_ON:
        lessons.accept()
    if asked.meaning is Meaning.TOO_LARGE:
        lessons.learn_size(size)
    return fate.next is not Next.DIVIDE or lessons.refuse()


def _receipt(piece: Batch, part: _Part, fate: Fate, asked: Asked) -> Receipt:
    answer = asked.event if isinstance(asked.event, Response) else None
    return Receipt(
        batch=piece.number,
        first=piece.first,
        count=len(piece),
        outcome=fate.outcome,
        rule=fate.rule,
        reason=None if fate.outcome is Outcome.ACCEPTED else reason_of(asked),
        attempts=part.carried,
        request_id=None if answer is None else request_id_of(answer),
        status=None if answer is None else answer.status,
        bytes_sent=len(piece.body) * asked.attempts,
        resent=part.unsure and part.carried > 1,
    )


def _left(batch: Batch, part: _Part, asked: Asked, reason: str) -> Receipt:
    """The receipt of entries whose part was not tried, because the batch ended before."""
    return Receipt(
        batch=batch.number,
        first=batch.first + part.start,
        count=part.stop - part.start,
        outcome=Outcome.UNKNOWN if part.unsure else Outcome.NOT_SENT,
        rule="stopped",
        reason=f"not tried alone: {reason}" if part.carried else f"not tried: {reason}",
        attempts=part.carried,
        status=_status(asked),
    )


def _status(asked: Asked) -> int | None:
    return asked.event.status if isinstance(asked.event, Response) else None
