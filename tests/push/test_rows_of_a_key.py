"""Rows that share a key: which give way, which are one entry, and whether they are told alike by both ways there."""

import numpy as np
import pandas as pd
import pandera.pandas
import polars as pl
import pytest
import reference
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


def test_a_language_that_cannot_be_read_is_not_the_same_as_none():
    """Its row has that problem, and none with a row that has no language."""
    languages = pd.Series(["en", 5, "en", None], dtype=object)
    frame = pd.DataFrame({"k": ["a", "a", "b", "a"], "lang": languages, "v": "x"})
    for duplicates in ("fail", "first", "last", "merge"):
        problems = of.plan(frame, "k", language_column="lang", duplicates=duplicates).problems
        assert problems[["row", "rule"]].to_numpy().tolist() == [
            [0, "key-duplicate"],
            [1, "value-type"],
            [3, "key-duplicate"],
        ]
        assert set(problems["message"][problems["rule"] == "key-duplicate"]) == {"row 1 of the same key has a problem"}


def test_rows_of_a_key_in_the_same_language_are_counted_without_the_others():
    """Of three rows two are in one language."""
    frame = pl.DataFrame({"k": ["a"] * 3, "lang": ["en", "sv", "en"], "v": ["x", "y", "z"]})
    plan = of.plan(frame, "k", language_column="lang")
    assert "2 rows: 0, 2" in plan.problems["message"][0]
    assert plan.problems["rule"].to_list() == ["key-duplicate"] * 3


_GONE = st.sampled_from([None, True, False])
_ROWS = st.lists(
    st.fixed_dictionaries({
        "k": st.sampled_from("ab"),
        "lang": st.sampled_from([None, "en", "sv"]),
        "v": st.none() | st.text(max_size=2),
        "gone": _GONE,
    }),
    max_size=9,
)  # fmt: skip
_SCHEMA = {"k": pl.String, "lang": pl.String, "v": pl.String, "gone": pl.Boolean}
_WRITTEN = {None: st.sampled_from([None, ""]), True: st.sampled_from(["true", "TRUE"]), False: st.just("False")}


def _table(rows, data):
    """The rows, with their deletions as booleans or as a csv has them."""
    frame = pl.DataFrame(rows, schema=_SCHEMA)
    if data.draw(st.booleans()):
        return frame
    words = [data.draw(_WRITTEN[row["gone"]]) for row in rows]
    return frame.with_columns(gone=pl.Series(words, dtype=pl.String))


@given(_ROWS, st.sampled_from(["skip", "clear"]), st.data())
def test_merged_rows_delete_their_entry_if_the_last_that_says_anything_does(rows, nulls, data):
    """The column that says it is merged as any other."""
    plan = of.plan(_table(rows, data), "k", properties=["v"], delete="gone", duplicates="merge", nulls=nulls)
    expected = reference.merged(rows, "k")
    assert plan.ok
    assert reference.sent(plan) == reference.entities(
        expected, "k", [("v", "v", None)], clear=nulls == "clear", delete="gone"
    )


@given(_ROWS, st.data())
def test_rows_in_several_languages_delete_their_entry_together(rows, data):
    """One word is enough; those that say both are problems."""
    frame = _table(rows, data)
    plan = of.plan(frame, "k", ["v"], delete="gone", language_column="lang", duplicates="merge")
    made, odd = reference.spoken(rows, "k", "lang", "gone", "v")
    found = [
        (each["key"], each["delete"], {item["language"]: item["value"] for item in each["properties"]})
        for each in reference.sent(plan)
    ]
    assert found == made
    refused = plan.found.filter(pl.col("rule") == "language")
    assert set(refused["key"]) == set(odd)
    assert set(refused["column"]) <= {"gone"}


@pytest.mark.parametrize(("gone", "rows"), [([True, False, None], [0, 1]), ([None, True, True], [])])
def test_what_rows_say_of_their_deletion_is_not_localised(gone, rows):
    """Those that say the other thing are refused, and the others wait; a deleted entry has nothing else to say."""
    frame = pl.DataFrame({"k": ["a"] * 3, "lang": ["en", "sv", None], "v": ["x", "y", "z"], "gone": gone})
    plan = of.plan(frame, "k", delete="gone", language_column="lang")
    assert plan.found.filter(pl.col("rule") == "language")["row"].to_list() == rows
    assert plan.counts["invalid"] == (3 if rows else 0)
    assert [(each["delete"], each["properties"]) for each in reference.sent(plan)] == ([] if rows else [(True, [])])
    assert plan.columns["language"].drop_nulls().is_empty()


_BAD = {"float": (np.inf, 1.0), "list": (["x|y"], ["x"]), "object": (object(), "x"), "half": ("\ud800", "x")}
"""A value that cannot be written, and one that stands well beside it."""


