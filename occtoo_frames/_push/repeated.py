"""Hashes that occur more than once, in as little memory as there can be for millions of them."""

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]


def repeated(hashes: Hashes) -> Hashes:
    """Those that occur more than once, ascending; ``hashes`` are sorted where they stand: a copy would be a peak."""
    hashes.sort()
    twice: Hashes = hashes[1:][hashes[1:] == hashes[:-1]]
    return twice


def stand_in(ascending: Hashes, hashes: Hashes) -> npt.NDArray[np.bool_]:
    """Which of ``hashes`` are among those that are ``ascending``, of which there is one at least."""
    at = np.searchsorted(ascending[:-1], hashes)
    found: npt.NDArray[np.bool_] = ascending[at] == hashes
    return found
