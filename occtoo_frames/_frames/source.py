"""A caller's table as the engine sees it: a schema, slices in order, single rows, and the kind to give back.

Takes what the doors of this room made of the caller's object; gives polars slices, as often as asked, so that a
table larger than memory is looked at a slice at a time. Knows nothing of keys, properties or rules.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from occtoo_frames._frames import own_texts
from occtoo_frames._frames.meant import hint_for, some
from occtoo_frames.exceptions import ColumnNotFoundError, PlanError, UnsupportedFrameError
from occtoo_frames.typing import FrameKind

BATCH_ROWS = 65_536
"""About how many rows of a lazy table are in memory at a time."""

INDEX_PREFIX = "\x00index"
"""Begins the names of the columns that hold a pandas index; no column of a table is called that."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """Cells of one column that the engine cannot hold; it sees null there.

    Attributes:
        rows: 0-based row positions, int64, or None for the whole column.
        values: The cells as text, one for each of ``rows``.
        rule: ``value-type``, ``value-surrogate`` or ``value-not-finite``.
    """

    column: str
    rule: str
    message: str
    rows: npt.NDArray[np.int64] | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One table: what its columns are, and its rows in order, again at each call.

    Attributes:
        with_nulls: The engine's view, whole or lazy, null where a flaw is: who takes it, or the rows in it, tells of
            ``flaws``; for those who do not there is ``whole``.
        kind: What the caller works with and gets back.
        dtypes: Each column's type in the caller's own words.
        flaws: Cells and columns that the engine cannot hold.
        own: The text of each cell, of columns whose type has not the scale or offset of each; see ``as_written``.
        equals: Of the columns that ``as_written`` replaced: what is the same in cells of equal value.
        whole_floats: Float columns of pandas with only whole numbers: integers, before a value went missing.
        labels: What people call the columns that hold a pandas index.
        index_names: What pandas calls the levels of its index, whether they were taken in or not.
        warnings: What was found and decided while opening the table.
        guess: How the columns of a file were told apart, and how to say it; empty if there was no choice.
        height: How many rows a lazy table has that gives any slice of them at once, as a parquet file does; else None.
        restore: Gives the caller's own rows at positions, as the caller's kind; None where polars' are as good.
        stamp: Tells a file's state apart from an earlier one; None for tables in memory.
        stamped: What ``stamp`` said when the table was opened.
        original: The caller's own frame, if it is one that can be changed in place; ``with_nulls`` stays as it was.
    """

    with_nulls: pl.DataFrame | pl.LazyFrame
    kind: FrameKind
    schema: pl.Schema
    dtypes: Mapping[str, str] = field(default_factory=dict)
    flaws: tuple[Flaw, ...] = ()
    own: Mapping[str, pl.Series] = field(default_factory=dict)
    equals: Mapping[str, pl.Series] = field(default_factory=dict)
    whole_floats: frozenset[str] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)
    index_names: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    guess: str = ""
    height: int | None = None
    restore: Callable[[npt.NDArray[np.int64]], Any] | None = None
    stamp: Callable[[], object] | None = None
    stamped: object = None
    original: pl.DataFrame | None = None

    @property
    def columns(self) -> list[str]:
        """The names of the caller's columns, in order; not those in which pandas keeps an index in Arrow."""
        hidden = (INDEX_PREFIX, "__index_level_")
        return [name for name in self.schema if not name.startswith(hidden)]

    @property
    def index_columns(self) -> list[str]:
        """The names of the columns that hold the pandas index; empty for other kinds."""
        return [name for name in self.schema if name.startswith(INDEX_PREFIX)]

    def require(self, columns: Sequence[str], role: str) -> None:
        """Returns if every one of ``columns`` stands in the table.

        Raises:
            ColumnNotFoundError: One does not; the message says which, for what, and which come close.
        """
        missing = [name for name in columns if name not in self.schema]
        if not missing:
            return
        hint = hint_for(missing[0], self.columns, self.index_names, role)
        guess = f" ({self.guess})" if self.guess else ""
        raise ColumnNotFoundError(f"{role}: no column {some(missing)} in the table; {hint}{guess}")

    @property
    def as_written(self) -> "Source":
        """The same for those who write it: some columns stand in it as their text, ``schema`` says what they are."""
        if not self.own:
            return self
        refused = {flaw.column for flaw in self.flaws if flaw.rows is None}
        typed = self.with_nulls.lazy().select(*self.own).collect()
        equals = {
            name: own_texts.shortest(values) if name in refused else typed[name] for name, values in self.own.items()
        }
        frame = self.with_nulls.with_columns(values.alias(name) for name, values in self.own.items())
        flaws = tuple(flaw for flaw in self.flaws if flaw.rows is not None or flaw.column not in self.own)
        return replace(self, with_nulls=frame, flaws=flaws, own={}, equals=equals)

    @property
    def unchanged(self) -> bool:
        """True unless there is a file behind the table, and it is another one by now, or gone."""
        try:
            return self.stamp is None or self.stamp() == self.stamped
        except OSError:
            return False

    @property
    def edited(self) -> bool:
        """True if the caller's frame is another one by now; costs next to nothing unless a column was replaced."""
        return self.original is not None and not _is_same(self.original, self.with_nulls)

    @property
    def changeable(self) -> bool:
        """True if the rows are made anew at each call, and may be others or in another order then."""
        return isinstance(self.with_nulls, pl.LazyFrame) and self.height is None

    def held(self) -> "Source":
        """The same, with the rows of the caller's own query held in memory."""
        return (
            replace(self, with_nulls=self.with_nulls.lazy().collect())
            if self.changeable and self.stamp is None
            else self
        )

    @property
    def known_height(self) -> int | None:
        """How many rows there are; None for a query, of which nobody knows before it has ended."""
        return self.height if isinstance(self.with_nulls, pl.LazyFrame) else self.with_nulls.height

    def slices(self, columns: Sequence[str], max_rows: int = BATCH_ROWS) -> Iterator[pl.DataFrame]:
        """The rows in order, ``columns`` only, at most ``max_rows`` at a time; at least one slice, maybe empty."""
        asked = frozenset(columns)
        wanted = [name for name in self.schema if name in asked]  # another order costs the engine memory
        seen = False
        try:
            for batch in self._batches(wanted, max_rows):
                for start in range(0, batch.height, max_rows):
                    seen = True
                    yield batch.slice(start, max_rows)
        except pl.exceptions.PolarsError as error:
            if self.stamp is None:  # the caller's own query
                raise
            raise UnsupportedFrameError(f"the file cannot be read: {str(error).splitlines()[0]}") from None
        if not seen:
            yield pl.DataFrame(schema=pl.Schema({name: self.schema[name] for name in wanted}))

    def _batches(self, columns: Sequence[str], max_rows: int) -> Iterator[pl.DataFrame]:
        if isinstance(self.with_nulls, pl.DataFrame):
            yield self.with_nulls.select(columns)
        elif self.height is not None:
            together = max(round(BATCH_ROWS / max_rows), 1) * max_rows  # so that only the last slice of all is short
            for start in range(0, self.height, together):
                yield self.with_nulls.select(columns).slice(start, together).collect()
        else:
            yield from self.with_nulls.select(columns).collect_batches(chunk_size=BATCH_ROWS, maintain_order=True)

    def whole(self, what: str = "the table", columns: Sequence[str] | None = None) -> pl.DataFrame:
        """``columns`` (by default all of the caller's) of every row, as polars, with every cell that there is.

        Raises:
            PlanError: The engine cannot hold some of them; the message begins with ``what`` and names the first ones.
        """
        asked = self.columns if columns is None else columns
        flaws = [flaw for flaw in self.flaws if flaw.column in asked]
        if flaws:
            raise PlanError(f"{what}: {'; '.join(map(_told, flaws[:5]))}; mend them")
        return self.with_nulls.lazy().select(asked).collect()

    def rows(self, positions: npt.NDArray[np.int64]) -> pl.DataFrame:
        """The caller's columns at 0-based ``positions`` (ascending), as polars."""
        if isinstance(self.with_nulls, pl.DataFrame):
            return self.with_nulls.select(self.columns)[positions]
        parts, start = [], 0
        for batch in self.slices(self.columns):
            here = positions[(positions >= start) & (positions < start + batch.height)] - start
            parts.append(batch[here])
            start += batch.height
        return pl.concat(parts)


