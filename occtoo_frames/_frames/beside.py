"""Files that are there whole or not at all: takes a path and gives another one beside it to write to.

What was written takes the place of the older file at the end. A full disk, or whatever else ends the writing before,
leaves the older file as it was.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOENT
from pathlib import Path
from shutil import copymode
from uuid import uuid4

import polars as pl

from occtoo_frames.exceptions import FileMissingError, FileNotWrittenError, OcctooError


@contextmanager
def beside(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Where to write what stands in ``path`` after the block, with the older file's permissions, on the disk.

    What is no file, such as a pipe, holds nothing that could be lost: it is written to as it is.

    Raises:
        FileMissingError: There is no folder for it.
        FileNotWrittenError: There can be no such file, or it could not be written whole; what was there still is.
    """
    try:
        target = Path(os.path.realpath(path))  # a link goes on to lead where it did
        _must_have_folder(target)
        if target.exists() and not target.is_file():
            yield target
            return
        part = target.with_name(f".{uuid4().hex}.part")
        try:
            part.touch()
            yield part
            _settle(part, target)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OcctooError:
        raise
    except (OSError, pl.exceptions.PolarsError) as error:
        why = getattr(error, "strerror", None) or error
        raise FileNotWrittenError(f"{os.fspath(path)} cannot be written: {why}") from error


def _must_have_folder(target: Path) -> None:
    if not target.parent.is_dir():
        raise FileMissingError(ENOENT, "there is no folder for the file", str(target))


def _settle(part: Path, target: Path) -> None:
    """All of it is on the disk, and as open to others as what it replaces."""
    with part.open("rb+") as stream:
        os.fsync(stream.fileno())
    if target.exists():
        copymode(target, part)
