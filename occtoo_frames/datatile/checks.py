"""Which cells a file format would change without a word: one table of checks.

Takes a slice of a table and a format, gives problems. What SPSS, a spreadsheet and a text file cannot hold was found
by writing and reading back; nothing here writes.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

import polars as pl

from occtoo_frames._push.problems import Place, problems

Format: TypeAlias = Literal["zsav", "sav", "xlsx", "csv"]
FORMATS: tuple[Format, ...] = ("zsav", "sav", "xlsx", "csv")
SPSS = frozenset({"zsav", "sav"})
SHEET = frozenset({"xlsx"})
_ROUNDED = SPSS | SHEET
_ALL = frozenset(FORMATS)

LOSSES = frozenset({
    "null-text", "empty-text", "value-trailing-space", "value-precision", "label-length", "value-label-length",
    "time-zone", "index",
})  # fmt: skip
"""The rules that ``allow`` may name: the file can be written, and holds something a little different."""

EXACT = 2**53
"""Integers up to here are exact as the doubles that SPSS and spreadsheets keep."""

_EXACT_DIGITS = 15
_LARGEST = 1.7976931348623157e308
_SPSS_BYTES, _CELL_CHARACTERS = 32_767, 32_767
_CELL_ESCAPE = r"[\x00-\x08\x0b-\x1f\x{FFFE}\x{FFFF}]|_x[0-9A-Fa-f]{4}_"
_EARLIEST = date(1900, 3, 1)
_SHEET_ROWS, _SHEET_COLUMNS = 1_048_575, 16_384


@dataclass(frozen=True, slots=True)
class Check:
    """One way in which a cell may break in some formats."""

    rule: str
    formats: frozenset[str]
    applies: Callable[[pl.DataType], bool]
    broken: Callable[[pl.Expr, pl.DataType], pl.Expr]
    message: str
    hint: str


def _text(dtype: pl.DataType) -> bool:
    return dtype == pl.String


def _wide_integer(dtype: pl.DataType) -> bool:
    return dtype in {pl.Int64, pl.UInt64, pl.Int128, pl.UInt128}


def _beyond(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    most = pl.lit(EXACT, dtype)
    return (cell > most) | (cell < pl.lit(-EXACT, dtype)) if dtype.is_signed_integer() else cell > most


def _is_rounded(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Which decimals a double cannot say: 15 digits always come back, more of them rarely."""
    digits = cell.cast(pl.String).str.replace_all(r"[-.]", "").str.strip_chars("0").str.len_bytes()
    return (digits > _EXACT_DIGITS) & cell.cast(pl.Float64).cast(dtype, strict=False).ne_missing(cell)


def _utf16(cell: pl.Expr) -> pl.Expr:
    return cell.str.len_chars() + cell.str.count_matches(r"[\x{10000}-\x{10FFFF}]")


CHECKS = (
    Check(
        "value-not-finite", _ALL, lambda dtype: dtype.is_float(),
        lambda cell, _: cell.is_nan() | (cell.cast(pl.Float64).abs() >= _LARGEST),
        "not a number that a file can hold", "make it null, or a number",
    ),
    Check(
        "value-precision", _ROUNDED, _wide_integer, _beyond,
        "an integer beyond 2^53 is rounded", "send it as text",
    ),
    Check(
        "value-precision", _ROUNDED, lambda dtype: dtype.is_decimal(),
        _is_rounded,
        "a decimal of more than 15 digits is rounded", "round it, or send it as text",
    ),
    Check(
        "value-precision", _ROUNDED, lambda dtype: isinstance(dtype, pl.Datetime),
        lambda cell, _: cell.dt.nanosecond() % 1_000_000 != 0,
        "times are kept to the millisecond", "round it: dt.round('1ms')",
    ),
    Check(
        "value-precision", SPSS, lambda dtype: dtype == pl.Time,
        lambda cell, _: cell.dt.nanosecond() % 1_000 != 0,
        "times of day are kept to the microsecond", "round it",
    ),
    Check(
        "value-precision", SHEET, lambda dtype: dtype == pl.Time,
        lambda cell, _: cell.dt.nanosecond() % 1_000_000 != 0,
        "times are kept to the millisecond", "round it",
    ),
    Check(
        "null-text", SPSS, _text, lambda cell, _: cell.is_null(),
        "a missing text becomes an empty one", "fill it, or allow=['null-text']",
    ),
    Check(
        "empty-text", SHEET, _text, lambda cell, _: cell == "",
        "an empty text becomes a missing one", "make it null, or allow=['empty-text']",
    ),
    Check(
        "value-trailing-space", SPSS, _text, lambda cell, _: cell.str.ends_with(" "),
        "spaces at the end are cut off", "strip it: str.strip_chars_end(' ')",
    ),
    Check(
        "value-characters", SPSS, _text, lambda cell, _: cell.str.contains("\x00", literal=True),
        "the text is cut at a NUL character", "take it out",
    ),
    Check(
        "value-characters", SHEET, _text, lambda cell, _: cell.str.contains(_CELL_ESCAPE),
        "a spreadsheet cannot hold this character, or reads the text as an escape", "take it out",
    ),
    Check(
        "value-length", SPSS, _text, lambda cell, _: cell.str.len_bytes() > _SPSS_BYTES,
        f"a text has at most {_SPSS_BYTES:,} bytes", "shorten it",
    ),
    Check(
        "value-length", SHEET, _text, lambda cell, _: _utf16(cell) > _CELL_CHARACTERS,
        f"a cell has at most {_CELL_CHARACTERS:,} characters", "shorten it",
    ),
    Check(
        "value-range", SHEET, lambda dtype: dtype == pl.Date or isinstance(dtype, pl.Datetime),
        lambda cell, _: cell.cast(pl.Date) < _EARLIEST,
        "a spreadsheet counts days from March 1900 on", "send it as text",
    ),
)  # fmt: skip
"""What becomes of each cell otherwise, by format and type."""


