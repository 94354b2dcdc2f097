"""Rows that share a key: which give way, which are one entry, and whether they are told alike by both ways there."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import occtoo_frames as of

_CHOICES = ["fail", "first", "last", "merge"]


def _told(plan):
    """What a plan says of rows and of entries."""
    return (
        plan.found.select("row", "key", "rule", "column").rows(),
        plan.dropped.tolist(),
        plan.entry_of_row.tolist(),
        plan.entries().rows(),
    )


@pytest.mark.parametrize(("duplicates", "entries"), [("first", ["1.0"]), ("last", [])])
def test_what_is_wrong_with_a_row_that_gives_way_does_not_matter(duplicates, entries):
    """With languages as without; what is wrong with the row that stays does."""
    frame = pl.DataFrame({"k": ["a", "a"], "lang": ["en", "en"], "v": [1.0, float("inf")]})
    for plan in (
        of.plan(frame, "k", properties=["v"], duplicates=duplicates),
        of.plan(frame, "k", duplicates=duplicates, language_column="lang"),
    ):
        assert plan.entries()["value"].to_list() == entries
        assert plan.found["rule"].to_list() == ([] if entries else ["value-not-finite"])
        assert plan.dropped.tolist() == [1 if entries else 0]


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "c!", "", None]), st.sampled_from([None, 1.0, 2.0, float("inf")])),
        max_size=9,
    ),
    st.sampled_from(_CHOICES),
    st.sampled_from(["skip", "clear"]),
)
def test_a_column_of_no_languages_changes_nothing(rows, duplicates, nulls):
    """Rows without a language are as rows of a table that knows none."""
    frame = pl.DataFrame(rows, schema={"k": pl.String, "v": pl.Float64}, orient="row").with_columns(lang=None)
    plain = of.plan(frame, "k", properties=["v"], duplicates=duplicates, nulls=nulls)
    spoken = of.plan(frame, "k", language_column="lang", duplicates=duplicates, nulls=nulls)
    assert _told(plain) == _told(spoken)


def test_rows_of_a_key_in_the_same_language_are_counted_without_the_others():
    """Of three rows two are in one language."""
    frame = pl.DataFrame({"k": ["a"] * 3, "lang": ["en", "sv", "en"], "v": ["x", "y", "z"]})
    plan = of.plan(frame, "k", language_column="lang")
    assert "2 rows: 0, 2" in plan.problems["message"][0]
    assert plan.problems["rule"].to_list() == ["key-duplicate"] * 3
