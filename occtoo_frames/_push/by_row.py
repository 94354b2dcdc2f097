"""What receipts say, row by row.

Takes which entries were sent, which entry each row went into, and a value for each receipt; gives the values of the
rows. A row takes no more memory for it than its value and an index of a few thousand rows at a time.
"""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from occtoo_frames._push.delivery import Receipt

V = TypeVar("V", bound=np.generic)

_ROWS = 1 << 14


def of_entries(receipts: Sequence[Receipt], values: npt.NDArray[V], chosen: npt.NDArray[np.bool_]) -> npt.NDArray[V]:
    """The value of each entry, and at the end that of no entry at all, where a row's -1 finds it.

    Args:
        receipts: What became of those that were sent, by their numbers among these.
        values: One for each receipt, then one for what no receipt covers, and one for what needed no sending.
        chosen: For each entry whether it was sent.
    """
    sent = int(np.count_nonzero(chosen))
    of_sent = np.full(sent, values[-2])
    for receipt, value in zip(receipts, values[:-2], strict=True):
        of_sent[receipt.first : receipt.first + receipt.count] = value
    found = np.full(len(chosen) + 1, values[-1])
    found[:-1][chosen] = of_sent
    found[-1] = values[-2]
    return found


def of_rows(entry_of_row: npt.NDArray[np.signedinteger], values: npt.NDArray[V]) -> npt.NDArray[V]:
    """The value of each row, given those ``of_entries``."""
    found = np.empty(len(entry_of_row), values.dtype)
    for start in range(0, len(found), _ROWS):
        found[start : start + _ROWS] = values[entry_of_row[start : start + _ROWS]]
    return found
