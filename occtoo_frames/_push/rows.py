"""What is known of each row while a plan is made: its problems, and whether it gave way to another.

Takes frames of problems and which rows need not be looked at, gives which rows are sent. Knows no values.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl


@dataclass(slots=True)
class Rows:
    """What is known of the rows while the plan is made."""

    valid: npt.NDArray[np.bool_]
    found: list[pl.DataFrame]
    dropped: npt.NDArray[np.int64]

    @property
    def sent(self) -> npt.NDArray[np.bool_]:
        """Which rows are sent: those that are valid and did not give way."""
        sent = self.valid.copy()
        sent[self.dropped] = False
        return sent

    def refuse(self, *found: pl.DataFrame) -> None:
        """Adds problems; their rows are not valid, and none is if a whole column has one."""
        for frame in found:
            if frame.height:
                self.found.append(frame)
                rows = frame["row"]
                if rows.null_count():
                    self.valid[:] = False
                self.valid[rows.drop_nulls().to_numpy()] = False

    def drop(self, dropped: npt.NDArray[np.int64]) -> None:
        """These rows give way to another of their key, and what is wrong with them alone does not matter."""
        self.dropped = dropped
        if len(dropped) and not any(frame["row"].null_count() for frame in self.found):
            self._forgive(pl.col("row").is_in(pl.Series(dropped).implode()))

    def delete(self, deleted: npt.NDArray[np.bool_], columns: Collection[str]) -> None:
        """Of these rows nothing but the key is sent, and only what is wrong with it, or with ``columns``, matters."""
        if self.found and deleted.any():
            told = pl.col("rule").str.starts_with("key-") | pl.col("column").is_in(list(columns))
            gone = pl.lit(pl.Series(deleted)).gather(pl.col("row"))
            self._forgive(gone.fill_null(value=False) & ~told.fill_null(value=False))

    def _forgive(self, what: pl.Expr) -> None:
        """The problems that are found without some; rows that have no other are valid."""
        found, self.found = self.found, []
        self.valid[:] = True
        self.refuse(*(frame.filter(~what) for frame in found))
