"""A csv as a lazy frame of texts, whatever its separator and encoding, and where it is uneven.

Takes a file, gives what is read and what was found and decided on the way. The engine fills short records with nulls
and stops at long ones without saying where, so all bytes are looked at once before: what would be read in another way
than it was meant is refused by its line, or told.
"""

import codecs
import csv
import io
import os
import re
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from occtoo_frames._frames.encodings import encoding_of, transcoded
from occtoo_frames._frames.source import no_twins
from occtoo_frames._frames.widths import Shape, Wanted, shape_of
from occtoo_frames.exceptions import UnsupportedFrameError

_SAMPLE_BYTES = 65_536
_NAMELESS = "\x00nameless"
_STATED = re.compile(r'"?sep=([!-~\t ])"?\r?\n', re.IGNORECASE)
_LONGEST_STATED = 10


@dataclass(frozen=True, slots=True)
class Read:
    """A csv.

    Attributes:
        frame: Its columns that have a name or a value, as text, down to the last record that is not empty.
        told: What was found and decided.
        guess: How the separator was found, and how to say another; empty if it was said.
    """

    frame: pl.LazyFrame
    told: tuple[str, ...]
    guess: str = ""


def read_csv(file: Path, separator: str | None, encoding: str | None) -> Read:
    """What stands in ``file``; its separator and encoding are found if they are None.

    Raises:
        UnsupportedFrameError: A record, a quote or a byte can only be read as something else than was meant.
    """
    encoding = encoding or encoding_of(file)
    if codecs.lookup(encoding).name in {"utf-8", "utf-8-sig", "ascii"}:
        return _read(file, file, separator, ())
    readable = transcoded(file, encoding)
    try:
        read = _read(file, readable, separator, (f"{file.name}: read as {encoding}",))
    except BaseException:
        readable.unlink(missing_ok=True)
        raise
    weakref.finalize(read.frame, partial(readable.unlink, missing_ok=True))
    return read


def _read(file: Path, readable: Path, separator: str | None, told: tuple[str, ...]) -> Read:
    stated = _stated(readable)
    said = separator or stated
    separator = said or separator_of(readable)
    if separator != ",":
        told = (*told, f"{file.name}: columns separated by {separator!r}")
    before = int(stated is not None)
    header = _header(file, readable, separator, before)
    numbered = [name or f"{_NAMELESS}{position}" for position, name in enumerate(header)]
    lazy = pl.scan_csv(
        readable, separator=separator, infer_schema=False, glob=False, new_columns=numbered, skip_lines=before
    )
    kept = _kept(file, lazy, header, numbered)
    shape = shape_of(readable, Wanted(separator, numbered.index(kept[-1]) + 1 if kept else 0, len(header), before))
    _refuse(file, lazy, shape, separator, len(header))
    if shape.short:
        told = (*told, f"{file.name}: {_short(shape)}, and what they lack is missing")
    if _ends_empty(readable, separator):
        lazy = lazy.head(
            lazy.select(pl.any_horizontal(pl.all().is_not_null()).arg_true().max() + 1).collect().item() or 0
        )
    if len(kept) < len(header) or "" in header:
        lazy = lazy.select(pl.col(name).alias("" if name.startswith(_NAMELESS) else name) for name in kept)
    return Read(lazy, told, "" if said else _guessed(separator, header))


def _guessed(separator: str, header: Sequence[str]) -> str:
    """Where columns were separated, and another separator that stands in the ``header``, if one does."""
    others = (other for other in _SEPARATORS if other != separator and any(other in name for name in header))
    other = repr(next(others, "…"))
    return (
        f"its columns were separated at {separator!r}; another is said by read_options={{'separator': {other}}} "
        f"(--csv-separator {other})"
    )


