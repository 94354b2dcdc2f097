"""Entries to request bodies: a gather used as an assembler.

Takes slices of text (keys and values, already rendered), gives the exact bytes of import bodies. The idea:

A body is the same few constant pieces over and over (``WireForm``), with keys and values between them. Since the
value comes last in each property, all that tells one column's pieces from another's is what stands *before* its
values. So every cell of a slice and every constant is put into one column of texts, each with a number::

    number   0    1   ┃  2      3     ┃  4       5         6           7
    text    sku1 sku2 ┃ Chair (null)  ┃ '{"key"' first:name next:name  close+next …

and an index says in which order they follow one another: ``6 0 4 2 7 1 …``, nulls left out. The engine gathers the
16-byte views of the texts, and turning the result into a contiguous Arrow array lays every byte down exactly once.
The data buffer of that array *is* the bodies, end to end; its offsets say where each entry begins, so each body is
a view into the buffer. Where bodies begin is known beforehand from ``measure``, which adds up the same pieces
without laying them down.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from occtoo_frames._push.batch import Batch
from occtoo_frames._push.constants import Constants, constants_of
from occtoo_frames._push.escaping import FullText, Text, contiguous, dense, offsets_of
from occtoo_frames.protocol.ingest import WIRE, WireForm

Indices = npt.NDArray[np.uint32]

_MOST_CELLS = 300_000
_LEAST_ROWS, _MOST_ROWS = 500, 16_000
_FEW_CELLS = 64_000
_NARROW = 12
_NOTHING = pl.Series([], dtype=pl.String)


def slice_rows(properties: int) -> int:
    """How many entries of so many properties are best handled together; ``slice_count`` may make it a quarter more.

    Fewer, and what each call of the engine costs is felt, most of all where a row has few cells; more, and the slice
    does not fit the processor's cache.
    """
    width = properties + 1
    return max(_LEAST_ROWS, min(max(_MOST_ROWS, _FEW_CELLS // width), _MOST_CELLS // width))


def slice_count(slices: float) -> int:
    """How many slices to cut what is as much as so many: an even number unless one will do.

    If they are all as large, two threads that share them end together. Of 3.1 slices the last would keep one waiting.
    Rather than cut 4.2 into 6, each of 4 is a little larger, by a quarter at most.
    """
    return 1 if slices <= 1 else 2 * math.ceil(slices / 2 - 0.25)


@dataclass(frozen=True, slots=True)
class Slice:
    """Consecutive entries as text.

    Attributes:
        keys: The keys; never null when encoded.
        values: For each property its values, null where nothing is sent.
        deleted: Which entries are deleted, boolean, shape (entries,); their values are ignored. None if none is.
    """

    keys: pl.Series
    values: Sequence[pl.Series]
    deleted: npt.NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What entries take on the wire.

    Attributes:
        sizes: The exact bytes of each entry, int64, shape (entries,).
        counts: How many values each sends, int64, shape (entries,).
        clean: For each property, whether no value had to be escaped, bool, shape (properties,).
    """

    sizes: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    clean: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of a slice in the order in which they are numbered: columns end to end.

    Attributes:
        text: The columns in which few cells, if any, need escaping.
        full: The columns that are full of escapes.
        ready: All others, the key among them, as they stand on the wire.
        order: For the key and each property, which column here is theirs.
    """

    text: Text
    full: FullText
    ready: Sequence[pl.Series]
    order: npt.NDArray[np.intp]

    def clean(self, height: int) -> npt.NDArray[np.bool_]:
        """For the key and each property, whether none of its ``height`` cells had to be escaped."""
        clean = np.ones(len(self.order), bool)
        if height:
            clean[len(self.text.cells) // height : len(clean) - len(self.ready)] = False
            clean[np.unique(self.text.dirty[0] // height)] = False
        return clean[self.order]


@dataclass(slots=True)
class Encoder:
    """Encodes slices of the same properties.

    Attributes:
        properties: The (id, language) of each property, in order.
        clean: For each property, whether its text never needs escaping. That of a legal key does not.
        wire: The wire form.
    """

    properties: Sequence[tuple[str, str | None]]
    clean: Sequence[bool]
    wire: WireForm = WIRE
    _constants: Constants = field(init=False)
    _clean: npt.NDArray[np.bool_] = field(init=False)
    _overhead: npt.NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        opens = [self.wire.property_open(*identity) for identity in self.properties]
        self._constants = constants_of(self.wire, opens)
        self._clean = np.array([True, *self.clean], bool)
        each = len(self.wire.property_close) + len(self.wire.property_next)
        self._overhead = np.array([len(text) + each for text in opens], np.int64)

    def measure(self, part: Slice, *, clean: Sequence[bool] | None = None) -> Measured:
        """What the entries of ``part`` take; illegal keys are reckoned as if JSON escaped nothing in them.

        Args:
            part: The entries.
            clean: For each property, whether nothing in this part must be escaped, if more is known of it than of all.
        """
        known = self._clean if clean is None else np.array([True, *clean], bool)
        cells = self._cells(part, known)
        height, width = len(part.keys), 1 + len(part.values)
        stored = pl.concat([cells.text.cells, cells.full.cells, *cells.ready])
        written = _lengths(stored.tail(len(cells.ready) * height)).reshape(len(cells.ready), height)
        sizes = written.sum(axis=0, dtype=np.int64)
        for text in (cells.text, cells.full):
            if len(text.cells):
                sizes += text.sizes(len(text.cells) // height, height)
        if stored.null_count():
            there = _not_null(stored).reshape(width, height)[cells.order][1:]
            count = _counted(there)
            sizes += self._overhead @ there
        else:
            count = np.full(height, width - 1)
            sizes += self._overhead.sum()
        sizes += len(self.wire.entity_open) + len(self.wire.properties_open) + len(self.wire.entity_close)
        sizes -= np.where(count > 0, len(self.wire.property_next), 0)
        if part.deleted is not None:
            bare = len(self.wire.entity_open) + len(self.wire.deleted)
            sizes = np.where(part.deleted, _lengths(part.keys) + bare, sizes)
            count = np.where(part.deleted, 0, count)
        return Measured(sizes, count, cells.clean(height)[1:])

    def encode(self, part: Slice, cuts: npt.NDArray[np.int64], *, number: int = 0, first: int = 0) -> list[Batch]:
        """The bodies of a slice, views into one buffer.

        Args:
            part: The entries.
            cuts: Where bodies begin in ``part``: 0 first, the number of its entries last.
            number: The number of the first body in the run.
            first: The number of the first entry in the plan.
        """
        height = len(part.keys)
        if height == 0:
            return []
        cells = self._cells(part, self._clean)
        pieces, moved = self._pieces(cells)
        there = self._there(part, cells, pieces)
        index, heads = self._index(cells, there, moved, cuts, part.deleted)
        whole = contiguous(pieces[pl.Series(index)])
        offsets = offsets_of(whole)
        starts = offsets[heads + 1] - len(self.wire.entity_open)
        edges = np.append(starts[cuts[:-1]] - len(self.wire.body_open), offsets[-1]).tolist()
        view = memoryview(whole.buffers()[2])
        return [
            Batch(number + body, first + int(start), view[low:high], starts[start:stop] - low)
            for body, (start, stop, low, high) in enumerate(
                zip(cuts[:-1].tolist(), cuts[1:].tolist(), edges[:-1], edges[1:], strict=True)
            )
        ]

    def _cells(self, part: Slice, known: npt.NDArray[np.bool_]) -> _Cells:
        """The cells of ``part``, some ``known`` to be clean; those full of escapes apart."""
        columns = [part.keys, *part.values]
        unclean, clean = np.flatnonzero(~known), np.flatnonzero(known)
        full = dense([columns[number] for number in unclean.tolist()])
        text, rest = unclean[~full], unclean[full]
        order = np.argsort(np.concatenate((text, rest, clean)))
        ready = [columns[number] for number in clean.tolist()]
        return _Cells(Text(_joined(columns, text)), FullText(_joined(columns, rest)), ready, order)

    def _pieces(self, cells: _Cells) -> tuple[pl.Series, npt.NDArray[np.int64] | None]:
        """Everything that may stand in a body, as one column, and the numbers of the cells that stand there escaped."""
        full = [cells.full.escaped()] if len(cells.full.cells) else []
        pieces = [cells.text.cells, *full, *cells.ready, self._constants.texts]
        escaped = cells.text.escaped()
        if escaped is not None:
            pieces.append(escaped[1])
        return pl.concat(pieces, rechunk=True), None if escaped is None else escaped[0]

    def _there(self, part: Slice, cells: _Cells, pieces: pl.Series) -> npt.NDArray[np.bool_] | None:
        """Which cells are sent: bool, shape (1 + properties, entries), the key always is. None if all are."""
        if part.deleted is None and not pieces.null_count():
            return None
        height, width = len(part.keys), 1 + len(part.values)
        there = _not_null(pieces.head(height * width)).reshape(width, height)[cells.order]
        if part.deleted is not None:
            there[1:, part.deleted] = False
        return there

    def _index(
        self,
        cells: _Cells,
        there: npt.NDArray[np.bool_] | None,
        moved: npt.NDArray[np.int64] | None,
        cuts: npt.NDArray[np.int64],
        deleted: npt.NDArray[np.bool_] | None,
    ) -> tuple[Indices, npt.NDArray[np.int64]]:
        """The numbers of all pieces in their order in the bodies, and where in it each entry's separator stands.

        Each cell comes with the constant before it, two numbers of 32 bits that are handled as one of 64. The end is
        the constant of one pair more.
        """
        constants, height, width = self._constants, int(cuts[-1]), len(cells.order)
        base = height * width
        flat = np.empty(base + 1, np.int64)
        pairs, index = flat[:-1].reshape(height, width), flat.view(np.uint32)
        before = np.arange(constants.next - 1, constants.next - 1 + width) + base
        _add_outer(np.arange(height) << 32, before + (cells.order * height << 32), pairs)
        if moved is not None:
            column = np.argsort(cells.order)[moved // height]
            index[2 * (moved % height * width + column) + 1] = base + len(constants.texts) + np.arange(len(moved))
        count = np.full(height, width) if there is None else _counted(there)
        some = count > 1
        closing = np.where(some, 0, 1)
        if deleted is not None:
            closing[deleted] = 2
        separators = np.append(constants.start, constants.separate + closing[:-1])
        separators[cuts[1:-1]] += 3
        index[: -2 : 2 * width] = base + separators
        index[-2] = base + constants.end + closing[-1]
        heads = np.append(0, np.cumsum(2 * count[:-1]))
        if there is not None:
            flat = pl.Series(flat).filter(pl.Series(np.append(there.T, True))).to_numpy(writable=True)
            index = flat.view(np.uint32)
        firsts = heads[some] + 2 if there is not None else slice(2, -2 if width > 1 else 0, 2 * width)
        index[firsts] -= np.uint32(constants.next - constants.first)
        return index[:-1], heads


def _lengths(cells: pl.Series) -> npt.NDArray[np.uint32]:
    """The bytes of each of ``cells`` as they stand; 0 for null."""
    lengths = cells.str.len_bytes()
    return (lengths.fill_null(0) if lengths.null_count() else lengths).to_numpy()


def _not_null(cells: pl.Series) -> npt.NDArray[np.bool_]:
    """Which of ``cells`` are not null; out of Arrow's bitmap, five times faster than the engine's way to numpy."""
    bits = cells.is_not_null().to_arrow()
    stored = np.unpackbits(np.frombuffer(bits.buffers()[1], np.uint8), bitorder="little").view(np.bool_)
    return stored[bits.offset : bits.offset + len(bits)]


def _counted(there: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """How many of each entry's cells are there; added up in the smallest type, which takes a tenth of the time."""
    counts: npt.NDArray[np.int64] = there.sum(axis=0, dtype=np.min_scalar_type(len(there))).astype(np.int64)
    return counts


def _joined(columns: Sequence[pl.Series], numbers: npt.NDArray[np.intp]) -> pl.Series:
    """Those of ``columns``, end to end."""
    cells: pl.Series = pl.concat([_NOTHING, *(columns[number] for number in numbers.tolist())], rechunk=True)
    return cells


def _add_outer(rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], sums: npt.NDArray[np.int64]) -> None:
    """The sum of each row and column: in the direction that takes fewer steps, since numpy always goes along rows."""
    if len(columns) > _NARROW:
        np.add.outer(rows, columns, out=sums)
        return
    for position, column in enumerate(columns):
        np.add(rows, column, out=sums[:, position])
