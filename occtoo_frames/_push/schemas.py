"""A pandera schema's failures as problems.

Takes a schema or DataFrameModel of either backend and the table, gives problems. The whole table is looked at, lazy
ones too, since a check may be about a column as a whole (uniqueness, a mean).
"""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from occtoo_frames._frames.source import Source
from occtoo_frames._push.cells import Renderer
from occtoo_frames._push.problems import SHOWN_CHARACTERS, Place, problems
from occtoo_frames.exceptions import PlanError

_HINT, _HINT_WHOLE = "mend the cell, or the schema", "mend the table, or the schema"
_ABOUT_COLUMNS: Mapping[str, str] = {
    "column_in_dataframe": "the schema wants a column {!r}, which is not there",
    "column_in_schema": "the schema knows no column {!r}",
    "column_ordered": "column {!r} stands elsewhere in the schema",
}
"""What pandera says of the columns of a table: its word for the check, whose failure case is the column's name."""
_CASES = pl.Schema({
    "code": pl.Int64(),
    "column": pl.String(),
    "check": pl.String(),
    "failure_case": pl.String(),
})  # fmt: skip


def schema_problems(schema: Any, source: Source, original: Any, renderer: Renderer) -> pl.DataFrame:
    """The rows and columns that ``schema`` refuses, as problems of the rule ``schema``.

    Args:
        schema: A pandera DataFrameSchema or DataFrameModel, for pandas or polars.
        source: The table.
        original: The caller's frame; used as it is if it is pandas.
        renderer: Knows the keys.

    Raises:
        PlanError: ``schema`` is no pandera schema of a table.
    """
    found = _failures(schema, source, original)
    if found is None:
        return problems("schema", "", "").clear()
    numbered = found.filter(pl.col("row").is_not_null()).sort("row", maintain_order=True)
    whole = found.filter(pl.col("row").is_null())
    sent = renderer.layout.properties
    places: dict[Any, Place] = {one.column: Place(one.column, one.property, one.language) for one in sent}
    parts = []
    for (column,), group in numbered.group_by("column", maintain_order=True):
        rows = group["row"].to_numpy().astype(np.int64)
        distinct, back = np.unique(rows, return_inverse=True)
        keys = renderer.keys_at(source, distinct).gather(pl.Series(back))
        message = "fails the check " + group["check"]
        place = places.get(column, Place(None if column is None else str(column)))
        parts.append(problems("schema", message, _HINT, rows=rows, keys=keys, values=group["value"], place=place))
    for column, check, value in whole.select("column", "check", "value").iter_rows():
        named = column or (value if check in _ABOUT_COLUMNS else None)
        place = places.get(named, Place(named))
        parts.append(problems("schema", _of_whole(check, value), _HINT_WHOLE, values=pl.Series([value]), place=place))
    return pl.concat(parts)


def _of_whole(check: str, value: str | None) -> str:
    """What is wrong with a column or the table: which column, or what a check said instead of yes or no."""
    if check in _ABOUT_COLUMNS:
        return _ABOUT_COLUMNS[check].format(value)
    said = "" if value is None or value.lower() == "false" else f": {value[:SHOWN_CHARACTERS]}"
    return f"fails the check {check}{said}"


def _failures(schema: Any, source: Source, original: Any) -> pl.DataFrame | None:
    """row, column, check, value of each failure; None if there is none."""
    built = _built(schema)
    if "polars" in type(built).__module__:
        return _refused(built, _held(source))
    frame: Any = original if hasattr(original, "iloc") else _held(source).to_pandas()
    by_position = copy(built)
    by_position.index = None
    found = [_refused(by_position, frame.reset_index(drop=True))]
    if built.index is not None:  # only that is asked of the labels, which may tell no rows apart
        found.append(_refused(built, frame, ("Index", "MultiIndex")))
    refused = [cases for cases in found if cases is not None]
    return pl.concat(refused) if refused else None


def _held(source: Source) -> pl.DataFrame:
    """The table as a schema sees it; cells that the engine cannot hold are problems of the plan already."""
    return source.with_nulls.lazy().select(source.columns).collect()


def _built(schema: Any) -> Any:
    """The schema of a table; with ``drop_invalid_rows`` it would leave out what it refuses without a word."""
    built = schema.to_schema() if isinstance(schema, type) and hasattr(schema, "to_schema") else schema
    if not type(built).__module__.startswith("pandera") or not hasattr(built, "columns"):
        raise PlanError(f"schema={schema!r} is no pandera DataFrameSchema or DataFrameModel")
    return _telling(built)


def _telling(part: Any) -> Any:
    """A copy of a schema, or of a part of one, that drops no rows, nor do its own parts."""
    told = copy(part)
    told.drop_invalid_rows = False
    if getattr(part, "columns", None):
        told.columns = {name: _telling(column) for name, column in part.columns.items()}
    if getattr(part, "indexes", None):
        told.indexes = [_telling(level) for level in part.indexes]
    if getattr(part, "index", None) is not None:
        told.index = _telling(part.index)
    return told


def _refused(schema: Any, frame: Any, contexts: Sequence[str] = ()) -> pl.DataFrame | None:
    """row, column, check, value of each failure of ``contexts``, or of all; None if there is none."""
    from pandera.errors import SchemaErrors

    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        if isinstance(cases, pl.DataFrame):
            return _table(cases.with_columns(row=pl.col("index").cast(pl.Int64)))
        told = cases[cases["schema_context"].isin(contexts)] if contexts else cases
        return _table(_with_rows(told, frame.index))
    return None


def _with_rows(cases: Any, index: Any) -> pl.DataFrame:
    """The failure cases of pandas with the rows that their labels stand at: each label's once, however many failed."""
    labels = index.map(str) if index.nlevels > 1 else index  # as pandera names them
    codes, known = pd.factorize(labels, use_na_sentinel=False)
    named = {name: [_text(value) for value in cases[name]] for name in ("column", "check", "failure_case")}
    told = pl.DataFrame({"code": known.get_indexer(pd.Index(cases["index"])), **named}, schema=_CASES)
    rows = pl.DataFrame({"code": codes, "row": np.arange(len(codes))}, schema={"code": pl.Int64, "row": pl.Int64})
    return told.unique(maintain_order=True).join(rows, on="code", how="left", maintain_order="left_right")


def _text(value: object) -> str | None:
    return None if value is None else str(value).encode(errors="backslashreplace").decode()


def _table(cases: pl.DataFrame) -> pl.DataFrame:
    return cases.select(
        "row",
        column=pl.col("column").cast(pl.String),
        check=pl.col("check").cast(pl.String),
        value=pl.col("failure_case").cast(pl.String),
    )
