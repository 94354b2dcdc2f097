"""A pandera schema's failures as problems.

Takes a schema or DataFrameModel of either backend and the table, gives problems. The whole table is looked at, lazy
ones too, since a check may be about a column as a whole (uniqueness, a mean).
"""

from typing import Any

import numpy as np
import polars as pl

from occtoo_frames._frames.source import Source
from occtoo_frames._push.cells import Renderer
from occtoo_frames._push.problems import Place, problems
from occtoo_frames.exceptions import PlanError

_HINT = "mend the cell, or the schema"


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
    from pandera.errors import SchemaErrors

    frame: Any = source.whole()
    if "polars" not in backend:
        frame = original.reset_index(drop=True) if hasattr(original, "iloc") else frame.to_pandas()
    try:
        built.validate(frame, lazy=True)
    except SchemaErrors as errors:
        return _table(errors.failure_cases)
    return None


def _table(cases: Any) -> pl.DataFrame:
    frame = cases if isinstance(cases, pl.DataFrame) else pl.DataFrame({
        name: pl.Series([None if value is None else str(value) for value in cases[name]], dtype=pl.String)
        for name in ("column", "check", "failure_case", "index")
    })  # fmt: skip
    return frame.select(
        row=pl.col("index").cast(pl.String).str.extract(r"^(\d+)$", 1).cast(pl.Int64),
        column=pl.col("column").cast(pl.String),
        check=pl.col("check").cast(pl.String),
        value=pl.col("failure_case").cast(pl.String),
    )
