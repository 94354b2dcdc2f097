r"""JSON's escapes, applied only to the cells that need them.

Takes the cells of a slice as one contiguous Arrow array, gives the few dirty ones escaped, and how long every cell
is on the wire. Clean cells, nearly all of them, are never copied here. Columns that look as if they were full of
escapes, such as HTML, are escaped as a whole: to gather the dirty ones costs as much.

How long a cell becomes is counted, not tried. Each byte that is escaped gets a bit, and the bits before any place are
counted 64 at a time; an escape takes one byte more, but for rare ones that take five::

    cells                              5"      a\b     c
    bits                               01      010     0
    where they end                      2        5     6
    bits before that                    1        2     2
    where they end once escaped         3        7     8

So to know sizes nothing is escaped. And if quotes are all there is, they are replaced in the text of all cells at
once, of which these places then say where each cell is.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

_SHORT = {8: b"\\b", 9: b"\\t", 10: b"\\n", 12: b"\\f", 13: b"\\r", 34: b'\\"', 92: b"\\\\"}
_ESCAPES = {code: _SHORT.get(code, b"\\u%04x" % code) for code in (*range(32), 34, 92)}
_GROWTH = np.zeros(256, np.int64)
for _code, _escape in _ESCAPES.items():
    _GROWTH[_code] = len(_escape) - 1
_QUOTE, _BACKSLASH, _PRINTABLE = 34, 92, 32
"""What is escaped: these two codes, and all below the first that is no control character."""
_FIRST_BITS = np.array([(1 << count) - 1 for count in range(64)], np.uint64)
_LONGEST = int(_GROWTH.max())

_SCAN_BYTES = 1 << 20
_SAMPLE_CELLS = 16
_DENSE = 0.2
"""From this share of dirty cells in a sample on, to escape all is faster than to find each."""

_BEFORE, _AFTER = '{"cell":"', '"}'
_AS_JSON = (
    pl.when(pl.col("cell").is_not_null())
    .then(pl.struct(pl.col("cell")).struct.json_encode())
    .str.slice(len(_BEFORE))
    .str.head(-len(_AFTER))
)
_Mask: TypeAlias = npt.NDArray[np.bool_]
_MASKS = threading.local()
_NOTHING = pa.array([], pa.large_string())


def dense(columns: Sequence[pl.Series]) -> npt.NDArray[np.bool_]:
    """Which of ``columns``, all of one height, look full of dirty cells, by the first few of each."""
    few = min(_SAMPLE_CELLS, len(columns[0])) if columns else 0
    if not few:
        return np.zeros(len(columns), bool)
    dirty, _ = Text(pl.concat([column.head(few) for column in columns], rechunk=True)).dirty
    return np.bincount(dirty // few, minlength=len(columns)) >= _DENSE * few


@dataclass(frozen=True)
class _Laid:
    """Columns of cells laid end to end.

    Attributes:
        cells: The cells as a polars Series of text, a column after the other.
    """

    cells: pl.Series

    @cached_property
    def array(self) -> pa.LargeStringArray:
        """The same as one Arrow ``large_string``."""
        return contiguous(self.cells)

    @cached_property
    def offsets(self) -> npt.NDArray[np.int64]:
        """Where each cell begins in ``bytes``: int64, shape (cells + 1,)."""
        return offsets_of(self.array)

    @cached_property
    def bytes(self) -> npt.NDArray[np.uint8]:
        """All cells, end to end."""
        return bytes_of(self.array)


class Text(_Laid):
    """Columns in which few cells, if any, hold what JSON must escape, and where these are."""

    @cached_property
    def hits(self) -> npt.NDArray[np.int64]:
        """The positions of bytes that must be escaped."""
        return _find(self.bytes)

    @cached_property
    def dirty(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The numbers of the cells that hold a hit, and which hit is the first in each."""
        cells = np.searchsorted(self.offsets, self.hits, side="right") - 1
        firsts = np.flatnonzero(np.diff(cells, prepend=-1))
        return cells[firsts], firsts

    def sizes(self, columns: int, height: int) -> npt.NDArray[np.int64]:
        """The bytes of each of ``height`` rows once escaped, over so many columns; a null has none."""
        sizes = _sums(self.offsets, columns, height)
        if len(self.hits):
            numbers, firsts = self.dirty
            np.add.at(sizes, numbers % height, np.add.reduceat(_GROWTH[self.bytes[self.hits]], firsts))
        return sizes

    def escaped(self) -> tuple[npt.NDArray[np.int64], pl.Series] | None:
        """The numbers of the dirty cells and their escaped texts; None if all are clean."""
        if not len(self.hits):
            return None
        numbers, _ = self.dirty
        return numbers, FullText(self.cells[pl.Series(numbers)]).escaped()


