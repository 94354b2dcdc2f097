"""One column as the engine holds it, and what of it could not be held.

Made by the ways in from Arrow, from pandas and from Python objects; knows nothing of where a column came from.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from occtoo_frames._frames.source import Flaw

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Taken:
    """One column as the engine holds it, and what it could not hold.

    Attributes:
        own: The text of each cell, or of each element of lists, where the type has room for all of them, but not for
            the scale or offset of each; else None.
    """

    series: pl.Series
    flaws: tuple[Flaw, ...] = ()
    own: pl.Series | None = None


def refused(name: str, height: int, message: str) -> Taken:
    """A column of which nothing can be written: nulls, and one flaw for all of it."""
    return Taken(pl.repeat(None, height, dtype=pl.Null, eager=True).alias(name), (Flaw(name, "value-type", message),))


def mask_of(rows: npt.NDArray[np.integer], height: int) -> Mask:
    """True at ``rows``."""
    mask = np.zeros(height, bool)
    mask[rows] = True
    return mask


def flawed(name: str, rule: str, message: str, rows: npt.NDArray[np.integer], values: "pd.Series[Any]") -> Flaw:
    """The flaw of the cells of ``values`` at ``rows``, shown as text; half a surrogate pair as its escape."""
    shown = (str(value).encode("utf-8", "backslashreplace").decode() for value in values.to_numpy(dtype=object)[rows])
    return Flaw(name, rule, message, rows.astype(np.int64), tuple(shown))
