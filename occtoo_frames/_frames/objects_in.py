"""From a pandas column of Python objects to polars, odd cells named.

Takes one object column, gives a polars Series and its flaws. Arrow would drop or bend some objects without a word
(the time of a datetime among dates, the zone of one among naive datetimes, ``Decimal("NaN")``), so the kinds of
objects are counted first: the most frequent one is taken, cells of others become flaws.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pyarrow as pa

from occtoo_frames._frames.source import Flaw

_SURROGATES = "[\ud800-\udfff]"
_INT64 = pd.Interval(-(2**63), 2**63 - 1, closed="both")
_MOST_DIGITS = 38

_KINDS: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("text", (str,)),
    ("boolean", (bool, np.bool_)),
    ("decimal", (Decimal,)),
    ("integer", (Integral,)),
    ("float", (Real,)),
    ("datetime", (datetime, np.datetime64)),
    ("date", (date,)),
    ("time", (time,)),
    ("duration", (timedelta, np.timedelta64)),
    ("list", (list, tuple, np.ndarray)),
)

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Taken:
    """One column as the engine holds it, and what it could not hold."""

    series: pl.Series
    flaws: tuple[Flaw, ...] = ()


def take_objects(name: str, values: "pd.Series[Any]") -> Taken:
    """The column ``values`` of Python objects."""
    if pd.api.types.infer_dtype(values, skipna=True) == "string":  # nearly all are: one look instead of several
        with suppress(pa.ArrowException):
            return take_text(name, values)
    missing = values.isna().to_numpy(dtype=bool)
    present = values.to_numpy(dtype=object)[~missing]
    names = {kind: _kind_name(kind) for kind in set(map(type, present))}
    kinds = set(names.values())
    if not kinds:
        return Taken(pl.Series(name, [None] * len(values), dtype=pl.Null))
    if kinds == {"integer", "float"}:
        return _take_floats(name, values)
    odd = _odd_zones(present) if kinds == {"datetime"} else _odd_kinds(present, names)
    if not odd.any():
        return _TAKE.get(kinds.pop(), _take_other)(name, values.mask(missing, None))
    rows = np.flatnonzero(~missing)[odd]
    column = take_objects(name, values.mask(_mask(rows, len(values)), None))
    message = "its kind of object is not that of most others in the column: convert the column to one kind"
    return Taken(column.series, (_flaw(name, "value-type", message, rows, values), *column.flaws))


def _kind_name(kind: type) -> str:
    return next((name for name, types in _KINDS if issubclass(kind, types)), kind.__name__)


def _odd_kinds(present: npt.NDArray[np.object_], names: dict[type, str]) -> Mask:
    if len(set(names.values())) == 1:
        return np.zeros(len(present), bool)
    types = pd.Series(list(map(type, present))).map(names)
    return (types != types.mode().iloc[0]).to_numpy(dtype=bool)


def _odd_zones(present: npt.NDArray[np.object_]) -> Mask:
    """Naive datetimes among ones with a zone, or the other way round, whichever are fewer."""
    naive = pd.Series(present, dtype=object).map(lambda moment: getattr(moment, "tzinfo", None) is None)
    return (naive != (naive.mean() >= 0.5)).to_numpy(dtype=bool)  # noqa: PLR2004 - the greater half


def take_text(name: str, values: "pd.Series[Any]") -> Taken:
    """The column of Python texts; lone surrogates become flaws, since no UTF-8 can hold them."""
    try:
        return Taken(pl.Series(name, pa.array(values, pa.large_string(), from_pandas=True)))
    except UnicodeEncodeError:
        found = values.astype(object).str.contains(_SURROGATES, regex=True, na=False)
    rows = np.flatnonzero(found.to_numpy(dtype=bool))
    rest = take_text(name, values.mask(found.to_numpy(dtype=bool), None))
    message = "half of a surrogate pair, which no UTF-8 can hold"
    return Taken(rest.series, (_flaw(name, "value-surrogate", message, rows, values),))


def _take_integers(name: str, values: "pd.Series[Any]") -> Taken:
    numbers = values.dropna()
    if numbers.min() in _INT64 and numbers.max() in _INT64:
        return Taken(pl.Series(name, pa.array(values, pa.int64(), from_pandas=True)))
    rows = np.flatnonzero((values.fillna(0).abs() >= 10**_MOST_DIGITS).to_numpy(dtype=bool))
    kept = values.mask(_mask(rows, len(values)), None)
    series = pl.Series(name, pa.array(kept, pa.decimal128(_MOST_DIGITS, 0), from_pandas=True))
    message = f"an integer of more than {_MOST_DIGITS} digits"
    return Taken(series, (_flaw(name, "value-type", message, rows, values),) if len(rows) else ())


def _take_floats(name: str, values: "pd.Series[Any]") -> Taken:
    floats = values.astype(float)
    present = values.notna()
    bent = present & (floats.where(present, 0.0).astype(object) != values.where(present, 0.0))
    rows = np.flatnonzero(bent.to_numpy(dtype=bool))
    series = pl.Series(name, floats.mask(bent).to_numpy()).fill_nan(None)
    message = "an integer among floats that no float can hold exactly: convert the column to Decimal or text"
    return Taken(series, (_flaw(name, "value-type", message, rows, values),) if len(rows) else ())


def _take_other(name: str, values: "pd.Series[Any]") -> Taken:
    try:
        series = pl.Series(name, pa.array(values, from_pandas=True))
    except (pa.ArrowException, UnicodeEncodeError, OverflowError, pl.exceptions.PolarsError) as error:
        return refused(name, len(values), f"its objects cannot be read ({type(error).__name__}): convert them to text")
    lost = np.flatnonzero(values.notna().to_numpy(dtype=bool) & series.is_null().to_numpy())
    return Taken(series, (_flaw(name, "value-not-finite", "not a number", lost, values),) if len(lost) else ())


_TAKE: dict[str, Callable[[str, "pd.Series[Any]"], Taken]] = {
    "text": take_text,
    "integer": _take_integers,
    "float": _take_floats,
}


def refused(name: str, height: int, message: str) -> Taken:
    """A column of which nothing can be written: nulls, and one flaw for all of it."""
    return Taken(pl.Series(name, [None] * height, dtype=pl.Null), (Flaw(name, "value-type", message),))


def _mask(rows: npt.NDArray[np.int64], height: int) -> Mask:
    mask = np.zeros(height, bool)
    mask[rows] = True
    return mask


def _flaw(name: str, rule: str, message: str, rows: npt.NDArray[np.intp], values: "pd.Series[Any]") -> Flaw:
    shown = tuple(map(ascii, values.to_numpy(dtype=object)[rows]))
    return Flaw(name, rule, message, rows.astype(np.int64), shown)
