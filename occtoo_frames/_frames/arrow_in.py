"""From Arrow to polars, column by column: types that the engine bends, or at which it panics, are changed or refused.

Takes an Arrow column, gives a polars Series and its flaws. A date in milliseconds becomes a date, a decimal of negative
scale one of scale 0, and a datetime whose offset the engine has no zone for, such as ``+05:30``, becomes its text: the
offset is the same for every value, and the text is what would be sent.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from occtoo_frames._frames.source import Flaw
from occtoo_frames._frames.taken import Taken, refused

_MOST_DIGITS = 38
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?")


def take_arrow(name: str, column: pa.Array | pa.ChunkedArray) -> Taken:
    """The Arrow ``column`` as the engine holds it."""
    target = engine_type(column.type)
    if target is None:
        return refused(name, len(column), unreadable(column.type))
    try:
        mended, flaws = mend(name, column, target)
        return Taken(pl.Series(name, mended), flaws)
    except (pa.ArrowException, pl.exceptions.PolarsError) as error:
        said = str(error).splitlines()[0]
        return refused(name, len(column), f"{column.type} cannot be read ({said}): cast the column")


def unreadable(kind: pa.DataType) -> str:
    """What is said of a column of a type that has no ``engine_type``."""
    return f"{kind} cannot be read: cast the column first"


def engine_type(kind: pa.DataType) -> pa.DataType | None:
    """The type in which the engine holds exactly what ``kind`` holds: nearly always itself; None if there is none."""
    if _is_odd_offset(kind):
        return pa.large_string()
    return inside(kind, _engine_scalar)


def inside(kind: pa.DataType, change: Callable[[pa.DataType], pa.DataType | None]) -> pa.DataType | None:
    """``kind`` with ``change`` done to the types that it is made of; itself if none changes, None if one is None."""
    if pa.types.is_dictionary(kind):
        values = inside(kind.value_type, change)
        return change(kind) if values == kind.value_type else values
    if not pa.types.is_nested(kind):
        return change(kind)
    if _is_exotic(kind):
        return None
    fields = [kind.field(position) for position in range(kind.num_fields)]
    kinds = [inside(field.type, change) for field in fields]
    if None in kinds:
        return None
    if all(new == field.type for new, field in zip(kinds, fields, strict=True)):
        return kind
    return _rebuilt(kind, [field.with_type(new) for field, new in zip(fields, kinds, strict=True)])


def _rebuilt(kind: pa.DataType, fields: list[pa.Field]) -> pa.DataType | None:
    if pa.types.is_struct(kind):
        return pa.struct(fields)
    if pa.types.is_list(kind):
        return pa.list_(fields[0])
    if pa.types.is_large_list(kind):
        return pa.large_list(fields[0])
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(fields[0], kind.list_size)
    return None


def _is_exotic(kind: pa.DataType) -> bool:
    is_view = pa.types.is_list_view(kind) or pa.types.is_large_list_view(kind)
    return bool(is_view or pa.types.is_union(kind) or pa.types.is_run_end_encoded(kind))


def _engine_scalar(kind: pa.DataType) -> pa.DataType | None:
    if pa.types.is_date64(kind):
        return pa.date32()
    if pa.types.is_decimal(kind) and kind.scale < 0:
        digits = kind.precision - kind.scale
        return pa.decimal128(digits, 0) if digits <= _MOST_DIGITS else None
    if pa.types.is_timestamp(kind) and kind.tz == "Z":
        return pa.timestamp(kind.unit, "UTC")
    refuse = (
        pa.types.is_decimal256(kind)
        or pa.types.is_interval(kind)
        or _is_exotic(kind)
        or (pa.types.is_timestamp(kind) and not _is_known(kind.tz))
    )
    return None if refuse else kind


@cache
def _is_known(zone: str | None) -> bool:
    """Whether the engine has this time zone."""
    try:
        pl.Series(pa.array([], pa.timestamp("us", zone)))
    except pl.exceptions.PolarsError:
        return False
    return True


def _is_odd_offset(kind: pa.DataType) -> bool:
    return pa.types.is_timestamp(kind) and not _is_known(kind.tz) and _OFFSET.fullmatch(kind.tz) is not None


def mend(name: str, column: pa.Array | pa.ChunkedArray, target: pa.DataType) -> tuple[Any, tuple[Flaw, ...]]:
    """``column`` as its ``engine_type``, and flaws of what does not fit in there.

    Raises:
        pyarrow.ArrowException: Values that their own type does not allow.
    """
    if target == column.type:
        return column, ()
    if not _is_odd_offset(column.type):
        return column.cast(target), ()
    moments = pl.Series(name, column.cast(pa.timestamp(column.type.unit, "UTC")))
    texts = _with_offset(moments, column.type.tz)
    beyond = np.flatnonzero((texts.is_null() & moments.is_not_null()).to_numpy())
    return texts.alias("").to_arrow().cast(target), _beyond(name, moments, beyond)


def _beyond(name: str, moments: pl.Series, rows: npt.NDArray[np.intp]) -> tuple[Flaw, ...]:
    if not len(rows):
        return ()
    shown = tuple(map(str, moments.to_physical().gather(rows)))
    message = f"a date beyond the years 1 to 9999, counted from 1970 in {moments.dtype}"
    return (Flaw(name, "value-type", message, rows.astype(np.int64), shown),)


_UNITS = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799
"""0001-01-01T00:00:00 and 9999-12-31T23:59:59, from 1970 on."""


def _with_offset(moments: pl.Series, zone: str) -> pl.Series:
    """ISO 8601 of instants at a constant offset, trimmed as all datetimes are; null beyond years of four digits."""
    found = _OFFSET.fullmatch(zone)
    assert found is not None  # noqa: S101 - for the type checker
    sign, hours, minutes = found[1], found[2], found[3] or "00"
    seconds = int(f"{sign}1") * (int(hours) * 3_600 + int(minutes) * 60)
    a_second = _UNITS[moments.dtype.time_unit]  # type: ignore[attr-defined]  # it is a Datetime
    low = max((_FIRST_SECOND - seconds) * a_second, -(1 << 63) - min(seconds * a_second, 0))
    high = min((_LAST_SECOND + 1 - seconds) * a_second - 1, (1 << 63) - 1 - max(seconds * a_second, 0))
    physical = moments.to_physical()
    kept = pl.select(pl.when(physical.is_between(low, high)).then(physical + seconds * a_second)).to_series()
    text = kept.cast(pl.Datetime(moments.dtype.time_unit)).dt.to_string("%Y-%m-%dT%H:%M:%S%.9f")  # type: ignore[attr-defined]
    return text.str.strip_chars_end("0").str.strip_suffix(".") + f"{sign}{hours}:{minutes}"