def _told(flaw: Flaw) -> str:
    """Which cells of which column are flawed, and why."""
    if flaw.rows is None:
        return f"column {flaw.column!r}: {flaw.message}"
    cells = [f"row {row}: {cell!r}" for row, cell in zip(flaw.rows[:5], flaw.values[:5], strict=True)]
    more = f", and {len(flaw.rows) - 5:,} more" if len(flaw.rows) > 5 else ""  # noqa: PLR2004 - as many as are named
    return f"cells of column {flaw.column!r} cannot be read ({', '.join(cells)}{more}): {flaw.message}"


def no_twins(names: Sequence[str], where: str = "") -> None:
    """Returns if every name stands once.

    Raises:
        UnsupportedFrameError: One stands twice; the message begins with ``where``.
    """
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise UnsupportedFrameError(f"{where}several columns are called {', '.join(map(repr, twice[:5]))}; rename them")


def _is_same(frame: pl.DataFrame, held: pl.DataFrame | pl.LazyFrame) -> bool:
    """True if two frames, of which one was a clone of the other, hold the same; by where it stands, else by value."""
    if not isinstance(held, pl.DataFrame) or frame.schema != held.schema or frame.height != held.height:
        return False
    readable = [name for name, dtype in frame.schema.items() if dtype != pl.Object]
    return all(
        _stand_alike(frame[name], held[name]) or frame[name].equals(held[name], null_equal=True) for name in readable
    )


def _stand_alike(one: pl.Series, other: pl.Series) -> bool:
    """True if two columns surely are the same memory."""
    try:
        mine, held = _chunks(one), _chunks(other)  # both at once, so that what is copied for it has places of its own
    except pa.ArrowInvalid:  # integers of 128 bits are unknown there
        return False
    return _places(mine) == _places(held)


def _chunks(series: pl.Series) -> list[pa.Array]:
    named = series.to_frame("c")  # the engine panics at some names
    chunks: list[pa.Array] = named.to_arrow(compat_level=pl.CompatLevel.newest()).column(0).chunks
    return chunks


def _places(chunks: Sequence[pa.Array]) -> list[int | None]:
    return [None if buffer is None else buffer.address for chunk in chunks for buffer in chunk.buffers()]
