"""An array that is filled from its start, piece by piece, and never in memory twice."""

from typing import Any

import numpy as np
import numpy.typing as npt

_FIRST = 1 << 16


class Growing:
    """An array of one dimension.

    Args:
        dtype: The type of its items.
        height: How many there will be at most, if that is known: then it is laid out once, and what is never filled
            takes no memory; else it grows by a quarter, and where it stood before stays a hole for some time.
    """

    def __init__(self, dtype: npt.DTypeLike, height: int | None = None) -> None:
        self._room: npt.NDArray[Any] = np.empty(_FIRST if height is None else height, dtype)
        self._filled = 0

    def extend(self, items: npt.NDArray[Any]) -> None:
        """Puts ``items`` behind those that are there."""
        end = self._filled + len(items)
        if end > len(self._room):
            self._room.resize(max(end, len(self._room) * 5 // 4), refcheck=False)
        self._room[self._filled : end] = items
        self._filled = end

    @property
    def items(self) -> npt.NDArray[Any]:
        """What was put there."""
        return self._room[: self._filled]
