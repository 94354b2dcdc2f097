"""Which texts of an Arrow array are no UTF-8, found at little more than the cost of reading their bytes.

Looking at each cell by itself costs as much as taking the column. So a run of many cells is looked at as if it were one
text: if that is UTF-8, and no cell begins in the middle of a character, then every cell is. Only what fails this is
looked at cell by cell, and may turn out to be sound: under a null there may be any bytes.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

_RUN = 1_024
_BLOCK = 65_536
_BEGINNING = 4_096
_FIRST_HEAD = -64
"""As a signed byte; those below, 0x80 to 0xBF, stand within a character and begin none."""


def misspelt(texts: pa.Array) -> npt.NDArray[np.int64]:
    """The positions of the cells of ``texts`` that are no UTF-8, ascending."""
    if pa.types.is_string_view(texts.type):
        texts = texts.cast(pa.large_binary())  # whose bytes stand one behind another
    blocks = range(0, 0 if _is_sound(texts) else len(texts), _BLOCK)
    found = [_one_by_one(block) + start for start in blocks if not _is_sound(block := texts.slice(start, _BLOCK))]
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _is_sound(texts: pa.Array) -> bool:
    """True only if every cell is UTF-8."""
    _, offsets, data = texts.buffers()
    if data is None or not len(texts):
        return True
    width: Any = np.int32 if pa.types.is_string(texts.type) else np.int64
    ends = np.frombuffer(offsets, width)[texts.offset : texts.offset + len(texts) + 1]
    text = np.frombuffer(data, np.int8)
    if _is_ascii(text[ends[0] : ends[-1]]):
        return True
    heads = ends[: np.searchsorted(ends, ends[-1])]  # what follows are empty cells, where no more bytes may be
    if text.take(heads).min(initial=0) < _FIRST_HEAD:
        return False
    runs = np.append(ends[:-1:_RUN], ends[-1]).astype(np.int64)
    merged = pa.Array.from_buffers(pa.large_binary(), len(runs) - 1, [None, pa.py_buffer(runs), data])
    try:
        pl.Series(merged).cast(pl.String)
    except pl.exceptions.ComputeError:
        return False
    return True


def _is_ascii(text: npt.NDArray[np.int8]) -> bool:
    """Whether nothing else stands there; where something does, the beginning nearly always tells."""
    return text[:_BEGINNING].min(initial=0) >= 0 and (len(text) <= _BEGINNING or text.min() >= 0)


def _one_by_one(texts: pa.Array) -> npt.NDArray[np.int64]:
    cells = texts.cast(pa.large_binary()).to_pylist()
    return np.array([row for row, cell in enumerate(cells) if not _is_text(cell)], np.int64)


def _is_text(cell: bytes | None) -> bool:
    try:
        return cell is None or cell.decode() is not None
    except UnicodeDecodeError:
        return False
