"""Scans: what is pushed down makes no difference to what comes out."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from predicates import ENGINES, HEADS, LEAVES, PREDICATES, query
from reading_box import Box, Meter
from scripted import URL, Scripted, connect, page

from occtoo_frames._api.scan import explain, scan_destination
from occtoo_frames.exceptions import ConfigurationError, ProtocolError, UnsupportedFrameError
from occtoo_frames.protocol.http import Response

Engine = Literal["in-memory", "streaming"]


@given(PREDICATES, ENGINES, HEADS)
def test_a_filtered_scan_equals_the_filtered_read(
    table: pl.DataFrame, scan: pl.LazyFrame, predicate: pl.Expr, engine: Engine, heads: tuple[int | None, int | None]
) -> None:
    """On both engines, with heads before and after."""
    expected = query(table.lazy(), predicate, heads).collect()
    assert query(scan, predicate, heads).collect(engine=engine).equals(expected)


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
    with pytest.raises(ConfigurationError, match="scan_destination has one language"):
        scan_destination(shop, language=["sv", "en"], connection=box.connection)  # type: ignore[arg-type]
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
    with pytest.raises(ConfigurationError, match="no scan"):
        explain(pl.LazyFrame({"a": [1]}))
    for nothing in (scan.head(0), scan.select(pl.lit(1))):
        with pytest.raises(ConfigurationError, match="needs none of its rows"):
            explain(nothing)
    with pytest.raises(UnsupportedFrameError, match="DataFrame is no query"):
        explain(pl.DataFrame({"a": [1]}))  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_a_scan_may_be_collected_while_it_is_explained(scan: pl.LazyFrame, engine: Engine) -> None:
    """In another thread, which gets its rows."""
    begun, ended = threading.Event(), threading.Event()

    def wait(frame: pl.DataFrame) -> pl.DataFrame:
        begun.set()
        assert ended.wait(30)
        return frame

    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(explain, scan.join(scan, on="id").map_batches(wait))
        assert begun.wait(30)
        rows = scan.join(scan.select("id"), on="id").collect(engine=engine)
        ended.set()
        assert told.result().count("SCAN ") in {1, 2}
    assert rows.height == scan.collect().height > 0


def test_explaining_asks_the_platform_nothing(box: Box, shop: str) -> None:
    """And leaves the scan as it was."""
    meter = Meter()
    scan = scan_destination(shop, connection=box.connect(meter))
    explain(scan.filter(pl.col("id") == "p01"))
    assert meter.requests == 0
    assert scan.filter(pl.col("id") == "p01").collect().height == 1


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_an_entry_that_comes_again_is_an_error_however_far_away(engine: Engine) -> None:
    """And ids in an order that is not ours are none."""
    pages = [["a", "b"], ["B", "c"], ["e", "f"], ["g", "h"], ["i", "j"], ["x", "z"], ["zz"]]

    def answer(query: dict[str, Any]) -> Response:
        after = query.get("after", [None])[0]
        return page([{"id": key} for key in next((two for one, two in pairwise([[None], *pages]) if one[-1] == after))])

    scan = scan_destination(URL, page_size=2, connection=connect(Scripted(answer, "swashbuckle_30")))
    assert scan.collect(engine=engine).height == 13
    pages[5] = ["a", "z"]
    for one in (scan, scan.filter(pl.col("id") == "z"), scan.select("stock")):
        with pytest.raises(ProtocolError, match=r"1 of the destination.s entries came more than once"):
            one.collect(engine=engine)
    pages[5] = ["j", "z"]
    with pytest.raises(ProtocolError, match="more than once: 'j'"):
        scan.collect(engine=engine)


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
