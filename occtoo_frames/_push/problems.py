"""Problems as a frame: one row for each refused cell, row or column.

Takes what checks found, gives polars frames of one schema. Values are shown as text, cut to a readable length.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

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
        "message": message,
        "hint": hint,
    }
    return pl.DataFrame([_full(name, part, height) for name, part in parts.items()], schema=SCHEMA)


def gathered(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """All problems, by row, whole columns first; within a row in the order in which they were found."""
    if not frames:
        return pl.DataFrame(schema=SCHEMA)
    return pl.concat(frames).sort("row", nulls_last=False, maintain_order=True)


def _full(name: str, part: pl.Series | str | None, height: int) -> pl.Series:
    if isinstance(part, pl.Series):
        return part.alias(name).cast(SCHEMA[name])
    return pl.Series(name, [part], dtype=SCHEMA[name]).new_from_index(0, height)
