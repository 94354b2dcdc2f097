"""The columns in which a report tells what became of each row, when its frame is planned again.

Takes a Source, gives the columns of it that ``PushReport.failed`` added; they are no properties.
"""

import polars as pl

from occtoo_frames._frames.source import Source
from occtoo_frames._push.outcomes import Outcome

REASONS = ("outcome", "rule", "reason")
OWN_REASONS = ("push_outcome", "push_rule", "push_reason")
"""The columns that are added to the caller's, the second where one of the first is taken."""


def told_columns(source: Source, free: set[str]) -> tuple[str, ...]:
    """Those of the columns that are ``free`` for it in which a report tells of the rows."""
    sets = (names for names in (OWN_REASONS, REASONS) if free.issuperset(names))
    return next((names for names in sets if _tells_outcomes(source, names[0])), ())


def _tells_outcomes(source: Source, column: str) -> bool:
    """True if each row of ``column`` is an outcome of a push; others may call a column so, too."""
    if not isinstance(source.schema[column], pl.String | pl.Categorical | pl.Enum):
        return False
    return all(
        part[column].cast(pl.String).is_in(list(Outcome)).fill_null(value=False).all()
        for part in source.slices([column])
    )
