"""Where a run of entries is cut into request bodies, from their exact sizes alone.

Takes the bytes of each entry, gives the number of the first entry of each body. Nothing is encoded to know it.
"""

import numpy as np
import numpy.typing as npt

from occtoo_frames.protocol.ingest import WIRE
from occtoo_frames.protocol.rules import PLATFORM_LIMITS, Limits

WRAPPING_BYTES = len(WIRE.body_open) + len(WIRE.body_close)


def cut(sizes: npt.NDArray[np.uint32], limits: Limits = PLATFORM_LIMITS) -> npt.NDArray[np.int64]:
    """The number of the first entry of each body, and at the end the number of entries: int64, ascending.

    Every body is as long as ``limits`` allow, by count and by bytes; an entry larger than a body gets its own.

    Args:
        sizes: The exact bytes of each entry on the wire, shape (entries,).
        limits: How many entries and bytes one body may hold.
    """
    by_count = np.append(np.arange(0, len(sizes), limits.max_entities), len(sizes))
    if (body_bytes(sizes, by_count) <= limits.max_body_bytes).all():  # as nearly always
        return by_count
    room = limits.max_body_bytes - WRAPPING_BYTES + len(WIRE.entity_next)
    cuts = [0]
    while cuts[-1] < len(sizes):
        start = cuts[-1]
        most = sizes[start : start + limits.max_entities]
        if most.sum(dtype=np.int64) + len(most) * len(WIRE.entity_next) <= room:
            cuts.append(start + len(most))
            continue
        ends = np.cumsum(most, dtype=np.int64)
        ends += np.arange(1, len(ends) + 1) * len(WIRE.entity_next)
        cuts.append(start + max(int(np.searchsorted(ends, room, side="right")), 1))
    return np.array(cuts, np.int64)


def body_bytes(sizes: npt.NDArray[np.uint32], cuts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The exact bytes of each body: int64, shape (bodies,)."""
    bare = np.add.reduceat(sizes[: cuts[-1]], cuts[:-1], dtype=np.int64)
    lengths: npt.NDArray[np.int64] = bare + (np.diff(cuts) - 1) * len(WIRE.entity_next) + WRAPPING_BYTES
    return lengths
