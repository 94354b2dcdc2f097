"""The way from an accepted import to its entries: into the inbox before the 202, out of it when it becomes visible.

Each function is one transaction on a ``Store``. Values merge by (property, language), all others stay (doc).
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from occtoo_frames._sandbox.store import Store, of_source

_Entries: TypeAlias = dict[str, msgspec.Raw]
_ENTRIES = msgspec.json.Decoder(list[tuple[str, msgspec.Raw]])
_DOCUMENTS = msgspec.json.Decoder(_Entries)
_DOCUMENT = msgspec.json.Decoder(dict[str, str])
_NULL = b"null"

# One statement for many entries and not one for each: every step of SQLite waits for the interpreter's lock once more.
_ROWS = 4_000
_VALUES = "VALUES …"
_STORED = (
    """SELECT '{{' || group_concat('"' || key || '":' || doc) || '}}' FROM {entries} """
    "WHERE key IN (SELECT value FROM json_each(?))"
)
_DELETE = "DELETE FROM {entries} WHERE key IN (SELECT value FROM json_each(?))"
_INSERT = "INSERT INTO {entries} (key, doc, changed) SELECT column1, column2, ? FROM (VALUES …)"
_UPDATE = "UPDATE {entries} SET doc = column2, changed = ? FROM (VALUES …) AS given WHERE {entries}.key = given.column1"
_OLDEST = "SELECT id, source, documents FROM inbox ORDER BY id LIMIT ?"
_TRACK = "INSERT OR IGNORE INTO tracked (source, name) VALUES (?, ?)"
_ARRIVE = "INSERT INTO inbox (source, correlation, documents) VALUES (?, ?, ?)"


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
    columns = dict.fromkeys((arrival.source, column) for arrival in arrivals for column in arrival.columns)
    new = [pair for pair in columns if pair not in store.seen]
    with store.transaction() as db:
        db.executemany(_TRACK, new)
        db.executemany(_ARRIVE, [(arrival.source, arrival.correlation, arrival.documents) for arrival in arrivals])
    store.seen.update(new)


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
        rows = db.execute(_OLDEST, (limit,)).fetchall()
        changes = [Change(source, _fold(db, source, entries, changed)) for source, entries in _runs(rows)]
        if rows:
            db.execute("DELETE FROM inbox WHERE id <= ?", rows[-1][:1])
    return changes


def _runs(rows: Iterable[tuple[int, int, str]]) -> Iterator[tuple[int, _Entries]]:
    """The entries of imports that follow one another, as long as they are of one source and none has a key again."""
    of: int = 0
    held: _Entries = {}
    for _, source, documents in rows:
        entries = dict(_ENTRIES.decode(documents))
        if held and (source != of or not held.keys().isdisjoint(entries)):
            yield of, held
            held = {}
        of = source
        held.update(entries)
    if held:
        yield of, held


def _fold(db: sqlite3.Connection, source: int, entries: _Entries, changed: int) -> tuple[str, ...]:
    stored = _stored(db, source, list(entries))
    deleted = [key for key in stored if _is_delete(entries[key])]
    added = {key: document for key, document in entries.items() if key not in stored and not _is_delete(document)}
    updated = dict(_updated(entries, stored))
    if deleted:
        db.execute(of_source(_DELETE, source), (_text(deleted),))
    _write(db, of_source(_INSERT, source), added, changed)
    _write(db, of_source(_UPDATE, source), updated, changed)
    return (*deleted, *added, *updated)


def _write(db: sqlite3.Connection, statement: str, entries: _Entries, changed: int) -> None:
    texts = [text for key, document in entries.items() for text in (key, str(document, "utf-8"))]
    for start in range(0, len(texts), 2 * _ROWS):
        piece = texts[start : start + 2 * _ROWS]
        db.execute(statement.replace(_VALUES, f"VALUES (?, ?){', (?, ?)' * (len(piece) // 2 - 1)}"), (changed, *piece))


def _stored(db: sqlite3.Connection, source: int, keys: list[str]) -> _Entries:
    (documents,) = db.execute(of_source(_STORED, source), (_text(keys),)).fetchone()
    return _DOCUMENTS.decode(documents or "{}")


def _updated(entries: _Entries, stored: _Entries) -> Iterator[tuple[str, msgspec.Raw]]:
    for key, document in entries.items():
        if key in stored and not _is_delete(document):
            merged = msgspec.json.encode({**_DOCUMENT.decode(stored[key]), **_DOCUMENT.decode(document)})
            if merged != bytes(stored[key]):
                yield key, msgspec.Raw(merged)


def _is_delete(document: msgspec.Raw) -> bool:
    return len(memoryview(document)) == len(_NULL)


def _text(values: object) -> str:
    return msgspec.json.encode(values).decode()
