"""Cells that the engine cannot hold, where it would see null: as problems, or as the end of reading.

Takes an opened table, gives problems, or the whole of it if there are none.
"""

from collections.abc import Mapping

import polars as pl

from occtoo_frames._frames.exit import to_kind
from occtoo_frames._frames.source import Source
from occtoo_frames._push.problems import Place, gathered, problems
from occtoo_frames.exceptions import InvalidRowsError

_HINT = "convert the column to one type"


def flaw_problems(source: Source, variables: Mapping[str, str]) -> list[pl.DataFrame]:
    """The flaws of a table as problems; ``variables`` tells what its columns are called in a file."""
    found = []
    for flaw in source.flaws:
        place = Place(flaw.column, variables.get(flaw.column))
        if flaw.rows is None:
            found.append(problems(flaw.rule, flaw.message, _HINT, place=place))
        else:
            cells = pl.Series(list(flaw.values), dtype=pl.String) if len(flaw.values) else None
            found.append(problems(flaw.rule, flaw.message, _HINT, rows=flaw.rows, values=cells, place=place))
    return found


def flawless(source: Source, what: str) -> pl.DataFrame:
    """The whole of a table, which ``what`` names in an error.

    Raises:
        InvalidRowsError: Some of its cells would be null and are not empty.
    """
    if not source.flaws:
        return source.whole(what)
    found = gathered(flaw_problems(source, {}))
    column, row, message = found.select("column", "row", "message").row(0)
    place = column if row is None else f"row {row}, {column}"
    raise InvalidRowsError(
        f"{what}: {found.height:,} of its cells cannot be read: {message} ({place}); see .problems",
        to_kind(found, source.kind),
    )
