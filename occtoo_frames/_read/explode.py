"""A relation's entries as a table of their own, each with its parent's id and its position."""

from collections.abc import Mapping

import polars as pl

from occtoo_frames._read.document import Property
from occtoo_frames.protocol.destination import ID

PARENT = "parent_id"
POSITION = "position"


def explode(frames: Mapping[str, pl.DataFrame], relation: Property, *, several: bool) -> pl.DataFrame:
    """One row an entry of the relation: parent_id, position, (language,) and the entry's properties.

    With several languages a localised relation gives its rows in each of them.
    """
    used = frames if relation.localized and several else dict(list(frames.items())[:1])
    parts = [_children(frame, relation) for frame in used.values()]
    if not (relation.localized and several):
        return parts[0]
    named = [
        part.insert_column(2, pl.lit(language, dtype=pl.String).alias("language"))
        for language, part in zip(used, parts, strict=True)
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
    return long.unnest(relation.id)
