"""A relation's entries as a table of their own, each with its parent's id and its position."""

from collections.abc import Mapping

import polars as pl

from occtoo_frames._read.document import Property
from occtoo_frames.protocol.destination import ID

PARENT = "parent_id"
POSITION = "position"
_TAKEN = {PARENT, POSITION, "language"}


def fields_of(relation: Property) -> list[str]:
    """The columns of a relation's entries; one that would stand there twice carries the relation's name."""
    inner = relation.dtype.inner if isinstance(relation.dtype, pl.List) else relation.dtype
    names = [field.name for field in inner.fields] if isinstance(inner, pl.Struct) else []
    return [f"{relation.id}_{name}" if name in _TAKEN else name for name in names]


def explode(frames: Mapping[str, pl.DataFrame], relation: Property, *, by_language: bool) -> pl.DataFrame:
    """One row an entry of the relation: parent_id, position, (language,) and the entry's properties.

    By language there are rows in each of them; otherwise those of the first.
    """
    if not by_language:
        return _children(next(iter(frames.values())), relation)
    named = [
        _children(frame, relation).insert_column(2, pl.lit(language or None, dtype=pl.String).alias("language"))
        for language, frame in frames.items()
    ]
    return pl.concat(named)


def _children(frame: pl.DataFrame, relation: Property) -> pl.DataFrame:
    column = pl.col(relation.id)
    if isinstance(relation.dtype, pl.List):
        counted = frame.select(
            pl.col(ID).alias(PARENT), pl.int_ranges(column.list.len().fill_null(0)).alias(POSITION), column
        )
        long = counted.filter(column.list.len() > 0).explode(POSITION, relation.id)
    else:
        single = pl.lit(0, dtype=pl.Int64).alias(POSITION)
        long = frame.select(pl.col(ID).alias(PARENT), single, column).filter(column.is_not_null())
    return long.with_columns(column.struct.rename_fields(fields_of(relation))).unnest(relation.id)
