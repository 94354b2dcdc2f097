"""The entries of a plan, a slice at a time, as often as asked.

Takes the table (or its grouped form) and which rows are sent, gives Slices of exactly the entries asked for. Whoever
asks takes them one after the other, and makes text of them in whichever thread is free.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from occtoo_frames._frames.source import Source
from occtoo_frames._push.cells import Renderer
from occtoo_frames._push.checking import digest
from occtoo_frames._push.encoder import Slice
from occtoo_frames._push.grouping import DELETE, KEY, Grouped
from occtoo_frames.exceptions import PlanError, UnsupportedFrameError

Later: TypeAlias = Callable[[], Slice]
"""Makes a Slice, once, in any thread; raises PlanError if the table is not what it was when it was planned."""

CHANGED = "the table has changed since it was planned; plan it again"


class Feed(Protocol):
    """Where the encoder's Slices come from."""

    def slices(self, edges: Sequence[int]) -> Iterator[Later]:
        """The entries from ``edges[i]`` to ``edges[i + 1]``, for each i.

        Raises:
            PlanError: The table is not what it was when it was planned.
        """
        ...


@dataclass(frozen=True, slots=True)
class TableFeed:
    """Entries out of a grouped table in memory."""

    grouped: Grouped

    def slices(self, edges: Sequence[int]) -> Iterator[Later]:
        """See ``Feed``."""
        values = [str(position) for position in range(len(self.grouped.columns))]
        for start, stop in pairwise(edges):
            frame = self.grouped.frame.slice(start, stop - start)
            yield partial(Slice, frame[KEY], [frame[name] for name in values], frame[DELETE].to_numpy())


@dataclass(frozen=True, slots=True)
class StreamFeed:
    """Entries out of the caller's table, a row each.

    Attributes:
        source: The table.
        renderer: Makes text of it.
        sent: Which rows are sent, boolean.
        digests: A hash of each row that is sent, uint32, if the table is read again; else None.
    """

    source: Source
    renderer: Renderer
    sent: npt.NDArray[np.bool_]
    digests: npt.NDArray[np.uint32] | None

    def slices(self, edges: Sequence[int]) -> Iterator[Later]:
        """See ``Feed``."""
        pieces = self._pieces()
        held = pl.DataFrame()
        for start, stop in pairwise(edges):
            held, frame = _take(held, pieces, stop - start)
            yield partial(self._rendered, frame, None if self.digests is None else self.digests[start:stop])
        if held.height or next(pieces, None) is not None:
            raise PlanError(CHANGED)

    def _rendered(self, frame: pl.DataFrame, digests: npt.NDArray[np.uint32] | None) -> Slice:
        """``frame`` as text."""
        part = self.renderer.slice(frame)
        if digests is not None and not np.array_equal(digest(part), digests):
            raise PlanError(CHANGED)
        return part

    def _pieces(self) -> Iterator[pl.DataFrame]:
        """The rows that are sent, as they come."""
        start = 0
        for frame in self._frames():
            chosen = self.sent[start : start + frame.height]
            if len(chosen) < frame.height:
                raise PlanError(CHANGED)
            start += frame.height
            piece = frame if chosen.all() else frame.filter(pl.Series(chosen))
            if piece.height:
                yield piece

    def _frames(self) -> Iterator[pl.DataFrame]:
        """All rows, of the file that was planned if there is one behind them."""
        try:
            for frame in self.source.slices(self.renderer.layout.columns):
                if not self.source.unchanged:
                    raise PlanError(CHANGED)
                yield frame
        except (UnsupportedFrameError, OSError):
            if self.source.unchanged:
                raise
            raise PlanError(CHANGED) from None


def _take(held: pl.DataFrame, pieces: Iterator[pl.DataFrame], height: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is left over, and exactly ``height`` rows."""
    parts = [held] if held.height else []
    while sum(part.height for part in parts) < height:
        piece = next(pieces, None)
        if piece is None:
            raise PlanError(CHANGED)
        parts.append(piece)
    joined = parts[0] if len(parts) == 1 else pl.concat(parts)
    return joined.slice(height), joined.slice(0, height)
