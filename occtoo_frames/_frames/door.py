"""The way in: any table that a caller may hold becomes a Source.

Takes pandas, polars, pyarrow, anything with ``__arrow_c_stream__``, or a path. A stream that can be read only once
is first laid down in a temporary parquet file, so that it can be checked and then sent. Never changes what it takes.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa

from occtoo_frames._frames.arrow_in import take_columns
from occtoo_frames._frames.files import from_path
from occtoo_frames._frames.forks import must_have_threads
from occtoo_frames._frames.pandas_in import from_pandas
from occtoo_frames._frames.source import Source, no_twins
from occtoo_frames._frames.spool import spool
from occtoo_frames.exceptions import ConfigurationError, UnsupportedFrameError
from occtoo_frames.typing import FrameKind


def open_frame(frame: Any, *, with_index: bool = False, read_options: Mapping[str, Any] | None = None) -> Source:
    """The Source of ``frame``; see ``occtoo_frames.typing.Frame`` for what it may be.

    Args:
        frame: The caller's table; it is not changed.
        with_index: Take the index of a pandas frame in too.
        read_options: How to read a path.

    Raises:
        UnsupportedFrameError: It is no table, or one that cannot be read.
        FileMissingError: It is a path, and no file stands there.
        ConfigurationError: ``with_index`` or ``read_options`` do not fit it; or this process was forked too late.
    """
    must_have_threads()
    if isinstance(frame, type):
        raise UnsupportedFrameError(f"{frame.__name__} is a class, not a table: give one of its objects")
    if isinstance(frame, str | os.PathLike):
        source = from_path(frame, read_options)
    elif read_options:
        raise ConfigurationError("read_options are for paths; this frame is already in memory")
    elif isinstance(frame, pd.DataFrame):
        return from_pandas(frame, with_index=with_index)
    elif isinstance(frame, pl.DataFrame | pl.LazyFrame):
        source = _from_polars(frame, "polars", {})
        source = replace(source, original=frame if isinstance(frame, pl.DataFrame) else None)
    elif isinstance(frame, pa.Table):
        source = _from_table(frame)
    elif hasattr(frame, "__arrow_c_stream__") and not isinstance(frame, pd.Series | pl.Series):
        source = _from_stream(frame)
    else:
        raise UnsupportedFrameError(
            f"{type(frame).__name__} is no table: give a pandas or polars DataFrame, a polars LazyFrame, a pyarrow "
            "Table, anything with __arrow_c_stream__, or a path to .parquet, .csv or .xlsx"
        )
    if with_index:
        raise ConfigurationError("key=INDEX needs a pandas DataFrame; other tables have no index, name a column")
    return source


def _from_polars(frame: pl.DataFrame | pl.LazyFrame, kind: FrameKind, dtypes: Mapping[str, str]) -> Source:
    schema = frame.collect_schema()
    return Source(
        with_nulls=frame.clone(),  # the caller may change the frame in place; the columns themselves never change
        kind=kind,
        schema=schema,
        dtypes={name: dtypes.get(name, str(dtype)) for name, dtype in schema.items()},
    )


def _from_table(table: pa.Table) -> Source:
    no_twins(table.column_names)
    taken = take_columns(dict(zip(table.column_names, table.columns, strict=True)))
    whole = pl.DataFrame({name: column.series for name, column in taken.items()})
    source = _from_polars(whole, "pyarrow", _dtypes(table.schema))
    return replace(source, flaws=tuple(flaw for column in taken.values() for flaw in column.flaws))


def _from_stream(stream: Any) -> Source:
    try:
        reader = pa.RecordBatchReader.from_stream(stream)
    except Exception as error:  # whoever made the stream raises what they like
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise UnsupportedFrameError(f"{type(stream).__name__} gives no table: {said}") from error
    no_twins(reader.schema.names)
    spooled = spool(reader)
    source = _from_polars(spooled.frame, "pyarrow", _dtypes(reader.schema))
    return replace(source, with_nulls=spooled.frame, flaws=spooled.flaws, height=spooled.height)


def _dtypes(schema: pa.Schema) -> dict[str, str]:
    return {field.name: str(field.type) for field in schema}
