"""Predicates on the shop, of every kind that could be asked of the platform and some that could not."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import strategies as st


def _leaf(name: str, values: list[Any]) -> st.SearchStrategy[pl.Expr]:
    """Predicates of one property, on values that occur and values that do not."""
    column, value = pl.col(name), st.sampled_from(values)
    operators: list[Callable[[Any], pl.Expr]] = [
        lambda one: column == one,
        lambda one: column != one,
        lambda one: column > one,
        lambda one: column >= one,
        lambda one: column < one,
        lambda one: column <= one,
        lambda one: pl.lit(one) < column,
        lambda one: column.eq_missing(pl.lit(one)),
        lambda one: column.ne_missing(pl.lit(one)),
    ]
    closed = st.sampled_from(["both", "left", "right", "none"])
    return st.one_of(
        st.tuples(st.sampled_from(operators), value).map(lambda pair: pair[0](pair[1])),
        st.tuples(st.lists(value, max_size=4), st.booleans()).map(
            lambda pair: column.is_in(pl.Series(pair[0], dtype=pl.Series(values).dtype).implode(), nulls_equal=pair[1])
        ),
        st.tuples(value, value, closed).map(
            lambda ends: column.is_between(pl.lit(ends[0]), pl.lit(ends[1]), closed=ends[2])
        ),
        st.sampled_from([column.is_null(), column.is_not_null()]),
    )


LEAVES = st.one_of(
    _leaf("id", ["p00", "p05", "p24", "p99", ""]),
    _leaf("name", ["Chair 1", "Chair 24", "Stol 1"]),
    _leaf("category", ["Shoes", "Boots", "shoes", ""]),
    _leaf("price", [Decimal("0.5"), Decimal("12.5"), Decimal("12.50001"), Decimal(-1)]),
    _leaf("stock", [2**53, 2**53 + 1, 2**53 + 24, 0, -5]),
    _leaf("made", [datetime(2024, 1, day, 8, tzinfo=UTC) for day in (1, 7, 25)]),
    st.sampled_from([pl.col("active"), ~pl.col("active"), pl.col("active") == False]),  # noqa: E712 - a predicate
    st.sampled_from([pl.col("tags").list.contains("b"), pl.col("name").str.starts_with("Chair 1")]),
    st.sampled_from(
        [pl.col("price") > 12.4, pl.col("stock") % 2 == 0, pl.lit(value=True), pl.col("tags").list.len() > 1]
    ),
)
PREDICATES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda both: both[0] & both[1]),
        st.tuples(inner, inner).map(lambda both: both[0] | both[1]),
        inner.map(lambda one: ~one),
    ),
    max_leaves=6,
)
ENGINES = st.sampled_from(["in-memory", "streaming"])


HEADS = st.tuples(st.none() | st.integers(0, 27), st.none() | st.integers(0, 27))


def query(lazy: pl.LazyFrame, predicate: pl.Expr, heads: tuple[int | None, int | None]) -> pl.LazyFrame:
    """The predicate, with a head before it and one after it."""
    cut = lazy if heads[0] is None else lazy.head(heads[0])
    kept = cut.filter(predicate)
    return kept if heads[1] is None else kept.head(heads[1])
