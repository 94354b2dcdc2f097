"""Scans: what is pushed down makes no difference to what comes out."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading_box import Box, Meter

from occtoo_frames._api.read import read_destination
from occtoo_frames._api.scan import explain, scan_destination
from occtoo_frames.exceptions import ConfigurationError, ProtocolError

Engine = Literal["in-memory", "streaming"]


@pytest.fixture(scope="module")
def table(box: Box, shop: str) -> pl.DataFrame:
    """The shop, read."""
    frame: pl.DataFrame = read_destination(shop, connection=box.connection, frame="polars")
    return frame


@pytest.fixture(scope="module")
def scan(box: Box, shop: str) -> pl.LazyFrame:
    """The shop, scanned in pages of 4."""
    return scan_destination(shop, connection=box.connection, page_size=4)


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


@given(PREDICATES, ENGINES, HEADS)
def test_a_filtered_scan_equals_the_filtered_read(
    table: pl.DataFrame, scan: pl.LazyFrame, predicate: pl.Expr, engine: Engine, heads: tuple[int | None, int | None]
) -> None:
    """On both engines, with heads before and after."""

    def query(lazy: pl.LazyFrame) -> pl.LazyFrame:
        cut = lazy if heads[0] is None else lazy.head(heads[0])
        kept = cut.filter(predicate)
        return kept if heads[1] is None else kept.head(heads[1])

    assert query(scan).collect(engine=engine).equals(query(table.lazy()).collect())


@given(st.sets(st.sampled_from(["id", "name", "price", "tags", "images", "made"]), min_size=1), PREDICATES, ENGINES)
def test_every_subset_of_columns_comes_out_right(
    table: pl.DataFrame, scan: pl.LazyFrame, names: set[str], predicate: pl.Expr, engine: Engine
) -> None:
    """Also where the predicate looks at others."""
    chosen = sorted(names)
    assert scan.filter(predicate).select(chosen).collect(engine=engine).equals(table.filter(predicate).select(chosen))


@pytest.mark.parametrize("rows", [0, 1, 3, 4, 5, 25, 26])
@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_a_head_is_the_head(table: pl.DataFrame, scan: pl.LazyFrame, rows: int, engine: Engine) -> None:
    """Around the size of a page and of the whole."""
    assert scan.head(rows).collect(engine=engine).equals(table.head(rows))


def test_a_head_is_one_request(box: Box, shop: str) -> None:
    """And no larger than it has to be."""
    meter = Meter()
    scan = scan_destination(shop, connection=box.connect(meter))
    assert scan.head(10).collect().height == 10
    assert meter.requests == 1


def test_scans_join_batch_and_sink(table: pl.DataFrame, scan: pl.LazyFrame, tmp_path: Path) -> None:
    """Like any other source of polars."""
    joined = scan.join(scan.select("id", again="name"), on="id", maintain_order="left").collect()
    assert joined["again"].equals(table["name"].rename("again"))
    assert pl.concat(scan.select("id").collect_batches()).sort("id").equals(table.select("id"))
    scan.sink_parquet(tmp_path / "shop.parquet")
    assert pl.read_parquet(tmp_path / "shop.parquet").equals(table)
    assert scan.select(pl.len()).collect().item() == 25


def test_a_scan_reads_the_language_asked_for(box: Box, shop: str) -> None:
    """Its filters mean this language too."""
    scan = scan_destination(shop, language="sv", connection=box.connection)
    assert scan.filter(pl.col("name") == "Stol 9").collect()["id"].to_list() == ["p09"]
    with pytest.raises(ConfigurationError, match="no language"):
        scan_destination(shop, language="xx", connection=box.connection)


def test_explain_says_what_goes_where(scan: pl.LazyFrame) -> None:
    """The platform's part, the part done here, columns and head."""
    query = scan.filter(pl.col("category").is_in(["Hats"]) & (pl.col("name").str.len_chars() > 2)).select("price")
    told = explain(query)
    assert "platform  filters by (category in ['Hats'])" in told
    assert "len_chars" in told
    assert "price" in told
    assert "the first 3, cut before" in explain(scan.head(3).filter(pl.col("id") == "p01"))
    assert explain(scan.join(scan, on="id")).count("SCAN ") in {1, 2}
    with pytest.raises(ValueError, match="no scan"):
        explain(pl.LazyFrame({"a": [1]}))


def test_explaining_asks_the_platform_nothing(box: Box, shop: str) -> None:
    """And leaves the scan as it was."""
    meter = Meter()
    scan = scan_destination(shop, connection=box.connect(meter))
    explain(scan.filter(pl.col("id") == "p01"))
    assert meter.requests == 0
    assert scan.filter(pl.col("id") == "p01").collect().height == 1


def test_an_error_of_the_read_is_the_error_of_the_query(box: Box, shop: str) -> None:
    """Not one of polars'."""
    scan = scan_destination(shop, types={"name": pl.Int64}, connection=box.connection)
    for engine in ("in-memory", "streaming"):
        with pytest.raises((ProtocolError, pl.exceptions.ComputeError), match="property 'name' of entry 'p00' holds"):
            scan.collect(engine=engine)


def test_a_filter_that_keeps_little_moves_little(box: Box) -> None:
    """One percent of the entries is at most two percent of the bytes."""
    source = box.source()
    text = "x" * 200
    box.put(source, {f"e{n:05}": [("group", str(n % 100), None), ("text", text, None)] for n in range(3_000)})
    url = box.platform.publish("many", "things", source=source, languages=["en"], types={"group": "Text"})
    meters = Meter(), Meter()
    full, few = (scan_destination(url, connection=box.connect(meter)) for meter in meters)
    assert full.collect().height == 3_000
    assert few.filter(pl.col("group") == "7").collect().height == 30
    assert meters[1].size <= 0.02 * meters[0].size


@given(st.lists(st.lists(LEAVES, min_size=1, max_size=4), min_size=1, max_size=9))
def test_predicates_of_any_size_are_right(table: pl.DataFrame, scan: pl.LazyFrame, groups: list[list[pl.Expr]]) -> None:
    """Where there are more alternatives than can be asked for, less is asked."""
    predicate = reduce(lambda one, other: one & other, (reduce(lambda a, b: a | b, group) for group in groups))
    assert scan.filter(predicate).collect().equals(table.filter(predicate))
