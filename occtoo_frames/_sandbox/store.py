"""What the platform remembers: an inbox of accepted imports, entries, sources, publications and settings, in SQLite.

Takes folded imports and gives documents back. Knows no HTTP and no types; the only room that names the database.
With ``durable`` a commit is on the disk before it returns; a second process on the same file is refused.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec

VERSION = 1
_PIECE = 8_000
_VERSION = "PRAGMA user_version"
_TABLES = "SELECT count(*) FROM sqlite_schema"
_PRAGMAS = ("page_size = 16384", "journal_mode = WAL", "wal_autocheckpoint = 4000", "cache_size = -200000")
_SCHEMA = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE tracked (id INTEGER PRIMARY KEY, source INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE (source, name));
CREATE TABLE publication (id INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE, document TEXT NOT NULL);
CREATE TABLE inbox (id INTEGER PRIMARY KEY AUTOINCREMENT, source INTEGER NOT NULL, correlation TEXT,
                    documents TEXT NOT NULL);
PRAGMA user_version = 1;
"""
_ENTRIES = (
    "CREATE TABLE IF NOT EXISTS {entries} "
    "(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, doc TEXT NOT NULL, changed INTEGER NOT NULL)"
)
_COUNT = "SELECT count(*) FROM {entries}"
_ALL = "SELECT id, key, doc, changed FROM {entries} WHERE id > ? ORDER BY id LIMIT ?"
_SOME = "SELECT id, key, doc, changed FROM {entries} WHERE key IN (SELECT value FROM json_each(?))"
# One row of long texts and not a row of four values for each entry, which takes twice the time.
_JOINED = (
    "SELECT max(id), group_concat(key, char(10)), CAST(group_concat(doc, char(10)) AS BLOB), "
    "group_concat(changed, char(10)) FROM ({entries})"
)


@dataclass(frozen=True, slots=True)
class Documents:
    """Entries as stored: keys, lines of JSON documents, when each changed last (microseconds since 1970, UTC)."""

    keys: list[str]
    docs: bytes
    changed: list[int]


class UnusableFileError(RuntimeError):
    """The file cannot be a sandbox's now; the message says which one and why."""


