"""The texts of Python's decimals and datetimes, each by itself: ``1.5`` beside ``1.125``, ``+01:00`` beside ``+02:00``.

Takes an object column of one kind whose missing cells are None, gives text. A column of a type has one scale and one
zone, by which the text of a cell would depend on the other rows.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

import pandas as pd
import polars as pl

_IDLE_ZEROS = r"(\.\d*[1-9])0+([+-])"
_SECONDS_OF_OFFSET = r"[+-]\d\d:\d\d:\d\d"

UNEVEN = "whose offset is no whole number of minutes, which ISO 8601 does not know"
"""What is wrong with a datetime of long ago in its local zone, and with one whose zone is ``is_uneven``."""


def digits(name: str, values: "pd.Series[Any]") -> pl.Series:
    """Decimals as they stand, without an exponent; a zero has no sign, as in columns of a type."""
    return _texts(name, values, _digits)


def _digits(number: Decimal) -> str:
    text = str(number or number.copy_abs())
    return format(Decimal(text), "f") if "E" in text else text


def shortest(texts: pl.Series) -> pl.Series:
    """Texts of decimals, or lists of them, without idle zeros, so that equal decimals have the same."""
    if isinstance(texts.dtype, pl.List):
        return texts.list.eval(_shortest(pl.element()))
    return texts.to_frame("c").select(_shortest(pl.col("c"))).to_series()


def _shortest(text: pl.Expr) -> pl.Expr:
    cut = text.str.strip_chars_end("0").str.strip_suffix(".")
    return pl.when(text.str.contains(".", literal=True)).then(cut).otherwise(text)


def moments(name: str, values: "pd.Series[Any]") -> pl.Series:
    """Datetimes with a zone in ISO 8601, as ``_push.moments`` writes them, at the offset that each has."""
    return _texts(name, values, lambda moment: moment.isoformat()).str.replace(_IDLE_ZEROS, "$1$2")


def have_seconds_of_offset(moments: pl.Series) -> pl.Series:
    """Which texts of datetimes end in an offset with seconds, as zones of long ago had them."""
    return moments.str.contains(_SECONDS_OF_OFFSET).fill_null(value=False)


def _texts(name: str, values: "pd.Series[Any]", text: Any) -> pl.Series:
    cells = [None if cell is None else text(cell) for cell in values.to_numpy(dtype=object)]
    return pl.Series(name, cells, dtype=pl.String)


def have_uneven_offsets(values: "pd.Series[Any]") -> bool:
    """True if any datetime's zone is uneven."""
    return any(map(is_uneven, {id(zone): zone for zone in _zones(values)}.values()))


def is_uneven(zone: tzinfo | None) -> bool:
    """Whether it is one offset that is no whole number of minutes; places of long ago had such, but have a name."""
    offset = None if zone is None else zone.utcoffset(None)
    return offset is not None and bool(offset % timedelta(minutes=1))


def lists(column: pl.Series, kind: pl.DataType) -> list[Any]:
    """The lists of a column of ``kind``, their elements as the objects that they were before they became texts."""
    found = column.to_list()
    read = _READ.get(type(getattr(kind, "inner", None)))
    if read is None or getattr(column.dtype, "inner", None) != pl.String:
        return found
    return [[None if text is None else read(text) for text in texts] for texts in found]


def _moment(text: str) -> datetime:
    """In nanoseconds only if it has such."""
    return pd.Timestamp(text) if re.search(r"\.\d{7}", text) else datetime.fromisoformat(text)


_READ: Mapping[Any, Callable[[str], Any]] = {pl.Decimal: Decimal, pl.Datetime: _moment}


def _zones(values: "pd.Series[Any]") -> list[tzinfo | None]:
    return [cell.tzinfo for cell in values.to_numpy(dtype=object) if isinstance(cell, datetime)]


def have_several_zones(values: "pd.Series[Any]") -> bool:
    """True unless all datetimes are of one zone, or have none."""
    zones = _zones(values)
    try:
        return len(set(zones)) > 1
    except TypeError:  # some libraries' zones cannot be told apart in this way
        return len(set(map(id, zones))) > 1
