"""The way from an accepted import to its entries: into the inbox before the 202, out of it when it becomes visible.

Each function is one transaction on a ``Store``. Values merge by (property, language), all others stay (doc).
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from occtoo_frames._sandbox.store import Store, of_source

_Entries: TypeAlias = list[tuple[str, msgspec.Raw]]
_ENTRIES = msgspec.json.Decoder(_Entries)
_DOCUMENTS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_DOCUMENT = msgspec.json.Decoder(dict[str, str])
_NULL = b"null"

# One statement a batch and not one an entry: each step of SQLite would wait for the interpreter's lock once more.
_STORED = (
    """SELECT '{{' || group_concat('"' || key || '":' || doc) || '}}' FROM {entries} """
    "WHERE key IN (SELECT value FROM json_each(?))"
)
_DELETE = "DELETE FROM {entries} WHERE key IN (SELECT value FROM json_each(:values))"
_INSERT = "INSERT INTO {entries} (key, doc, changed) SELECT value ->> 0, value -> 1, :changed FROM json_each(:values)"
_UPDATE = (
    "UPDATE {entries} SET doc = given.doc, changed = :changed "
    "FROM (SELECT value ->> 0 AS key, value -> 1 AS doc FROM json_each(:values)) AS given "
    "WHERE {entries}.key = given.key"
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """An import on its way into the inbox: the source's number, JSON documents, their columns, and whose run it is."""

    source: int
    documents: str
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


def _fold(db: sqlite3.Connection, source: int, documents: str, changed: int) -> tuple[str, ...]:
    entries = _ENTRIES.decode(documents)
    stored = _stored(db, source, [key for key, _ in entries])
    deleted = [key for key, document in entries if key in stored and _is_delete(document)]
    added = [entry for entry in entries if entry[0] not in stored and not _is_delete(entry[1])]
    updated = list(_updated(entries, stored))
    for statement, values in ((_DELETE, deleted), (_INSERT, added), (_UPDATE, updated)):
        if values:
            asked = {"changed": changed, "values": _text(values)}
            db.execute(of_source(statement, source), asked)
    return (*deleted, *(key for key, _ in added), *(key for key, _ in updated))


def _stored(db: sqlite3.Connection, source: int, keys: list[str]) -> dict[str, msgspec.Raw]:
    (documents,) = db.execute(of_source(_STORED, source), (_text(keys),)).fetchone()
    return _DOCUMENTS.decode(documents or "{}")


def _updated(entries: _Entries, stored: dict[str, msgspec.Raw]) -> Iterator[tuple[str, msgspec.Raw]]:
    for key, document in entries:
        if key in stored and not _is_delete(document):
            merged = msgspec.json.encode({**_DOCUMENT.decode(stored[key]), **_DOCUMENT.decode(document)})
            if merged != bytes(stored[key]):
                yield key, msgspec.Raw(merged)


def _is_delete(document: msgspec.Raw) -> bool:
    return len(memoryview(document)) == len(_NULL)


def _text(values: object) -> str:
    return msgspec.json.encode(values).decode()
