"""What a push would do: columns, problems, bodies. Nothing is sent, nothing but the table is read.

Takes a table and what was said about it, gives a PushPlan. Every check runs here, once; the bodies are encoded when
they are asked for, a few at a time.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from occtoo_frames._frames.exit import to_kind
from occtoo_frames._frames.source import Source
from occtoo_frames._push.ahead import ahead
from occtoo_frames._push.batch import Batch
from occtoo_frames._push.batching import body_bytes, cut
from occtoo_frames._push.cells import Renderer
from occtoo_frames._push.columns import PropertyColumn
from occtoo_frames._push.encoder import Encoder, slice_count, slice_rows
from occtoo_frames._push.feed import CHANGED, Feed, Later
from occtoo_frames._push.kept_here import KeptHere
from occtoo_frames.exceptions import PlanError

if TYPE_CHECKING:
    from occtoo_frames._push.report import PushReport

T = TypeVar("T")

_MOST_BYTES = 20_000_000
"""How much is encoded together, about, and at least one body: of more, no part would be any faster."""


@dataclass(frozen=True, eq=False)
class PushPlan(KeptHere):
    """What a push of a table would do.

    Attributes:
        counts: rows, entries, properties, invalid, bytes, batches, as a plain dict. ``invalid`` counts rows.
        warnings: What was decided that may not be meant.
    """

    _HAND_ON = "plan where the table is"

    source: Source = field(repr=False)
    renderer: Renderer = field(repr=False)
    feed: Feed = field(repr=False)
    sent_as: tuple[PropertyColumn, ...] = field(repr=False)
    clean: tuple[bool, ...] = field(repr=False)
    sizes: npt.NDArray[np.uint32] = field(repr=False)
    entries_of_rows: Callable[[], npt.NDArray[np.signedinteger]] = field(repr=False)
    dropped: npt.NDArray[np.int64] = field(repr=False)
    found: pl.DataFrame = field(repr=False)
    column_table: pl.DataFrame = field(repr=False)
    counts: Mapping[str, int]
    warnings: tuple[str, ...]
    sender: Callable[..., Any] | None = field(default=None, repr=False)

    @property
    def ok(self) -> bool:
        """True if no row and no column has a problem."""
        return self.found.is_empty()

    @cached_property
    def problems(self) -> Any:
        """A frame of the caller's kind with a row for each refused cell, row or column.

        Columns: row (0-based position; null for a whole column), key, column, property, language, rule, value,
        message, hint.
        """
        return to_kind(self.found, self.source.kind)

    @cached_property
    def columns(self) -> Any:
        """A frame of the caller's kind with a row for each column of the table.

        Columns: column, property, language, dtype, written_as, example, note.
        """
        return to_kind(self.column_table, self.source.kind)

    @cached_property
    def entry_of_row(self) -> npt.NDArray[np.signedinteger]:
        """The number of each row's entry, -1 for rows that are not sent; made when somebody asks."""
        return self.entries_of_rows()

    @cached_property
    def cuts(self) -> npt.NDArray[np.int64]:
        """The number of the first entry of each body, and at the end the number of entries."""
        return cut(self.sizes)

    @cached_property
    def body_sizes(self) -> npt.NDArray[np.int64]:
        """The exact bytes of each body."""
        return body_bytes(self.sizes, self.cuts)

    def entries(self) -> Any:
        """The valid rows' entries as a long frame of the caller's kind: key, delete, property, language, value.

        A deleted entry, or one with no values, is one row without property.
        """
        return to_kind(self.entry_table(), self.source.kind)

    def entry_table(self) -> pl.DataFrame:
        """``entries()`` as polars."""
        from occtoo_frames._push.entries import as_entries

        edges = _morsels(self.cuts, self.body_sizes, len(self.sent_as))
        parts = self.feed.slices([int(self.cuts[edge]) for edge in edges])
        return as_entries((part() for part in parts), self.sent_as)

    def bodies(self) -> Iterator[bytes]:
        """The exact request bodies of the valid rows, in order, each within the platform's limits.

        Raises:
            PlanError: The table has changed since it was planned.
        """
        return (bytes(batch.body) for batch in self.batches())

    def batches(self) -> Iterator[Batch]:
        """The bodies with the place of each entry in them, encoded a little ahead on two threads.

        Raises:
            PlanError: The table has changed since it was planned.
        """
        return (batch for together in self.batches_with(lambda _: None) for batch, _ in together)

    def batches_with(self, look: Callable[[Batch], T]) -> Iterator[list[tuple[Batch, T]]]:
        """The same in lists of those encoded together, each with what ``look`` makes of it in the same thread."""
        self.check_unchanged()
        edges = _morsels(self.cuts, self.body_sizes, len(self.sent_as))
        encoder = Encoder([(column.property, column.language) for column in self.sent_as], self.clean)
        parts = self.feed.slices([int(self.cuts[edge]) for edge in edges])
        jobs = ((part, low, high) for part, (low, high) in zip(parts, pairwise(edges), strict=True))
        return ahead(lambda job: [(batch, look(batch)) for batch in self._encode(encoder, *job)], jobs)

    def _encode(self, encoder: Encoder, part: Later, low: int, high: int) -> list[Batch]:
        """The bodies ``low`` to ``high``, out of the slice of their entries."""
        first = int(self.cuts[low])
        encoded = encoder.encode(part(), self.cuts[low : high + 1] - first, number=low, first=first)
        planned = self.body_sizes[low:high]
        if any(len(batch.body) != size for batch, size in zip(encoded, planned, strict=True)):
            raise PlanError(CHANGED)
        return encoded

    def check_unchanged(self) -> None:
        """Returns if the file or the polars frame behind the plan is what was planned.

        Raises:
            PlanError: It has changed.
        """
        if not self.source.unchanged or self.source.edited:
            raise PlanError(CHANGED)

    def push(self, source: str, **options: Any) -> "PushReport":
        """Sends exactly this plan to ``source`` and returns the PushReport; options as of ``occtoo_frames.push``.

        The checks are not run again.

        Raises:
            InvalidRowsError: Rows have problems and ``on_invalid`` is ``"raise"``; nothing was sent.
            PushInterruptedError: The run could not go on; ``.report`` says what happened to every row.
            PlanError: The table has changed since it was planned.
        """
        if self.sender is None:
            raise PlanError("this plan was made without a way to send it; make it with occtoo_frames.plan")
        report: PushReport = self.sender(self, source, **options)
        return report

    def __repr__(self) -> str:
        from occtoo_frames._push.shown import plan_text

        return plan_text(self)

    def _repr_html_(self) -> str:
        from occtoo_frames._push.shown import plan_html

        return plan_html(self)


def _morsels(cuts: npt.NDArray[np.int64], weights: npt.NDArray[np.int64], width: int) -> list[int]:
    """Which bodies are encoded together: positions in ``cuts``, 0 first, the number of bodies last."""
    if len(cuts) == 1:
        return [0]
    ends = np.cumsum(np.maximum(np.diff(cuts) / slice_rows(width), weights / _MOST_BYTES))
    count = slice_count(ends[-1])
    begins = np.append(0, ends[:-1])
    between = np.searchsorted(begins, ends[-1] * np.arange(1, count) / count)
    edges: list[int] = np.unique([0, *between.tolist(), len(ends)]).tolist()
    return edges
