"""What the portal remembers: files and their states, objects in its storage, and the records of each entity, in SQLite.

Takes and gives JSON documents as they are written; knows no HTTP and no file format. Records stand in a database of
their own, so that a long import keeps nobody from asking how it goes.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any

import msgspec

_SCHEMA = """
CREATE TABLE IF NOT EXISTS file (id TEXT PRIMARY KEY, path TEXT NOT NULL, action TEXT NOT NULL, entity TEXT NOT NULL,
                                 state TEXT NOT NULL, report TEXT NOT NULL DEFAULT '{}');
CREATE TABLE IF NOT EXISTS object (path TEXT PRIMARY KEY, size INTEGER NOT NULL, etag TEXT NOT NULL);
"""
_RECORDS = """
CREATE TABLE IF NOT EXISTS record (id INTEGER PRIMARY KEY, entity TEXT NOT NULL, key TEXT NOT NULL, doc TEXT NOT NULL,
                                   UNIQUE (entity, key));
"""
_COMPARISONS = {"$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}
_VALUE = "json_extract(doc, ?)"
_ONE_OF = "json_extract(doc, ?) IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file that was announced: its ids, its entity, what became of it."""

    id: str
    path: str
    action: str
    entity: str
    state: str
    report: str = "{}"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What lies in the storage under a path."""

    path: str
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A query: conditions by field, fields to sort by (1 up, -1 down), and which of what is found."""

    where: Mapping[str, object]
    sort: Mapping[str, int]
    skip: int
    take: int


class _Database:
    """One connection, used by one thread at a time."""

    def __init__(self, path: Path, schema: str, *, durable: bool) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self.lock = RLock()
        for pragma in ("journal_mode = WAL", f"synchronous = {'FULL' if durable else 'OFF'}", "cache_size = -16000"):
            self.db.execute(f"PRAGMA {pragma}")
        self.db.executescript(schema)

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What the statement gives."""
        with self.lock, closing(self.db.execute(statement, values)) as rows:
            return rows.fetchall()

    def close(self) -> None:
        """Everything is written."""
        with self.lock:
            self.db.close()


class PortalStore:
    """The files of one folder; its methods may be called from any thread."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self._files = _Database(folder / "files.sqlite", _SCHEMA, durable=durable)
        self._writer = _Database(folder / "records.sqlite", _RECORDS, durable=durable)
        self._reader = _Database(folder / "records.sqlite", _RECORDS, durable=durable)

    def close(self) -> None:
        """Everything is written."""
        for database in (self._files, self._writer, self._reader):
            database.close()

    def put_file(self, row: FileRow) -> None:
        """The file is remembered, in place of what was known of it."""
        values = (row.id, row.path, row.action, row.entity, row.state, row.report)
        self._files.rows("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?)", *values)

    def file(self, file_id: str) -> FileRow | None:
        """What is known of a file."""
        found = self._files.rows("SELECT * FROM file WHERE id = ?", file_id)
        return FileRow(*found[0]) if found else None

    def files_in(self, states: Sequence[str]) -> list[FileRow]:
        """The files that are in one of these states."""
        marks = msgspec.json.encode(list(states)).decode()
        found = self._files.rows(
            "SELECT * FROM file WHERE state IN (SELECT value FROM json_each(?)) ORDER BY rowid", marks
        )
        return [FileRow(*row) for row in found]

    def put_object(self, stored: StoredObject) -> None:
        """The object is remembered."""
        self._files.rows("INSERT OR REPLACE INTO object VALUES (?, ?, ?)", stored.path, stored.size, stored.etag)

    def object(self, path: str) -> StoredObject | None:
        """What lies under ``path``."""
        found = self._files.rows("SELECT * FROM object WHERE path = ?", path)
        return StoredObject(*found[0]) if found else None

    @contextmanager
    def records(self, entity: str) -> "Iterator[Records]":
        """The records of an entity, changed as one or not at all."""
        with self._writer.lock:
            self._writer.db.execute("BEGIN IMMEDIATE")
            try:
                yield Records(self._writer.db, entity)
            except BaseException:
                self._writer.db.execute("ROLLBACK")
                raise
            self._writer.db.execute("COMMIT")

    def query(self, entity: str, asked: Asked) -> tuple[list[str], int]:
        """The documents that are asked for, and how many there would be without skip and take.

        Raises:
            ValueError: An operator is none.
        """
        conditions, values = ["entity = ?"], [entity]
        for name, wanted in asked.where.items():
            condition, more = _condition(name, wanted)
            conditions.append(condition)
            values += more
        found = " AND ".join(conditions)
        order = "".join(f"{_VALUE} {'DESC' if way < 0 else 'ASC'}, " for way in asked.sort.values())
        sorting = [_path(name) for name in asked.sort]
        rows = self._reader.rows(
            f"SELECT doc FROM record WHERE {found} ORDER BY {order}key LIMIT ? OFFSET ?",  # noqa: S608 - of our own words
            *values, *sorting, asked.take, asked.skip,
        )  # fmt: skip
        ((count,),) = self._reader.rows(f"SELECT count(*) FROM record WHERE {found}", *values)  # noqa: S608 - same
        return [doc for (doc,) in rows], int(count)


class Records:
    """One entity's records inside a transaction."""

    def __init__(self, db: sqlite3.Connection, entity: str) -> None:
        self._db, self._entity = db, entity

    def apply(self, changes: Sequence[tuple[str, dict[str, msgspec.Raw] | None]]) -> None:
        """Each record has the fields of its change, and keeps its others; one whose change is None is gone."""
        keys = msgspec.json.encode(list({key for key, _ in changes})).decode()
        known = "SELECT key, doc FROM record WHERE entity = ? AND key IN (SELECT value FROM json_each(?))"
        before = {key: _MEMBERS.decode(doc) for key, doc in self._db.execute(known, (self._entity, keys))}
        after: dict[str, dict[str, msgspec.Raw] | None] = {}
        for key, fields in changes:
            after[key] = None if fields is None else {**(after.get(key, before.get(key)) or {}), **fields}
        gone = [(self._entity, key) for key, fields in after.items() if fields is None]
        self._db.executemany("DELETE FROM record WHERE entity = ? AND key = ?", gone)
        self._db.executemany(
            "INSERT INTO record (entity, key, doc) VALUES (?, ?, ?) "
            "ON CONFLICT (entity, key) DO UPDATE SET doc = excluded.doc",
            [
                (self._entity, key, msgspec.json.encode(fields).decode())
                for key, fields in after.items()
                if fields is not None
            ],
        )


_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _path(name: str) -> str:
    return f"$.{msgspec.json.encode(name).decode()}"


def _condition(name: str, wanted: object) -> tuple[str, list[Any]]:
    if not isinstance(wanted, Mapping):
        return (f"{_VALUE} IS NULL", [_path(name)]) if wanted is None else (f"{_VALUE} = ?", [_path(name), wanted])
    parts: list[str] = []
    values: list[Any] = []
    for operator, value in wanted.items():
        if operator == "$in" and isinstance(value, list):
            null = None in value
            parts.append(f"({_VALUE} IS NULL OR {_ONE_OF})" if null else _ONE_OF)
            values += [*[_path(name)] * (1 + null), msgspec.json.encode(value).decode()]
        elif operator in _COMPARISONS and isinstance(value, str | int | float):
            parts.append(f"{_VALUE} {_COMPARISONS[operator]} ?")
            values += [_path(name), value]
        else:
            raise ValueError(f"the operator {operator!r} is none, or not for this value")
    return " AND ".join(parts) or "TRUE", values
