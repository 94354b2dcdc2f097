"""From polars to the kind of frame the caller works with.

Takes a polars DataFrame, gives pandas, polars or pyarrow. The pandas dtype depends on the polars dtype alone, never
on the values, so that an empty frame and a full one have the same dtypes.
"""

from difflib import get_close_matches
from typing import Any, get_args

import pandas as pd
import polars as pl
import pyarrow as pa

from occtoo_frames._frames.forks import must_have_threads
from occtoo_frames.exceptions import ConfigurationError
from occtoo_frames.typing import FrameKind

KINDS: tuple[FrameKind, ...] = get_args(FrameKind)
"""The kinds of frame that are given."""


def must_be_kind(frame: object) -> None:
    """Nothing, if ``frame`` is one of the kinds and can be made; verbs look before they ask anybody.

    Raises:
        ConfigurationError: It is none; the message says which one is alike. Or this process was forked too late.
    """
    must_have_threads()
    if isinstance(frame, str) and frame in KINDS:
        return
    close = get_close_matches(frame, KINDS, n=1) if isinstance(frame, str) else []
    meant = f"; did you mean {close[0]!r}?" if close else ""
    raise ConfigurationError(f"frame must be one of {', '.join(map(repr, KINDS))}, got {frame!r}{meant}")


def to_kind(frame: pl.DataFrame, kind: FrameKind) -> Any:
    """``frame`` as a frame of ``kind``; equal values, in order.

    In pandas, text is ``str``, integers and booleans are nullable (``Int64``, ``boolean``), floats are numpy's,
    datetimes and durations pandas' own, categories ``category``; decimals, dates, times, lists and structs are
    Arrow-backed, since no other pandas dtype holds them exactly.

    Raises:
        ConfigurationError: There is no such kind.
    """
    must_be_kind(kind)
    if kind == "polars":
        return frame
    if kind == "pyarrow":
        return frame.to_arrow()
    columns = {str(position): _to_pandas(series) for position, series in enumerate(frame.iter_columns())}
    out = pd.DataFrame(columns, index=pd.RangeIndex(frame.height))
    out.columns = pd.Index(frame.columns)
    return out


def _to_pandas(series: pl.Series) -> "pd.Series[Any]":
    dtype = series.dtype
    if dtype == pl.Null:
        return pd.Series([None] * len(series), dtype=object)
    arrow = series.to_arrow()
    if dtype == pl.String:
        return pd.Series(pd.array(arrow, dtype="str"))
    if dtype.is_float():
        return pd.Series(series.to_numpy())
    if dtype == pl.Boolean or (dtype.is_integer() and dtype not in {pl.Int128, pl.UInt128}):
        return arrow.to_pandas(types_mapper=_NULLABLE.get)  # type: ignore[no-any-return]
    if isinstance(dtype, pl.Datetime | pl.Duration | pl.Categorical | pl.Enum):
        return arrow.to_pandas()  # type: ignore[no-any-return]
    return arrow.to_pandas(types_mapper=pd.ArrowDtype)  # type: ignore[no-any-return]


_INTEGERS = ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64")
_NULLABLE: dict[Any, Any] = {getattr(pa, name.lower())(): pd.api.types.pandas_dtype(name) for name in _INTEGERS}
_NULLABLE[pa.bool_()] = pd.BooleanDtype()
