"""What ``of.sandbox`` passes on to the platform behind it."""

import polars as pl
import pytest

import occtoo_frames as of


def test_facets_may_say_how_many_values_they_count() -> None:
    """The most frequent ones, as the platform does."""
    with of.sandbox() as box:
        box.add_source("products")
        of.push(pl.DataFrame({"sku": list("abcdef"), "cat": ["x", "x", "x", "y", "y", "z"]}), "products", "sku")
        urls = [
            box.publish("shop", f"e{number}", source="products", facets=facets)
            for number, facets in enumerate(({"cat": 2}, ["cat"], "cat"))
        ]
        box.settle()
        counts = [of.read_facets(url, frame="polars").select("value", "count").rows() for url in urls]
        with pytest.raises(ValueError, match=r"one or more of its values, got \{'cat': 0\}"):
            box.publish("shop", "none", source="products", facets={"cat": 0})
    assert counts == [[("x", 3), ("y", 2)]] + [[("x", 3), ("y", 2), ("z", 1)]] * 2
