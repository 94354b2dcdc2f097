"""A pandera schema's failures as problems.

Takes a schema or DataFrameModel of either backend and the table, gives problems. The whole table is looked at, lazy
ones too, since a check may be about a column as a whole (uniqueness, a mean).
"""

from collections.abc import Sequence
from copy import copy
from typing import Any

import numpy as np
import polars as pl

from occtoo_frames._frames.source import Source
from occtoo_frames._push.cells import Renderer
from occtoo_frames._push.problems import Place, problems
from occtoo_frames.exceptions import PlanError

_HINT = "mend the cell, or the schema"
_CASES = pl.Schema({
    "row": pl.List(pl.Int64()),
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
        PlanError: ``schema`` is no pandera schema.
    """
    found = _failures(schema, source, original)
    if found is None:
        return problems("schema", "", "").clear()
    numbered = found.filter(pl.col("row").is_not_null()).sort("row", maintain_order=True)
    whole = found.filter(pl.col("row").is_null())
    parts = []
    for (column,), group in numbered.group_by("column", maintain_order=True):
        rows = group["row"].to_numpy().astype(np.int64)
        distinct, back = np.unique(rows, return_inverse=True)
        keys = renderer.keys_at(source, distinct).gather(pl.Series(back))
        message = "fails the check " + group["check"]
        place = Place(None if column is None else str(column))
        parts.append(problems("schema", message, _HINT, rows=rows, keys=keys, values=group["value"], place=place))
    parts += [
        problems("schema", f"fails the check {check}", _HINT, values=pl.Series([value]), place=Place(column))
        for column, check, value in whole.select("column", "check", "value").iter_rows()
    ]
    return pl.concat(parts)


def _failures(schema: Any, source: Source, original: Any) -> pl.DataFrame | None:
    """row, column, check, value of each failure; None if there is none."""
    built = schema.to_schema() if isinstance(schema, type) and hasattr(schema, "to_schema") else schema
    backend = type(built).__module__
    if not backend.startswith("pandera"):
        raise PlanError(f"schema={schema!r} is no pandera schema or DataFrameModel")
    if "polars" in backend:
        return _refused(built, source.whole())
    frame: Any = original if hasattr(original, "iloc") else source.whole().to_pandas()
    by_position = copy(built)
    by_position.index = None
    found = [_refused(by_position, frame.reset_index(drop=True))]
    if built.index is not None:  # only that is asked of the labels, which may tell no rows apart
        found.append(_refused(built, frame, ("Index", "MultiIndex")))
    refused = [cases for cases in found if cases is not None]
    return pl.concat(refused) if refused else None


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
        named = {name: [_text(value) for value in told[name]] for name in ("column", "check", "failure_case")}
        labels = frame.index.map(str) if frame.index.nlevels > 1 else frame.index  # as pandera names them
        rows = [_rows_of(labels, label) for label in told["index"]]
        return _table(pl.DataFrame({"row": rows, **named}, schema=_CASES).explode("row").unique(maintain_order=True))
    return None


def _rows_of(index: Any, label: object) -> list[int | None]:
    """The positions of a pandas label; None for what is no label, as of a failure of a whole column."""
    try:
        found = None if label is None else index.get_loc(label)
    except (KeyError, TypeError):
        found = None
    return [found] if found is None or isinstance(found, int) else np.arange(len(index))[found].tolist()


def _text(value: object) -> str | None:
    return None if value is None else str(value).encode(errors="backslashreplace").decode()


def _table(cases: pl.DataFrame) -> pl.DataFrame:
    return cases.select(
        "row",
        column=pl.col("column").cast(pl.String),
        check=pl.col("check").cast(pl.String),
        value=pl.col("failure_case").cast(pl.String),
    )