def _stated(file: Path) -> str | None:
    """The separator that a line before the header states, as spreadsheets write it: ``sep=;``."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        found = _STATED.fullmatch(stream.readline(_LONGEST_STATED))
    return None if found is None else found[1]


def _header(file: Path, readable: Path, separator: str, before: int) -> list[str]:
    """The names of the columns, empty where there is none; ``before`` them stand so many lines."""
    with readable.open(encoding="utf-8-sig", newline="") as stream:
        for _ in range(before):
            stream.readline()
        header = next(filter(None, csv.reader(stream, delimiter=separator)), [])
    with readable.open("rb") as stream:
        if b"\n" not in (sample := stream.read(_SAMPLE_BYTES)) and b"\r" in sample.rstrip():
            raise UnsupportedFrameError(
                f"{file.name} cannot be read: its lines end in CR alone; save it with LF, or CR and LF"
            )
    if any("\0" in name for name in header):
        raise UnsupportedFrameError(
            f"{file.name} cannot be read: its header holds bytes of zero, as in UTF-16 without its mark; say its "
            "encoding, as in read_options={'encoding': 'utf-16-le'} (--csv-encoding utf-16-le)"
        )
    no_twins([name for name in header if name], f"{file.name}: ")
    return header


def _kept(file: Path, lazy: pl.LazyFrame, header: Sequence[str], numbered: Sequence[str]) -> list[str]:
    """The columns that have a name, or a value; at most one may have only the latter."""
    nameless = [given for given, name in zip(numbered, header, strict=True) if not name]
    if not nameless:
        return list(numbered)
    empty = lazy.select(pl.col(nameless).is_null().all()).collect().row(0, named=True)
    filled = [numbered.index(name) + 1 for name in nameless if not empty[name]]
    if len(filled) > 1:
        raise UnsupportedFrameError(f"{file.name}: columns {filled} have values but no name; name them")
    return [name for name in numbered if not empty.get(name)]


def _refuse(file: Path, lazy: pl.LazyFrame, shape: Shape, separator: str, width: int) -> None:
    if shape.long_line:
        raise UnsupportedFrameError(
            f"{file.name} cannot be read: line {shape.long_line} has {shape.long_width} columns, the header has "
            f"{width}; put a cell that holds {separator!r} between quotes, or say another separator: "
            "read_options={'separator': …}"
        )
    if shape.open_line:
        raise UnsupportedFrameError(
            f"{file.name} cannot be read: line {shape.open_line} holds a quote that is never closed"
        )
    if shape.quote_line:
        try:
            lazy.select(pl.all().count()).collect()
        except pl.exceptions.PolarsError:
            raise UnsupportedFrameError(
                f"{file.name} cannot be read: line {shape.quote_line} holds a quote within a cell; put such cells "
                'between quotes, and double those within, as in "5"" pipe"'
            ) from None


def _short(shape: Shape) -> str:
    if shape.short == 1:
        return f"line {shape.short_line} has fewer columns than the header"
    return f"{shape.short} lines have fewer columns than the header, the first is line {shape.short_line}"


def _ends_empty(file: Path, separator: str) -> bool:
    """True if the last line holds nothing, or separators alone."""
    with file.open("rb") as stream:
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - _SAMPLE_BYTES))
        lines = stream.read().replace(b"\r\n", b"\n").removesuffix(b"\n").split(b"\n")
    return len(lines) > 1 and not lines[-1].strip(separator.encode())


def separator_of(file: Path) -> str:
    """The one that stands in the header, and cuts every record of the sample into as many columns, most of them.

    Where none cuts all of them equally, the one that stands in the header most often; a comma if none stands there.
    One with a blank behind it in the header is likely to stand within a name, as in ``Price (EUR, net)``, and is taken
    only if no other does. Each is tried with the rules of csv, so that what stands between quotes counts for nothing.
    """
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as stream:  # no separator is hidden by that
        sample = stream.read(_SAMPLE_BYTES)
    whole = len(sample) < _SAMPLE_BYTES
    return max(_SEPARATORS, key=lambda separator: _fitness(sample, separator, whole=whole))


_SEPARATORS = ",;\t|"


def _fitness(sample: str, separator: str, *, whole: bool) -> tuple[bool, bool, int]:
    """Whether every record has the header's columns, which are several; if none begins with a blank; how many.

    What follows a closing quote must be a separator, which tells ``"a";"b,c"`` from two columns.
    """
    lines, header, widths = io.StringIO(sample, newline=""), list[str](), list[int]()
    try:
        for record in filter(None, csv.reader(lines, delimiter=separator, strict=True)):
            header = header or record
            widths.append(len(record))
        sound, cut = True, not whole and len(widths) > 1
    except csv.Error:
        sound, cut = not whole and not lines.read(1), False  # the sample may end between two quotes
    complete = widths[:-1] if cut else widths
    if not complete or complete[0] == 1:
        return False, False, 0
    unbroken = not any(name.startswith(" ") for name in header[1:])
    return sound and set(complete) == {complete[0]}, unbroken, complete[0]
