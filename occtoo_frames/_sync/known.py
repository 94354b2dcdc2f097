"""What the snapshot knows of some entries, as arrays; what differs from it; and what they leave in it once accepted.

Takes the snapshot's rows and the entries' text, gives masks and columns. Knows no database.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, pairwise

import numpy as np
import numpy.typing as npt

from occtoo_frames._push.encoder import Slice
from occtoo_frames._sync.fingerprints import SIZE, Prints, cell_prints
from occtoo_frames._sync.parts import chosen

EntryRow = tuple[str, bytes | None, bytes, bool]
"""An entry as the snapshot stores it: key, fingerprint of the whole, CELLs, whether it is alive."""

CELL = np.dtype([("property", "<u4"), ("print", np.uint8, (SIZE,))])
"""One value as the snapshot stores it: the number of its property and language, and its fingerprint."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of consecutive entries.

    Attributes:
        there: Which are known at all, bool.
        alive: Which are, and are not deleted, bool.
        printed: Which have a fingerprint of the whole entry, bool.
        prints: These.
        rows: Of each known value the entry, ascending, int64.
        cells: Of each known value its CELL.
    """

    there: Mask
    alive: Mask
    printed: Mask
    prints: Prints
    rows: npt.NDArray[np.int64]
    cells: npt.NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Left:
    """What consecutive entries leave in the snapshot once they are accepted; a column each, as the store keeps them.

    Attributes:
        keys: A key a line.
        prints: The fingerprint of each as a whole, 16 bytes.
        counts: How many CELLs each has, uint32; empty if single values are not remembered.
        cells: These, end to end.
        alive: Whether each is alive, bool.
    """

    keys: str
    prints: bytes
    counts: bytes
    cells: bytes
    alive: bytes

    @classmethod
    def of(cls, part: Slice, prints: Prints, held: Known | None, numbers: Sequence[int]) -> "Left":
        """What ``part`` leaves behind.

        Args:
            part: The entries; keys alone if ``held`` is None.
            prints: Of the whole entries, shape (entries, 16).
            held: What is known of them; None if single values are not remembered.
            numbers: The number of each property and language.
        """
        alive = np.ones(len(part.keys), bool) if part.deleted is None else ~part.deleted
        counts, cells = (b"", b"") if held is None else _after(part, held, numbers)
        return cls("\n".join(part.keys.to_list()), prints.tobytes(), counts, cells, alive.tobytes())

    def rows(self, chosen: Mask | None = None) -> Iterator[EntryRow]:
        """The entries as rows; those that are ``chosen``."""
        keys, alive = self.keys.split("\n"), np.frombuffer(self.alive, bool).tolist()
        prints = [self.prints[at : at + SIZE] for at in range(0, len(self.prints), SIZE)]
        edges = np.append(0, np.cumsum(np.frombuffer(self.counts, np.uint32), dtype=np.int64) * CELL.itemsize).tolist()
        cells = [self.cells[low:high] for low, high in pairwise(edges)] or [b""] * len(keys)
        rows = zip(keys, prints, cells, alive, strict=True)
        return iter(rows) if chosen is None else compress(rows, chosen.tolist())

    def some_keys(self, chosen: Mask) -> list[str]:
        """The keys of the entries that are ``chosen``."""
        return list(compress(self.keys.split("\n"), chosen.tolist()))


def known(height: int, found: Sequence[tuple[int, bytes | None, bytes, int]]) -> Known:
    """What is known of ``height`` entries, given what was found of some of them."""
    at = np.array([row[0] for row in found], np.int64)
    order = np.argsort(at)
    printed = np.array([row[1] is not None for row in found], bool)
    prints = np.zeros((height, SIZE), np.uint8)
    prints[at[printed]] = np.frombuffer(b"".join(row[1] for row in found if row[1]), np.uint8).reshape(-1, SIZE)
    blobs = [found[position][2] for position in order.tolist()]
    counts = np.array([len(blob) // CELL.itemsize for blob in blobs], np.int64)
    alive = at[np.array([bool(row[3]) for row in found], bool)]
    return Known(
        _mask(height, at),
        _mask(height, alive),
        _mask(height, at[printed]),
        prints,
        np.repeat(at[order], counts),
        np.frombuffer(b"".join(blobs), CELL),
    )


def same(held: Known, prints: Prints) -> Mask:
    """The entries of which nothing has to be sent: exactly these bytes were the last thing accepted of them."""
    equal: Mask = held.printed & (held.prints == prints).all(axis=1)
    return equal


def differing(part: Slice, held: Known, numbers: Sequence[int], asked: Mask) -> tuple[Mask, Mask]:
    """The values that are not known to be there already, and all values: both bool, shape (entries, properties).

    Args:
        part: The entries.
        held: What is known of them.
        numbers: The number of each property and language.
        asked: Of which entries it is asked, since fingerprints of values cost most; False for the others.
    """
    some, prints = cell_prints(chosen(part, asked))
    there = np.zeros((len(asked), len(part.values)), bool)
    there[asked] = some
    fresh = there.copy()
    columns = _columns(held, numbers)
    ours = (columns >= 0) & (held.alive & asked)[held.rows]
    rows, columns = held.rows[ours], columns[ours]
    place = np.cumsum(asked) - 1
    equal = (prints[place[rows], columns] == held.cells["print"][ours]).all(axis=1)
    fresh[rows[equal], columns[equal]] = False
    return fresh, there


def _after(part: Slice, held: Known, numbers: Sequence[int]) -> tuple[bytes, bytes]:
    """How many cells each entry has once ``part`` is accepted, and these: what was known, over it what was sent."""
    there, prints = cell_prints(part)
    columns = _columns(held, numbers)
    replaced = columns >= 0
    replaced[replaced] = there[held.rows[replaced], columns[replaced]]
    kept = held.alive[held.rows] & ~replaced
    if part.deleted is not None:
        kept &= ~part.deleted[held.rows]
    rows, positions = np.nonzero(there)
    fresh = np.empty(len(rows), CELL)
    fresh["property"] = np.asarray(numbers, np.uint32)[positions] if len(numbers) else 0
    fresh["print"] = prints[rows, positions]
    owners = np.concatenate([held.rows[kept], rows])
    cells = np.concatenate([held.cells[kept], fresh])[np.argsort(owners, kind="stable")]
    return np.bincount(owners, minlength=len(part.keys)).astype(np.uint32).tobytes(), cells.tobytes()


def _columns(held: Known, numbers: Sequence[int]) -> npt.NDArray[np.int64]:
    """For each known value the position of its property among ``numbers``, -1 for others."""
    found = held.cells["property"]
    positions = np.full(max([*numbers, int(found.max(initial=0))]) + 1, -1, np.int64)
    positions[np.asarray(numbers, np.int64)] = np.arange(len(numbers))
    columns: npt.NDArray[np.int64] = positions[found]
    return columns


def _mask(height: int, at: npt.NDArray[np.int64]) -> Mask:
    mask = np.zeros(height, bool)
    mask[at] = True
    return mask
