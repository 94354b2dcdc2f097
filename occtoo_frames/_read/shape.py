"""From the decoded frames of each language to the table the caller asked for."""

from collections.abc import Mapping

import polars as pl

from occtoo_frames._read.document import Property
from occtoo_frames._read.explode import explode
from occtoo_frames._read.languages import to_long, to_wide
from occtoo_frames._read.names import must_stand
from occtoo_frames._read.plan import ReadPlan
from occtoo_frames.protocol.destination import ID

RAW = "json"
"""The column that holds an entry's JSON as the server wrote it."""


def shape(plan: ReadPlan, frames: Mapping[str | None, pl.DataFrame]) -> pl.DataFrame:
    """The table: languages joined, relation exploded, columns chosen.

    Args:
        plan: The read.
        frames: Each language's entries, in the order of ``plan.languages``.
    """
    named = {language or "": frame for language, frame in frames.items()}
    if plan.relation is not None:
        return _chosen(plan, _exploded(plan, named))
    if plan.raw:
        return _raw(plan, named)
    picked = {language: frame.select(one.id for one in _joined(plan)) for language, frame in named.items()}
    if plan.layout == "long":
        return _chosen(plan, to_long(picked, _joined(plan), first_decides=plan.first_decides))
    if not plan.several:
        return _chosen(plan, next(iter(picked.values())))
    wide = to_wide(picked, _joined(plan), plan.style, first_decides=plan.first_decides)
    return _chosen(plan, wide)


def _joined(plan: ReadPlan) -> tuple[Property, ...]:
    return tuple(one for one in plan.properties if one.id == ID or one in plan.shown)


def _exploded(plan: ReadPlan, frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    assert plan.relation is not None  # noqa: S101 - the caller looked
    several = plan.several or plan.layout == "long"
    return explode(frames, plan.relation, several=several)


def _raw(plan: ReadPlan, frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    if not plan.several and plan.layout == "wide":
        return next(iter(frames.values())).select(ID, RAW)
    named = [
        frame.select(ID, pl.lit(language, dtype=pl.String).alias("language"), RAW) for language, frame in frames.items()
    ]
    return pl.concat(named)


def _chosen(plan: ReadPlan, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns asked for, in the order asked for; a localised property's name stands for all its languages.

    Raises:
        ColumnNotFoundError: One of them is none.
    """
    if plan.columns is None:
        return frame
    names: list[str] = []
    for name in plan.columns:
        group = plan.wide.get(name, [name]) if plan.relation is None and plan.layout == "wide" else [name]
        names.extend(group)
    for name in names:
        must_stand(name, frame.columns, "column")
    return frame.select(list(dict.fromkeys(names)))
