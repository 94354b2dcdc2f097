"""The journal's tables: which run it is of, its batches, and what each leaves in the snapshot if it is accepted.

Takes and gives rows. A batch without marks is on its way: what the source holds of its keys is not certain until it
has them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from occtoo_frames._sync.known import Left
from occtoo_frames._sync.store import Store
from occtoo_frames._sync.store_snapshot import fold

_BEGUN = "INSERT OR REPLACE INTO batch (run, number, first, count, digest) SELECT id, ?, ?, ?, ? FROM run"
_LEFT = "INSERT INTO left_behind SELECT max(id), ?, ?, ?, ?, ? FROM batch"
_FATE = "UPDATE batch SET receipts = ?, marks = ? WHERE number = ? AND run = (SELECT id FROM run)"
_LAST = "SELECT number, first, count, digest, receipts FROM batch WHERE run = (SELECT id FROM run)"


@dataclass(frozen=True, slots=True)
class RunRow:
    """What a run sends: its kind, a digest of its entries' sizes and properties, and how many batches."""

    kind: str
    shape: bytes
    batches: int


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch that was begun: its place, the digest of its bytes, and its receipts if its fate is known."""

    number: int
    first: int
    count: int
    digest: bytes
    receipts: bytes | None = None


@dataclass(frozen=True, slots=True)
class FateRow:
    """What became of a batch: its receipts, and the mark of each entry, uint8."""

    number: int
    receipts: bytes
    marks: bytes


class JournalTables:
    """The journal of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def run(self) -> RunRow | None:
        """The last run, or None."""
        with self._store.reading() as db:
            row = db.execute("SELECT kind, shape, batches FROM run").fetchone()
        return row and RunRow(*row)

    def batches(self) -> dict[int, BatchRow]:
        """The batches that the last run began, by number."""
        with self._store.reading() as db:
            rows = db.execute(_LAST).fetchall()
        return {row[0]: BatchRow(*row) for row in rows}

    def start(self, run: RunRow) -> None:
        """The journal is of ``run`` now, and of no batch."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM batch WHERE id NOT IN (SELECT batch FROM left_behind)")
            last = db.execute("SELECT coalesce(max(run), 0) FROM batch").fetchone()[0]
            db.execute(
                "INSERT OR REPLACE INTO run VALUES (0, ?, ?, ?, ?)", (last + 1, run.kind, run.shape, run.batches)
            )

    def write(
        self, fates: Sequence[FateRow], begun: Sequence[tuple[BatchRow, Left]] = (), *, fold_now: bool = False
    ) -> None:
        """Fates are durable, and batches may be on their way: nobody knows now what the source holds of their keys.

        Args:
            fates: Of batches begun before.
            begun: The batches, each with what it leaves behind if it is accepted.
            fold_now: The snapshot moves with the fates; else when somebody looks.
        """
        with self._store.transaction() as db:
            db.executemany(_FATE, [(fate.receipts, fate.marks, fate.number) for fate in fates])
            if fold_now:
                fold(db)
            for batch, left in begun:
                db.execute(_BEGUN, (batch.number, batch.first, batch.count, batch.digest))
                db.execute(_LEFT, (left.keys, left.prints, left.counts, left.cells, left.alive))

    def drop_begun(self) -> None:
        """Batches without a fate were never sent."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM left_behind WHERE batch IN (SELECT id FROM batch WHERE marks IS NULL)")
            db.execute("DELETE FROM batch WHERE marks IS NULL")
