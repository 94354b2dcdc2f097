"""The journal of a run: what goes out and what became of it is durable, and the snapshot moves with it.

Takes the plan that is sent and its receipts, gives the batches that are still to be sent. A batch is written down
before it may go out; what it left behind when the process died is not certain, and is sent again.

A write is durable when the disk says so, which is waited for. So batches that are encoded together are written down
together, and fates wait for the next write as long as no more than ``concurrency + 1`` batches would be sent twice.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import msgspec
import numpy as np

from occtoo_frames._push.batch import Batch
from occtoo_frames._push.delivery import Receipt
from occtoo_frames._push.encoder import Slice
from occtoo_frames._push.outcomes import Outcome
from occtoo_frames._push.plan import PushPlan
from occtoo_frames._sync.fingerprints import Prints, Wholes, batch_print, entry_prints
from occtoo_frames._sync.known import Left, known
from occtoo_frames._sync.parts import batches_together
from occtoo_frames._sync.store import Store
from occtoo_frames._sync.store_journal import BatchRow, FateRow, JournalTables, RunRow
from occtoo_frames._sync.store_snapshot import ACCEPTED, AS_BEFORE, DOUBTFUL, SnapshotTables
from occtoo_frames.exceptions import ConfigurationError, PlanError

WHOLE, CHANGES = "whole", "changes"
"""The kinds of runs: all of a table, or what the snapshot does not hold; the latter goes on by looking at it again."""

FEW_CELLS = 200_000
"""Up to so many values are remembered one by one without being asked for."""

_COMPARES = "single values"
_FINAL = {Outcome.ACCEPTED, Outcome.REJECTED}
log = logging.getLogger("occtoo_frames")


@dataclass(slots=True)
class _Open:
    """A batch on its way, and what was heard of it so far."""

    first: int
    count: int
    receipts: list[Receipt] = field(default_factory=list)


class Journal:
    """The journal of one run.

    Args:
        store: The file of the source.
        plan: What is sent.
        kind: ``WHOLE`` or ``CHANGES``.
        concurrency: How many requests may be on the wire.
        wholes: The fingerprints of whole entries, if ``plan`` sends parts of entries.
    """

    def __init__(
        self, store: Store, plan: PushPlan, *, kind: str, concurrency: int, wholes: Wholes | None = None
    ) -> None:
        self._journal, self._snapshot = JournalTables(store), SnapshotTables(store)
        self._plan, self._wholes, self._concurrency = plan, wholes, concurrency
        self._run = RunRow(kind, _shape(plan), len(plan.cuts) - 1)
        self._open: dict[int, _Open] = {}
        self._fates: list[FateRow] = []
        self._done: dict[int, list[Receipt]] = {}
        self._numbers: list[int] | None = None
        self._broken = self._ending = False

    @property
    def kept(self) -> list[Receipt]:
        """The receipts of batches that an earlier process has sent."""
        return [receipt for receipts in self._done.values() for receipt in receipts]

    def begin(self, *, resume: bool) -> None:
        """The run has begun, or goes on where the last one ended if that sent exactly the same.

        Raises:
            PlanError: ``resume``, and the last run did not end and sent something else. The journal is as it was.
            ConfigurationError: The journal cannot be written.
        """
        done = self._resumable() if resume else None
        self._snapshot.recover()
        if done is None:
            self._journal.start(self._run)
        elif len(done) < self._run.batches:
            self._snapshot.fold()  # a batch that is begun again takes the place of what it left behind
        self._done = done or {}
        if self._run.kind == CHANGES:
            self._snapshot.use(_COMPARES)
        if self._plan.counts["properties"] <= FEW_CELLS or self._snapshot.uses(_COMPARES):
            self._numbers = self._snapshot.properties(
                [(column.property, column.language) for column in self._plan.sent_as]
            )

    def batches(self) -> Iterator[Batch]:
        """The batches still to be sent; each is written down before it is given.

        Of those that were given, no more than ``concurrency + 1`` have no durable fate.
        """
        for together in batches_together(self._plan, values=self._numbers is not None):
            rest = [one for one in together if one[0].number not in self._done]
            if rest:
                self._write([self._begun(*one) for one in rest])
            for batch, *_ in rest:
                if len(self._open) + len(self._fates) > self._concurrency:
                    self._write()
                self._open[batch.number] = _Open(batch.first, len(batch))
                yield batch
        self._ending = True

    def hear(self, receipt: Receipt) -> None:
        """The fate of a batch is durable soon, see ``batches``, or at once if none is left to be given.

        A journal that cannot be written says so once.
        """
        batch = self._open[receipt.batch]
        batch.receipts.append(receipt)
        if sum(heard.count for heard in batch.receipts) == batch.count:
            self._fates.append(_fate(receipt.batch, batch))
            del self._open[receipt.batch]
            if self._ending and not self._broken:
                self._write()

    def close(self, receipts: Sequence[Receipt]) -> None:
        """Nothing is on its way any more: what was not heard of is in ``receipts``, or never went out."""
        self._broken = self._ending = True
        for number in list(self._open):
            self._open[number].receipts.clear()
            for receipt in [receipt for receipt in receipts if receipt.batch == number]:
                self.hear(receipt)
        try:
            self._write()
            self._journal.drop_begun()
        except ConfigurationError as error:
            log.warning("%s; what was on its way will be sent again", error)

    def _write(self, begun: Sequence[tuple[BatchRow, Left]] = ()) -> None:
        """The fates heard so far are durable, and batches are written down."""
        try:
            self._journal.write(self._fates, begun, fold_now=self._numbers is not None)
        except ConfigurationError:
            self._broken = True
            raise
        self._fates.clear()

    def _begun(self, batch: Batch, part: Slice, prints: Prints) -> tuple[BatchRow, Left]:
        """A batch as it is written down, and what it leaves in the snapshot once it is accepted."""
        wholes = prints if self._wholes is None else self._wholes.put_over(prints, batch.first)
        return BatchRow(batch.number, batch.first, len(batch), batch_print(prints)), self._left(part, wholes)

    def _left(self, part: Slice, prints: Prints) -> Left:
        if self._numbers is None:
            return Left.of(part, prints, None, ())
        found = self._snapshot.find(part.keys.to_list())
        return Left.of(part, prints, known(len(part.keys), found), self._numbers)

    def _resumable(self) -> dict[int, list[Receipt]] | None:
        """The batches with a fate, if the last run sent exactly this; None if it ended and sent something else."""
        last, rows = self._journal.run(), self._journal.batches()
        if last is None or self._run.kind == CHANGES:
            return None
        done = {number: _receipts(row) for number, row in rows.items()}
        done = {number: found for number, found in done.items() if found and {r.outcome for r in found} <= _FINAL}
        if last == self._run and self._matches(rows):
            return done
        if len(done) == last.batches:
            return None
        raise PlanError(
            "the journal of the last push to this source is of another plan, and that push was not completed "
            f"({len(done):,} of {last.batches:,} batches were): push the same table in the same way to go on with it, "
            "or leave out resume=True to begin anew"
        )

    def _matches(self, rows: dict[int, BatchRow]) -> bool:
        """True if the bytes of every batch in the journal are those of this plan; nothing is sent before that."""
        if not rows:
            return True
        last = max(rows)
        for batch in self._plan.batches():
            row = rows.get(batch.number)
            if row is not None and row.digest != batch_print(entry_prints(batch)):
                return False
            if batch.number == last:
                break
        return True


def _shape(plan: PushPlan) -> bytes:
    """A digest of what can be told of a plan without encoding it: the size of each entry, and the properties."""
    identities = [(column.property, column.language) for column in plan.sent_as]
    digest = blake2b(msgspec.json.encode(identities), digest_size=16)
    digest.update(np.ascontiguousarray(plan.sizes, "<u4").data)
    return digest.digest()


def _receipts(row: BatchRow) -> list[Receipt]:
    return [] if row.receipts is None else msgspec.json.decode(row.receipts, type=list[Receipt])


def _fate(number: int, batch: _Open) -> FateRow:
    """What the receipts of a whole batch say of each of its entries."""
    marks = np.full(batch.count, AS_BEFORE, np.uint8)
    for receipt in batch.receipts:
        start = receipt.first - batch.first
        if receipt.outcome is Outcome.ACCEPTED:
            marks[start : start + receipt.count] = ACCEPTED
        elif receipt.outcome is Outcome.UNKNOWN or receipt.resent:
            marks[start : start + receipt.count] = DOUBTFUL
    return FateRow(number, msgspec.json.encode(batch.receipts), marks.tobytes())
