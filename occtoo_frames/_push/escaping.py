"""JSON's escapes, applied only to the cells that need them.

Takes the cells of a slice as one contiguous Arrow array, gives the few dirty ones escaped, and how long every cell
is on the wire. Clean cells, nearly all of them, are never copied here. Columns that look as if they were full of
escapes, such as HTML, are left to the engine's own JSON writer as a whole: to find every one of them costs as much.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

_SHORT = {8: b"\\b", 9: b"\\t", 10: b"\\n", 12: b"\\f", 13: b"\\r", 34: b'\\"', 92: b"\\\\"}
_ESCAPES = {code: _SHORT.get(code, b"\\u%04x" % code) for code in (*range(32), 34, 92)}
_GROWTH = np.zeros(256, np.int64)
_LETTER = np.arange(256, dtype=np.uint8)
_ESCAPED = np.zeros(256, bool)
for _code, _escape in _ESCAPES.items():
    _GROWTH[_code] = len(_escape) - 1
    _LETTER[_code] = _escape[1]
    _ESCAPED[_code] = True

_SCAN_BYTES = 1 << 18
_SAMPLE_BYTES = 256
_DENSE = _SAMPLE_BYTES // 32
"""From this many escapes in a sample on, the engine's own JSON writer is faster than finding each."""

_BEFORE, _AFTER = '{"cell":"', '"}'
_AS_JSON = (
    pl.when(pl.col("cell").is_not_null())
    .then(pl.struct(pl.col("cell")).struct.json_encode())
    .str.slice(len(_BEFORE))
    .str.head(-len(_AFTER))
)
_MASKS = threading.local()


@dataclass(frozen=True)
class Text:
    """Columns of cells laid end to end, and where JSON must escape.

    Attributes:
        cells: The cells as a polars Series of text, a column after the other.
        array: The same as an Arrow ``large_string``.
        height: How many cells a column has.
    """

    cells: pl.Series
    array: pa.LargeStringArray
    height: int

    @classmethod
    def of(cls, columns: Sequence[pl.Series]) -> "Text":
        """``columns``, which are equally long, laid out contiguously."""
        cells = pl.concat(columns, rechunk=True)
        return cls(cells, contiguous(cells), len(columns[0]))

    @cached_property
    def offsets(self) -> npt.NDArray[np.int64]:
        """Where each cell begins in ``bytes``: int64, shape (cells + 1,)."""
        return offsets_of(self.array)

    @cached_property
    def bytes(self) -> npt.NDArray[np.uint8]:
        """All cells, end to end."""
        return bytes_of(self.array)

    @cached_property
    def dense(self) -> list[tuple[slice, pl.Series]]:
        """Where the columns that look full of escapes stand among the cells, and all of these escaped."""
        if not len(self.bytes):
            return []
        starts = self.offsets[: -1 : self.height]
        ends = np.append(starts[1:], len(self.bytes))
        sample = np.add.outer(starts, np.arange(_SAMPLE_BYTES))
        escaped = _ESCAPED[self.bytes[np.minimum(sample, len(self.bytes) - 1)]] & (sample < ends[:, None])
        full = np.flatnonzero(escaped.sum(axis=1) >= _DENSE).tolist()
        places = [slice(column * self.height, (column + 1) * self.height) for column in full]
        return [(place, _escape_all(self.cells[place])) for place in places]

    @cached_property
    def hits(self) -> npt.NDArray[np.int64]:
        """The positions of bytes that must be escaped, but for those of ``dense`` columns."""
        edges = [0, *(int(self.offsets[edge]) for place, _ in self.dense for edge in (place.start, place.stop))]
        ranges = zip(edges[::2], [*edges[1::2], len(self.bytes)], strict=True)
        return np.concatenate([_find(self.bytes[start:stop]) + start for start, stop in ranges])

    @cached_property
    def bounds(self) -> npt.NDArray[np.int64]:
        """How many hits stand before each cell, and at the end how many there are."""
        return np.searchsorted(self.hits, self.offsets)

    def lengths(self) -> npt.NDArray[np.int64]:
        """The bytes of each cell once escaped; 0 for null."""
        lengths = np.diff(self.offsets)
        if len(self.hits):
            lengths += _per_cell(_GROWTH[self.bytes[self.hits]], self.bounds)
        for place, escaped in self.dense:
            lengths[place] = escaped.str.len_bytes().fill_null(0).to_numpy()
        return lengths

    def escaped(self) -> tuple[npt.NDArray[np.int64], pl.Series] | None:
        """The numbers of the dirty cells and their escaped texts; None if all are clean."""
        found = [(np.arange(place.start, place.stop), escaped) for place, escaped in self.dense]
        if len(self.hits):
            counts = np.diff(self.bounds)
            dirty = np.flatnonzero(counts)
            taken = self.array.take(pa.array(dirty))
            moved = np.repeat(offsets_of(taken)[:-1] - self.offsets[dirty], counts[dirty])
            texts = _escape_found(taken, self.hits + moved, np.append(0, np.cumsum(counts[dirty])))
            found.append((dirty, pl.Series(texts)))
        if not found:
            return None
        return np.concatenate([numbers for numbers, _ in found]), pl.concat([texts for _, texts in found])


