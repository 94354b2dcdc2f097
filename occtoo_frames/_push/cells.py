"""A slice of the table as text: keys, values, deletions, and what cannot be written.

Takes polars slices and the Layout, gives the encoder's Slices and frames of problems about single cells.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from occtoo_frames._frames import own_texts
from occtoo_frames._frames.source import Flaw, Source
from occtoo_frames._push.columns import Layout, PropertyColumn
from occtoo_frames._push.deletions import odd_deletions, told_deletions
from occtoo_frames._push.encoder import Slice
from occtoo_frames._push.moments import is_writable
from occtoo_frames._push.problems import NO_COLUMN, Place, problems
from occtoo_frames._push.rendering import Looked, Rendering, rendering_for
from occtoo_frames.exceptions import PlanError
from occtoo_frames.typing import Nulls

NO_RENDERING = "{dtype} has no text form on the platform"
NO_RENDERING_HINT = "turn the column into text, numbers, dates or a list of them, or leave it out of properties"


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders slices of one table.

    Attributes:
        layout: What each column becomes.
        columns: The property columns that can be written, with their renderings, in order.
        refused: The property columns that cannot.
        key: The renderings of the key columns; a float column of whole numbers is written as integers.
    """

    layout: Layout
    columns: tuple[tuple[PropertyColumn, Rendering], ...]
    refused: tuple[PropertyColumn, ...]
    key: tuple[tuple[str, Rendering, bool], ...]
    key_separator: str
    nulls: Nulls

    @classmethod
    def of(
        cls,
        layout: Layout,
        schema: pl.Schema,
        *,
        flaws: Sequence[Flaw],
        whole_floats: frozenset[str],
        labels: Mapping[str, str],
        key_separator: str,
        list_separator: str,
        nulls: Nulls,
    ) -> "Renderer":
        """The Renderer of a layout; ``labels`` are what people call columns that nobody named.

        Raises:
            PlanError: A key column's dtype cannot be written as text, or the engine could not hold it at all.
        """
        found = [(column, rendering_for(column.dtype, list_separator)) for column in layout.properties]
        keys = []
        for name in layout.key:
            rendering, shown = rendering_for(schema[name], list_separator), labels.get(name, name)
            if rendering is None or isinstance(schema[name], pl.List | pl.Array):
                raise PlanError(f"key column {shown!r} is {schema[name]}, which cannot be written as a key")
            for flaw in flaws:
                if flaw.column == name and flaw.rows is None:
                    raise PlanError(f"key column {shown!r}: {flaw.message}")
            keys.append((name, rendering, name in whole_floats))
        return cls(
            layout,
            tuple((column, rendering) for column, rendering in found if rendering is not None),
            tuple(column for column, rendering in found if rendering is None),
            tuple(keys),
            key_separator,
            nulls,
        )

    @property
    def identities(self) -> list[tuple[str, str | None]]:
        """The (property id, language) of each column that is written."""
        return [(column.property, column.language) for column, _ in self.columns]

    @property
    def clean(self) -> list[bool]:
        """For each of them, whether its text never needs escaping."""
        return [rendering.clean for _, rendering in self.columns]

    def knowing(self, clean: npt.NDArray[np.bool_]) -> "Renderer":
        """The same, told of each column whether its text needs no escaping in this table."""
        told = zip(self.columns, clean.tolist(), strict=True)
        columns = ((column, row if row.clean == known else replace(row, clean=known)) for (column, row), known in told)
        return replace(self, columns=tuple(columns))

    def slice(self, frame: pl.DataFrame) -> Slice:
        """``frame`` as text."""
        return self.slice_of(frame, self.texts(frame))

    def texts(self, frame: pl.DataFrame) -> list[pl.Series]:
        """The text of each property column's values, null where there is none."""
        return [rendering.render(frame[column.column]) for column, rendering in self.columns]

    def look(self, frame: pl.DataFrame) -> list[Looked]:
        """The same, with what is to be said of the values of each."""
        return [rendering.look(frame[column.column]) for column, rendering in self.columns]

    def slice_of(self, frame: pl.DataFrame, texts: Sequence[pl.Series]) -> Slice:
        """The Slice of ``frame``, whose ``texts`` were made."""
        values = [text.fill_null("") for text in texts] if self.nulls == "clear" else texts
        return Slice(self.keys(frame), values, self.deleted(frame))

    def key_parts(self, frame: pl.DataFrame) -> list[pl.Series]:
        """The key columns of each row as text."""
        return [
            rendering.render(frame[name]) if not whole else frame[name].cast(pl.Int64).cast(pl.String)
            for name, rendering, whole in self.key
        ]

    def keys(self, frame: pl.DataFrame) -> pl.Series:
        """The key of each row as text, null where a part of it is missing or empty."""
        parts = self.key_parts(frame)
        if len(parts) == 1:
            return parts[0].alias("key")
        named = pl.DataFrame([part.alias(str(position)) for position, part in enumerate(parts)])
        there = pl.when(pl.all() != "").then(pl.all())
        return named.select(pl.concat_str(there, separator=self.key_separator).alias("key")).to_series()

    def keys_at(self, source: Source, rows: npt.NDArray[np.int64]) -> pl.Series:
        """The keys of the rows at positions ``rows``, which ascend."""
        parts, start = [pl.Series("key", [], dtype=pl.String)], 0
        for frame in source.slices(list(self.layout.key)):
            low, high = np.searchsorted(rows, [start, start + frame.height])
            if high > low:
                here = pl.Series(rows[low:high] - start)
                parts.append(self.keys(frame.select(pl.all().gather(here))))
            start += frame.height
        return pl.concat(parts)

    def told_deletions(self, frame: pl.DataFrame) -> pl.Series | None:
        """What each row says of its deletion, boolean or null; None if there is nothing that says it."""
        if self.layout.delete_all:
            return pl.Series([True]).new_from_index(0, frame.height)
        return None if self.layout.delete is None else told_deletions(frame[self.layout.delete])

    def deleted(self, frame: pl.DataFrame) -> npt.NDArray[np.bool_] | None:
        """Which rows are deletions, each alone; None if none is."""
        told = self.told_deletions(frame)
        return told.fill_null(value=False).to_numpy() if told is not None and told.any() else None

    def refusals(
        self,
        frame: pl.DataFrame,
        looked: Sequence[Looked],
        keys: pl.Series,
        first_row: int,
    ) -> Iterator[pl.DataFrame]:
        """Problems with single values of ``frame``, whose first row stands at ``first_row``, as ``look`` found them."""
        if self.layout.delete is not None:
            yield from odd_deletions(frame[self.layout.delete], keys, first_row)
        refused = [
            (column, each) for (column, _), one in zip(self.columns, looked, strict=True) for each in one.refused
        ]
        for column, refusal in refused:
            rows = refusal.mask.arg_true()
            yield problems(
                refusal.rule,
                refusal.message,
                refusal.hint,
                rows=rows.cast(pl.Int64).to_numpy() + first_row,
                keys=keys.gather(rows),
                values=shown(frame[column.column].gather(rows), column.dtype),
                place=place_of(column),
            )

    def column_problems(self) -> Iterator[pl.DataFrame]:
        """Problems with whole columns: ids that break the rules, dtypes that cannot be written."""
        for column in self.refused:
            message = NO_RENDERING.format(dtype=column.dtype)
            yield problems("value-type", message, NO_RENDERING_HINT, place=place_of(column))
        for column in self.layout.properties:
            hint = self.layout.illegal.get(column.column)
            if hint is None:
                continue
            yield problems(
                "property-id",
                "a property id has 1 to 256 characters of A-Z a-z 0-9 _ -",
                hint,
                values=pl.Series([column.property]),
                place=place_of(column),
            )


def place_of(column: PropertyColumn) -> Place:
    """The place that problems of ``column`` name."""
    return Place(column.column, column.property, column.language)


def place_of_key(layout: Layout) -> Place:
    """The place that problems of a whole key name."""
    return Place(layout.key[0]) if len(layout.key) == 1 else NO_COLUMN


def shown(values: pl.Series, kind: pl.DataType) -> pl.Series:
    """Values of a column of ``kind`` as text, for people; dates that have no text form as numbers."""
    flat = values.explode() if isinstance(values.dtype, pl.List | pl.Array) else values
    if isinstance(flat.dtype, pl.Date | pl.Datetime) and not is_writable(flat).all():
        values = values.to_physical()
    if isinstance(values.dtype, pl.List | pl.Array):
        return pl.Series([str(value) for value in own_texts.lists(values, kind)])
    return values.cast(pl.String)
