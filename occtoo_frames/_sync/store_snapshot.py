"""The snapshot's tables: of each entry what this machine last had accepted, as fingerprints.

Takes and gives rows. What batches leave behind stays as they wrote it until somebody looks, and is folded into
``entry`` then: most is never looked at. An entry without a print may or may not be as its cells say it was last whole;
single values that are not certain have no cell. Deleted entries stay as rows that are not alive.
"""

import sqlite3
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from occtoo_frames._sync.known import Left
from occtoo_frames._sync.store import Store

AS_BEFORE, ACCEPTED, DOUBTFUL = 0, 1, 2
"""The marks of an entry: the source holds what it held, what was sent, or nobody knows which of them."""

_SET = """INSERT INTO entry (key, print, cells, alive) VALUES (?, ?, ?, ?) ON CONFLICT (key)
DO UPDATE SET print = excluded.print, cells = excluded.cells, alive = excluded.alive"""
_DOUBT = """INSERT INTO entry (key, print, cells, alive) VALUES (?, NULL, x'', 1)
ON CONFLICT (key) DO UPDATE SET print = NULL, cells = x'', alive = 1"""
_FIND = "SELECT asked.key, print, cells, alive FROM json_each(?) AS asked JOIN entry ON entry.key = asked.value"

_LEFT = "FROM left_behind JOIN batch ON batch.id = left_behind.batch WHERE marks IS {}"
_TOLD, _LOST = _LEFT.format("NOT NULL"), _LEFT.format("NULL")
_COLUMNS = "SELECT keys, prints, counts, cells, alive, marks, spoiled"
_MOST_LEFT = 5_000
"""So many batches wait to be folded before a run that adds to them folds them itself."""


class SnapshotTables:
    """The snapshot of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, keys: Sequence[str]) -> list[tuple[int, bytes | None, bytes, int]]:
        """What is known of ``keys``: position among them, print, cells, alive; nothing of unknown ones."""
        self.fold()
        with self._store.reading() as db:
            return db.execute(_FIND, (_json(keys),)).fetchall()

    def doubt(self, keys: Sequence[str]) -> None:
        """Nothing is certain of these entries, nor of those that are on their way: the two may have met."""
        with self._store.transaction() as db:
            fold(db)
            db.execute("UPDATE batch SET spoiled = 1 WHERE marks IS NULL")
            _doubt(db, keys)

    def replace(self, entries: Iterable[Left]) -> None:
        """These entries are known, and no others; a run that was interrupted cannot be resumed any more."""
        with self._store.transaction() as db:
            for table in ("left_behind", "entry", "batch", "run"):
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - the names stand above
            for left in entries:
                db.executemany(_SET, left.rows())

    def recover(self) -> None:
        """What was on its way when the last run ended is not certain any more."""
        with self._store.transaction() as db:
            lost = db.execute(f"{_COLUMNS} {_LOST}").fetchall()
            if lost or db.execute("SELECT count(*) FROM left_behind").fetchone()[0] > _MOST_LEFT:
                fold(db)
            for keys, *_ in lost:
                _doubt(db, keys.split("\n"))
            db.execute("DELETE FROM left_behind WHERE batch IN (SELECT id FROM batch WHERE marks IS NULL)")

    def properties(self, identities: Sequence[tuple[str, str | None]]) -> list[int]:
        """The number of each (property, language), the same in every run."""
        pairs = [(name, language or "") for name, language in identities]
        with self._store.transaction() as db:
            db.executemany("INSERT OR IGNORE INTO property (property, language) VALUES (?, ?)", pairs)
            found = {(name, language): number for number, name, language in db.execute("SELECT * FROM property")}
        return [found[pair] for pair in pairs]

    def count(self) -> int:
        """How many entries are alive."""
        self.fold()
        with self._store.reading() as db:
            alive: int = db.execute("SELECT count(*) FROM entry WHERE alive").fetchone()[0]
        return alive

    def vanished(self, present: Iterable[Sequence[str]]) -> list[str]:
        """The living keys that do not stand in ``present``, in the order of the alphabet."""
        self.fold()
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

    def fold(self) -> None:
        """What batches left behind stands among the entries, of all whose fate is known."""
        with self._store.reading() as db:
            waiting = db.execute(f"SELECT 1 {_TOLD}").fetchone()
        if waiting:
            with self._store.transaction() as db:
                fold(db)

    def uses(self, what: str) -> bool:
        """True if this was ever used here."""
        with self._store.reading() as db:
            return db.execute("SELECT 1 FROM used WHERE what = ?", (what,)).fetchone() is not None

    def use(self, what: str) -> None:
        """This is used here from now on."""
        if not self.uses(what):
            with self._store.transaction() as db:
                db.execute("INSERT OR IGNORE INTO used VALUES (?)", (what,))


def fold(db: sqlite3.Connection) -> None:
    """What batches left behind stands among the entries, but for those that are still on their way."""
    for *columns, marks, spoiled in db.execute(f"{_COLUMNS} {_TOLD} ORDER BY batch.id"):
        left, fates = Left(*columns), np.frombuffer(marks, np.uint8)
        certain = (fates == ACCEPTED) & (not spoiled)
        db.executemany(_SET, left.rows(certain))
        _doubt(db, left.some_keys((fates != AS_BEFORE) & ~certain))
    db.execute("DELETE FROM left_behind WHERE batch IN (SELECT id FROM batch WHERE marks IS NOT NULL)")


def _doubt(db: sqlite3.Connection, keys: Sequence[str]) -> None:
    db.executemany(_DOUBT, [(key,) for key in keys])


def _json(keys: Sequence[str]) -> str:
    return msgspec.json.encode(keys).decode()
