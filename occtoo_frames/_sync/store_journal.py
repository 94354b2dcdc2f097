"""The journal's tables: which run it is of, and the fate of each of its batches.

Takes and gives rows. A batch that has ``keys`` is on its way: what the snapshot holds of these keys is not certain
until it has none.
"""

from dataclasses import dataclass

import msgspec

from occtoo_frames._sync.store import Store


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
            rows = db.execute("SELECT number, first, count, digest, receipts FROM batch").fetchall()
        return {row[0]: BatchRow(*row) for row in rows}

    def start(self, run: RunRow) -> None:
        """The journal is of ``run`` now, and of no batch."""
        with self._store.transaction() as db:
            db.execute("DELETE FROM batch")
            db.execute("INSERT OR REPLACE INTO run VALUES (0, ?, ?, ?)", (run.kind, run.shape, run.batches))

    def begin(self, batch: BatchRow, keys: list[str]) -> None:
        """A batch is on its way; from now on nobody knows what the source holds of its keys."""
        row = (batch.number, batch.first, batch.count, batch.digest, msgspec.json.encode(keys).decode())
        with self._store.transaction() as db:
            db.execute("INSERT OR REPLACE INTO batch VALUES (?, ?, ?, ?, ?, NULL)", row)

    def drop_intents(self) -> None:
        """Batches without a fate were never sent."""
        with self._store.transaction() as db:
            db.execute("UPDATE batch SET keys = NULL WHERE keys IS NOT NULL")