class FullText(_Laid):
    """Columns that are full of what JSON must escape."""

    @cached_property
    def places(self) -> npt.NDArray[np.int64]:
        """Where each cell begins once all are escaped: int64, shape (cells + 1,)."""
        bits, long = np.zeros(len(self.bytes) // 64 + 1, np.uint64), []
        for start, piece, hit, other in _pieces(self.bytes):
            packed = np.packbits(_marked(piece, hit, other), bitorder="little")
            bits.view(np.uint8)[start // 8 : start // 8 + len(packed)] = packed
            if piece.min() < _PRINTABLE:
                control = np.flatnonzero(np.less(piece, _PRINTABLE, out=other))
                long.append(control[_GROWTH[piece[control]] > 1] + start)
        places: npt.NDArray[np.int64] = self.offsets + _before(bits, self.offsets)
        for positions in long:
            if len(positions):
                places += (_LONGEST - 1) * np.searchsorted(positions, self.offsets)
        return places

    def sizes(self, columns: int, height: int) -> npt.NDArray[np.int64]:
        """The bytes of each of ``height`` rows once escaped, over so many columns; a null has none."""
        return _sums(self.places, columns, height)

    def escaped(self) -> pl.Series:
        """Each of the cells as it stands on the wire; nulls stay null.

        Quotes alone are replaced, in all cells as if they were one. Of anything else the engine writes
        ``{"cell":"…"}``, and views into that text skip the wrapping.
        """
        if not _only_quotes(contiguous(self.cells.head(_SAMPLE_CELLS))) or not _only_quotes(self.array):
            return self.cells.to_frame("cell").select(_AS_JSON).to_series()
        ends = self.offsets[[0, -1]]
        whole = pa.LargeStringArray.from_buffers(1, pa.py_buffer(ends), self.array.buffers()[2])
        replaced = pc.replace_substring(whole, '"', '\\"').buffers()[2]
        valid = pa.py_buffer(np.packbits(self.array.is_valid(), bitorder="little"))
        begins = pa.py_buffer(self.places - self.places[0])
        cells = pa.LargeStringArray.from_buffers(len(self.array), begins, replaced, valid)
        return pl.Series(cells.cast(pa.string_view()))


def _only_quotes(text: pa.LargeStringArray) -> bool:
    """True if JSON escapes nothing in ``text`` but quotes."""
    return bool(bytes_of(text).min(initial=_PRINTABLE) >= _PRINTABLE) and not count_of(text, _BACKSLASH)


def _sums(places: npt.NDArray[np.int64], columns: int, height: int) -> npt.NDArray[np.int64]:
    """The bytes of each of ``height`` rows over so many columns, of which the cells begin and end at ``places``.

    Where the row's cells end, added up, less where they begin: no length of a single cell is ever kept.
    """
    ends, begins = (where.reshape(columns, height).sum(axis=0) for where in (places[1:], places[:-1]))
    sums: npt.NDArray[np.int64] = ends - begins
    return sums


def contiguous(cells: pl.Series) -> pa.LargeStringArray:
    """``cells`` as one Arrow array over one buffer; by pyarrow's cast, which is quicker than polars'.

    Under a name of our own: the engine aborts at one that Arrow cannot hold.
    """
    if not len(cells):
        return _NOTHING
    views = cells.to_frame("cell").to_arrow(compat_level=pl.CompatLevel.newest()).column(0)
    whole = views.chunk(0) if views.num_chunks == 1 else views.combine_chunks()
    return whole.cast(pa.large_string())


def offsets_of(array: pa.LargeStringArray) -> npt.NDArray[np.int64]:
    """The offsets of a ``large_string`` array: int64, shape (cells + 1,)."""
    return np.frombuffer(array.buffers()[1], np.int64)[array.offset : array.offset + len(array) + 1]


def bytes_of(array: pa.LargeStringArray) -> npt.NDArray[np.uint8]:
    """The bytes of a ``large_string`` array, up to its last cell."""
    data = array.buffers()[2]
    return np.frombuffer(data, np.uint8)[: offsets_of(array)[-1]] if data is not None else np.zeros(0, np.uint8)


def must_escape(text: pa.LargeStringArray) -> bool:
    """True if JSON escapes anything in ``text``."""
    return len(_find(bytes_of(text))) > 0


def count_of(text: pa.LargeStringArray, code: int) -> int:
    """How often a byte stands in ``text``."""
    return sum(int(np.count_nonzero(np.equal(piece, code, out=mask))) for _, piece, mask, _ in _pieces(bytes_of(text)))


def _find(data: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """The positions of bytes that must be escaped."""
    found = []
    for start, piece, hit, other in _pieces(data):
        positions = np.flatnonzero(_marked(piece, hit, other))
        if len(positions):
            found.append(positions + start)
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _marked(piece: npt.NDArray[np.uint8], hit: _Mask, other: _Mask) -> _Mask:
    """Which bytes must be escaped, as ``hit``; control bytes are looked for only where there are any."""
    np.equal(piece, _QUOTE, out=hit)
    np.logical_or(hit, np.equal(piece, _BACKSLASH, out=other), out=hit)
    if piece.min() < _PRINTABLE:
        np.logical_or(hit, np.less(piece, _PRINTABLE, out=other), out=hit)
    return hit


def _before(bits: npt.NDArray[np.uint64], places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """How many of ``bits`` are set before each of ``places``: those of all words before, and of a part of its own."""
    words = np.append(0, np.cumsum(np.bitwise_count(bits), dtype=np.int64))
    at = places >> 6
    part = bits[at] & _FIRST_BITS[places & 63]
    counted: npt.NDArray[np.int64] = words[at] + np.bitwise_count(part)
    return counted


def _pieces(data: npt.NDArray[np.uint8]) -> Iterator[tuple[int, npt.NDArray[np.uint8], _Mask, _Mask]]:
    """A cache-sized piece at a time, where it begins, and two reused masks to compare it into."""
    masks = getattr(_MASKS, "pair", None)
    if masks is None:
        masks = _MASKS.pair = (np.zeros(_SCAN_BYTES, bool), np.zeros(_SCAN_BYTES, bool))
    for start in range(0, len(data), _SCAN_BYTES):
        piece = data[start : start + _SCAN_BYTES]
        yield start, piece, masks[0][: len(piece)], masks[1][: len(piece)]
