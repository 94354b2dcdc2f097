"""The snapshot's tables: of each entry what this machine last had accepted, as fingerprints.

Takes and gives rows. Large pushes leave theirs in ``pending``, a row for each batch, which is folded into ``entry``
when somebody looks: most are never looked at. An entry without a print may or may not be as its cells say it was last
whole; single values that are not certain have no cell. Deleted entries stay as rows that are not alive.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from occtoo_frames._sync.known import EntryRow
from occtoo_frames._sync.store import Store

_SET = """INSERT INTO entry (key, print, cells, alive) VALUES (?, ?, ?, ?) ON CONFLICT (key)
DO UPDATE SET print = excluded.print, cells = excluded.cells, alive = excluded.alive"""
_DOUBT = """INSERT INTO entry (key, print, cells, alive) SELECT value, NULL, x'', 1 FROM json_each(?) WHERE true
ON CONFLICT (key) DO UPDATE SET print = NULL, cells = x'', alive = 1"""
_FIND = "SELECT asked.key, print, cells, alive FROM json_each(?) AS asked JOIN entry ON entry.key = asked.value"


_MOST_PENDING = 5_000
"""So many batches wait to be folded before a run that adds to them folds them itself."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The fate of a batch, and what it makes of the snapshot; ``later`` if that may wait until somebody looks."""

    number: int
    receipts: bytes
    entries: Sequence[EntryRow]
    doubtful: Sequence[str]
    later: bool = False


class SnapshotTables:
    """The snapshot of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, keys: Sequence[str]) -> list[tuple[int, bytes | None, bytes, int]]:
        """What is known of ``keys``: position among them, print, cells, alive; nothing of unknown ones."""
        self._fold_pending()
        with self._store.reading() as db:
            return db.execute(_FIND, (_json(keys),)).fetchall()

    def settle(self, fate: Settled) -> None:
        """The batch's fate is durable, and the snapshot has moved as far as it was accepted."""
        with self._store.transaction() as db:
            if fate.later and not fate.doubtful:
                db.execute("INSERT INTO pending (rows) VALUES (?)", (msgspec.msgpack.encode(fate.entries),))
            else:
                _fold(db)
                db.executemany(_SET, fate.entries)
                _doubt(db, fate.doubtful)
            db.execute("UPDATE batch SET keys = NULL, receipts = ? WHERE number = ?", (fate.receipts, fate.number))

    def doubt(self, keys: Sequence[str]) -> None:
        """Nothing is certain of these entries."""
        with self._store.transaction() as db:
            _fold(db)
            _doubt(db, keys)

    def replace(self, entries: Iterable[EntryRow]) -> None:
        """These entries are known, and no others; a run that was interrupted cannot be resumed any more."""
        with self._store.transaction() as db:
            for table in ("pending", "entry", "batch", "run"):
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - the names stand above
            db.executemany(_SET, entries)

    def recover(self) -> None:
        """What was on its way when the last run ended is not certain any more."""
        with self._store.transaction() as db:
            doubtful = db.execute("SELECT keys FROM batch WHERE keys IS NOT NULL").fetchall()
            if doubtful or db.execute("SELECT count(*) FROM pending").fetchone()[0] > _MOST_PENDING:
                _fold(db)
            for (keys,) in doubtful:
                db.execute(_DOUBT, (keys,))
            db.execute("UPDATE batch SET keys = NULL WHERE keys IS NOT NULL")

    def properties(self, identities: Sequence[tuple[str, str | None]]) -> list[int]:
        """The number of each (property, language), the same in every run."""
        pairs = [(name, language or "") for name, language in identities]
        with self._store.transaction() as db:
            db.executemany("INSERT OR IGNORE INTO property (property, language) VALUES (?, ?)", pairs)
            found = {(name, language): number for number, name, language in db.execute("SELECT * FROM property")}
        return [found[pair] for pair in pairs]

    def count(self) -> int:
        """How many entries are alive."""
        self._fold_pending()
        with self._store.reading() as db:
            alive: int = db.execute("SELECT count(*) FROM entry WHERE alive").fetchone()[0]
        return alive

    def vanished(self, present: Iterable[Sequence[str]]) -> list[str]:
        """The living keys that do not stand in ``present``, in the order of the alphabet."""
        self._fold_pending()
        with self._store.reading() as db:
            db.execute("DROP TABLE IF EXISTS temp.present")
            db.execute("CREATE TEMP TABLE present (key TEXT PRIMARY KEY) WITHOUT ROWID")
            for keys in present:
                db.execute("INSERT OR IGNORE INTO present SELECT value FROM json_each(?)", (_json(keys),))
            rows = db.execute(
                "SELECT key FROM entry WHERE alive AND key NOT IN (SELECT key FROM present) ORDER BY key"
            ).fetchall()
            db.execute("DROP TABLE temp.present")
        return [key for (key,) in rows]

    def _fold_pending(self) -> None:
        """Nothing waits to be folded."""
        with self._store.reading() as db:
            waiting = db.execute("SELECT 1 FROM pending").fetchone()
        if waiting:
            with self._store.transaction() as db:
                _fold(db)

    def uses(self, what: str) -> bool:
        """True if this was ever used here."""
        with self._store.reading() as db:
            return db.execute("SELECT 1 FROM used WHERE what = ?", (what,)).fetchone() is not None

    def use(self, what: str) -> None:
        """This is used here from now on."""
        if not self.uses(what):
            with self._store.transaction() as db:
                db.execute("INSERT OR IGNORE INTO used VALUES (?)", (what,))


def _fold(db: sqlite3.Connection) -> None:
    """What large pushes left stands among the entries."""
    for (rows,) in db.execute("SELECT rows FROM pending ORDER BY id").fetchall():
        db.executemany(_SET, msgspec.msgpack.decode(rows, type=list[EntryRow]))
    db.execute("DELETE FROM pending")


def _doubt(db: sqlite3.Connection, keys: Sequence[str]) -> None:
    if keys:
        db.execute(_DOUBT, (_json(keys),))


def _json(keys: Sequence[str]) -> str:
    return msgspec.json.encode(keys).decode()
