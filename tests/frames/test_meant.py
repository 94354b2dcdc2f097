"""What may have been meant by the name of a column that is not there."""

import pandas as pd
import polars as pl
import pytest

import occtoo_frames as of

_INDEXED = pd.DataFrame({"v": [1, 2]}, index=pd.Index(["a", "b"], name="sku"))


@pytest.mark.parametrize(
    ("frame", "key", "words"),
    [
        (_INDEXED, "sku", "'sku' is its index: key=of.INDEX takes it, and reset_index() makes it a column"),
        (_INDEXED.set_index("v", append=True), "v", "'v' is a level of its index: key=of.INDEX takes all levels"),
        (_INDEXED, ["sku", "v"], "'sku' is its index: key=of.INDEX takes it, and reset_index()"),
        (_INDEXED, [of.INDEX, "v"], "occtoo_frames.INDEX is no column and stands alone; reset_index() makes columns"),
        (pl.DataFrame({"sku": ["a"], "v": [1]}), "SKU", "did you mean 'sku'?"),
        (pl.DataFrame({"sku": ["a"], "Sku": ["a"]}), "SKU", "did you mean 'sku' or 'Sku'?"),
        (pl.DataFrame({"Färgen": ["a"]}), "färg", "did you mean 'Färgen'?"),
        (pl.DataFrame({"fa\u0308rg": ["a"]}), "f\u00e4rg", r"did you mean 'fa\u0308rg'?"),
        (pl.DataFrame({"f\u00e4rg": ["a"]}), "fa\u0308rg", r"did you mean 'f\xe4rg'?"),
        (pl.DataFrame({"x": ["a"]}), "sku", "there are 'x'"),
        (pl.DataFrame(), "sku", "it has no columns"),
    ],
)
def test_a_missing_column_is_told_with_what_may_be_meant(frame, key, words):
    """By an index, by case, by the way in which an accent is written, or by spelling."""
    with pytest.raises(of.ColumnNotFoundError) as caught:
        of.plan(frame, key)
    assert words in str(caught.value)


def test_an_index_that_is_no_property_is_told_without_the_key():
    """There it is no help."""
    with pytest.raises(of.ColumnNotFoundError, match=r"'sku' is its index: reset_index\(\) makes it a column"):
        of.plan(_INDEXED, of.INDEX, properties=["sku"])
