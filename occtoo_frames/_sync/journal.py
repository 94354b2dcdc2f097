"""The journal of a run: every batch's fate is durable before the next step, and the snapshot moves with it.

Takes the plan that is sent and its receipts, gives the batches that are still to be sent. A batch is written down
before it may go out; what it left behind when the process died is not certain, and is sent again.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
from occtoo_frames._sync.known import EntryRow, after, known
from occtoo_frames._sync.parts import in_pairs
from occtoo_frames._sync.store import Store
from occtoo_frames._sync.store_journal import BatchRow, JournalTables, RunRow
from occtoo_frames._sync.store_snapshot import Settled, SnapshotTables
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
    """A batch on its way: what the snapshot will hold of each entry, and what was heard so far."""

    first: int
    rows: list[EntryRow]
    receipts: list[Receipt] = field(default_factory=list)


class Journal:
    """The journal of one run.

    Args:
        store: The file of the source.
        plan: What is sent.
        kind: ``WHOLE`` or ``CHANGES``.
        wholes: The fingerprints of whole entries, if ``plan`` sends parts of entries.
    """

    def __init__(self, store: Store, plan: PushPlan, *, kind: str, wholes: Wholes | None = None) -> None:
        self._journal, self._snapshot = JournalTables(store), SnapshotTables(store)
        self._plan, self._wholes = plan, wholes
        self._run = RunRow(kind, _shape(plan), len(plan.cuts) - 1)
        self._open: dict[int, _Open] = {}
        self._done: dict[int, list[Receipt]] = {}
        self._numbers: list[int] | None = None
        self._broken = False

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
        self._done = done or {}
        if self._run.kind == CHANGES:
            self._snapshot.use(_COMPARES)
        if self._plan.counts["properties"] <= FEW_CELLS or self._snapshot.uses(_COMPARES):
            self._numbers = self._snapshot.properties(
                [(column.property, column.language) for column in self._plan.sent_as]
            )

    def batches(self) -> Iterator[Batch]:
        """The batches that are still to be sent; each is written down before it is given."""
        for batch, part in in_pairs(self._plan, values=self._numbers is not None):
            if batch.number in self._done:
                continue
            prints = entry_prints(batch)
            row = BatchRow(batch.number, batch.first, len(batch), batch_print(prints))
            rows = self._after(part, prints if self._wholes is None else self._wholes.put_over(prints, batch.first))
            with self._breaking():
                self._journal.begin(row, [key for key, *_ in rows])
            self._open[batch.number] = _Open(batch.first, rows)
            yield batch

    def hear(self, receipt: Receipt) -> None:
        """The receipt is durable once all of its batch were heard; a journal that cannot be written says so once."""
        batch = self._open[receipt.batch]
        batch.receipts.append(receipt)
        if sum(heard.count for heard in batch.receipts) == len(batch.rows) and not self._broken:
            with self._breaking():
                self._snapshot.settle(_settled(receipt.batch, batch, later=self._numbers is None))
            del self._open[receipt.batch]

    def close(self, receipts: Sequence[Receipt]) -> None:
        """Nothing is on its way any more: what was not heard of is in ``receipts``, or never went out."""
        self._broken = False
        try:
            for number in list(self._open):
                self._open[number].receipts.clear()
                for receipt in [receipt for receipt in receipts if receipt.batch == number]:
                    self.hear(receipt)
            self._journal.drop_intents()
        except ConfigurationError as error:
            log.warning("%s; what was on its way will be sent again", error)

    @contextmanager
    def _breaking(self) -> Iterator[None]:
        try:
            yield
        except ConfigurationError:
            self._broken = True
            raise

    def _after(self, part: Slice, prints: Prints) -> list[EntryRow]:
        """What the snapshot holds of each entry once it is accepted."""
        keys = part.keys.to_list()
        alive = np.ones(len(keys), bool) if part.deleted is None else ~part.deleted
        cells = [b""] * len(keys)
        if self._numbers is not None:
            cells = after(part, known(len(keys), self._snapshot.find(keys)), self._numbers)
        return list(zip(keys, [each.tobytes() for each in prints], cells, alive.tolist(), strict=True))

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
    digest.update(plan.sizes.astype("<u4").tobytes())
    return digest.digest()


def _receipts(row: BatchRow) -> list[Receipt]:
    return [] if row.receipts is None else msgspec.json.decode(row.receipts, type=list[Receipt])


def _settled(number: int, batch: _Open, *, later: bool) -> Settled:
    accepted: list[EntryRow] = []
    doubtful: list[str] = []
    for receipt in batch.receipts:
        rows = batch.rows[receipt.first - batch.first : receipt.first - batch.first + receipt.count]
        if receipt.outcome is Outcome.ACCEPTED:
            accepted += rows
        elif receipt.outcome is Outcome.UNKNOWN or receipt.resent:
            doubtful += [key for key, *_ in rows]
    return Settled(number, msgspec.json.encode(batch.receipts), accepted, doubtful, later)
