"""Labels as SPSS holds them: checked, made of the right type, and cut only when that was asked for.

Takes a codebook, a column's type and its categories, gives labels of variables and of values, and problems. The
library that writes cuts labels without a word; nothing reaches it that would be cut.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from occtoo_frames._push.problems import Place, problems
from occtoo_frames.datatile.codebook import Codebook
from occtoo_frames.exceptions import PlanError

LABEL_BYTES, VALUE_LABEL_BYTES = 256, 120
"""Where the library cuts, in bytes of UTF-8."""

_FRAYED = "spaces at the end of a label, and what stands after a NUL, are cut off"

FALSE_TRUE = {0: "false", 1: "true"}
"""The labels of a boolean's numbers, by which it is known when read back."""


@dataclass(frozen=True, slots=True)
class Categories:
    """A column whose values are codes from 1 on: their labels in that order, and whether the order means something."""

    labels: Sequence[str]
    ordered: bool


def label_problems(
    book: Codebook, schema: pl.Schema, variables: Mapping[str, str], categories: Mapping[str, Categories]
) -> Iterator[pl.DataFrame]:
    """What is wrong with labels: too long, or of a value that the column cannot hold.

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
    for column, known in categories.items():
        place = Place(column, variables[column])
        for label in known.labels:
            if _is_frayed(label) or not 1 <= len(label.encode()) <= VALUE_LABEL_BYTES:
                message = f"a category has 1 to {VALUE_LABEL_BYTES} bytes, no space at its end and no NUL"
                yield _one("category-label", message, "rename it, or cast the column to text", label, place)


def value_labels(values: Mapping[Any, str], dtype: pl.DataType) -> dict[Any, str]:
    """The labels by values as the file holds them, cut at whole characters; those that do not fit are left out."""
    typed = ((_typed(value, dtype), label) for value, label in values.items())
    return {value: cut(label, VALUE_LABEL_BYTES) for value, label in typed if value is not None}


def cut(text: str, most_bytes: int) -> str:
    """``text`` up to ``most_bytes`` bytes of UTF-8, whole characters only."""
    return text.encode()[:most_bytes].decode(errors="ignore")


def _value_label_problems(values: Mapping[Any, str], dtype: pl.DataType, place: Place) -> Iterator[pl.DataFrame]:
    known: dict[Any, str] = {}
    for value, label in values.items():
        held = _typed(value, dtype)
        if held is None:
            message = f"{value!r} is no value of {dtype}"
            yield _one("value-label-type", message, "give the value as the column holds it", str(value), place)
        elif known.setdefault(held, label) != label:
            raise PlanError(f"value_labels: several labels for {value!r} of column {place.column!r}; keep one")
        if _is_frayed(label):
            yield _one("label-characters", _FRAYED, "strip it", label, place)
        if len(label.encode()) > VALUE_LABEL_BYTES:
            message = f"a value's label has at most {VALUE_LABEL_BYTES} bytes"
            yield _one("value-label-length", message, "shorten it, or allow=['value-label-length']", label, place)


def _is_frayed(label: str) -> bool:
    return label.endswith(" ") or "\0" in label


def _typed(value: Any, dtype: pl.DataType) -> Any:
    """``value`` as a column of ``dtype`` holds it in the file, None if it cannot."""
    if dtype == pl.String:
        return value if isinstance(value, str) else None
    if dtype == pl.Boolean:
        return {"true": 1, "false": 0, "1": 1, "0": 0, "1.0": 1, "0.0": 0}.get(str(value).lower())
    if not dtype.is_numeric():
        return None
    try:
        number = float(Decimal(str(value).strip()))
    except (ArithmeticError, ValueError):
        return None
    if not dtype.is_integer():
        return number
    return int(number) if number.is_integer() else None


def _one(rule: str, message: str, hint: str, value: str, place: Place) -> pl.DataFrame:
    return problems(rule, message, hint, values=pl.Series([value]), place=place)
