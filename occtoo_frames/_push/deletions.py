"""The column that says which rows are deletions: a boolean one, or text of true and false, as a csv has it.

Takes the column, gives which rows are deletions, and problems where a text says something else.
"""

from collections.abc import Iterator

import polars as pl

from occtoo_frames._push.problems import Place, problems
from occtoo_frames.exceptions import PlanError

_WORDS = ["true", "false", ""]


def must_tell_deletions(name: str, dtype: pl.DataType) -> None:
    """Returns if a column of ``dtype`` can say what is deleted.

    Raises:
        PlanError: It cannot: a 1 may mean anything.
    """
    if dtype not in {pl.Boolean, pl.Null, pl.String}:
        raise PlanError(
            f"delete={name!r} must be a boolean column, or text of true and false, it is {dtype}; compare it first"
        )


def is_deleted(said: pl.Series) -> pl.Series:
    """Which rows are deletions; a null or an empty text means no."""
    true = said.str.to_lowercase() == "true" if said.dtype == pl.String else said.cast(pl.Boolean)
    return true.fill_null(value=False)


def odd_deletions(said: pl.Series, keys: pl.Series, first_row: int) -> Iterator[pl.DataFrame]:
    """The rows whose text is neither true nor false nor empty; ``said`` begins at ``first_row``."""
    if said.dtype != pl.String:
        return
    rows = (~said.str.to_lowercase().is_in(_WORDS)).arg_true()
    if len(rows):
        yield problems(
            "value-type",
            "a text that says what is deleted is true, false or empty",
            "write true where the entry is deleted",
            rows=rows.cast(pl.Int64).to_numpy() + first_row,
            keys=keys.gather(rows),
            values=said.gather(rows),
            place=Place(said.name),
        )
