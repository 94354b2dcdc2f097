"""A prepared table as SPSS holds it: numbers, texts and times, with the labels, formats and measures of variables.

Takes a Prepared, gives what the library that writes is told. Decides every conversion itself, since the library would
write decimals as texts and categories without their codes.
"""

from dataclasses import dataclass
from typing import Any

import polars as pl

from occtoo_frames.datatile.labels import FALSE_TRUE, Categories, value_labels
from occtoo_frames.datatile.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Spss:
    """A whole table under its variables' names, and what is said about them."""

    frame: pl.DataFrame
    labels: dict[str, str]
    value_labels: dict[str, dict[Any, str]]
    formats: dict[str, str]
    measures: dict[str, str]


def to_spss(prepared: Prepared) -> Spss:
    """The table as SPSS holds it, in memory as a whole."""
    schema, names = prepared.source.schema, prepared.variables
    columns = {name: _expression(column, schema[column], prepared) for column, name in names.items()}
    frame = prepared.source.with_nulls.lazy().select(**columns).collect()
    return Spss(
        frame=frame,
        labels={names[column]: label for column, label in prepared.labels.items()},
        value_labels=_value_labels(prepared),
        formats={name: fmt for column, name in names.items() if (fmt := _format(schema[column]))},
        measures={name: measure for column, name in names.items() if (measure := _measure(column, prepared))},
    )


def _expression(column: str, dtype: pl.DataType, prepared: Prepared) -> pl.Expr:
    cell = pl.col(column)
    if column in prepared.categories:
        labels = list(prepared.categories[column].labels)
        codes = range(1, len(labels) + 1)
        return cell.cast(pl.String).replace_strict(labels, list(codes), return_dtype=pl.Int32, default=None)
    if dtype == pl.String:
        return cell.fill_null("")
    if dtype == pl.Boolean:
        return cell.cast(pl.Int8)
    if isinstance(dtype, pl.Datetime):
        zoned = cell.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if dtype.time_zone else cell
        return zoned.dt.cast_time_unit("us")
    is_wide = dtype in {pl.Int64, pl.UInt64, pl.Int128, pl.UInt128, pl.Float32, pl.Null} or dtype.is_decimal()
    if is_wide or (dtype.is_integer() and column in prepared.book.values):  # narrow integers take narrow labels only
        return cell.cast(pl.Float64)
    return cell


def _value_labels(prepared: Prepared) -> dict[str, dict[Any, str]]:
    schema, names = prepared.source.schema, prepared.variables
    found: dict[str, dict[Any, str]] = {
        names[column]: dict(FALSE_TRUE) for column in names if schema[column] == pl.Boolean
    }
    for column, known in prepared.categories.items():
        found[names[column]] = dict(enumerate(known.labels, start=1))
    for column, values in prepared.book.values.items():
        found[names[column]] = value_labels(values, schema[column])
    return {name: values for name, values in found.items() if values}


def _format(dtype: pl.DataType) -> str | None:
    """How numbers are shown; whole ones without decimals, by which they are known when read back."""
    if isinstance(dtype, pl.Categorical | pl.Enum) or dtype == pl.Boolean:
        return "F8.0"
    if dtype.is_integer():
        return "F17.0"
    if isinstance(dtype, pl.Decimal):
        return f"F17.{min(dtype.scale, 15)}"
    return "F17.6" if dtype.is_float() else None


def _measure(column: str, prepared: Prepared) -> str | None:
    known: Categories | None = prepared.categories.get(column)
    if known is not None:
        return "ordinal" if known.ordered else "nominal"
    return "nominal" if prepared.source.schema[column] == pl.Boolean else None