@pytest.mark.parametrize("kind", _BAD)
@pytest.mark.parametrize("language", [None, "lang"])
def test_a_row_that_deletes_is_not_refused_for_what_it_does_not_send(kind, language):
    """Whatever is wrong with its cell; the same cell of another row is."""
    bad, good = _BAD[kind]
    values = pd.Series([good, good, good, bad, bad], dtype=object)
    frame = pd.DataFrame({"k": list("abcde"), "v": values, "gone": [False] * 3 + [True, False], "lang": "en"})
    frame.loc[3, "lang"] = "?"
    plan = of.plan(frame, "k", properties=["v"], delete="gone", language_column=language)
    assert plan.found["row"].to_list() == [4]
    assert [each["key"] for each in reference.sent(plan) if each["delete"]] == ["d"]


def test_a_schema_does_not_keep_a_row_from_being_deleted():
    """Unless it is about the key."""
    below = pandera.pandas.Check.lt(3)
    schema = pandera.pandas.DataFrameSchema({"v": pandera.pandas.Column(int, below)})
    frame = pd.DataFrame({"k": [1, 9], "v": [9, 9], "gone": [True, False]})
    assert of.plan(frame, "k", delete="gone", schema=schema).found["row"].to_list() == [1]
    of_key = pandera.pandas.DataFrameSchema({"k": pandera.pandas.Column(int, below)})
    frame["gone"] = True
    assert of.plan(frame, "k", delete="gone", schema=of_key).found["row"].to_list() == [1]


def test_the_key_of_a_row_that_deletes_must_be_right():
    """So must what it says of deleting, and its column as a whole."""
    frame = pl.DataFrame({"k": ["a b", None, "c", "c", "d"], "v": [1.0] * 5, "gone": ["true"] * 4 + ["maybe"]})
    plan = of.plan(frame, "k", delete="gone")
    assert plan.found.select("row", "rule").rows() == [
        (0, "key-characters"),
        (1, "key-missing"),
        (2, "key-duplicate"),
        (3, "key-duplicate"),
        (4, "value-type"),
    ]
    whole = of.plan(pl.DataFrame({"k": ["a"], "v": [{"x": 1}], "gone": [True]}), "k", delete="gone")
    assert (whole.found["row"].to_list(), whole.counts["invalid"]) == ([None], 1)


@pytest.mark.parametrize(("gone", "rows"), [([True, None], []), ([None, True], []), ([True, False], [0, 1])])
def test_merged_rows_are_refused_for_a_value_only_if_they_do_not_delete(gone, rows):
    """What counts is what becomes of their entry."""
    frame = pl.DataFrame({"k": ["a", "a"], "v": [float("inf"), 1.0], "gone": gone})
    plan = of.plan(frame, "k", delete="gone", duplicates="merge")
    assert plan.found["row"].to_list() == rows
    assert plan.counts["entries"] == (0 if rows else 1)


@pytest.mark.parametrize("duplicates", _CHOICES)
@pytest.mark.parametrize("language", [None, "lang"])
def test_keys_of_other_parts_are_never_one_entry(duplicates, language):
    """Although their text is the same; the hint is about what joins them."""
    frame = pl.DataFrame({
        "model": ["x", "x-y", "x-y", "a", "a"],
        "size": ["y-z", "z", "z", "b", "c"],
        "lang": ["en", "sv", "en", None, None],
        "v": [1, 2, 3, 4, 5],
        "gone": [False, False, True, False, False],
    })  # fmt: skip
    key = ["model", "size"]
    for delete in (None, "gone"):
        options = {"duplicates": duplicates, "language_column": language, "delete": delete}
        plan = of.plan(frame, key, properties=["v"], **options)
        assert plan.found.select("row", "key", "rule").rows() == [(row, "x-y-z", "key-duplicate") for row in (0, 1, 2)]
        assert "key_separator" in plan.found["hint"][0]
        assert "3 rows: 0, 1, 2" in plan.found["message"][0]
        assert plan.entries()["key"].to_list() == ["a-b", "a-c"]
        assert plan.dropped.tolist() == []
        joined = of.plan(frame, key, properties=["v"], key_separator="__", **options)
        assert "key_separator" not in "".join(joined.found["hint"])
        assert "x__y-z" in joined.entries()["key"].to_list()


@given(
    st.lists(st.tuples(*[st.sampled_from(["a", "b", "a-", "-", "", None, "a-b"])] * 2), max_size=6),
    st.sampled_from(["", "-", "--"]),
)
def test_an_entry_is_of_one_pair_of_parts(pairs, separator):
    """Whatever joins them."""
    frame = pl.DataFrame(pairs, schema={"p": pl.String, "q": pl.String}, orient="row")
    plan = of.plan(frame, ["p", "q"], properties=[], key_separator=separator, duplicates="merge")
    whole = {pair for pair in pairs if all(pair)}
    texts = [separator.join(pair) for pair in whole]
    assert sorted(plan.entries()["key"]) == sorted(text for text in texts if texts.count(text) == 1)
