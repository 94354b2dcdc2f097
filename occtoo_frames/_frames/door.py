"""The way in: any table that a caller may hold becomes a Source.

Takes pandas, polars, pyarrow, anything with ``__arrow_c_stream__``, or a path. A stream that can be read only once
is first laid down in a temporary parquet file, so that it can be checked and then sent. Never changes what it takes.
"""

import os
import tempfile
import weakref
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from occtoo_frames._frames.files import from_path
from occtoo_frames._frames.pandas_in import from_pandas
from occtoo_frames._frames.source import Flaw, Source
from occtoo_frames.exceptions import ConfigurationError, UnsupportedFrameError
from occtoo_frames.typing import FrameKind


def open_frame(frame: Any, *, with_index: bool = False, read_options: Mapping[str, Any] | None = None) -> Source:
    """The Source of ``frame``; see ``occtoo_frames.typing.Frame`` for what it may be.

    Args:
        frame: The caller's table; it is not changed.
        with_index: Take the index of a pandas frame in too.
        read_options: How to read a path.

    Raises:
        UnsupportedFrameError: It is no table.
        ConfigurationError: ``with_index`` or ``read_options`` do not fit it.
    """
    if isinstance(frame, str | os.PathLike):
        source = from_path(frame, read_options)
    elif read_options:
        raise ConfigurationError("read_options are for paths; this frame is already in memory")
    elif isinstance(frame, pd.DataFrame):
        return from_pandas(frame, with_index=with_index)
    elif isinstance(frame, pl.DataFrame | pl.LazyFrame):
        source = _from_polars(frame, "polars", {})
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
        frame=frame,
        kind=kind,
        schema=schema,
        dtypes={name: dtypes.get(name, str(dtype)) for name, dtype in schema.items()},
        flaws=tuple(
            Flaw(name, "value-type", "Python objects have no type that can be written: convert the column")
            for name, dtype in schema.items()
            if dtype == pl.Object
        ),
    )


def _from_table(
    table: pa.Table, known: Mapping[str, Flaw] | None = None, dtypes: Mapping[str, str] | None = None
) -> Source:
    """The Source of a table; ``known`` flaws and the caller's ``dtypes`` if it stands for another one."""
    _no_twins(table.schema)
    flaws = _unreadable(table.schema) if known is None else known
    frame = pl.DataFrame(
        {
            name: pl.repeat(None, table.num_rows, dtype=pl.Null, eager=True)
            if name in flaws
            else pl.Series(name, column)
            for name, column in zip(table.column_names, table.columns, strict=True)
        }
    )
    return _with_flaws(_from_polars(frame, "pyarrow", dtypes or _dtypes(table.schema)), flaws)


def _from_stream(stream: Any) -> Source:
    """Lays a stream that may be read only once into a parquet file that goes with the Source."""
    reader = pa.RecordBatchReader.from_stream(stream)
    _no_twins(reader.schema)
    flaws = _unreadable(reader.schema)
    readable = [name for name in reader.schema.names if name not in flaws]
    handle, name = tempfile.mkstemp(suffix=".parquet", prefix="occtoo-frames-")
    os.close(handle)
    height = 0
    with pq.ParquetWriter(name, pa.schema(map(reader.schema.field, readable)), compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch.select(readable))
            height += batch.num_rows
    if not readable:  # a file without columns has no rows
        Path(name).unlink()
        return _from_table(pa.table({column: pa.nulls(height) for column in flaws}), flaws, _dtypes(reader.schema))
    wanted = pl.DataFrame(pa.schema(map(reader.schema.field, readable)).empty_table()).schema
    lazy = pl.scan_parquet(name, glob=False)
    mended = [pl.col(column).cast(dtype) for column, dtype in wanted.items() if lazy.collect_schema()[column] != dtype]
    whole = lazy.with_columns(*mended, *(pl.lit(None).alias(column) for column in flaws)).select(reader.schema.names)
    source = _with_flaws(_from_polars(whole, "pyarrow", _dtypes(reader.schema)), flaws)
    weakref.finalize(source.frame, partial(Path(name).unlink, missing_ok=True))
    return replace(source, height=height)


def _dtypes(schema: pa.Schema) -> dict[str, str]:
    return {field.name: str(field.type) for field in schema}


def _with_flaws(source: Source, flaws: Mapping[str, Flaw]) -> Source:
    return replace(source, flaws=(*source.flaws, *flaws.values()))


def _no_twins(schema: pa.Schema) -> None:
    twice = sorted({name for name in schema.names if schema.names.count(name) > 1})
    if twice:
        raise UnsupportedFrameError(f"several columns are called {', '.join(map(repr, twice[:5]))}; rename them")


def _is_exotic(kind: pa.DataType) -> bool:
    return bool(pa.types.is_run_end_encoded(kind) or pa.types.is_list_view(kind) or pa.types.is_large_list_view(kind))


def _unreadable(schema: pa.Schema) -> dict[str, Flaw]:
    """The columns of types on which the engine would panic, or fail without naming the column."""
    return {
        column.name: Flaw(column.name, "value-type", f"{column.type} cannot be read: cast the column first")
        for column in schema
        if pa.types.is_decimal256(column.type)
        or pa.types.is_interval(column.type)
        or pa.types.is_union(column.type)
        or _is_exotic(column.type)
    }
