"""How lists and structs are written: takes a Series of them, gives the JSON of each, and what JSON cannot say.

What a leaf is to JSON, a number, boolean or text, is the engine's doing; dates, datetimes, times and durations are
written as the texts that they are elsewhere (``RENDERINGS``), since the engine's own are not always read as the same.
"""

from collections.abc import Callable, Iterator

import polars as pl

from occtoo_frames._frames.dtypes import instance
from occtoo_frames._push.rendering import Refusal, rendering_for

Leaf = Callable[[pl.Series], pl.Series]


def can_be_json(dtype: pl.DataType) -> bool:
    """Whether JSON can say the values of ``dtype``."""
    if isinstance(dtype, pl.Struct):
        return all(can_be_json(instance(field.dtype)) for field in dtype.fields)
    if isinstance(dtype, pl.List | pl.Array):
        return can_be_json(instance(dtype.inner))
    return not isinstance(dtype, pl.Binary | pl.Object)


def as_json(series: pl.Series) -> pl.Series:
    """Each value as JSON; nulls stay null."""
    wrapped = pl.DataFrame({"v": _spelled(series)}).select(pl.struct("v").struct.json_encode()).to_series()
    bare = wrapped.str.strip_prefix('{"v":').str.slice(0, wrapped.str.len_chars().cast(pl.Int64) - len('{"v":}'))
    return bare.zip_with(series.is_not_null(), pl.Series([None], dtype=pl.String))


def listed(series: pl.Series) -> pl.Series:
    """``series`` with lists in place of arrays."""
    return series.arr.to_list() if isinstance(series.dtype, pl.Array) else series


def leaf_refusals(series: pl.Series) -> Iterator[Refusal]:
    """The values that hold, however deep, what no text can say: a float that is not finite, a date beyond years."""
    if isinstance(series.dtype, pl.Struct):
        for name in series.struct.fields:
            yield from leaf_refusals(series.struct.field(name))
    elif isinstance(series.dtype, pl.List | pl.Array):
        rows = pl.DataFrame({"value": listed(series)}).with_row_index("row").explode("value")
        for each in leaf_refusals(rows["value"]):
            wrong = rows["row"].filter(each.mask).unique()
            mask = pl.Series(range(len(series)), dtype=pl.UInt32).is_in(wrong.implode())
            yield Refusal(each.rule, mask, each.message, each.hint)
    elif series.dtype.is_float() or series.dtype.is_temporal():
        rendering = rendering_for(series.dtype, ",")
        assert rendering is not None  # noqa: S101 - each of these has one
        yield from rendering.look(series).refused


def _spelled(series: pl.Series) -> pl.Series:
    """``series`` with texts in place of the temporal values that it holds, and lists of arrays."""
    dtype = series.dtype
    if isinstance(dtype, pl.List | pl.Array):
        inner = pl.element().map_batches(_spelled, return_dtype=_spelling(instance(dtype.inner)), is_elementwise=True)
        return listed(series).list.eval(inner)
    if isinstance(dtype, pl.Struct) and dtype.fields:
        fields = [_spelled(series.struct.field(field.name)).alias(field.name) for field in dtype.fields]
        struct = pl.DataFrame(fields).to_struct()
        return pl.select(pl.when(series.is_not_null()).then(struct)).to_series()
    rendering = rendering_for(dtype, ",") if dtype.is_temporal() else None
    return series if rendering is None else rendering.render(series)


def _spelling(dtype: pl.DataType) -> pl.DataType:
    if isinstance(dtype, pl.List | pl.Array):
        return pl.List(_spelling(instance(dtype.inner)))
    if isinstance(dtype, pl.Struct):
        return pl.Struct({field.name: _spelling(instance(field.dtype)) for field in dtype.fields})
    return pl.String() if dtype.is_temporal() else dtype
