"""Files that are there whole or not at all: takes a path and gives another one beside it to write to.

What was written takes the place of the older file at the end. A full disk, or whatever else ends the writing before,
leaves the older file as it was.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from errno import ENOENT
from pathlib import Path
from shutil import copymode
from typing import TypeVar
from uuid import uuid4

import polars as pl

from occtoo_frames.exceptions import FileMissingError, FileNotWrittenError, OcctooError

Part = TypeVar("Part")


class _Elsewhere(Exception):  # noqa: N818 - it carries an error past beside, and is never met outside
    """What ended the parts that are written, and has nothing to do with the file."""

    def __init__(self, error: Exception) -> None:
        self.error = error


@contextmanager
def beside(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Where to write what stands in ``path`` after the block, with the older file's permissions, on the disk.

    What is no file, such as a pipe, holds nothing that could be lost: it is written to as it is. An older file is
    replaced only if it could be written to, and if its folder takes the new one: no file is overwritten in place, where
    a full disk would leave half of it.

    Every failure in the block is one of the file, but for those of parts that come ``from_elsewhere``.

    Raises:
        FileMissingError: There is no folder for it.
        FileNotWrittenError: There can be no such file, or it could not be written whole; what was there still is.
    """
    given = Path(path)
    try:
        if given.exists() and not given.is_file():
            yield given  # not what its links lead to: that of a pipe is the name of no file
            return
        target = Path(os.path.realpath(path))  # a link goes on to lead where it did
        _must_have_folder(target)
        part = _part(target)
        try:
            yield part
            _settle(part, target)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OcctooError:
        raise
    except _Elsewhere as elsewhere:
        raise elsewhere.error from elsewhere.error.__cause__
    except (OSError, pl.exceptions.PolarsError) as error:
        why = getattr(error, "strerror", None) or error
        raise FileNotWrittenError(f"{os.fspath(path)} cannot be written: {why}") from error


def from_elsewhere(parts: Iterable[Part]) -> Iterator[Part]:
    """``parts``, to be written ``beside``; what ends them early is told as what it is, not as a failure of the file."""
    try:
        yield from parts
    except Exception as error:
        raise _Elsewhere(error) from error


def _part(target: Path) -> Path:
    """An empty file in the folder of ``target``, which may be written to if it is there."""
    if target.exists():
        target.open("ab").close()
    part = target.with_name(f".{uuid4().hex}.part")
    try:
        part.touch()
    except OSError as error:
        raise OSError(error.errno, f"no file can be made in its folder ({error.strerror})") from error
    return part


def _must_have_folder(target: Path) -> None:
    if not target.parent.is_dir():
        raise FileMissingError(ENOENT, "there is no folder for the file", str(target))


def _settle(part: Path, target: Path) -> None:
    """All of it is on the disk, and as open to others as what it replaces."""
    with part.open("rb+") as stream:
        os.fsync(stream.fileno())
    if target.exists():
        copymode(target, part)
