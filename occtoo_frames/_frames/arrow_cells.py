"""Cells that Arrow hands over although their own type does not allow them: null from here on, and flaws.

Takes and gives an Arrow column. Arrow's columns are memory that somebody filled, a driver or a file's reader, and Arrow
itself does not look into it. Nor does the engine: it sends bytes that are no UTF-8 as they are, or panics at them, and
it counts seconds in milliseconds, which may go round past the largest number and become another year. Lists and
categories are looked into; their flaws are those of the cells that hold such an element.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from occtoo_frames._frames.arrow_types import inside, without_dictionary
from occtoo_frames._frames.source import Flaw
from occtoo_frames._frames.utf8 import misspelt

Column: TypeAlias = "pa.Array | pa.ChunkedArray"
Rows = npt.NDArray[np.int64]

_MOST_SECONDS = (2**63 - 1) // 1_000
_DAY_MS = 86_400_000
_MOST_DAYS = 2**31 - 1
_DAYS = {
    pa.time32("s"): 86_400,
    pa.time32("ms"): _DAY_MS,
    pa.time64("us"): _DAY_MS * 1_000,
    pa.time64("ns"): _DAY_MS * 1_000_000,
}


def without_odd(name: str, column: Column) -> tuple[Column, tuple[Flaw, ...]]:
    """``column`` with nulls for the cells that its type does not allow, and their flaws; nearly always as it is.

    A column with such cells comes without its categories, since one of them may be the odd text.
    """
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    found, start = dict[_Kind, list[Rows]](), 0
    for chunk in chunks:
        for kind, rows in _odd(chunk):
            found.setdefault(kind, []).append(rows + start)
        start += len(chunk)
    if not found:
        return column, ()
    cells = {kind: np.concatenate(parts) for kind, parts in found.items()}
    flaws = (Flaw(name, kind.rule, kind.message, rows, _shown(column, rows)) for kind, rows in cells.items())
    return _nulled(column, np.unique(np.concatenate(list(cells.values())))), tuple(
        flaw for flaw in flaws if len(flaw.values)
    )


def decoded(column: Column, kind: pa.DataType) -> Column:
    """``column`` cast to ``kind``; categories that are lists too, which Arrow decodes and does not cast."""
    if not pa.types.is_dictionary(column.type) or pa.types.is_dictionary(kind):
        return column.cast(kind)
    if isinstance(column, pa.ChunkedArray):
        return pa.chunked_array([decoded(chunk, kind) for chunk in column.chunks], kind)
    return column.dictionary_decode().cast(kind)


def is_bent(kind: pa.DataType) -> bool:
    """Whether the engine makes something else of odd cells of the type ``kind`` without a word, from a file as well."""
    return bool(pa.types.is_time(kind) or kind == pa.duration("s"))


@dataclass(frozen=True, slots=True)
class _Kind:
    """One way in which a cell may be odd.

    Attributes:
        has: Whether cells of a type may be odd in this way.
        find: Which cells of an array of such a type are, ascending.
    """

    rule: str
    message: str
    has: Callable[[pa.DataType], bool]
    find: Callable[[pa.Array], Rows]


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _numbers(array: pa.Array) -> npt.NDArray[np.integer[Any]]:
    """What moments, dates or times are counted in; 0 for nulls, which is none of the odd ones."""
    counted = pc.fill_null(array.view(_counted(array.type)), 0)
    numbers: npt.NDArray[np.integer[Any]] = counted.to_numpy(zero_copy_only=False)
    return numbers


def _far_seconds(array: pa.Array) -> Rows:
    seconds = _numbers(array)
    return np.flatnonzero((seconds > _MOST_SECONDS) | (seconds < -_MOST_SECONDS))


def _no_days(array: pa.Array) -> Rows:
    days, rest = np.divmod(_numbers(array), _DAY_MS)
    return np.flatnonzero((rest != 0) | (days > _MOST_DAYS) | (days < -_MOST_DAYS))


def _outside_a_day(array: pa.Array) -> Rows:
    times = _numbers(array)
    return np.flatnonzero((times < 0) | (times >= _DAYS[array.type]))


_KINDS = (
    _Kind("value-surrogate", "bytes that are no UTF-8, so no text", _is_text, misspelt),
    _Kind(
        "value-type",
        "a date beyond any calendar, counted in seconds from 1970",
        lambda kind: pa.types.is_timestamp(kind) and kind.unit == "s",
        _far_seconds,
    ),
    _Kind(
        "value-type",
        "a duration of more than 292 million years, counted in seconds",
        lambda kind: kind == pa.duration("s"),
        _far_seconds,
    ),
    _Kind(
        "value-type",
        "a date that is no whole day, or beyond any calendar, counted in milliseconds from 1970",
        pa.types.is_date64,
        _no_days,
    ),
    _Kind("value-type", "a time that is not within a day, counted from midnight", pa.types.is_time, _outside_a_day),
)


def _odd(array: pa.Array) -> Iterator[tuple[_Kind, Rows]]:
    """The rows of each kind of odd cell, ascending; those of lists and categories by what they hold."""
    kind = array.type
    if not pa.types.is_nested(kind) and not pa.types.is_dictionary(kind):
        for found in _KINDS:
            if found.has(kind) and len(odd := found.find(array)):
                yield found, odd
    elif pa.types.is_dictionary(kind):
        for found, categories in _odd(array.dictionary):
            used = pc.is_in(array.indices, value_set=pa.array(categories, kind.index_type))
            yield found, np.flatnonzero(used)
    elif pa.types.is_struct(kind):
        for field in array.flatten():
            yield from _odd(field)
    elif pa.types.is_map(kind):
        yield from _odd(array.cast(pa.list_(pa.struct([kind.key_field, kind.item_field]))))
    else:  # lists of all sorts
        for found, elements in _odd(array.flatten()):
            lengths = pc.fill_null(pc.list_value_length(array), 0)
            yield found, np.unique(np.repeat(np.arange(len(array)), lengths)[elements])


def _nulled(column: Column, rows: Rows) -> Column:
    odd = np.zeros(len(column), bool)
    odd[rows] = True
    return _plain(column).take(pa.array(np.arange(len(column)), mask=odd))


def _plain(column: Column) -> Column:
    """``column`` without categories and views, so that Arrow can choose among its cells, and none is left behind."""
    return decoded(column, inside(column.type, _plain_type))


def _plain_type(kind: pa.DataType) -> pa.DataType:
    return pa.large_string() if pa.types.is_string_view(kind) else without_dictionary(kind)


def _shown(column: Column, rows: Rows) -> tuple[str, ...]:
    """What the cells hold, for people: texts with the escapes of what is none, moments as they are counted."""
    cells = _plain(column).take(pa.array(rows))
    raw = inside(cells.type, _raw_type)
    return tuple(str(_spelled(cell)) for cell in cells.cast(raw).to_pylist()) if raw else ("",) * len(rows)


def _raw_type(kind: pa.DataType) -> pa.DataType:
    if _is_text(kind):
        return pa.large_binary()
    return _counted(kind) if pa.types.is_temporal(kind) else kind


def _counted(kind: pa.DataType) -> pa.DataType:
    """The integers in which moments, dates and times are counted."""
    return pa.int32() if kind.bit_width == 32 else pa.int64()  # noqa: PLR2004 - bits


def _spelled(cell: Any) -> Any:
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "backslashreplace")
    if isinstance(cell, list):
        return [_spelled(element) for element in cell]
    return {name: _spelled(field) for name, field in cell.items()} if isinstance(cell, dict) else cell
