"""How many columns each record of a csv has, which the engine does not say: it fills short ones with nulls.

Takes the bytes of a csv in UTF-8, gives a Shape. A record ends at a line break outside quotes, so quotes are counted:
what stands behind an even number of them stands outside. That holds where quotes stand around whole cells; if one
stands within a cell that began without (``5" pipe``), the records are counted by Python's reader, slowly. A block that
has no quotes, and as many separators as its lines should have together, is not looked at closer: either all its records
are even, or one is too long, at which the engine stops.
"""

import codecs
import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

_BLOCK_BYTES = 1 << 18
_LONGEST_BYTES = 1 << 25
"""A record beyond this is none: it is the rest of the file behind a quote that is not closed."""

_QUOTE, _LINE_END, _RETURN = b'"\n\r'

_Bytes = npt.NDArray[np.uint8]
_Positions = npt.NDArray[np.intp]


@dataclass(slots=True)
class Shape:
    """What is uneven about a csv; lines count from 1, as in editors, and are 0 where there is none.

    Attributes:
        short: How many records have fewer columns than wanted; an empty line is none of them.
        short_line: Where the first of them begins.
        long_line: Where the first record begins that has more columns than the header.
        long_width: How many it has.
        quote_line: The first quote within a cell that began without one, or behind which its cell goes on.
        open_line: The quote that is never closed.
    """

    short: int = 0
    short_line: int = 0
    long_line: int = 0
    long_width: int = 0
    quote_line: int = 0
    open_line: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a record should look like.

    Attributes:
        least: How many columns matter: up to the last one with a name.
        most: How many columns the header has.
        before: How many lines stand before the header.
    """

    separator: str
    least: int
    most: int
    before: int = 0


def shape_of(file: Path, wanted: Wanted) -> Shape:
    """The Shape of a csv in UTF-8."""
    shape, line, rest = Shape(), 1 + wanted.before, b""
    with file.open("rb") as stream:
        if stream.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            stream.seek(0)
        for _ in range(wanted.before):
            stream.readline()
        while block := stream.read(_BLOCK_BYTES):
            line, rest = _see(shape, rest + block, line, wanted)
            if shape.quote_line or len(rest) > _LONGEST_BYTES:
                break
    if rest and not shape.quote_line:
        line, rest = _see(shape, rest + b"\n", line, wanted)
    if shape.quote_line:
        return _slowly(file, wanted, shape.quote_line)
    shape.open_line = line if rest else 0
    return shape


def _see(shape: Shape, block: bytes, line: int, wanted: Wanted) -> tuple[int, bytes]:
    """Takes the whole records of ``block``, which begins with one, into ``shape``; gives the next line and the rest."""
    if b'"' not in block:
        end = block.rfind(b"\n") + 1
        lines = block.count(b"\n", 0, end)
        if block.count(wanted.separator.encode(), 0, end) == lines * (wanted.most - 1):
            return line + lines, block[end:]
    data, separator = np.frombuffer(block, np.uint8), ord(wanted.separator)
    marks = np.flatnonzero((data == separator) | (data == _LINE_END) | (data == _QUOTE))
    kinds = data[marks]
    if b'"' in block:
        loose = _loose(data, marks[kinds == _QUOTE], separator)
        shape.quote_line = line + block.count(b"\n", 0, int(loose[0])) if len(loose) else 0
        outside = ~np.bitwise_xor.accumulate(kinds == _QUOTE) & (kinds != _QUOTE)
        marks, kinds = marks[outside], kinds[outside]
    ends = np.flatnonzero(kinds == _LINE_END)
    widths, stops = np.diff(ends, prepend=-1), marks[ends]
    starts = np.concatenate([np.zeros(1, np.intp), stops + 1])
    short = np.flatnonzero(widths < wanted.least)
    short = short[~_is_empty(data, starts[short], stops[short])]
    long = np.flatnonzero(widths > wanted.most)
    shape.short += len(short)
    if len(short) and not shape.short_line:
        shape.short_line = line + block.count(b"\n", 0, int(starts[short[0]]))
    if len(long) and not shape.long_line:
        shape.long_line, shape.long_width = line + block.count(b"\n", 0, int(starts[long[0]])), int(widths[long[0]])
    end = int(starts[-1])
    return line + block.count(b"\n", 0, end), block[end:]


def _loose(data: _Bytes, quotes: _Positions, separator: int) -> _Positions:
    """The quotes that stand neither at an end of their cell nor beside another."""
    opening, closing = quotes[::2], quotes[1::2]
    edges = np.zeros(256, bool)
    edges[[separator, _LINE_END, _QUOTE]] = True
    begins = edges[data[np.maximum(opening - 1, 0)]] | (opening == 0)
    edges[_RETURN] = True
    stops = edges[data[np.minimum(closing + 1, len(data) - 1)]] | (closing == len(data) - 1)
    return np.sort(np.concatenate([opening[~begins], closing[~stops]]))


def _is_empty(data: _Bytes, starts: _Positions, stops: _Positions) -> npt.NDArray[np.bool_]:
    empty: npt.NDArray[np.bool_] = (stops == starts) | ((stops == starts + 1) & (data[starts] == _RETURN))
    return empty


def _slowly(file: Path, wanted: Wanted, quote_line: int) -> Shape:
    """The Shape by Python's reader, which knows a quote within a cell for what it is."""
    shape, line = Shape(quote_line=quote_line), 1 + wanted.before
    with file.open(encoding="utf-8-sig", newline="") as stream:
        for _ in range(wanted.before):
            stream.readline()
        records = csv.reader(stream, delimiter=wanted.separator)
        for record in records:
            if record and len(record) < wanted.least:
                shape.short += 1
                shape.short_line = shape.short_line or line
            elif len(record) > wanted.most and not shape.long_line:
                shape.long_line, shape.long_width = line, len(record)
            line = wanted.before + records.line_num + 1
    return shape
