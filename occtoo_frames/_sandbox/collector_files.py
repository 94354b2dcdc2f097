"""Uploaded files, really read: SPSS, spreadsheets and text become a parquet file and a list of variables.

Takes a path and a format, gives a Table. Files come from strangers: sizes are looked at before anything is unpacked,
and whatever cannot be read ends as one error with a code. Knows no job and no database.
"""

import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import polars as pl

from occtoo_frames.protocol.datatile import is_variable_name

MAX_UNPACKED_BYTES = 4_000_000_000
_MAX_RATIO, _MAX_MEMBERS = 200, 1_000
_SMALL_BYTES = 50_000_000
_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_ROWS_AT_ONCE = 10_000


class UnreadableError(Exception):
    """The file is not what it says it is, or too much; the job fails with this code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable as the file describes it; ``labels`` are those of its values."""

    name: str
    format: str | None = None
    label: str | None = None
    measure: str | None = None
    labels: tuple[tuple[Any, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds; its values stand in a parquet file."""

    variables: tuple[Variable, ...]
    rows: int


def parse(path: Path, fmt: str, out: Path, max_rows: int) -> Table:
    """The table of ``path``, its values in ``out``.

    Raises:
        UnreadableError: It is no such file, or larger than it may be.
    """
    try:
        frame, variables = _READERS[fmt](path, max_rows)
        _legal([variable.name for variable in variables])
        frame.lazy().sink_parquet(out)
        rows = int(pl.scan_parquet(out).select(pl.len()).collect().item())
    except pl.exceptions.PolarsError as error:
        raise UnreadableError("unreadable", f"the file cannot be read as {fmt}: {error}") from None
    except ModuleNotFoundError as error:
        raise UnreadableError("unreadable", f"the sandbox needs {error.name} to read {fmt}; install it") from None
    _within(rows, max_rows)
    return Table(tuple(variables), rows)


def _spss(path: Path, max_rows: int) -> tuple[pl.DataFrame, list[Variable]]:
    import pyreadstat

    try:
        _, meta = pyreadstat.read_sav(str(path), metadataonly=True)
        _within(meta.number_rows or 0, max_rows)
        if (meta.number_rows or 0) * sum(meta.variable_storage_width.values()) > MAX_UNPACKED_BYTES:
            raise UnreadableError("too-large", "the file is too large once it is unpacked")
        columns, meta = pyreadstat.read_sav(str(path), disable_datetime_conversion=True, output_format="dict")
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeError) as error:
        raise UnreadableError("unreadable", f"the file cannot be read as SPSS: {error}") from None
    variables = [_spss_variable(name, meta) for name in meta.column_names]
    kinds = {name: pl.String if kind == "string" else pl.Float64 for name, kind in meta.readstat_variable_types.items()}
    return pl.DataFrame(columns, schema=kinds, nan_to_null=True), variables


def _spss_variable(name: str, meta: Any) -> Variable:
    return Variable(
        name=name,
        format=meta.original_variable_types.get(name),
        label=meta.column_names_to_labels.get(name) or None,
        measure=meta.variable_measure.get(name),
        labels=tuple(meta.variable_value_labels.get(name, {}).items()),
    )


def _csv(path: Path, _max_rows: int) -> tuple[pl.LazyFrame, list[Variable]]:
    """Text, and numbers where every value is written as one; a file larger than memory streams."""
    texts = pl.scan_csv(path, infer_schema=False, glob=False)
    names = texts.collect_schema().names()
    written = [(pl.col(name).str.contains(_NUMBER).all() & pl.col(name).count().gt(0)).alias(name) for name in names]
    numbers = texts.select(written).collect().row(0, named=True) if names else {}
    casts = [pl.col(name).cast(pl.Float64) for name in names if numbers[name]]
    return texts.with_columns(casts), [Variable(name) for name in names]


def _xlsx(path: Path, max_rows: int) -> tuple[pl.DataFrame, list[Variable]]:
    import openpyxl

    _no_bomb(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(values_only=True)
        names = [str(name) if name is not None else "" for name in next(rows, ())]
        parts = list(_parts(rows, names, max_rows))
        book.close()
    except UnreadableError:
        raise
    except Exception as error:  # noqa: BLE001 - a broken workbook fails in any way that zip, XML and dates can
        raise UnreadableError("unreadable", f"the file cannot be read as xlsx: {type(error).__name__}") from None
    columns = [_column(name, [value for part in parts for value in part[name]]) for name in names]
    return pl.DataFrame(columns), [Variable(name) for name in names]


def _parts(rows: Iterator[tuple[Any, ...]], names: list[str], max_rows: int) -> Iterator[dict[str, list[Any]]]:
    _legal(names)
    held: list[tuple[Any, ...]] = []
    for seen, row in enumerate(rows, start=1):
        _within(seen, max_rows)
        held.append(row[: len(names)] + (None,) * (len(names) - len(row)))
        if len(held) == _ROWS_AT_ONCE:
            yield dict(zip(names, map(list, zip(*held, strict=True)), strict=True))
            held = []
    yield dict(zip(names, map(list, zip(*held, strict=True)), strict=True)) if held else {name: [] for name in names}


def _column(name: str, cells: list[Any]) -> pl.Series:
    kinds = {type(cell) for cell in cells if cell is not None}
    for types, dtype in _CELLS:
        if kinds and kinds <= types:
            return pl.Series(name, cells, dtype=dtype, strict=False)
    return pl.Series(name, [None if cell is None else str(cell) for cell in cells], dtype=pl.String)


def _no_bomb(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError):
        raise UnreadableError("unreadable", "the file is no workbook") from None
    unpacked = sum(member.file_size for member in members)
    ratio = unpacked / max(1, path.stat().st_size)
    if unpacked > MAX_UNPACKED_BYTES or len(members) > _MAX_MEMBERS or (unpacked > _SMALL_BYTES and ratio > _MAX_RATIO):
        raise UnreadableError("too-large", "the workbook is too large once it is unpacked")


def _legal(names: list[str]) -> None:
    wrong = [name for name in names if not is_variable_name(name)]
    upper = [name.upper() for name in names]
    twice = [name for name in names if upper.count(name.upper()) > 1]
    if not names:
        raise UnreadableError("unreadable", "the file holds no variables")
    if wrong or twice:
        raise UnreadableError(
            "variable-name", f"no legal, unique names of variables: {', '.join((wrong or twice)[:5])}"
        )


def _within(rows: int, max_rows: int) -> None:
    if rows > max_rows:
        raise UnreadableError("quota", f"more than {max_rows:,} rows")


_CELLS: tuple[tuple[set[type], Any], ...] = (
    ({bool}, pl.Boolean),
    ({int, float}, pl.Float64),
    ({datetime}, pl.Datetime("us")),
    ({date}, pl.Date),
    ({time}, pl.Time),
)
_READERS: Mapping[str, Callable[[Path, int], tuple[pl.DataFrame | pl.LazyFrame, list[Variable]]]] = {
    "zsav": _spss,
    "sav": _spss,
    "csv": _csv,
    "xlsx": _xlsx,
}
