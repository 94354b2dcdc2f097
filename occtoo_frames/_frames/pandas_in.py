"""From pandas to polars, column by column, losing nothing in silence.

Takes a pandas DataFrame, gives a Source. Missing values are missing whatever pandas calls them: ``nan``, ``None``,
``NaT``, ``NA``. Columns of Python objects go through ``objects_in``.
"""

import re
from dataclasses import replace
from math import isnan
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pyarrow as pa

from occtoo_frames._frames.arrow_cells import Column
from occtoo_frames._frames.arrow_in import take_columns
from occtoo_frames._frames.object_kinds import take_text
from occtoo_frames._frames.objects_in import take_objects
from occtoo_frames._frames.source import INDEX_PREFIX, Source, no_twins
from occtoo_frames._frames.taken import Taken, refused
from occtoo_frames.exceptions import UnsupportedFrameError

_HALF = re.compile("[\ud800-\udfff]")
_OBJECT = np.dtype(object)
_FLOATS = {np.dtype(np.float64), np.dtype(np.float32)}
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
    taken = _take(labelled)
    polars = pl.DataFrame({name: column.series for name, column in taken.items()})
    return Source(
        with_nulls=polars,
        kind="pandas",
        schema=polars.schema,
        dtypes={name: str(values.dtype) for name, values in labelled},
        flaws=tuple(flaw for column in taken.values() for flaw in column.flaws),
        own={name: column.own for name, column in taken.items() if column.own is not None},
        whole_floats=frozenset(name for name in polars.columns if _is_whole_float(polars[name])),
        labels=labels,
        index_names=tuple(str(name) for name in frame.index.names if name is not None),
        restore=lambda positions: frame.iloc[positions],
    )


def _names(frame: pd.DataFrame) -> list[str]:
    if frame.columns.nlevels > 1:
        raise UnsupportedFrameError("the columns have several levels; join their names into one level first")
    names = [str(name) if isinstance(name, str) else _name(name) for name in frame.columns]
    for name in (*names, *map(str, frame.index.names)):
        if not name.isascii() and _HALF.search(name):
            raise UnsupportedFrameError(f"column {name!r}: its name holds half of a surrogate pair; rename it")
    no_twins(names)
    return names


def _name(name: Any) -> str:
    return "" if pd.api.types.is_scalar(name) and pd.isna(name) else str(name)


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


def _take(labelled: "list[tuple[str, pd.Series[Any]]]") -> dict[str, Taken]:
    """All columns by their names, in order; those that Arrow can hold by way of Arrow, the others one by one."""
    begun = {name: _begun(name, values) for name, values in labelled}
    arrow = {name: column for name, column in begun.items() if not isinstance(column, Taken)}
    through = take_columns(arrow)
    return {
        name: column if isinstance(column, Taken) else _without_nan(through[name]) for name, column in begun.items()
    }


def _begun(name: str, values: "pd.Series[Any]") -> "Taken | Column":
    """The column as Arrow holds it; as the engine does, or refused, where Arrow would bend it."""
    dtype: Any = values.dtype
    values_are = dtype.categories.dtype if isinstance(dtype, pd.CategoricalDtype) else dtype
    if values_are == _OBJECT:
        return take_objects(name, values if dtype == _OBJECT else values.astype(object))
    if isinstance(dtype, pd.StringDtype) and dtype.storage == "python":
        return take_text(name, values.astype(object))
    if isinstance(dtype, pd.PeriodDtype | pd.IntervalDtype) or dtype.kind == "c":
        return refused(name, len(values), f"{dtype} cannot be written as text: convert the column to text or dates")
    if isinstance(dtype, pd.SparseDtype):
        values = pd.Series(np.asarray(values))
    if values.dtype in _FLOATS:  # of which the engine finds the missing ones sooner
        return Taken(pl.Series(name, values.to_numpy(), nan_to_null=True))
    cells = values.array if hasattr(values.array, "__arrow_array__") else values  # where Arrow looks for long
    try:
        column: Column = pa.array(cells, from_pandas=True)
    except pa.ArrowException as error:
        return refused(name, len(values), f"{dtype} cannot be read ({type(error).__name__}): convert the column")
    return column


def _without_nan(taken: Taken) -> Taken:
    """Null for ``nan``, which Arrow leaves where it stood in an array of Arrow's."""
    if not taken.series.dtype.is_float() or not isnan(taken.series.sum()):  # one nan makes it of the whole sum
        return taken
    return replace(taken, series=taken.series.fill_nan(None))


def _is_whole_float(series: pl.Series) -> bool:
    """True for what may have been integers before a value went missing, or among floats."""
    if not series.dtype.is_float() or series.null_count() == len(series):
        return False
    if not _are_whole(series.head(_BEGINNING).to_numpy().astype(np.float64, copy=False)):  # which nearly always tells
        return False
    if len(series) <= _BEGINNING:
        return True
    return ((series == series.floor()) & (series.abs() < _EXACT)).all()


def _are_whole(floats: npt.NDArray[np.float64]) -> bool:
    """True if all are but ``nan``, which stands where there is none."""
    return bool(np.all((floats == np.trunc(floats)) & (np.abs(floats) < _EXACT) | np.isnan(floats)))
