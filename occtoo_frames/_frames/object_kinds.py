"""How columns of Python objects of one kind are taken: exactly, or with a flaw for each cell that no type can hold.

Each function takes an object column whose missing cells are None, gives a polars Series and its flaws. Where Arrow
guesses a type that is too small (microseconds for nanoseconds) or too large (decimals of 76 digits), the type is said.
"""

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import MAXYEAR, MINYEAR, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pyarrow as pa

from occtoo_frames._frames import own_texts
from occtoo_frames._frames.arrow_in import as_series, take_arrow
from occtoo_frames._frames.taken import Mask, Taken, flawed, mask_of, refused

Take = Callable[[str, "pd.Series[Any]"], Taken]
_SURROGATES = "[\ud800-\udfff]"
_INT64 = pd.Interval(-(2**63), 2**63 - 1, closed="both")
_UNEVEN = ("value-type", f"a datetime {own_texts.UNEVEN}: convert it to UTC")
_BENT = ("value-type", "a number among floats that no float can hold exactly: convert the column to Decimal or text")
_MOST_DIGITS = 38
_MOST_DAYS = 106_751_990
"""What microseconds in 64 bits hold."""


def as_python(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """``values`` with numpy's scalars as the Python objects, or pandas', that mean the same.

    Floats of 16 and 32 bits mean their own shortest digits, as they do in columns of their type.
    """
    scalars = (np.integer, np.float16, np.float32, np.datetime64, np.timedelta64)
    if not _holds(values, scalars):
        return values
    objects = np.empty(len(values), dtype=object)
    objects[:] = [_plain(value) if isinstance(value, scalars) else value for value in values]
    return pd.Series(objects, dtype=object)


def _plain(value: Any) -> Any:
    if isinstance(value, np.float16 | np.float32):
        return float(np.format_float_scientific(value))
    if not isinstance(value, np.datetime64 | np.timedelta64):
        return int(value)
    if pd.isna(value):
        return None
    plain = value.item()
    if isinstance(plain, date) and not isinstance(plain, datetime):
        return plain
    try:
        return pd.Timestamp(value) if isinstance(value, np.datetime64) else pd.Timedelta(value)
    except (ValueError, OverflowError):  # years of no fixed length, or moments beyond what pandas reaches
        return value


def take_text(name: str, values: "pd.Series[Any]") -> Taken:
    """The column of Python texts; lone surrogates become flaws, since no UTF-8 can hold them."""
    try:
        return Taken(as_series(name, pa.array(values, pa.large_string(), from_pandas=True)))
    except UnicodeEncodeError:
        found = values.astype(object).str.contains(_SURROGATES, regex=True, na=False)
    odd = found.to_numpy(dtype=bool)
    message = "half of a surrogate pair, which no UTF-8 can hold"
    return take_without(take_text, name, values, odd, ("value-surrogate", message))


def take_integers(name: str, values: "pd.Series[Any]") -> Taken:
    """The column of integers, of at most 38 digits."""
    numbers = values.dropna()
    if numbers.min() in _INT64 and numbers.max() in _INT64:
        return Taken(pl.Series(name, pa.array(values, pa.int64(), from_pandas=True)))
    odd = (values.fillna(0).abs() >= 10**_MOST_DIGITS).to_numpy(dtype=bool)
    if odd.any():
        message = f"an integer of more than {_MOST_DIGITS} digits"
        return take_without(take_integers, name, values, odd, ("value-type", message))
    return Taken(pl.Series(name, pa.array(values, pa.decimal128(_MOST_DIGITS, 0), from_pandas=True)))


def take_floats(name: str, values: "pd.Series[Any]") -> Taken:
    """The column of floats, with integers that a float holds exactly."""
    try:
        floats = values.astype(float)
    except OverflowError:
        beyond = each(values, lambda number: abs(number) > sys.float_info.max)
        return take_without(take_floats, name, values, beyond, _BENT)
    present = values.notna()
    bent = present & (floats.where(present, 0.0).astype(object) != values.where(present, 0.0))
    rows = np.flatnonzero(bent.to_numpy(dtype=bool))
    series = pl.Series(name, floats.mask(bent).to_numpy()).fill_nan(None)
    return Taken(series, (flawed(name, *_BENT, rows, values),) if len(rows) else ())


def take_decimals(name: str, values: "pd.Series[Any]") -> Taken:
    """The column of decimals, with the scale that all of them need, and their texts if some need less."""
    taken = _take_decimals(name, values)
    own = own_texts.digits(name, _sound(values, taken))
    if own.equals(taken.series.cast(pl.String), null_equal=True):
        return taken
    return _with_own(taken, own, pl.Decimal(_MOST_DIGITS, 0))


def _take_decimals(name: str, values: "pd.Series[Any]") -> Taken:
    with suppress(pa.ArrowException, TypeError):  # which only hints at what is wrong
        column = pa.array(values, from_pandas=True)
        if pa.types.is_decimal128(column.type) and column.null_count == values.isna().sum():
            return take_arrow(name, column)
    endless = each(values, lambda number: not number.is_finite())
    if endless.any():
        return take_without(_take_decimals, name, values, endless, ("value-not-finite", "not a number"))
    long = each(values, lambda number: _digits(number) > _MOST_DIGITS)
    if long.any():
        message = f"a decimal of more than {_MOST_DIGITS} digits"
        return take_without(_take_decimals, name, values, long, ("value-type", message))
    column = pa.array(values, from_pandas=True)
    if pa.types.is_decimal256(column.type):
        message = (
            f"the longest whole part and the longest fraction of its decimals have {column.type.precision} digits "
            f"together, {_MOST_DIGITS} is the most: round them, or convert them to text"
        )
        return refused(name, len(values), message)
    return take_arrow(name, column)


def _digits(number: Decimal) -> int:
    """How many digits it takes to write the number without an exponent."""
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 - for the type checker; it is finite
    return max(len(digits), -exponent) if exponent < 0 else len(digits) + exponent


def take_datetimes(name: str, values: "pd.Series[Any]") -> Taken:
    """The column of datetimes, all with a zone or all without, and their texts if the zones are several."""
    if own_texts.have_uneven_offsets(values):
        uneven = each(values, lambda moment: own_texts.is_uneven(getattr(moment, "tzinfo", None)))
        return take_without(take_datetimes, name, values, uneven, _UNEVEN)
    taken = _take_datetimes(name, values)
    if not own_texts.have_several_zones(values):
        return taken
    own = own_texts.moments(name, _sound(values, taken))
    odd = own_texts.have_seconds_of_offset(own)
    if odd.any():
        return take_without(take_datetimes, name, values, odd.to_numpy(), _UNEVEN)
    return _with_own(taken, own, pl.Datetime("us", "UTC"))


def _take_datetimes(name: str, values: "pd.Series[Any]") -> Taken:
    """In nanoseconds if any has such."""
    if not _holds(values, pd.Timestamp):
        return take_other(name, values)
    beyond = each(values, lambda moment: not MINYEAR <= getattr(moment, "year", MINYEAR) <= MAXYEAR)
    if beyond.any():  # pandas reaches further than Python, and Arrow takes another date without a word
        message = "a date beyond the years 1 to 9999: replace it by one that was meant, or by null"
        return take_without(_take_datetimes, name, values, beyond, ("value-type", message))
    fine = each(values, lambda moment: bool(getattr(moment, "nanosecond", 0)))
    if not fine.any():
        return take_other(name, values)
    zone = pa.array([values.to_numpy(dtype=object)[fine][0]]).type.tz
    return take_other(name, values, pa.timestamp("ns", zone))


def take_durations(name: str, values: "pd.Series[Any]") -> Taken:
    """The column of durations, in nanoseconds if any has such."""
    beyond = each(values, lambda span: abs(getattr(span, "days", 0)) > _MOST_DAYS)
    if beyond.any():  # some of which Arrow takes for nothing, without a word
        message = f"a duration of more than {_MOST_DAYS} days"
        return take_without(take_durations, name, values, beyond, ("value-type", message))
    fine = _holds(values, pd.Timedelta) and each(values, lambda span: bool(getattr(span, "nanoseconds", 0))).any()
    return take_other(name, values, pa.duration("ns") if fine else None)


def take_times(name: str, values: "pd.Series[Any]") -> Taken:
    """The column of times; those with a zone become flaws, since no type of time has one."""
    zoned = each(values, lambda moment: moment.tzinfo is not None)
    if not zoned.any():
        return take_other(name, values)
    message = "a time with a zone: convert it to a datetime, or to a time without"
    return take_without(take_times, name, values, zoned, ("value-type", message))


def take_other(name: str, values: "pd.Series[Any]", kind: pa.DataType | None = None) -> Taken:
    """The column as the type ``kind``, or as Arrow guesses it."""
    try:
        column = pa.array(values, kind, from_pandas=True)
    except (pa.ArrowException, UnicodeEncodeError, OverflowError, TypeError, ValueError) as error:
        return refused(name, len(values), f"its objects cannot be read ({type(error).__name__}): convert them to text")
    taken = take_arrow(name, column)
    lost = np.flatnonzero(values.notna().to_numpy(dtype=bool) & column.is_null().to_numpy(zero_copy_only=False))
    if not len(lost) or taken.flaws:
        return taken
    return Taken(taken.series, (flawed(name, "value-not-finite", "not a number", lost, values),))


def without(values: "pd.Series[Any]", mask: Mask) -> "pd.Series[Any]":
    """``values`` with None for the cells in ``mask``."""
    if not mask.any():
        return values
    cells = values.to_numpy(dtype=object, copy=True)
    cells[mask] = None
    return pd.Series(cells, dtype=object)


def _with_own(taken: Taken, own: pl.Series, kind: pl.DataType) -> Taken:
    """``taken`` with its ``own`` texts; a column that no type has room for is still said to be of a ``kind``."""
    series = taken.series
    return replace(taken, series=series.cast(kind) if series.dtype == pl.Null else series, own=own)


def _sound(values: "pd.Series[Any]", taken: Taken) -> "pd.Series[Any]":
    """``values`` with None for the cells that have a flaw."""
    for flaw in taken.flaws:
        if flaw.rows is not None:
            values = without(values, mask_of(flaw.rows, len(values)))
    return values


def each(values: "pd.Series[Any]", asked: Any) -> Mask:
    """Which of the present cells are what is ``asked``."""
    cells: npt.NDArray[np.object_] = values.to_numpy(dtype=object)
    return np.fromiter((cell is not None and asked(cell) for cell in cells), bool, len(cells))


def _holds(values: "pd.Series[Any]", kinds: type | tuple[type, ...]) -> bool:
    """Whether any cell is of ``kinds``."""
    return any(issubclass(kind, kinds) for kind in set(map(type, values.to_numpy(dtype=object))))


def take_without(take: Take, name: str, values: "pd.Series[Any]", odd: Mask, said: tuple[str, str]) -> Taken:
    """What ``take`` makes of the cells that are not ``odd``; ``said`` is the rule and the message of the others."""
    rows = np.flatnonzero(odd)
    rest = take(name, without(values, odd))
    return replace(rest, flaws=(flawed(name, *said, rows, values), *rest.flaws))
