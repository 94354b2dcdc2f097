"""Scans at the numbers they are promised for: predicates, subsets of columns, heads, bytes, memory."""

import subprocess
import sys
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from predicates import HEADS, PREDICATES, query
from reading_box import Box, Meter

from occtoo_frames._api.scan import scan_destination

ENGINES = ("in-memory", "streaming")


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@settings(max_examples=5_000)
@given(PREDICATES, HEADS)
def test_five_thousand_predicates_with_heads_before_and_after(
    table: pl.DataFrame, scan: pl.LazyFrame, predicate: pl.Expr, heads: tuple[int | None, int | None]
) -> None:
    """Each on both engines, in pages of 4."""
    expected = query(table.lazy(), predicate, heads).collect()
    for engine in ENGINES:
        assert query(scan, predicate, heads).collect(engine=engine).equals(expected)


@pytest.mark.soak
@pytest.mark.timeout(1_800)
def test_every_subset_of_the_columns(table: pl.DataFrame, scan: pl.LazyFrame) -> None:
    """In the table's order and backwards, on both engines, filtered by what is not among them."""
    for count in range(1, len(table.columns) + 1):
        for names in combinations(table.columns, count):
            for engine, order in zip(ENGINES, (names, names[::-1]), strict=True):
                assert scan.select(order).collect(engine=engine).equals(table.select(order))
            filtered = pl.col("stock") % 2 == 0
            assert scan.filter(filtered).select(names).collect().equals(table.filter(filtered).select(names))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("page_size", [1, 4, 25])
def test_heads_around_the_size_of_a_page(
    box: Box, shop: str, table: pl.DataFrame, page_size: int, engine: pl.QueryOptFlags
) -> None:
    """None, one, one less than a page, a page, one more, and everything."""
    scan = scan_destination(shop, connection=box.connection, page_size=page_size)
    for rows in sorted({0, 1, page_size - 1, page_size, page_size + 1, 25, 26}):
        assert scan.head(rows).collect(engine=engine).equals(table.head(rows))
        assert scan.filter(pl.col("stock") > 0).head(rows).collect(engine=engine).equals(table.head(rows))


@pytest.mark.soak
@pytest.mark.timeout(1_800)
def test_one_percent_of_a_hundred_thousand_entries_is_at_most_two_percent_of_the_bytes(box: Box) -> None:
    """And the first 50 are one request."""
    source, text = box.source(), "x" * 200
    for start in range(0, 100_000, 20_000):
        keys = range(start, start + 20_000)
        box.put(source, {f"e{n:06}": [("group", str(n % 100), None), ("text", text, None)] for n in keys})
    url = box.platform.publish("hundred", "things", source=source, languages=["en"], types={"group": "Text"})
    full, few, head = Meter(), Meter(), Meter()
    scans = [scan_destination(url, connection=box.connect(meter)) for meter in (full, few, head)]
    assert scans[0].collect().height == 100_000
    assert scans[1].filter(pl.col("group") == "7").collect().height == 1_000
    assert scans[2].head(50).collect().height == 50
    assert few.size <= 0.02 * full.size
    assert head.requests == 1


def sunk(small: int, large: int) -> tuple[float, float]:
    """Megabytes that a sink of ``large`` pages takes beyond one of ``small``, and megabytes of its pages."""
    script = Path(__file__).with_name("sink_memory.py")
    words = [sys.executable, str(script), str(small), str(large)]
    ended = subprocess.run(words, capture_output=True, text=True, check=True, timeout=1_200)  # noqa: S603 - our own script
    grown, size = map(float, ended.stdout.split())
    return grown, size


def test_a_sink_takes_no_more_memory_for_more_pages() -> None:
    """Three times the pages, and less than half of what they weigh."""
    grown, size = sunk(100, 300)
    assert grown < 0.5 * size


@pytest.mark.soak
@pytest.mark.timeout(1_800)
def test_a_sink_of_a_million_entries_takes_no_more_memory_than_one_of_fifty_thousand() -> None:
    """Five hundred megabytes go through less than a hundred."""
    grown, size = sunk(50, 1_000)
    assert size > 500
    assert grown < 0.2 * size
