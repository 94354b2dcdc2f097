"""What the snapshot knows of some entries, as arrays; what differs from it; and what it knows after they were accepted.

Takes the snapshot's rows and the entries' text, gives masks and rows. Knows no database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from occtoo_frames._push.batch import Batch
from occtoo_frames._push.encoder import Slice
from occtoo_frames._sync.fingerprints import SIZE, Prints, cell_prints, entry_prints
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


def after(part: Slice, held: Known, numbers: Sequence[int]) -> list[bytes]:
    """The cells of each entry once ``part`` is accepted: what was known, and in its place what was sent."""
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
    return split(cells, np.bincount(owners, minlength=len(part.keys)))


def remembered(batch: Batch, part: Slice, numbers: Sequence[int]) -> list[EntryRow]:
    """The snapshot's rows of entries of which nothing else is known."""
    keys = part.keys.to_list()
    prints = [each.tobytes() for each in entry_prints(batch)]
    cells = after(part, known(len(keys), ()), numbers)
    return list(zip(keys, prints, cells, [True] * len(keys), strict=True))


def split(cells: npt.NDArray[np.void], counts: npt.NDArray[np.int64]) -> list[bytes]:
    """``cells`` as one blob for each entry, given how many each has."""
    data = cells.tobytes()
    edges = np.append(0, np.cumsum(counts * CELL.itemsize)).tolist()
    return [data[low:high] for low, high in pairwise(edges)]


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
