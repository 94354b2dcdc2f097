"""The demo's guesses about a table that nobody has described."""

import polars as pl
import pytest

from occtoo_frames._cli.guess import guess_facets, guess_key, guess_lists
from occtoo_frames._cli.local import sample
from occtoo_frames.exceptions import ConfigurationError


def test_the_key_of_the_catalogue_is_its_sku():
    """Although the GTINs are unique and legal in every row, and the SKUs are not."""
    assert guess_key(sample()).column == "sku"


def test_a_unique_legal_column_is_a_key_whatever_its_name():
    """Texts with spaces are none."""
    frame = pl.DataFrame({"text": ["a b", "c d"], "Färg": ["x", "x"], "Nr": ["7", "8"]})
    assert guess_key(frame).column == "Nr"


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame({"text": ["a b", "c d"]}),
        pl.DataFrame({"color": ["x", "x", "x"]}),
        pl.DataFrame({"sku": []}, schema={"sku": pl.String}),
        pl.DataFrame({"sku": [None, None]}, schema={"sku": pl.String}),
    ],
    ids=["illegal", "same", "empty", "null"],
)
def test_a_table_without_a_likely_key_is_told_so(frame):
    """And which option helps."""
    with pytest.raises(ConfigurationError, match="--key"):
        guess_key(frame)


def test_lists_are_columns_where_the_separator_is_usual():
    """One stray bar makes no list."""
    frame = pl.DataFrame({"tags": ["a|b", "c", None], "text": ["x|y"] + ["z"] * 2, "n": [1, 2, 3]})
    assert guess_lists(frame, ["tags", "n"]) == ["tags"]
    assert guess_lists(pl.DataFrame({"text": ["x|y"] + ["z"] * 9}), ["text"]) == []
    assert guess_lists(pl.DataFrame({"none": [None]}, schema={"none": pl.String}), ["none"]) == []


def test_facets_are_columns_whose_values_recur():
    """At most three, in their order."""
    frame = sample()
    plain = [name for name in frame.columns if name[-3:] not in {"_en", "_sv", "_de"} and name != "tags"]
    assert guess_facets(frame, plain) == ["category", "color"]
