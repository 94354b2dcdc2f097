"""From pandas to polars, column by column, losing nothing in silence.

Takes a pandas DataFrame, gives a Source. Missing values are missing whatever pandas calls them: ``nan``, ``None``,
``NaT``, ``NA``. Columns of Python objects go through ``objects_in``.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from occtoo_frames._frames.arrow_in import take_arrow
from occtoo_frames._frames.object_kinds import take_text
from occtoo_frames._frames.objects_in import take_objects
from occtoo_frames._frames.source import INDEX_PREFIX, Source, no_twins
from occtoo_frames._frames.taken import Taken, refused
from occtoo_frames.exceptions import UnsupportedFrameError

_OBJECT = np.dtype(object)
_EXACT = 2.0**53
_BEGINNING = 1_024


def from_pandas(frame: pd.DataFrame, *, with_index: bool = False) -> Source:
    """The Source of a pandas frame; its index, if asked for, as columns of their own.

    Raises:
        UnsupportedFrameError: Two columns share a name, or the columns have several levels.
    """
    frame = frame.copy(deep=False)  # pandas copies on write, so what the caller changes later does not change this
    labelled = [(name, values) for name, (_, values) in zip(_names(frame), frame.items(), strict=True)]
    labels = _index_labels(frame.index) if with_index else {}
    labelled += [(name, pd.Series(frame.index.get_level_values(level))) for level, name in enumerate(labels)]
    taken = [_take(name, values) for name, values in labelled]
    polars = pl.DataFrame({name: column.series for (name, _), column in zip(labelled, taken, strict=True)})
    return Source(
        frame=polars,
        kind="pandas",
        schema=polars.schema,
        dtypes={name: str(values.dtype) for name, values in labelled},
        flaws=tuple(flaw for column in taken for flaw in column.flaws),
        whole_floats=frozenset(name for name in polars.columns if _is_whole_float(polars[name])),
        labels=labels,
        index_names=tuple(str(name) for name in frame.index.names if name is not None),
        restore=lambda positions: frame.iloc[positions],
    )


def _names(frame: pd.DataFrame) -> list[str]:
    if frame.columns.nlevels > 1:
        raise UnsupportedFrameError("the columns have several levels; join their names into one level first")
    names = ["" if pd.api.types.is_scalar(name) and pd.isna(name) else str(name) for name in frame.columns]
    no_twins(names)
    return names


def _index_labels(index: "pd.Index[Any]") -> dict[str, str]:
    """What the columns of the index are called here, and what people call them."""
    several = index.nlevels > 1
    return {
        f"{INDEX_PREFIX}{level}": str(name)
        if name is not None
        else f"level {level} of the index"
        if several
        else "the index"
        for level, name in enumerate(index.names)
    }


def _take(name: str, values: "pd.Series[Any]") -> Taken:
    dtype: Any = values.dtype
    values_are = dtype.categories.dtype if isinstance(dtype, pd.CategoricalDtype) else dtype
    if values_are == _OBJECT:
        return take_objects(name, values.astype(object))
    if isinstance(dtype, pd.StringDtype) and dtype.storage == "python":
        return take_text(name, values.astype(object))
    if isinstance(dtype, pd.PeriodDtype | pd.IntervalDtype) or dtype.kind == "c":
        return refused(name, len(values), f"{dtype} cannot be written as text: convert the column to text or dates")
    if isinstance(dtype, pd.SparseDtype):
        values = pd.Series(np.asarray(values))
    try:
        column = pa.array(values, from_pandas=True)
    except pa.ArrowException as error:
        return refused(name, len(values), f"{dtype} cannot be read ({type(error).__name__}): convert the column")
    taken = take_arrow(name, column)
    return replace(taken, series=taken.series.fill_nan(None)) if taken.series.dtype.is_float() else taken


def _is_whole_float(series: pl.Series) -> bool:
    """True for what may have been integers before a value went missing, or among floats."""
    if not series.dtype.is_float():
        return False
    present = series.drop_nulls().to_numpy().astype(np.float64, copy=False)
    return bool(len(present)) and all(
        bool(np.all((part == np.trunc(part)) & (np.abs(part) < _EXACT)))
        for part in (present[:_BEGINNING], present)  # the first nearly always tells
    )
