"""A table made ready for one file: its variables, labels and categories, and every cell that would not survive.

Takes a caller's table and what was said about it, gives a Prepared that a writer can write. Sees each slice once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import polars as pl

from occtoo_frames._frames.door import open_frame
from occtoo_frames._frames.exit import to_kind
from occtoo_frames._frames.source import Source
from occtoo_frames._given import to_texts
from occtoo_frames._push.problems import gathered
from occtoo_frames._push.shown import counted, problem_lines
from occtoo_frames.datatile.checks import (
    FORMATS,
    LOSSES,
    SPSS,
    Format,
    cell_problems,
    index_problems,
    size_problems,
    type_problems,
)
from occtoo_frames.datatile.codebook import Codebook, codebook
from occtoo_frames.datatile.flaws import flaw_problems
from occtoo_frames.datatile.labels import LABEL_BYTES, Categories, cut, label_problems
from occtoo_frames.datatile.names import Names, name_problems, variables_of
from occtoo_frames.exceptions import ConfigurationError, InvalidRowsError


@dataclass(frozen=True, slots=True)
class Prepared:
    """A table ready to be written, with what was found.

    Attributes:
        variables: The variable of each column.
        book: The labels, those that columns have from their own names among them.
        categories: The columns that SPSS holds as labelled codes.
        found: Every problem, allowed ones too.
        rows: How many there are.
        allowed: The rules whose problems do not keep the file from being written.
    """

    source: Source
    fmt: Format
    variables: dict[str, str]
    book: Codebook
    categories: dict[str, Categories]
    found: pl.DataFrame
    rows: int
    allowed: frozenset[str]

    @property
    def refused(self) -> pl.DataFrame:
        """The problems that keep the file from being written."""
        return self.found.filter(~pl.col("rule").is_in(self.allowed))

    @property
    def labels(self) -> dict[str, str]:
        """The label of each column that has one, as the file holds it."""
        return {column: cut(label, LABEL_BYTES) for column, label in self.book.labels.items()}

    @property
    def losses(self) -> Any:
        """The problems that were allowed, as a frame of the caller's kind."""
        return to_kind(self.found.filter(pl.col("rule").is_in(self.allowed)), self.source.kind)

    def require(self) -> None:
        """Returns if the file can be written.

        Raises:
            InvalidRowsError: It cannot; ``.problems`` says why.
        """
        refused = self.refused
        if refused.is_empty():
            return
        rules = ", ".join(f"{rule} {count:,}" for rule, count in refused["rule"].value_counts(sort=True).iter_rows())
        raise InvalidRowsError(
            f"the {self.fmt} file is not written for {counted(refused.height, 'problem')} ({rules}); nothing "
            f"was sent. Mend the table as the hints say (see .problems).{problem_lines(refused)}",
            to_kind(refused, self.source.kind),
        )


def prepare(
    frame: Any,
    fmt: Format,
    *,
    names: Names = "strict",
    labels: Any = None,
    value_labels: Any = None,
    allow: Collection[str] = (),
    read_options: Mapping[str, Any] | None = None,
) -> Prepared:
    """``frame`` made ready for a file of ``fmt``, with everything that was found.

    Raises:
        ConfigurationError: An option is none, or means nothing for this format.
        FrameError: It is no table, or the labels are of other columns.
    """
    allowed = _checked(fmt, allow)
    source = open_frame(frame, read_options=read_options)
    book = codebook(labels, value_labels, source)
    if book and fmt not in SPSS:
        raise ConfigurationError(f"{fmt} holds no labels: leave labels= and value_labels= out, or use zsav")
    variables = variables_of(source.columns, names)
    book = book.with_names(variables) if fmt in SPSS else book
    schema = pl.Schema({column: source.schema[column] for column in source.columns})
    categories = _categories(frame, source, schema) if fmt in SPSS else {}
    found = [*index_problems(source.index_names, source.columns), *name_problems(variables)]
    found += [*type_problems(schema, fmt, variables), *flaw_problems(source, variables)]
    if fmt in SPSS:
        found += label_problems(book, schema, fmt, variables, categories)
    cells, rows = _cells(source, schema, fmt, variables)
    found += [*cells, *size_problems(rows, len(schema), fmt)]
    return Prepared(source, fmt, variables, book, categories, gathered(found), rows, allowed)


def _checked(fmt: Format, allow: Collection[str]) -> frozenset[str]:
    if fmt not in FORMATS:
        raise ConfigurationError(f"format={fmt!r}: it is one of {', '.join(FORMATS)}")
    allowed = frozenset(to_texts(allow, "allow"))
    if strange := sorted(allowed - LOSSES):
        raise ConfigurationError(f"allow={strange}: only {', '.join(sorted(LOSSES))} can be allowed")
    return allowed


def _cells(source: Source, schema: pl.Schema, fmt: Format, variables: dict[str, str]) -> tuple[list[pl.DataFrame], int]:
    looked = [column for column, dtype in schema.items() if not dtype.is_nested() and dtype != pl.Object]
    found: list[pl.DataFrame] = []
    rows = 0
    for part in source.slices(looked):
        texts = part.with_columns(pl.selectors.categorical().cast(pl.String), pl.selectors.enum().cast(pl.String))
        found += cell_problems(texts if fmt not in SPSS else part, fmt, variables, rows)
        rows += part.height
    return found, rows


def _categories(frame: Any, source: Source, schema: pl.Schema) -> dict[str, Categories]:
    """The labels of each categorical column: those of the type where it has some, else the values that there are."""
    found = {}
    for column, dtype in schema.items():
        if isinstance(dtype, pl.Enum):
            found[column] = Categories(dtype.categories.to_list(), ordered=True)
        elif isinstance(dtype, pl.Categorical):
            found[column] = _of_pandas(frame, column) or Categories(_present(source, column), ordered=False)
    return found


def _of_pandas(frame: Any, column: str) -> Categories | None:
    dtype = frame[column].dtype if isinstance(frame, pd.DataFrame) and column in frame.columns else None
    if not isinstance(dtype, pd.CategoricalDtype) or not all(isinstance(label, str) for label in dtype.categories):
        return None
    return Categories(list(dtype.categories), ordered=bool(dtype.ordered))


def _present(source: Source, column: str) -> list[str]:
    parts = [part.to_series().cast(pl.String).unique() for part in source.slices([column])]
    return pl.concat(parts).unique().drop_nulls().sort().to_list()
