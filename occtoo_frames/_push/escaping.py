"""JSON's escapes, applied only to the cells that need them.

Takes the cells of a slice as one contiguous Arrow array, gives the few dirty ones escaped, and how long every cell
is on the wire. Clean cells, nearly all of them, are never copied here. Columns that look as if they were full of
escapes, such as HTML, are escaped as a whole: to find every one of them costs as much.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

_SHORT = {8: b"\\b", 9: b"\\t", 10: b"\\n", 12: b"\\f", 13: b"\\r", 34: b'\\"', 92: b"\\\\"}
_ESCAPES = {code: _SHORT.get(code, b"\\u%04x" % code) for code in (*range(32), 34, 92)}
_GROWTH = np.zeros(256, np.int64)
_ESCAPED = np.zeros(256, bool)
for _code, _escape in _ESCAPES.items():
    _GROWTH[_code] = len(_escape) - 1
    _ESCAPED[_code] = True
_PRINTABLE = 32
"""The first code that is no control character."""

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


def dense(cells: pl.Series, columns: int) -> npt.NDArray[np.bool_]:
    """Which of so many columns, laid end to end in ``cells``, look full of dirty cells, by the first few of each."""
    if not len(cells):
        return np.zeros(columns, bool)
    height = len(cells) // columns
    few = min(_SAMPLE_CELLS, height)
    numbers = np.add.outer(np.arange(columns) * height, np.arange(few)).ravel().astype(np.uint32)
    sample = contiguous(cells[pl.Series(numbers)])
    hits = np.append(0, np.cumsum(_ESCAPED[bytes_of(sample)]))[offsets_of(sample)]
    dirty = np.count_nonzero(np.diff(hits).reshape(columns, few), axis=1)
    return np.asarray(dirty >= _DENSE * few)


def escape_all(cells: pl.Series) -> pl.Series:
    """Each of ``cells`` as it stands on the wire; nulls stay null.

    Quotes alone are replaced. Of anything else the engine writes ``{"cell":"…"}``, and views into that text skip the
    wrapping.
    """
    if _only_quotes(cells.head(_SAMPLE_CELLS)) and _only_quotes(cells):
        return cells.str.replace_all('"', '\\"', literal=True)
    return cells.to_frame("cell").select(_AS_JSON).to_series()


def _only_quotes(cells: pl.Series) -> bool:
    """True if JSON escapes nothing in ``cells`` but quotes."""
    data = bytes_of(contiguous(cells))
    return bool(data.min(initial=_PRINTABLE) >= _PRINTABLE) and not (data == 92).any()  # noqa: PLR2004 - the backslash


@dataclass(frozen=True)
class Text:
    """Columns of cells laid end to end, and where JSON must escape.

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
        """The bytes of each of ``height`` rows once escaped, over so many columns; a null has none.

        Where the row's cells end, added up, less where they begin: no length of a single cell is ever kept.
        """
        ends, begins = (where.reshape(columns, height).sum(axis=0) for where in (self.offsets[1:], self.offsets[:-1]))
        sizes: npt.NDArray[np.int64] = ends - begins
        if len(self.hits):
            numbers, firsts = self.dirty
            np.add.at(sizes, numbers % height, np.add.reduceat(_GROWTH[self.bytes[self.hits]], firsts))
        return sizes

    def escaped(self) -> tuple[npt.NDArray[np.int64], pl.Series] | None:
        """The numbers of the dirty cells and their escaped texts; None if all are clean."""
        if not len(self.hits):
            return None
        numbers, _ = self.dirty
        return numbers, escape_all(self.cells[pl.Series(numbers)])


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
    """The positions of bytes that must be escaped; control bytes are looked for only where there are any."""
    found = []
    for start, piece, hit, other in _pieces(data):
        np.equal(piece, 34, out=hit)
        np.logical_or(hit, np.equal(piece, 92, out=other), out=hit)
        if piece.min() < _PRINTABLE:
            np.logical_or(hit, np.less(piece, _PRINTABLE, out=other), out=hit)
        positions = np.flatnonzero(hit)
        if len(positions):
            found.append(positions + start)
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _pieces(data: npt.NDArray[np.uint8]) -> Iterator[tuple[int, npt.NDArray[np.uint8], _Mask, _Mask]]:
    """A cache-sized piece at a time, where it begins, and two reused masks to compare it into."""
    masks = getattr(_MASKS, "pair", None)
    if masks is None:
        masks = _MASKS.pair = (np.zeros(_SCAN_BYTES, bool), np.zeros(_SCAN_BYTES, bool))
    for start in range(0, len(data), _SCAN_BYTES):
        piece = data[start : start + _SCAN_BYTES]
        yield start, piece, masks[0][: len(piece)], masks[1][: len(piece)]
