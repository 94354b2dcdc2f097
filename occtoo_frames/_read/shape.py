"""From the decoded frames of each language to the table the caller asked for."""

from collections.abc import Mapping

import polars as pl

from occtoo_frames._read.explode import explode
from occtoo_frames._read.languages import to_long, to_wide
from occtoo_frames._read.plan import ReadPlan
from occtoo_frames.protocol.destination import ID

RAW = "\0json"
"""The column that holds an entry's JSON as the server wrote it, until it is given away as ``json``."""


def shape(plan: ReadPlan, frames: Mapping[str | None, pl.DataFrame]) -> pl.DataFrame:
    """The table: languages joined, relation exploded, columns chosen.

    Args:
        plan: The read.
        frames: Each language's entries, in the order of ``plan.languages``.
    """
    named = {language or "": frame for language, frame in frames.items()}
    if plan.relation is not None:
        return _chosen(plan, explode(named, plan.relation, by_language=plan.exploded_by_language))
    if plan.raw:
        return _raw(plan, named)
    if plan.layout == "long":
        return _chosen(plan, to_long(named, plan.properties, first_decides=plan.first_decides))
    if not plan.several:
        return _chosen(plan, next(iter(named.values())))
    wide = to_wide(named, plan.properties, plan.style, first_decides=plan.first_decides)
    return _chosen(plan, wide if plan.first_decides else plan.ordered(wide))


def _raw(plan: ReadPlan, frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    json = pl.col(RAW).alias("json")
    if not plan.several and plan.layout == "wide":
        return next(iter(frames.values())).select(ID, json)
    named = [
        frame.select(ID, pl.lit(language or None, dtype=pl.String).alias("language"), json)
        for language, frame in frames.items()
    ]
    return pl.concat(named)


def _chosen(plan: ReadPlan, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns asked for, in the order asked for; a localised property's name stands for all its languages."""
    if plan.columns is None:
        return frame
    wide = {} if plan.relation is not None else plan.wide
    names = [name for column in plan.columns for name in wide.get(column, [column])]
    return frame.select(list(dict.fromkeys(names)))
