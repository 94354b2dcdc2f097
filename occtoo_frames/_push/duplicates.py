"""Rows that share a key.

Takes the hash of every key and a way to see keys again, gives the rows that really share one. Hashes only say where
to look: what they find is confirmed on the keys themselves.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from occtoo_frames._frames.source import Source
from occtoo_frames._push.cells import Renderer
from occtoo_frames._push.problems import NO_COLUMN, Place, problems

_SHOWN_ROWS = 5
_FEW = 1 << 20


def shared_keys(source: Source, renderer: Renderer, hashes: npt.NDArray[np.uint64]) -> pl.DataFrame:
    """The rows whose key stands in more than one row, ascending: row (int64), key (text)."""
    twice = _repeated(hashes)
    if not len(twice):
        return pl.DataFrame(schema={"row": pl.Int64, "key": pl.String})
    rows = np.flatnonzero(np.isin(hashes, twice))
    found = pl.DataFrame({"row": rows, "key": renderer.keys_at(source, rows)})
    found = found.filter(pl.col("key").is_not_null() & (pl.col("key") != ""))
    return found.filter(pl.len().over("key") > 1)


def _repeated(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The hashes that occur more than once; of many a sixteenth is sorted at a time: a copy of all would be a peak."""
    found = []
    step = 1 << (64 if len(hashes) <= _FEW else 60)
    for low in range(0, 1 << 64, step):
        part = np.sort(hashes[(hashes >= np.uint64(low)) & (hashes <= np.uint64(low + step - 1))])
        found.append(part[1:][part[1:] == part[:-1]])
    return np.concatenate(found)


def duplicate_problems(shared: pl.DataFrame, place: Place = NO_COLUMN) -> pl.DataFrame:
    """A problem for every row that shares its key, naming the others."""
    rows = pl.col("row").cast(pl.String)
    said = shared.with_columns(
        message=pl.format(
            "the key stands in {} rows: {}{}",
            pl.len().over("key"),
            rows.head(_SHOWN_ROWS).str.join(", ").over("key"),
            pl.when(pl.len().over("key") > _SHOWN_ROWS).then(pl.lit(", …")).otherwise(pl.lit("")),
        )
    )
    return problems(
        "key-duplicate",
        said["message"],
        "keep one row for each key, or choose with duplicates='first', 'last' or 'merge'",
        rows=shared["row"].to_numpy(),
        keys=shared["key"],
        values=shared["key"],
        place=place,
    )


def dropped_rows(shared: pl.DataFrame, keep: str) -> npt.NDArray[np.int64]:
    """The rows that give way to the ``first`` or ``last`` row of their key."""
    kept = pl.col("row").min() if keep == "first" else pl.col("row").max()
    return shared.filter(pl.col("row") != kept.over("key"))["row"].to_numpy()
