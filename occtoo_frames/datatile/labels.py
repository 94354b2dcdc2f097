"""Labels as SPSS holds them: checked, made of the right type, and cut only when that was asked for.

Takes a codebook, a column's type and its categories, gives labels of variables and of values, and problems. The
library that writes cuts labels without a word; nothing reaches it that would be cut.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

import polars as pl

from occtoo_frames._push.problems import Place, problems
from occtoo_frames.datatile.checks import EXACT, Format, cell_problems
from occtoo_frames.datatile.codebook import Codebook
from occtoo_frames.exceptions import PlanError

LABEL_BYTES, VALUE_LABEL_BYTES = 256, 120
"""Where the library cuts, in bytes of UTF-8."""

_WIDE = Context(prec=40)
"""Holds every number of every column."""

_FRAYED = "spaces at the end of a label, and what stands after a NUL, are cut off"

FALSE_TRUE = {0: "false", 1: "true"}
"""The labels of a boolean's numbers, by which it is known when read back."""


@dataclass(frozen=True, slots=True)
class Categories:
    """A column whose values are codes from 1 on: their labels in that order, and whether the order means something."""

    labels: Sequence[str]
    ordered: bool


def label_problems(
    book: Codebook, schema: pl.Schema, fmt: Format, variables: Mapping[str, str], categories: Mapping[str, Categories]
) -> Iterator[pl.DataFrame]:
    """What is wrong with labels: too long, or of a value that the column or the file cannot hold.

    Raises:
        PlanError: Two labels are given for one value, spelled in two ways.
    """
    for column, label in book.labels.items():
        place = Place(column, variables[column])
        if _is_frayed(label):
            yield _one("label-characters", _FRAYED, "strip it", label, place)
        if len(label.encode()) > LABEL_BYTES:
            message = f"a variable's label has at most {LABEL_BYTES} bytes"
            yield _one("label-length", message, "shorten it, or allow=['label-length'] to cut it", label, place)
    for column, values in book.values.items():
        place = Place(column, variables[column])
        if column in categories:
            yield problems("value-label-type", "the column's categories are its labels", "rename them", place=place)
            continue
        yield from _value_label_problems(values, schema[column], place)
        yield from _value_problems(values, schema[column], fmt, place)
    for column, known in categories.items():
        place = Place(column, variables[column])
        for label in known.labels:
            if _is_frayed(label) or not 1 <= len(label.encode()) <= VALUE_LABEL_BYTES:
                message = f"a category has 1 to {VALUE_LABEL_BYTES} bytes, no space at its end and no NUL"
                yield _one("category-label", message, "rename it, or cast the column to text", label, place)


def value_labels(values: Mapping[Any, str], dtype: pl.DataType) -> dict[Any, str]:
    """The labels by values as the file holds them, cut at whole characters; those that do not fit are left out."""
    cells = ((_cell(value, dtype), label) for value, label in values.items())
    return {_in_file(cell, dtype): cut(label, VALUE_LABEL_BYTES) for cell, label in cells if cell is not None}


def cut(text: str, most_bytes: int) -> str:
    """``text`` up to ``most_bytes`` bytes of UTF-8, whole characters only."""
    return text.encode()[:most_bytes].decode(errors="ignore")


def _value_label_problems(values: Mapping[Any, str], dtype: pl.DataType, place: Place) -> Iterator[pl.DataFrame]:
    known: dict[Any, str] = {}
    for value, label in values.items():
        cell = _cell(value, dtype)
        if cell is None:
            message = f"{value!r} is no value of {dtype}"
            yield _one("value-label-type", message, "give the value as the column holds it", str(value), place)
        elif known.setdefault(_in_file(cell, dtype), label) != label:
            raise PlanError(f"value_labels: several labels for {value!r} of column {place.column!r}; keep one")
        if _is_frayed(label):
            yield _one("label-characters", _FRAYED, "strip it", label, place)
        if len(label.encode()) > VALUE_LABEL_BYTES:
            message = f"a value's label has at most {VALUE_LABEL_BYTES} bytes"
            yield _one("value-label-length", message, "shorten it, or allow=['value-label-length']", label, place)


def _value_problems(values: Mapping[Any, str], dtype: pl.DataType, fmt: Format, place: Place) -> Iterator[pl.DataFrame]:
    """What a file would change of labelled values, by the rules of cells: else a label would stand at another value."""
    cells = [cell for value in values if (cell := _cell(value, dtype)) is not None and not _is_code(cell)]
    if cells and place.column is not None:
        labelled = pl.DataFrame({place.column: pl.Series(cells, dtype=_widest(dtype))})
        for found in cell_problems(labelled, fmt, {place.column: place.property or ""}, 0):
            yield found.with_columns(row=pl.lit(None, pl.Int64))


def _is_frayed(label: str) -> bool:
    return label.endswith(" ") or "\0" in label


def _cell(value: Any, dtype: pl.DataType) -> Any:
    """``value`` as a cell of a column of such values as ``dtype``'s, None if it can be none.

    A codebook has codes that do not occur, such as 999 for no answer; the file holds all numbers as doubles. So how few
    bytes, or digits, the column takes for what did occur says nothing of a code.
    """
    if dtype == pl.String:
        return value if isinstance(value, str) else None
    if dtype == pl.Boolean:
        return {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}.get(str(value).lower())
    if not dtype.is_numeric():
        return None
    try:
        number = _number(value, dtype)
        return number if _is_code(number) else pl.Series([number], dtype=_widest(dtype)).item()
    except (ArithmeticError, ValueError, TypeError, RuntimeError, pl.exceptions.PolarsError):  # none, or beyond them
        return None


def _is_code(cell: Any) -> bool:
    """True for whole numbers that every file keeps; also for booleans, of which no file changes any."""
    return isinstance(cell, int) and -EXACT <= cell <= EXACT


def _widest(dtype: pl.DataType) -> pl.DataType:
    """``dtype`` with as many digits in front of the point as there can be, if it is one of decimals."""
    return pl.Decimal(38, dtype.scale) if isinstance(dtype, pl.Decimal) else dtype


def _number(value: Any, dtype: pl.DataType) -> float | int | Decimal:
    """The number that ``value`` spells, exactly if ``dtype`` is exact."""
    said = Decimal(str(value).strip())
    if dtype.is_float():
        return float(said)
    exact = said.quantize(Decimal(1).scaleb(-dtype.scale if isinstance(dtype, pl.Decimal) else 0), context=_WIDE)
    if exact != said:
        raise ValueError(value)
    return int(exact) if dtype.is_integer() else exact


def _in_file(cell: Any, dtype: pl.DataType) -> Any:
    """What SPSS keeps of a cell: a double, or a text without the spaces at its end."""
    if isinstance(cell, str):
        return cell.rstrip(" ")
    number = float(cell)
    return int(number) if dtype.is_integer() or dtype == pl.Boolean else number


def _one(rule: str, message: str, hint: str, value: str, place: Place) -> pl.DataFrame:
    return problems(rule, message, hint, values=pl.Series([value]), place=place)
