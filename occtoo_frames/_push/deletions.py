"""The column that says which rows are deletions: a boolean one, or text of true and false, as a csv has it.

Takes the column, gives which rows are deletions, and problems where a text says something else. A null or an empty text
says nothing: a row that is an entry of its own is no deletion then, of several rows that are one the others are heard.
"""

from collections.abc import Iterator

import polars as pl

from occtoo_frames._push.problems import Place, problems
from occtoo_frames.exceptions import PlanError

_TOLD = ["true", "false"]


def must_tell_deletions(name: str, dtype: pl.DataType) -> None:
    """Returns if a column of ``dtype`` can say what is deleted.

    Raises:
        PlanError: It cannot: a 1 may mean anything.
    """
    if dtype not in {pl.Boolean, pl.Null, pl.String}:
        raise PlanError(
            f"delete={name!r} must be a boolean column, or text of true and false, it is {dtype}; compare it first"
        )


def told_deletions(said: pl.Series) -> pl.Series:
    """What each cell says, boolean; null where it says nothing, or what is neither true nor false."""
    if said.dtype != pl.String:
        return said.cast(pl.Boolean)
    lower = said.str.to_lowercase()
    return (lower == "true").set(~lower.is_in(_TOLD), None)


def is_deleted(said: pl.Series) -> pl.Series:
    """Which rows are deletions, if each is an entry of its own."""
    return told_deletions(said).fill_null(value=False)


def last_told(told: pl.Expr) -> pl.Expr:
    """What the rows that are merged say of their deletion: what the last of them that says anything does."""
    return told.drop_nulls().last()


def tell_both(told: pl.Expr) -> pl.Expr:
    """True if one row says that their entry is deleted, and another that it is not."""
    return told.drop_nulls().n_unique() > 1


def odd_deletions(said: pl.Series, keys: pl.Series, first_row: int) -> Iterator[pl.DataFrame]:
    """The rows whose text is neither true nor false nor empty; ``said`` begins at ``first_row``."""
    if said.dtype != pl.String:
        return
    rows = (~said.str.to_lowercase().is_in([*_TOLD, ""])).arg_true()
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
