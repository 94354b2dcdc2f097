"""Text to timestamps and dates: every ISO-8601 spelling a server may use, exactly or with the first bad one named.

Takes a column of text, gives a column of the type asked for. Text without an offset is taken as UTC. Years are those of
Python's calendar, 1 to 9999: Arrow and polars hold more, and nobody could look at them.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from occtoo_frames._read.values import BreachError, described

_UNITS = {"ms": 3, "us": 6, "ns": 9}
_FIRST_S = (date.min - date(1970, 1, 1)).days * 86_400
_END_S = ((date.max - date(1970, 1, 1)).days + 1) * 86_400
"""From the first second of the calendar to the one after its last."""


def cast_times(batch: pa.RecordBatch, times: Mapping[str, pl.Datetime]) -> pa.RecordBatch:
    """The record batch with its columns of text cast that hold nothing but well-spelt times; the others stay text."""
    for name, dtype in times.items():
        position = batch.schema.get_field_index(name)
        with suppress(pa.ArrowInvalid):
            batch = batch.set_column(position, name, on_calendar(batch.column(position).cast(_arrow(dtype))))
    return batch


def on_calendar(moments: pa.Array) -> pa.Array:
    """The moments, all of them in the years of the calendar.

    Raises:
        pa.ArrowInvalid: One is beyond.
    """
    if moments.type.unit == "ns":
        return moments  # which spans three centuries
    ends, second = pc.min_max(moments.view(pa.int64())), 10 ** _UNITS[moments.type.unit]
    low, high = ends["min"].as_py(), ends["max"].as_py()
    if low is not None and (low < _FIRST_S * second or high >= _END_S * second):
        raise pa.ArrowInvalid("a moment is beyond any calendar")
    return moments


def to_temporal(texts: pl.Series, dtype: pl.DataType) -> pl.Series:
    """``texts`` as ``dtype`` (Datetime or Date).

    Raises:
        BreachError: A text is no such time, or has a finer fraction than the type holds.
    """
    if not isinstance(dtype, pl.Datetime):
        return _as_dates(texts, dtype)
    target = _arrow(dtype)
    column = _cast(texts, target)
    if column is None:
        normal = _normal(texts, _UNITS[dtype.time_unit])
        column = _cast(normal, target)
        if column is None:
            raise BreachError(texts[_first_bad(normal, target)], described(dtype))
    return pl.Series(texts.name, column, dtype=dtype)


def _arrow(dtype: pl.Datetime) -> pa.DataType:
    return pa.timestamp(dtype.time_unit, dtype.time_zone)


def _as_dates(texts: pl.Series, dtype: pl.DataType) -> pl.Series:
    days = texts.str.strip_suffix("Z").str.replace(r"[T ]00:00:00(\.0+)?([+-]00:?00)?$", "")
    parsed = days.str.to_date("%Y-%m-%d", strict=False)
    bad = texts.filter(~parsed.is_between(date.min, date.max).fill_null(value=False) & texts.is_not_null())
    if len(bad):
        raise BreachError(bad[0], described(dtype))
    return parsed


def _cast(texts: pl.Series, target: pa.DataType) -> pa.Array | None:
    try:
        return on_calendar(texts.to_arrow().cast(pa.string()).cast(target))
    except pa.ArrowInvalid:
        return None


def _normal(texts: pl.Series, digits: int) -> pl.Series:
    """Zeros beyond the unit's digits dropped, bare days given a time, missing offsets given as ``Z``."""
    days = texts.str.to_uppercase().str.replace(r"^(\d{4}-\d\d-\d\d)$", "${1}T00:00:00")
    fractions = days.str.replace(rf"(\.\d{{{digits}}})0+(Z|[+-]\d\d:?\d\d)?$", "${1}${2}")
    return fractions.str.replace(r"^(\d{4}-\d\d-\d\d[T ][\d:.]+)$", "${1}Z")


def _first_bad(texts: pl.Series, target: pa.DataType) -> int:
    """Where the first text that cannot be read stands: found by halving."""
    low, high = 0, len(texts)
    while high - low > 1:
        middle = (low + high) // 2
        if _cast(texts[low:middle], target) is None:
            high = middle
        else:
            low = middle
    return low