class Store:
    """One database file. Its methods may be called from any thread; writes follow one another.

    Attributes:
        seen: Columns known to be tracked: the source's number and the name. There may be more.

    Raises:
        UnusableFileError: Another process has the file, it is no sandbox's, a newer version wrote it, or it cannot be
            opened.
    """

    def __init__(self, path: Path, *, durable: bool) -> None:
        self.seen: set[tuple[int, str]] = set()
        self._path = path
        self._closed = False
        self._writing = Lock()
        self._reading = Lock()
        with _named(path), ExitStack() as opened:
            self._lock_file = opened.enter_context(closing(_claim(path)))
            self._writer = opened.enter_context(closing(_open(path)))
            self._reader = opened.enter_context(closing(_open(path)))
            _make(self._writer, path, durable=durable)
            opened.pop_all()

    def close(self) -> None:
        """Everything is written and the file is free for another process."""
        self._closed = True
        with self._writing, self._reading:
            self._reader.close()
            self._writer.close()
            self._lock_file.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """What is written inside is committed as one, or not at all."""
        with self._writing:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    def setting(self, name: str, default: str) -> str:
        """What is remembered under ``name``; ``default`` from now on if that is nothing."""
        with self.transaction() as db:
            db.execute("INSERT OR IGNORE INTO setting VALUES (?, ?)", (name, default))
            row = db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return str(row[0])

    def add_source(self, name: str) -> int:
        """The number of the source ``name``, which exists from now on."""
        with self.transaction() as db:
            db.execute("INSERT OR IGNORE INTO source (name) VALUES (?)", (name,))
            (number,) = db.execute("SELECT id FROM source WHERE name = ?", (name,)).fetchone()
            db.execute(of_source(_ENTRIES, number))
        return int(number)

    def sources(self) -> dict[str, int]:
        """The number of each source, by name."""
        return dict(self._read("SELECT name, id FROM source ORDER BY id"))

    def tracked(self, source: int) -> list[str]:
        """Every column ever imported into a source, the first seen first."""
        return [name for (name,) in self._read("SELECT name FROM tracked WHERE source = ? ORDER BY id", source)]

    def count(self, source: int) -> int:
        """How many entries a source has."""
        return int(self._read(of_source(_COUNT, source))[0][0])

    def publish(self, address: str, document: str) -> None:
        """``document`` is what is published at ``address`` from now on."""
        with self.transaction() as db:
            db.execute(
                "INSERT INTO publication (address, document) VALUES (?, ?) "
                "ON CONFLICT (address) DO UPDATE SET document = excluded.document",
                (address, document),
            )

    def publications(self) -> list[str]:
        """Every published document, the first published first."""
        return [document for (document,) in self._read("SELECT document FROM publication ORDER BY id")]

    def all_documents(self, source: int) -> Iterator[Documents]:
        """The entries of a source as they are now, in pieces, in no order.

        Raises:
            RuntimeError: The store was closed meanwhile.
        """
        last = 0
        with closing(_open(self._path)) as reader:
            reader.execute("BEGIN")
            while found := _joined(reader, of_source(_ALL, source), last, _PIECE):
                if self._closed:
                    raise RuntimeError("the sandbox is stopping")
                last, documents = found
                yield documents

    def documents(self, source: int, keys: Sequence[str]) -> Iterator[Documents]:
        """The entries of a source that have these keys and exist, in pieces, in no order."""
        for start in range(0, len(keys), _PIECE):
            some = msgspec.json.encode(keys[start : start + _PIECE]).decode()
            with self._reading:
                found = _joined(self._reader, of_source(_SOME, source), some)
            if found:
                yield found[1]

    def _read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self._reading, closing(self._reader.execute(query, values)) as rows:
            return rows.fetchall()


def of_source(statement: str, source: int) -> str:
    """``statement`` with ``{entries}`` naming the table that holds the entries of a source."""
    return statement.format(entries=f"entry_{int(source)}")


def _joined(db: sqlite3.Connection, query: str, *values: object) -> tuple[int, Documents] | None:
    """The last id and the entries that ``query`` finds, if any."""
    try:
        last, keys, docs, changed = db.execute(_JOINED.format(entries=query), values).fetchone()
    except sqlite3.DataError:  # longer together than a text of SQLite may be
        rows = db.execute(query, values).fetchall()
        ids, keys, docs, changed = zip(*rows, strict=True)
        return max(ids), Documents(list(keys), "\n".join(docs).encode(), list(changed))
    if last is None:
        return None
    return last, Documents(keys.split("\n"), docs, list(map(int, changed.split("\n"))))


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """The database's own errors name the file."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise UnusableFileError(f"{path} cannot be opened: {error}") from None
    except sqlite3.DatabaseError as error:
        raise UnusableFileError(f"{path} is no sandbox's file ({error})") from None


def _make(db: sqlite3.Connection, path: Path, *, durable: bool) -> None:
    version, tables = (db.execute(question).fetchone()[0] for question in (_VERSION, _TABLES))
    if version > VERSION:
        raise UnusableFileError(f"{path} was written by a newer version of the sandbox")
    if version == 0 and tables:
        raise UnusableFileError(f"{path} is no sandbox's file: it has other tables")
    for pragma in (*_PRAGMAS, f"synchronous = {'FULL' if durable else 'OFF'}"):
        db.execute(f"PRAGMA {pragma}")
    if version == 0:
        db.executescript(_SCHEMA)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)


def _claim(path: Path) -> sqlite3.Connection:
    lock = sqlite3.connect(f"{path}.lock", isolation_level=None, check_same_thread=False, timeout=0)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        raise UnusableFileError(f"another sandbox has {path} open") from None
    return lock
