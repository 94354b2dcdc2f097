"""Files and bytes as contents that can be read anywhere, and what is found out about them before anything is sent."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

import polars as pl

from occtoo_frames._push.media_findings import Looked
from occtoo_frames._push.media_types import HEAD_BYTES

_PIECE = 1 << 20


class Readable(Protocol):
    """Bytes that can be read anywhere; as ``Content``."""

    @property
    def size(self) -> int:
        """How many there are."""

    def read(self, offset: int, count: int) -> bytes | memoryview:
        """At most ``count`` bytes from ``offset`` on."""


@dataclass(frozen=True, slots=True)
class BytesContent:
    """Bytes that stand in a table."""

    content: bytes

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.content)

    def read(self, offset: int, count: int) -> memoryview:
        """At most ``count`` bytes from ``offset`` on, not copied."""
        return memoryview(self.content)[offset : offset + count]


class FileContent:
    """A file as it was when this was made; one that changes meanwhile is not read on.

    Raises:
        OSError: It cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = _stamp(path)

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self._stamp[0]

    def read(self, offset: int, count: int) -> bytes:
        """At most ``count`` bytes from ``offset`` on.

        Raises:
            OSError: It cannot be read, or is not what it was.
        """
        with self._path.open("rb") as file:
            if _stamp(file.fileno()) != self._stamp:
                raise OSError(f"{self._path.name} changed while it was sent")
            file.seek(offset)
            return file.read(count)


def digest(content: Readable) -> str:
    """The fingerprint of a content's bytes."""
    found = blake2b(digest_size=16)
    for offset in range(0, content.size, _PIECE):
        found.update(content.read(offset, _PIECE))
    return found.hexdigest()


def looker(table: pl.DataFrame, items: pl.DataFrame) -> Callable[[int, str | None], Looked]:
    """What ``check`` asks about files: those at paths, and the bytes that stand in ``table``."""

    def look(item: int, path: str | None) -> Looked:
        if path is not None:
            return _look(Path(path))
        content = held(table, items, item)
        return Looked(len(content), content[:HEAD_BYTES])

    return look


def held(table: pl.DataFrame, items: pl.DataFrame, item: int) -> bytes:
    """The bytes of an item that stand in ``table``."""
    content: bytes = table[items["column"][item]][items["row"][item]]
    return content


def _look(path: Path) -> Looked:
    try:
        if not path.is_file():
            return Looked(flaw="is a folder or no plain file" if path.exists() else "does not exist")
        with path.open("rb") as file:
            return Looked(os.fstat(file.fileno()).st_size, file.read(HEAD_BYTES))
    except (OSError, ValueError) as error:
        return Looked(flaw=f"cannot be read ({getattr(error, 'strerror', None) or error})")


def _stamp(place: Path | int) -> tuple[int, int]:
    found = os.stat(place)  # noqa: PTH116 - of an open file, too
    return found.st_size, found.st_mtime_ns
