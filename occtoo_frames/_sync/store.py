"""The file of one source: opened by one process at a time, refused with words when it is not what it should be.

Takes a path, gives transactions on a database that is durable when they end. The files ``store*`` of this room are
the only ones of the client that name the database. Knows tables, not what a push is.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from occtoo_frames._sync.lock import HeldError, Lock
from occtoo_frames.exceptions import ConfigurationError

FORMAT = 1
_APPLICATION = 0x0CC7_00F5
_MAGIC = b"SQLite format 3\x00"
_HEADER = 100
_SMALL = 64_000_000
"""Files up to this size are looked through when they are opened; larger ones would take too long."""

MOST_PAGES = 1 << 31
"""How large a file may grow, in the database's pages."""

_TABLES = """
CREATE TABLE owner (origin TEXT NOT NULL, provider TEXT NOT NULL, source TEXT NOT NULL);
CREATE TABLE run (one INTEGER PRIMARY KEY CHECK (one = 0), id INTEGER NOT NULL, kind TEXT NOT NULL,
    shape BLOB NOT NULL, batches INTEGER NOT NULL);
CREATE TABLE batch (id INTEGER PRIMARY KEY, run INTEGER NOT NULL, number INTEGER NOT NULL, first INTEGER NOT NULL,
    count INTEGER NOT NULL, digest BLOB NOT NULL, receipts BLOB, marks BLOB, spoiled INTEGER NOT NULL DEFAULT 0,
    UNIQUE (run, number));
CREATE TABLE left_behind (batch INTEGER PRIMARY KEY, keys TEXT NOT NULL, prints BLOB NOT NULL, counts BLOB NOT NULL,
    cells BLOB NOT NULL, alive BLOB NOT NULL);
CREATE TABLE property (id INTEGER PRIMARY KEY, property TEXT NOT NULL, language TEXT NOT NULL,
    UNIQUE (property, language));
CREATE TABLE entry (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, print BLOB, cells BLOB NOT NULL,
    alive INTEGER NOT NULL);
CREATE TABLE used (what TEXT PRIMARY KEY);
"""


class HeldByOtherError(ConfigurationError):
    """Another push holds the file; the message says who."""


class Store:
    """The file of a source, held by this process until ``close``.

    Args:
        path: The file; it is made if it does not exist.
        owner: Origin, provider and source, written down for people who look into it.
        guest: Another process holds it, and it is there: use it beside that one.

    Raises:
        ConfigurationError: Somebody else holds it, it is damaged or of a newer version, or cannot be made. It is left
            as it was.
    """

    def __init__(self, path: Path, owner: tuple[str, str, str], *, guest: bool = False) -> None:
        self.path, self.guest = path, guest
        with ExitStack() as begun, self._told("opened"):
            if not guest:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                begun.enter_context(_lock(path))
                if not path.exists():
                    _make(path, owner)
            _check(path)
            self._db = _connect(path)
            self._ending = begun.pop_all()

    def close(self) -> None:
        """Another process may have it."""
        with suppress(sqlite3.Error):
            self._db.close()
        self._ending.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """What is done inside is durable afterwards, or was never done.

        Raises:
            ConfigurationError: The disk is full or fails, or the file is damaged.
        """
        with self._told("written"):
            if self._db.in_transaction:  # an interrupt came between two statements
                self._db.execute("ROLLBACK")
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """What was written.

        Raises:
            ConfigurationError: The file is damaged, or the disk fails.
        """
        with self._told("read"):
            yield self._db

    @contextmanager
    def _told(self, done: str) -> Iterator[None]:
        """Errors of the database and of the disk in words, once for all statements."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
            hint = "; remove it (of.forget(source) does), and the next push begins a new one" if damaged else ""
            raise ConfigurationError(f"the journal {self.path} cannot be {done}: {why}{hint}") from None


def forget(path: Path) -> bool:
    """True if there was such a file; now there is none, and nobody holds it.

    Raises:
        ConfigurationError: Somebody holds it, or it cannot be removed.
    """
    try:
        if not path.parent.is_dir():
            return False
        with _lock(path):
            there = path.exists()
            for part in _parts(path):
                part.unlink(missing_ok=True)
            return there
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be removed: {error.strerror}") from None


def _parts(path: Path) -> tuple[Path, ...]:
    """The file first: a log left without it is removed before another one is made."""
    return (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", ".new", ".new-journal")))


def _lock(path: Path) -> Lock:
    try:
        return Lock(path.with_name(path.name + ".lock"))
    except HeldError as error:
        raise HeldByOtherError(
            f"another push to this source is under way: {path} is {error}; wait until it has ended"
        ) from None


def _make(path: Path, owner: tuple[str, str, str]) -> None:
    """A whole file, or none: it gets its name when all its tables are there."""
    for part in _parts(path):
        part.unlink(missing_ok=True)
    new = path.with_name(path.name + ".new")
    os.close(os.open(new, os.O_CREAT | os.O_WRONLY, 0o600))
    db = sqlite3.connect(new, isolation_level=None)
    try:
        db.executescript(
            f"PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA application_id = {_APPLICATION};"
            f"PRAGMA user_version = {FORMAT}; BEGIN; {_TABLES} COMMIT;"
        )
        db.execute("INSERT INTO owner VALUES (?, ?, ?)", owner)
    finally:
        db.close()
    _sync(new, os.O_RDWR)
    new.replace(path)
    if hasattr(os, "O_DIRECTORY"):
        _sync(path.parent, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    file = os.open(path, flags)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _check(path: Path) -> None:
    """Returns if the file's own header says that it is ours; looks without touching it."""
    with path.open("rb") as file:
        header = file.read(_HEADER)
    if header[:16] != _MAGIC or int.from_bytes(header[68:72], "big") != _APPLICATION:
        raise sqlite3.DatabaseError("it is damaged")
    version = int.from_bytes(header[60:64], "big")
    if version > FORMAT:
        raise ConfigurationError(
            f"the journal {path} was written by a newer version of this package (format {version}, this one knows "
            f"{FORMAT}): use that version"
        )


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        if path.stat().st_size <= _SMALL and db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("it is damaged")  # noqa: TRY301 - the connection is closed below
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA temp_store = FILE")
        db.execute(f"PRAGMA max_page_count = {MOST_PAGES}")
    except BaseException:
        db.close()
        raise
    return db