def contiguous(cells: pl.Series) -> pa.LargeStringArray:
    """``cells`` as one Arrow array over one buffer; by pyarrow's cast, which is quicker than polars'."""
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


def _find(data: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Compares a cache-sized piece at a time into two reused masks; control bytes only where there are any."""
    masks = getattr(_MASKS, "pair", None)
    if masks is None:
        masks = _MASKS.pair = (np.zeros(_SCAN_BYTES, bool), np.zeros(_SCAN_BYTES, bool))
    found = []
    for start in range(0, len(data), _SCAN_BYTES):
        piece = data[start : start + _SCAN_BYTES]
        hit, other = masks[0][: len(piece)], masks[1][: len(piece)]
        np.equal(piece, 34, out=hit)
        np.logical_or(hit, np.equal(piece, 92, out=other), out=hit)
        if piece.min() < 32:  # noqa: PLR2004 - the first printable byte
            np.logical_or(hit, np.less(piece, 32, out=other), out=hit)
        positions = np.flatnonzero(hit)
        if len(positions):
            found.append(positions + start)
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _per_cell(values: npt.NDArray[np.int64], bounds: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The sum of the values of each cell's hits."""
    sums: npt.NDArray[np.int64] = np.diff(np.append(0, np.cumsum(values))[bounds])
    return sums


def _escape_found(
    array: pa.LargeStringArray, hits: npt.NDArray[np.int64], bounds: npt.NDArray[np.int64]
) -> pa.LargeStringArray:
    """One replace over all bytes, and offsets moved by what was put in before each cell."""
    data = bytes_of(array)
    codes = data[hits]
    ends = offsets_of(array).copy()
    ends[1:] += np.cumsum(_per_cell(_GROWTH[codes], bounds))
    return pa.LargeStringArray.from_buffers(len(array), pa.py_buffer(ends), pa.py_buffer(_replace(data, hits, codes)))


def _replace(
    data: npt.NDArray[np.uint8], hits: npt.NDArray[np.int64], codes: npt.NDArray[np.uint8]
) -> bytes | bytearray:
    if _GROWTH[codes].max() > 1:
        text = data.tobytes().replace(b"\\", _ESCAPES[92])
        for code in np.unique(codes[codes != 92]).tolist():  # noqa: PLR2004 - the backslash, done first
            text = text.replace(bytes((code,)), _ESCAPES[code])
        return text
    marked = bytearray(data)
    np.frombuffer(marked, np.uint8)[hits] = 1
    escaped = marked.replace(b"\x01", b"\\\x01")
    np.frombuffer(escaped, np.uint8)[hits + np.arange(1, len(hits) + 1)] = _LETTER[codes]
    return escaped


def _escape_all(cells: pl.Series) -> pl.Series:
    """The engine writes ``{"cell":"…"}`` for each cell, and views into that text skip the wrapping; nulls stay null."""
    return cells.to_frame("cell").select(_AS_JSON).to_series()
