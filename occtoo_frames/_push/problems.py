"""Problems as a frame: one row for each refused cell, row or column.

Takes what checks found, gives polars frames of one schema. Values are shown as text, cut to a readable length.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from occtoo_frames._push.visible import visible, visible_texts

SCHEMA = pl.Schema({
    "row": pl.Int64(),
    "key": pl.String(),
    "column": pl.String(),
    "property": pl.String(),
    "language": pl.String(),
    "rule": pl.String(),
    "value": pl.String(),
    "message": pl.String(),
    "hint": pl.String(),
})  # fmt: skip
"""row: 0-based position, null for a whole column. rule: one of ``RULES``."""

RULES = (
    "key-missing",
    "key-characters",
    "key-length",
    "key-duplicate",
    "property-id",
    "language",
    "value-type",
    "value-not-finite",
    "value-surrogate",
    "value-separator",
    "entity-size",
    "schema",
)

SHOWN_CHARACTERS = 120
"""How much of a value a problem shows."""


class Place(NamedTuple):
    """The column a problem is about, and the property it is written to."""

    column: str | None = None
    property: str | None = None
    language: str | None = None


NO_COLUMN = Place()


def problems(
    rule: str,
    message: str | pl.Series,
    hint: str | pl.Series,
    *,
    rows: npt.NDArray[np.int64] | None = None,
    keys: pl.Series | None = None,
    values: pl.Series | None = None,
    place: Place = NO_COLUMN,
) -> pl.DataFrame:
    """A frame of problems of one rule: one for each of ``rows``, or one of a whole column if ``rows`` is None.

    Args:
        rule: One of ``RULES``.
        message: What is wrong; text, or one for each row.
        hint: What to do; text, or one for each row.
        rows: 0-based row positions.
        keys: Their keys as text.
        values: Their refused values as text.
        place: The column, if it is about one.
    """
    height = 1 if rows is None else len(rows)
    shown = None if values is None else values.cast(pl.String).str.slice(0, SHOWN_CHARACTERS)
    parts = {
        "row": None if rows is None else pl.Series(rows),
        "key": keys,
        **place._asdict(),
        "rule": rule,
        "value": shown,
        "message": _said(message),
        "hint": _said(hint),
    }
    return pl.DataFrame([_full(name, part, height) for name, part in parts.items()], schema=SCHEMA)


def gathered(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """All problems, by row, whole columns first; within a row in the order in which they were found."""
    if not frames:
        return pl.DataFrame(schema=SCHEMA)
    return pl.concat(frames).sort("row", nulls_last=False, maintain_order=True)


def _said(text: str | pl.Series) -> str | pl.Series:
    """What is told of a cell, which may quote it."""
    return visible(text) if isinstance(text, str) else visible_texts(text)


def _full(name: str, part: pl.Series | str | None, height: int) -> pl.Series:
    if isinstance(part, pl.Series):
        return part.alias(name).cast(SCHEMA[name])
    return pl.Series(name, [part], dtype=SCHEMA[name]).new_from_index(0, height)


def with_problems(table: pl.DataFrame, found: pl.DataFrame, dropped: npt.NDArray[np.int64]) -> pl.DataFrame:
    """``table`` with rule and reason of the rows that the plan refused, or that gave way to another of their key."""
    said = pl.concat_str([pl.col("column") + ": ", "message", pl.lit("; "), "hint"], ignore_nulls=True)
    why = (
        found.with_columns(visible_texts(found["column"]))
        .with_columns(said=said)
        .group_by("row")
        .agg(found_rule=pl.col("rule").first(), found_reason=pl.col("said").first())
    )
    whole = why.filter(pl.col("row").is_null()).drop("row")
    joined = table.join(why, on="row", how="left", maintain_order="left")
    if whole.height:
        joined = joined.with_columns(
            pl.col("found_rule").fill_null(whole["found_rule"][0]),
            pl.col("found_reason").fill_null(whole["found_reason"][0]),
        )
    gave_way = pl.col("row").is_in(dropped) & pl.col("found_rule").is_null()
    return joined.with_columns(
        rule=pl.when(gave_way).then(pl.lit("key-duplicate")).otherwise(pl.coalesce("found_rule", "rule")),
        reason=pl.when(gave_way)
        .then(pl.lit("it gives way to another row of the same key, as duplicates= says"))
        .otherwise(pl.coalesce("found_reason", "reason")),
    )
