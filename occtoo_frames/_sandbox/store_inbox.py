"""The way from an accepted import to its entries: into the inbox before the 202, out of it when it becomes visible.

Each function is one transaction on a ``Store``. Values merge by (property, language), all others stay (doc).
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from occtoo_frames._sandbox.store import Store

_ENTRIES = msgspec.json.Decoder(list[tuple[str, msgspec.Raw]])
_DOCUMENT = msgspec.json.Decoder(dict[str, str])
_NULL = b"null"


@dataclass(frozen=True, slots=True)
class Arrival:
    """An import on its way into the inbox: the source's number, JSON documents, their columns, and whose run it is."""

    source: int
    documents: bytes
    columns: tuple[str, ...]
    correlation: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Entries of a source that are not as they were."""

    source: int
    keys: tuple[str, ...]


def put(store: Store, arrivals: Sequence[Arrival]) -> None:
    """The arrivals are in the inbox and their columns are tracked, all of it committed."""
    with store.transaction() as db:
        db.executemany(
            "INSERT OR IGNORE INTO tracked (source, name) VALUES (?, ?)",
            dict.fromkeys((arrival.source, column) for arrival in arrivals for column in arrival.columns),
        )
        db.executemany(
            "INSERT INTO inbox (source, correlation, documents) VALUES (?, ?, ?)",
            [(arrival.source, arrival.correlation, arrival.documents) for arrival in arrivals],
        )


def waiting(store: Store) -> int:
    """How many imports are in the inbox."""
    with store.transaction() as db:
        return int(db.execute("SELECT count(*) FROM inbox").fetchone()[0])


def take(store: Store, limit: int, changed: int) -> list[Change]:
    """The oldest ``limit`` imports have left the inbox and are folded into their entries.

    Args:
        store: Where both are.
        limit: How many imports at most.
        changed: The time, in microseconds, that entries get which are not as they were.
    """
    with store.transaction() as db:
        rows = db.execute("SELECT id, source, documents FROM inbox ORDER BY id LIMIT ?", (limit,)).fetchall()
        changes = [Change(source, _fold(db, source, documents, changed)) for _, source, documents in rows]
        db.executemany("DELETE FROM inbox WHERE id = ?", [(number,) for number, _, _ in rows])
    return changes


def _fold(db: sqlite3.Connection, source: int, documents: bytes, changed: int) -> tuple[str, ...]:
    entries = [(key, bytes(document)) for key, document in _ENTRIES.decode(documents)]
    stored = _stored(db, source, [key for key, _ in entries])
    deleted = [key for key, document in entries if document == _NULL and key in stored]
    added = [(key, document) for key, document in entries if document != _NULL and key not in stored]
    merged = [(key, _merged(stored[key], document)) for key, document in entries if document != _NULL and key in stored]
    updated = [(key, document) for key, document in merged if document != stored[key]]
    db.executemany("DELETE FROM entry WHERE source = ? AND key = ?", [(source, key) for key in deleted])
    db.executemany(
        "INSERT INTO entry (source, key, doc, changed) VALUES (?, ?, ?, ?)",
        [(source, key, document, changed) for key, document in added],
    )
    db.executemany(
        "UPDATE entry SET doc = ?, changed = ? WHERE source = ? AND key = ?",
        [(document, changed, source, key) for key, document in updated],
    )
    return (*deleted, *(key for key, _ in added), *(key for key, _ in updated))


def _stored(db: sqlite3.Connection, source: int, keys: list[str]) -> dict[str, bytes]:
    query = "SELECT key, doc FROM entry WHERE source = ? AND key IN (SELECT value FROM json_each(?))"
    return dict(db.execute(query, (source, msgspec.json.encode(keys).decode())).fetchall())


def _merged(old: bytes, new: bytes) -> bytes:
    return msgspec.json.encode({**_DOCUMENT.decode(old), **_DOCUMENT.decode(new)})
