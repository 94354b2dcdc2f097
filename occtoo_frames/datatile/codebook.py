"""What variables and their values are called: labels from mappings or from a codebook that is itself a table.

Takes what a caller said, gives the labels of each column and of its values. Checks nothing about their lengths.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from occtoo_frames._frames.door import open_frame
from occtoo_frames._frames.source import Source
from occtoo_frames.datatile.flaws import flawless
from occtoo_frames.exceptions import ColumnNotFoundError, ConfigurationError, PlanError

_OWN_TABLE = "a codebook with another separator: give it as a table that you have read, or save it as .xlsx"
"""What to do if its columns were separated wrongly: how a path is read is said of the table that it is about."""

_COLUMN_NAMES = ("column", "variable", "name")


@dataclass(frozen=True, slots=True)
class Codebook:
    """Labels by column, and the labels of values by column and value."""

    labels: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.labels or self.values)

    def with_names(self, variables: Mapping[str, str]) -> "Codebook":
        """The same; a column whose variable had to be called otherwise has its own name as its label if it has none."""
        renamed = {column: column.rstrip(" ") for column, name in variables.items() if name != column}
        own = {column: label for column, label in renamed.items() if label}
        return Codebook({**own, **self.labels}, self.values)


def codebook(labels: Any, value_labels: Any, source: Source) -> Codebook:
    """The codebook that a caller described.

    Args:
        labels: ``{column: label}``, or a table with ``column`` (or ``variable``, or ``name``) and ``label``; if it also
            has ``value`` and ``value_label``, it says the labels of values too, a row for each value.
        value_labels: ``{column: {value: label}}``, or a table with ``column``, ``value`` and ``label``.
        source: The table that they are about.

    Raises:
        ColumnNotFoundError: They name a column that the table, or one that the codebook, has not.
        PlanError: Two labels are given for one column or value.
        ConfigurationError: Labels of values are said of no value.
        InvalidRowsError: Cells of the codebook hold what is no value, such as the error of a formula.
    """
    of_columns, of_values = _labels(labels)
    if value_labels is not None:
        of_values = _merged(of_values, _value_labels(value_labels))
    source.require(list(of_columns), "labels")
    source.require(list(of_values), "value_labels")
    return Codebook(of_columns, of_values)


def _labels(said: Any) -> tuple[dict[str, str], dict[str, dict[Any, str]]]:
    if said is None:
        return {}, {}
    if isinstance(said, Mapping):
        return {str(column): str(label) for column, label in said.items() if label is not None}, {}
    table, column = _table(said, "labels", "label")
    pairs = table.select(column, "label").drop_nulls().unique(maintain_order=True)
    if {"value", "value_label"} <= set(table.columns):
        values = _by_column(table.select(column, "value", "value_label").drop_nulls())
    else:
        values = {}
    return _once(pairs), values


def _value_labels(said: Any) -> dict[str, dict[Any, str]]:
    if isinstance(said, Mapping):
        odd = next((name for name, values in said.items() if not isinstance(values, Mapping)), None)
        if odd is not None:
            raise ConfigurationError(
                f"value_labels: {odd!r} must say the label of each value, such as {{1: 'female', 2: 'male'}}"
            )
        return {str(name): {value: str(label) for value, label in values.items()} for name, values in said.items()}
    table, column = _table(said, "value_labels", "label", "value")
    return _by_column(table.select(column, "value", "label").drop_nulls())


def _table(said: Any, role: str, *needed: str) -> tuple[pl.DataFrame, str]:
    opened = open_frame(said)
    source = replace(opened, guess=opened.guess and _OWN_TABLE)
    column = next((name for name in _COLUMN_NAMES if name in source.schema), None)
    if column is None:
        raise ColumnNotFoundError(f"{role}: a codebook needs a column called {' or '.join(map(repr, _COLUMN_NAMES))}")
    source.require(list(needed), role)
    return flawless(source, f"{role}: the codebook"), column


def _once(pairs: pl.DataFrame) -> dict[str, str]:
    names = pairs.to_series(0).cast(pl.String)
    twice = names.filter(names.is_duplicated()).unique(maintain_order=True).to_list()
    if twice:
        raise PlanError(f"labels: several labels for column {twice[0]!r}; keep one")
    return dict(pairs.cast(pl.String).iter_rows())


def _by_column(rows: pl.DataFrame) -> dict[str, dict[Any, str]]:
    found: dict[str, dict[Any, str]] = {}
    for column, value, label in rows.iter_rows():
        held = found.setdefault(str(column), {})
        if held.setdefault(value, str(label)) != str(label):
            raise PlanError(f"value_labels: several labels for {value!r} of column {column!r}; keep one")
    return found


def _merged(first: dict[str, dict[Any, str]], second: dict[str, dict[Any, str]]) -> dict[str, dict[Any, str]]:
    twice = sorted(set(first) & set(second))
    if twice:
        raise PlanError(f"the values of column {twice[0]!r} have labels both in labels= and in value_labels=; keep one")
    return {**first, **second}
