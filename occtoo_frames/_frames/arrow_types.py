"""The types of Arrow columns: which the engine holds as they are, as another type, or not at all.

Takes and gives types, and looks at no values. A date in milliseconds becomes a date, a decimal of negative scale one of
scale 0, and a datetime whose offset the engine has no zone for, such as ``+05:30``, becomes its text.
"""

import re
from collections.abc import Callable
from functools import cache

import polars as pl
import pyarrow as pa

_MOST_DIGITS = 38
OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?")
"""A time zone that is the same for every value."""


def unreadable(kind: pa.DataType) -> str:
    """What is said of a column of a type that has no ``engine_type``."""
    return f"{kind} cannot be read: cast the column first"


def engine_type(kind: pa.DataType) -> pa.DataType | None:
    """The type in which the engine holds exactly what ``kind`` holds: nearly always itself; None if there is none."""
    if is_odd_offset(kind):
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


def is_odd_offset(kind: pa.DataType) -> bool:
    """Whether it is a datetime at an offset that the engine has no zone for."""
    return pa.types.is_timestamp(kind) and not _is_known(kind.tz) and OFFSET.fullmatch(kind.tz) is not None


def without_dictionary(kind: pa.DataType) -> pa.DataType:
    """What a category stands for; done ``inside`` a type, the type without categories."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind


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
    is_void = pa.types.is_fixed_size_list(kind) and kind.list_size == 0  # one that is null ends the process
    return bool(is_view or is_void or pa.types.is_union(kind) or pa.types.is_run_end_encoded(kind))


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
