"""Rows that share a key.

Takes the hashes that several keys have and a way to see keys again, gives the rows that really share one. Hashes only
say where to look: what they find is confirmed on the keys themselves.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from occtoo_frames._frames.source import Source
from occtoo_frames._push.cells import Renderer
from occtoo_frames._push.checking import Checked, digest
from occtoo_frames._push.feed import CHANGED
from occtoo_frames._push.problems import Place, problems
from occtoo_frames.exceptions import PlanError

_SHOWN_ROWS = 5


def shared_keys(source: Source, renderer: Renderer, checked: Checked) -> pl.DataFrame:
    """The rows whose key stands in more than one row, ascending: row (int64), key (text), told (of its deletion).

    Raises:
        PlanError: The table is a query, and its rows are not those that were ``checked``.
    """
    found, start = [pl.DataFrame(schema={"row": pl.Int64, "key": pl.String})], 0
    for frame in _again(source, renderer, checked) if len(checked.twice) else ():
        keys = renderer.keys(frame)
        rows = np.flatnonzero(_stand_in(checked.twice, keys.hash().to_numpy()))
        found.append(pl.DataFrame({"row": rows + start, "key": keys.gather(pl.Series(rows))}))
        start += frame.height
    shared = pl.concat(found).filter(pl.col("key").is_not_null() & (pl.col("key") != ""))
    shared = shared.filter(pl.len().over("key") > 1)
    told = checked.deletions
    return shared.with_columns(told=pl.lit(None, pl.Boolean) if told is None else told.gather(shared["row"]))


def _again(source: Source, renderer: Renderer, checked: Checked) -> Iterator[pl.DataFrame]:
    """The rows again, as far as keys are made of them; those of a query may have come in another order."""
    if checked.digests is None:
        yield from source.slices(list(renderer.layout.key))
        return
    start = 0
    for frame in source.slices(renderer.layout.columns):
        if not np.array_equal(digest(renderer.slice(frame)), checked.digests[start : start + frame.height]):
            raise PlanError(CHANGED)
        yield frame
        start += frame.height


def _stand_in(ascending: npt.NDArray[np.uint64], hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Which ``hashes`` are among others."""
    at = np.searchsorted(ascending[:-1], hashes)
    found: npt.NDArray[np.bool_] = ascending[at] == hashes
    return found


def duplicate_problems(shared: pl.DataFrame, place: Place, *, by: Sequence[str] = ("key",)) -> pl.DataFrame:
    """A problem for every row that shares its key, or whatever ``by`` says, naming the others."""
    rows = pl.col("row").cast(pl.String)
    said = shared.with_columns(
        message=pl.format(
            "the key stands in {} rows: {}{}",
            pl.len().over(*by),
            rows.head(_SHOWN_ROWS).str.join(", ").over(*by),
            pl.when(pl.len().over(*by) > _SHOWN_ROWS).then(pl.lit(", …")).otherwise(pl.lit("")),
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


def dropped_rows(shared: pl.DataFrame, keep: str, *, by: Sequence[str] = ("key",)) -> npt.NDArray[np.int64]:
    """The rows that give way to the ``first`` or ``last`` row of their key, or of whatever ``by`` says."""
    kept = pl.col("row").min() if keep == "first" else pl.col("row").max()
    return shared.filter(pl.col("row") != kept.over(*by))["row"].to_numpy()
