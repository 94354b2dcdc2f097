"""The batches of a plan with the text and fingerprints of their entries, and plans that send a part of another plan.

Takes a PushPlan, gives Batches with Slices and Prints, and feeds. Encodes nothing itself.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from occtoo_frames._push.batch import Batch
from occtoo_frames._push.encoder import Slice
from occtoo_frames._push.escaping import contiguous
from occtoo_frames._push.feed import Feed, Later
from occtoo_frames._push.plan import PushPlan
from occtoo_frames._sync.fingerprints import Prints, entry_prints

_BODIES = 4
"""How many bodies of entries are looked at together."""

_SPARSE = 4
"""When fewer than one in so many entries are sent, their text is copied, so that the others' need not stay."""


def batches_and_entries(plan: PushPlan, *, values: bool = True) -> Iterator[tuple[Batch, Slice, Prints]]:
    """Each batch of ``plan`` with its entries as text and their fingerprints; a few batches are in memory at a time.

    Without ``values`` the entries are keys and deletions alone.
    """
    return chain.from_iterable(batches_together(plan, values=values))


def batches_together(plan: PushPlan, *, values: bool = True) -> Iterator[list[tuple[Batch, Slice, Prints]]]:
    """The same in lists of those that were encoded together."""
    tee = _Tee(plan.feed, values=values)
    teed = replace(plan, feed=tee)
    vars(teed)["cuts"] = plan.cuts  # known already
    for together in teed.batches_with(entry_prints):
        yield [(batch, tee.take(batch.first, batch.stop), prints) for batch, prints in together]


def cut_out(part: Slice, start: int, stop: int) -> Slice:
    """The entries ``start`` to ``stop`` (end excluded) of ``part``."""
    deleted = None if part.deleted is None else part.deleted[start:stop]
    return Slice(part.keys[start:stop], [values[start:stop] for values in part.values], deleted)


def chosen(part: Slice, mask: npt.NDArray[np.bool_]) -> Slice:
    """The entries of ``part`` where ``mask`` is true."""
    if mask.all():
        return part
    flags = pl.Series(mask)
    deleted = None if part.deleted is None else part.deleted[mask]
    return Slice(part.keys.filter(flags), [values.filter(flags) for values in part.values], deleted)


def only(part: Slice, cells: npt.NDArray[np.bool_]) -> Slice:
    """``part`` with the values where ``cells`` is true, the others being null."""
    values = [
        column if wanted.all() else column.set(pl.Series(~wanted), None)
        for column, wanted in zip(part.values, cells.T, strict=True)
    ]
    return Slice(part.keys, values, part.deleted)


@dataclass(slots=True)
class _Kept:
    """A slice that is kept once it is made, or of it no more than its keys and deletions."""

    later: Later | None
    values: bool
    made: Slice | None = None

    def __call__(self) -> Slice:
        assert self.later is not None  # noqa: S101 - it is made once
        part, self.later = self.later(), None
        self.made = part if self.values else Slice(part.keys, [], part.deleted)
        return part


@dataclass(slots=True)
class _Tee:
    """A feed that keeps what it gave until it was asked for."""

    feed: Feed
    values: bool = True
    kept: deque[tuple[int, int, _Kept]] = field(default_factory=deque)

    def slices(self, edges: Sequence[int]) -> Iterator[Later]:
        """As ``Feed``."""
        for (start, stop), later in zip(pairwise(edges), self.feed.slices(edges), strict=True):
            one = _Kept(later, self.values)
            self.kept.append((start, stop, one))
            yield one

    def take(self, first: int, stop: int) -> Slice:
        """The entries ``first`` to ``stop``, which were made and ascend from call to call; earlier ones are let go."""
        while first >= self.kept[0][1]:
            self.kept.popleft()
        start, _, one = self.kept[0]
        assert one.made is not None  # noqa: S101 - for the type checker
        return cut_out(one.made, first - start, stop - start)


@dataclass(frozen=True, slots=True)
class PartFeed:
    """Some entries of another feed, some of their values, and deletions after them.

    Attributes:
        feed: The other feed.
        edges: How its entries are taken: the number of the first of each slice, and of all.
        width: How many properties it has.
        sent: Which of its entries are sent, bool.
        bits: Which values of these: packed bits, shape (sent entries, bytes); None for all.
        deletions: Keys to delete.
    """

    feed: Feed
    edges: Sequence[int]
    width: int
    sent: npt.NDArray[np.bool_]
    bits: npt.NDArray[np.uint8] | None
    deletions: pl.Series

    def slices(self, edges: Sequence[int]) -> Iterator[Later]:
        """As ``Feed``."""
        parts = self._parts()
        held: list[Slice] = []
        for start, stop in pairwise(edges):
            while sum(len(part.keys) for part in held) < stop - start:
                held.append(next(parts))
            joined = _joined(held)
            yield partial(cut_out, joined, 0, stop - start)
            held = [cut_out(joined, stop - start, len(joined.keys))]
        for _ in parts:  # the other feed says at its end whether the table is still the same
            continue

    def _parts(self) -> Iterator[Slice]:
        number = 0
        for (start, stop), later in zip(pairwise(self.edges), self.feed.slices(self.edges), strict=True):
            some = chosen(later(), self.sent[start:stop])
            count = len(some.keys)
            if count * _SPARSE < stop - start:
                some = _detached(some)
            if count:
                yield (
                    some if self.bits is None else only(some, _unpacked(self.bits[number : number + count], self.width))
                )
            number += count
        if len(self.deletions):
            empty = pl.Series([None], dtype=pl.String).new_from_index(0, len(self.deletions))
            yield Slice(self.deletions, [empty] * self.width, np.ones(len(self.deletions), bool))


def edges_of(plan: PushPlan) -> list[int]:
    """Where the entries of ``plan`` may be cut so that a slice of them is small."""
    cuts = plan.cuts.tolist()
    return [*cuts[:-1:_BODIES], cuts[-1]]


def packed(cells: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """A mask, one bit a value."""
    return np.packbits(cells, axis=1)


def bytes_of_bits(width: int) -> int:
    """How many bytes ``packed`` makes of so many values."""
    return (width + 7) // 8


def _detached(part: Slice) -> Slice:
    """``part`` with text of its own: after a filter the engine's texts are views into what was filtered."""
    keys, *values = (pl.Series(text.name, contiguous(text)) for text in (part.keys, *part.values))
    return Slice(keys, values, part.deleted)


def _unpacked(bits: npt.NDArray[np.uint8], width: int) -> npt.NDArray[np.bool_]:
    return np.unpackbits(bits, axis=1, count=width).view(bool)


def _joined(parts: list[Slice]) -> Slice:
    if len(parts) == 1:
        return parts[0]
    deleted = [np.zeros(len(part.keys), bool) if part.deleted is None else part.deleted for part in parts]
    columns = zip(*(part.values for part in parts), strict=True)
    return Slice(
        pl.concat([part.keys for part in parts]),
        [pl.concat(column) for column in columns],
        np.concatenate(deleted) if any(part.deleted is not None for part in parts) else None,
    )
