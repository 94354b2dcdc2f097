"""A filter's values: as the property holds them, and as the platform's filters spell them."""

import re
from datetime import UTC, date, datetime, time
from decimal import Context, Decimal, InvalidOperation
from functools import cache
from math import isfinite, isnan
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from occtoo_frames._given import is_list
from occtoo_frames.exceptions import ConfigurationError


def typed_value(value: Any, dtype: Any, name: str) -> Any:
    """``value`` as the property holds it.

    Raises:
        ConfigurationError: It cannot be one of its values.
    """
    if value is None:
        return None
    try:
        typed = _convert(_plain(value), dtype)
    except (ValueError, InvalidOperation, TypeError, OverflowError):
        typed = None
    if typed is None:
        ends = "; of.between(low, None) leaves an end open" if _is_endless(value) else ""
        raise ConfigurationError(f"{_shown(value)} cannot be a value of {name!r}, which is {dtype}{ends}")
    return typed


def listed(value: object) -> list[object]:
    """The values that are asked for, one or a list or column of them; in pandas a NaN is no value."""
    if not is_list(value):
        return [value]
    if isinstance(value, pd.Series | pd.Index) and not isinstance(value, pd.MultiIndex):  # of which no value is missing
        return [None if missing else item for item, missing in zip(value, pd.isna(value), strict=True)]
    return value.to_pylist() if isinstance(value, pa.Array | pa.ChunkedArray) else list(value)


def is_missing(value: Any, dtype: Any) -> bool:
    """True for what stands for no value in pandas: ``None``, ``NA``, ``NaT``, and a NaN where no number can be."""
    if isinstance(value, float | np.floating):
        return isnan(value) and not dtype.is_numeric()
    return value is None or value is pd.NA or value is pd.NaT or _is_no_moment(value)


def _is_no_moment(value: Any) -> bool:
    return isinstance(value, np.datetime64) and bool(np.isnat(value))


def _plain(value: Any) -> Any:
    """A value of numpy as Python has it.

    Raises:
        ValueError: It is a moment that Python does not have: finer than a microsecond, or no moment at all.
    """
    plain = value.item() if hasattr(value, "item") and not isinstance(value, datetime) else value
    if not isinstance(value, np.datetime64) or not isinstance(plain, int):
        return plain
    moment = value.astype("datetime64[us]")  # in nanoseconds numpy gives numbers
    if moment.astype(value.dtype) != value:
        raise ValueError("not exact")
    return moment.item()


def _is_endless(value: Any) -> bool:
    return isinstance(value, float | Decimal) and Decimal(value).is_infinite()


def _shown(value: Any) -> str:
    """The value, if it is not too long to be read."""
    if isinstance(value, int) and value.bit_length() > _SHOWN:
        return f"a whole number of {value.bit_length():,} bits"
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


_SHOWN = 200


def _convert(value: Any, dtype: pl.DataType) -> Any:
    if isinstance(dtype, pl.String):
        return _as_text(value)
    if isinstance(dtype, pl.Boolean):
        return {"true": True, "false": False}.get(str(value).lower())
    if isinstance(dtype, pl.Datetime):
        return _within(_moment(value), dtype)
    if isinstance(dtype, pl.Date):
        return _day(value)
    return _number(value, dtype) if dtype.is_numeric() and not isinstance(value, bool) else None


def _number(value: Any, dtype: pl.DataType) -> int | float | Decimal | None:
    """A finite number that the type holds exactly; None if it is none."""
    number = Decimal(str(value))
    if not number.is_finite():
        return None
    if dtype.is_float():
        return float(number) if isfinite(float(number)) else None
    if isinstance(dtype, pl.Decimal):
        room = Context(prec=dtype.precision)
        scaled = number.quantize(Decimal(1).scaleb(-dtype.scale), context=room)
        return scaled.normalize(room) if scaled == number else None  # rounded, it would match another value
    if number.adjusted() > _LONGEST or number != number.to_integral_value():
        return None
    low, high = _ends(dtype)
    return int(number) if low <= number <= high else None


@cache
def _ends(dtype: Any) -> tuple[int, int]:
    """The least and the greatest number of an integer type."""
    low, high = pl.select(low=dtype.min(), high=dtype.max()).row(0)
    return low, high


_LONGEST = 40
"""No integer type holds as many digits; a number such as 1e999999999 is not written out to find that."""


def _as_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float | Decimal):
        return None
    if isinstance(value, float | Decimal) and not Decimal(value).is_finite():
        return None
    text = _as_pushed(value)
    text.encode()
    return text


def _as_pushed(value: str | float | Decimal) -> str:
    """A text, or a number as a push writes it: never with an exponent, a float with its ``.0``."""
    if isinstance(value, float):
        return np.format_float_positional(value, unique=True, trim="0")
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _day(value: Any) -> date | None:
    """A day; of a moment, if it is the first one of a day in UTC: cut off, its time would match another value."""
    if isinstance(value, str):
        return date.fromisoformat(value)
    if not isinstance(value, datetime):
        return value if isinstance(value, date) else None
    moment = _moment(value)
    return moment.date() if moment is not None and moment.time() == time.min else None


def _moment(value: Any) -> datetime | None:
    """A moment; without a zone it is taken as UTC, as everywhere in reading. None if it is finer than a microsecond."""
    if isinstance(value, str):
        value = None if _FINER.search(value) else datetime.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime) or not _is_real(value) or getattr(value, "nanosecond", None):
        return None
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


_FINER = re.compile(r"[.,]\d{6}\d*[1-9]", re.ASCII)
"""Python reads no more than microseconds of a text, and pandas' moments have a part for the rest."""


def _within(moment: datetime | None, dtype: pl.Datetime) -> datetime | None:
    """The moment, if the type holds it: nanoseconds span 292 years either side of 1970, and milliseconds are coarse."""
    if moment is None:
        return None
    far = dtype.time_unit == "ns" and abs(moment.year - 1970) > _NS_YEARS
    fine = dtype.time_unit == "ms" and moment.microsecond % 1000
    return None if far or fine else moment


_NS_YEARS = 291


def _is_real(day: date) -> bool:
    """False for pandas' NaT, which calls itself a datetime."""
    return isinstance(day.year, int)


def to_wire(value: Any) -> str:
    """A value as filters spell it: text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, float | Decimal):
        return format(Decimal(repr(value)) if isinstance(value, float) else value, "f")
    return str(value)
