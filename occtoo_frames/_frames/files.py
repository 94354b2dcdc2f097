"""Tables in files: parquet and csv are scanned, a spreadsheet is read.

Takes a path and options, gives a Source. Text in a csv stays text, so that ``007`` survives; its delimiter and
encoding are found and said. The file's size and time are kept, so that a change behind a plan's back is seen.
"""

import csv
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from occtoo_frames._frames.csvs import read_csv
from occtoo_frames._frames.sheets import read_sheet
from occtoo_frames._frames.source import Source
from occtoo_frames._frames.spool import read_parquet
from occtoo_frames._given import to_number
from occtoo_frames.exceptions import ConfigurationError, FileMissingError, UnsupportedFrameError

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:/", re.IGNORECASE)
"""How the address of something elsewhere begins; a path that was made of one has lost its second slash."""


def from_path(path: str | os.PathLike[str], options: Mapping[str, Any] | None = None) -> Source:
    """The Source of a .parquet, .csv or .xlsx file.

    Args:
        path: The file.
        options: For csv ``separator`` and ``encoding``; for xlsx ``sheet`` (a name, or a number from 1).

    Raises:
        UnsupportedFrameError: The ending is another, or the content is not what the ending says.
        FileMissingError: There is no such file.
        ConfigurationError: An option is malformed or unknown for this kind of file, or the extra ``excel`` is missing.
    """
    if not isinstance(options, Mapping | None):
        raise ConfigurationError(f"read_options={options!r}: give a dictionary, such as {{'separator': ';'}}")
    file = Path(path)
    if _ADDRESS.match(os.fspath(path)) and not file.exists():
        raise FileMissingError(f"{os.fspath(path)} is an address, and only files are read: download it first")
    opener = _OPENERS.get(file.suffix.lower())
    if opener is None:
        raise UnsupportedFrameError(f"{file.name or file}: only .parquet, .csv and .xlsx files are read")
    if not file.is_file():
        raise FileMissingError(f"there is no file {file}")
    try:
        return opener(file, dict(options or {}))
    except (pl.exceptions.PolarsError, csv.Error, UnicodeError) as error:
        raise UnsupportedFrameError(f"{file.name} cannot be read as {file.suffix}: {error}") from None


def _parquet(file: Path, options: dict[str, Any]) -> Source:
    _no_more(options, file)
    stored = read_parquet(file)
    return replace(_source(file, stored.frame, ()), flaws=stored.flaws, height=stored.height)


def _csv(file: Path, options: dict[str, Any]) -> Source:
    encoding = _known_encoding(options.pop("encoding", None))
    separator = _one_character(options.pop("separator", None))
    _no_more(options, file)
    read = read_csv(file, separator, encoding)
    return replace(_source(file, read.frame, read.told), guess=read.guess)


def _xlsx(file: Path, options: dict[str, Any]) -> Source:
    sheet = _sheet(options.pop("sheet", 1))
    _no_more(options, file)
    frame, flaws = read_sheet(file, sheet)
    return replace(_source(file, frame, ()), flaws=flaws)


_OPENERS = {".parquet": _parquet, ".csv": _csv, ".xlsx": _xlsx}


def _source(file: Path, frame: pl.DataFrame | pl.LazyFrame, warnings: tuple[str, ...]) -> Source:
    schema = frame.collect_schema()
    return Source(
        with_nulls=frame,
        kind="pandas",
        schema=schema,
        dtypes={name: str(dtype) for name, dtype in schema.items()},
        warnings=warnings,
        stamp=partial(_stamp, file),
        stamped=_stamp(file),
    )


def _stamp(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_size, status.st_mtime_ns


def _no_more(options: Mapping[str, Any], file: Path) -> None:
    if options:
        known = {".csv": "separator, encoding", ".xlsx": "sheet"}.get(file.suffix.lower(), "none")
        raise ConfigurationError(
            f"read_options {sorted(options)} mean nothing for a {file.suffix} file; it has: {known}"
        )


def _one_character(separator: Any) -> str | None:
    """The separator of a csv; None to find it."""
    if separator is None or separator == "":
        return None
    if not isinstance(separator, str) or len(separator.encode()) != 1 or separator in '"\r\n':
        raise ConfigurationError(
            f"read_options: separator={separator!r}: columns are separated by one character of ASCII, such as ';' or a "
            "tab, and by no quote or line break; leave it out to have it found"
        )
    return separator


def _known_encoding(encoding: Any) -> str | None:
    """The encoding of a csv; None to find it."""
    if encoding is None or encoding == "":
        return None
    try:
        "".encode(encoding)
    except (LookupError, TypeError):
        raise ConfigurationError(
            f"read_options: encoding={encoding!r}: Python knows no encoding of text of that name; give one such as "
            "'utf-8' or 'cp1252', or leave it out to have it found"
        ) from None
    return str(encoding)


def _sheet(sheet: Any) -> str | int:
    """A sheet's name, or its number."""
    if isinstance(sheet, str):
        return sheet
    number = to_number(sheet)
    if isinstance(number, int) and number >= 1:
        return number
    raise ConfigurationError(f"read_options: sheet={sheet!r}: give the sheet's name, or its number, from 1")
