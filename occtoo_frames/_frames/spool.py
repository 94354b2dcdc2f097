"""Parquet files: those of callers, and the temporary one in which a stream is laid down that can be read only once.

Takes a RecordBatchReader or a file, gives a lazy frame and what of it could not be held. A temporary file goes with
its frame.
"""

import os
import tempfile
import weakref
from base64 import b64decode
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from occtoo_frames._frames.arrow_cells import decoded, is_bent, without_odd
from occtoo_frames._frames.arrow_in import mend, unfit
from occtoo_frames._frames.arrow_types import engine_type, inside, unreadable, without_dictionary
from occtoo_frames._frames.source import Flaw
from occtoo_frames.exceptions import UnsupportedFrameError


@dataclass(frozen=True, slots=True)
class Spooled:
    """What a stream held.

    Attributes:
        frame: All of its columns and rows, as often as asked; those that cannot be held are null.
        flaws: Cells and columns that cannot be held.
        height: How many rows it had.
    """

    frame: pl.DataFrame | pl.LazyFrame
    flaws: tuple[Flaw, ...]
    height: int


def spool(reader: pa.RecordBatchReader) -> Spooled:
    """Everything that ``reader`` gives.

    Raises:
        UnsupportedFrameError: It fails on the way; nothing is left behind.
    """
    targets = {field.name: _stored_type(field.type) for field in reader.schema}
    stored = pa.schema([reader.schema.field(name).with_type(kind) for name, kind in targets.items() if kind])
    refused = [
        Flaw(field.name, "value-type", unreadable(field.type)) for field in reader.schema if not targets[field.name]
    ]
    handle, name = tempfile.mkstemp(suffix=".parquet", prefix="occtoo-frames-")
    os.close(handle)
    file = Path(name)
    try:
        height, flaws = _write(reader, stored, file)
        frame = _read(file, stored, reader.schema.names, height)
    except BaseException as error:
        file.unlink(missing_ok=True)
        if isinstance(error, pa.ArrowException):  # the reader's own words, without its traceback
            said = str(error).partition(". Detail: ")[0]
            raise UnsupportedFrameError(f"the stream cannot be read: {said}") from error
        raise
    return Spooled(frame, (*flaws, *refused), height)


def read_parquet(file: Path) -> Spooled:
    """What a parquet file holds: scanned where it stands, unless it has types that the engine bends or panics at.

    Raises:
        polars.exceptions.PolarsError: It is no parquet file.
        UnsupportedFrameError: It cannot be read to its end.
    """
    if _is_held(file):
        lazy = pl.scan_parquet(file, glob=False)
        return Spooled(lazy, (), lazy.select(pl.len()).collect().item())
    with pq.ParquetFile(file) as opened:
        return spool(pa.RecordBatchReader.from_batches(opened.schema_arrow, opened.iter_batches()))


def _is_held(file: Path) -> bool:
    """Whether the engine reads all columns as they are; what Arrow cannot open, it says in its own words.

    The file may name the types of the Arrow table that was written, and the engine believes it, where Arrow itself
    only looks at what the file holds: so both are looked at.
    """
    try:
        schema = pq.read_schema(file)
        named = (pq.read_metadata(file).metadata or {}).get(b"ARROW:schema")
        written = schema if named is None else pa.ipc.read_schema(pa.py_buffer(b64decode(named)))
    except (pa.ArrowException, OSError, ValueError):
        return True
    held = all(engine_type(field.type) == field.type for field in (*schema, *written))
    return held and not _has_bent(file, schema)


def _has_bent(file: Path, schema: pa.Schema) -> bool:
    """Whether cells would be bent in silence; only columns where there may be such are read."""
    names = [field.name for field in schema if inside(field.type, _unbent) is None]
    if not names:
        return False
    with pq.ParquetFile(file) as opened:
        batches = opened.iter_batches(columns=names)
        return any(without_odd(name, batch[name])[1] for batch in batches for name in names)


def _unbent(kind: pa.DataType) -> pa.DataType | None:
    return None if is_bent(kind) else kind


def _stored_type(kind: pa.DataType) -> pa.DataType | None:
    """The type in the file: as the engine takes it, and categories as what they stand for, of which one may be null."""
    held = engine_type(kind)
    return None if held is None else inside(held, _storable)


def _storable(kind: pa.DataType) -> pa.DataType | None:
    return None if isinstance(kind, pa.BaseExtensionType) else without_dictionary(kind)


def _write(reader: pa.RecordBatchReader, stored: pa.Schema, file: Path) -> tuple[int, list[Flaw]]:
    columns = [_Written(field) for field in stored]
    height = 0
    with pq.ParquetWriter(file, stored, compression="zstd") as writer:
        for batch in reader:
            arrays = [column.take(batch[column.field.name], height) for column in columns]
            writer.write_batch(pa.record_batch(arrays, schema=stored))
            height += batch.num_rows
    return height, [flaw for column in columns for flaw in column.flaws]


class _Written:
    """A column on its way into the file, and its flaws so far; once it fails, nulls and one flaw for all of it."""

    def __init__(self, field: pa.Field) -> None:
        self.field = field
        self._parts: dict[tuple[str, str], list[Flaw]] = {}
        self._failed: Flaw | None = None

    def take(self, column: pa.Array, start: int) -> pa.Array:
        """``column``, whose first row is the row ``start`` of all, as the file has it."""
        name = self.field.name
        if self._failed is None:
            try:
                mended, flaws = mend(name, column)
                stored = decoded(mended, self.field.type)
            except pa.ArrowException as error:
                self._failed = Flaw(name, "value-type", unfit(column.type, error))
            else:
                for flaw in flaws:
                    self._parts.setdefault((flaw.rule, flaw.message), []).append(_moved(flaw, start))
                return stored
        return pa.nulls(len(column), self.field.type)

    @property
    def flaws(self) -> list[Flaw]:
        """One for each way in which cells fail, or one for the whole column."""
        if self._failed is not None:
            return [self._failed]
        return [_joined(parts) for parts in self._parts.values()]


def _moved(flaw: Flaw, start: int) -> Flaw:
    return flaw if flaw.rows is None else replace(flaw, rows=flaw.rows + start)


def _joined(parts: list[Flaw]) -> Flaw:
    """One flaw for all, so that their keys are looked up at once."""
    rows = np.concatenate([part.rows for part in parts if part.rows is not None])
    return replace(parts[0], rows=rows, values=tuple(chain.from_iterable(part.values for part in parts)))


def _read(file: Path, stored: pa.Schema, names: list[str], height: int) -> pl.DataFrame | pl.LazyFrame:
    if not len(stored):  # a file without columns has no rows
        file.unlink()
        return pl.DataFrame({name: pl.repeat(None, height, dtype=pl.Null, eager=True) for name in names})
    wanted = pl.DataFrame(stored.empty_table()).schema
    lazy = pl.scan_parquet(file, glob=False)
    found = lazy.collect_schema()
    casts = [pl.col(name).cast(dtype) for name, dtype in wanted.items() if found[name] != dtype]
    frame = lazy.with_columns(*casts, *(pl.lit(None).alias(name) for name in names if name not in wanted)).select(names)
    weakref.finalize(frame, partial(file.unlink, missing_ok=True))
    return frame
