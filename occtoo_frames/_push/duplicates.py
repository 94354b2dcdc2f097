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
from occtoo_frames._push.repeated import stand_in
from occtoo_frames.exceptions import PlanError

_SHOWN_ROWS = 5
_FOUND = pl.Schema({"row": pl.Int64(), "key": pl.String(), "parts": pl.String()})


def shared_keys(source: Source, renderer: Renderer, checked: Checked) -> pl.DataFrame:
    """The rows whose key stands in more than one row, ascending.

    Columns: row (int64), key (text), parts (what tells keys of the same text but other parts apart), told (of its
    deletion).

    Raises:
        PlanError: The table is a query, and its rows are not those that were ``checked``.
    """
    if not len(checked.twice):
        return pl.DataFrame(schema={**_FOUND, "told": pl.Boolean()})
    found, start = [pl.DataFrame(schema=_FOUND)], 0
    for frame in _again(source, renderer, checked):
        keys = renderer.keys(frame)
        rows = np.flatnonzero(stand_in(checked.twice, keys.hash().to_numpy()))
        if len(rows):
            here = pl.Series(rows)
            parts = _lengths(renderer.key_parts(frame[here]))
            found.append(pl.DataFrame({"row": rows + start, "key": keys.gather(here), "parts": parts}))
        start += frame.height
    shared = pl.concat(found).filter(pl.col("key").is_not_null() & (pl.col("key") != ""))
    shared = shared.filter(pl.len().over("key") > 1)
    told = checked.deletions
    return shared.with_columns(told=pl.lit(None, pl.Boolean) if told is None else told.gather(shared["row"]))


def _lengths(parts: Sequence[pl.Series]) -> pl.Series:
    """How long the parts of each key are: two keys of one text are of the same parts if these are the same."""
    if len(parts) == 1:
        return pl.repeat("", len(parts[0]), dtype=pl.String, eager=True)
    lengths = pl.DataFrame([part.str.len_bytes().alias(str(position)) for position, part in enumerate(parts)])
    return lengths.select(pl.concat_str(pl.all(), separator=" ")).to_series()


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


def alike(shared: pl.DataFrame) -> pl.DataFrame:
    """The rows that share a key with a row of which the parts of the key are others."""
    return shared.filter(pl.col("parts").n_unique().over("key") > 1)


def alike_problems(alike: pl.DataFrame) -> pl.DataFrame:
    """A problem for every row that would become another's entry, whatever is done with keys that stand twice."""
    return problems(
        "key-duplicate",
        _said("the key is the same text for other parts, in {} rows: {}{}", alike, ["key"]),
        "choose another key_separator, one that stands in no part of a key",
        rows=alike["row"].to_numpy(),
        keys=alike["key"],
        values=alike["key"],
    )


def duplicate_problems(shared: pl.DataFrame, place: Place, *, by: Sequence[str] = ("key",)) -> pl.DataFrame:
    """A problem for every row that shares its key, or whatever ``by`` says, naming the others."""
    one, said = "each key", _said("the key stands in {} rows: {}{}", shared, by)
    if "language" in by:
        one = "each key and language"
        spoken = pl.format("in language '{}' ", "language").fill_null("without a language ")
        said = shared.select(spoken).to_series() + said
    return problems(
        "key-duplicate",
        said,
        f"keep one row for {one}, or choose with duplicates='first', 'last' or 'merge'",
        rows=shared["row"].to_numpy(),
        keys=shared["key"],
        values=shared["key"],
        place=place,
    )


def _said(words: str, shared: pl.DataFrame, by: Sequence[str]) -> pl.Series:
    """``words`` for each row, with how many rows there are of the same ``by``, and which are the first of them."""
    rows = pl.col("row").cast(pl.String)
    more = pl.when(pl.len().over(*by) > _SHOWN_ROWS).then(pl.lit(", …")).otherwise(pl.lit(""))
    shown = rows.head(_SHOWN_ROWS).str.join(", ").over(*by)
    return shared.select(pl.format(words, pl.len().over(*by), shown, more)).to_series()


def dropped_rows(shared: pl.DataFrame, keep: str, *, by: Sequence[str] = ("key",)) -> npt.NDArray[np.int64]:
    """The rows that give way to the ``first`` or ``last`` row of their key, or of whatever ``by`` says."""
    kept = pl.col("row").min() if keep == "first" else pl.col("row").max()
    return shared.filter(pl.col("row") != kept.over(*by))["row"].to_numpy()