ALONE = Check(
    "empty-line",
    frozenset({"csv"}),
    lambda _: True,
    lambda cell, _: cell.is_null(),
    "in a table of one column a missing value is an empty line, which most readers skip",
    "leave the row out, fill it, or add a column",
)
"""What befalls the cells of a table that has one column only."""


def cell_problems(rows: pl.DataFrame, fmt: Format, variables: dict[str, str], first: int) -> Iterator[pl.DataFrame]:
    """The cells of ``rows`` that ``fmt`` would change.

    Args:
        rows: A slice of the table.
        fmt: The file's format.
        variables: The variable of each column.
        first: The 0-based position of the slice's first row.
    """
    checks = (*CHECKS, ALONE) if len(variables) == 1 else CHECKS
    for column, dtype in rows.schema.items():
        for check in (check for check in checks if fmt in check.formats and check.applies(dtype)):
            broken = rows.select(check.broken(pl.col(column), dtype).fill_null(value=False)).to_series()
            if broken.any():
                at = broken.arg_true()
                yield problems(
                    check.rule,
                    check.message,
                    check.hint,
                    rows=at.cast(pl.Int64).to_numpy() + first,
                    values=rows[column].gather(at),
                    place=Place(column, variables[column]),
                )


def type_problems(schema: pl.Schema, fmt: Format, variables: dict[str, str]) -> Iterator[pl.DataFrame]:
    """The columns whose type ``fmt`` has no place for."""
    for column, dtype in schema.items():
        place = Place(column, variables[column])
        if dtype.is_nested() or dtype in {pl.Binary, pl.Object}:
            yield problems("value-type", f"{dtype} has no place in a file of variables", _RESHAPE, place=place)
        elif dtype == pl.Duration:
            hint = "make it a number: dt.total_seconds(fractional=True)"
            yield problems("value-type", "a duration has no place in a file of variables", hint, place=place)
        elif isinstance(dtype, pl.Datetime) and dtype.time_zone and fmt in _ROUNDED:
            message = f"{fmt} has no time zones: {dtype.time_zone} is lost"
            hint = "convert and drop it yourself, or allow=['time-zone'] to write the time in UTC"
            yield problems("time-zone", message, hint, place=place)


def index_problems(levels: Sequence[str], columns: Collection[str]) -> Iterator[pl.DataFrame]:
    """The named ``levels`` of an index that are no columns: no file holds an index."""
    for level in levels:
        if level not in columns:
            hint = "make it a column: reset_index(), or allow=['index'] to leave it out"
            yield problems("index", f"the index {level!r} is not in the file", hint, place=Place(level))


def size_problems(rows: int, columns: int, fmt: Format) -> Iterator[pl.DataFrame]:
    """What is wrong with the table's size."""
    if not columns:
        yield problems("file-size", "the table has no columns", "give it at least one")
    if fmt in SHEET and (rows > _SHEET_ROWS or columns > _SHEET_COLUMNS):
        message = f"a sheet has at most {_SHEET_ROWS:,} rows below its header and {_SHEET_COLUMNS:,} columns"
        yield problems("file-size", message, "send it as zsav or csv")


_RESHAPE = "explode it, unnest it, or join its elements to a text"
