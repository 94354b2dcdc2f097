"""Entries as a long table, and as a wide one again."""

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import occtoo_frames as of


def test_entries_go_back_to_a_wide_table():
    """In the style asked for."""
    frame = pl.DataFrame({"key": ["a", "b"], "name_en": ["x", "y"], "name_sv": [None, "z"], "price": ["1", None]})
    entries = of.to_entries(frame, "key", "auto")
    assert of.from_entries(entries).equals(frame)
    assert of.from_entries(entries, style="name[lang]").columns == ["key", "name[en]", "name[sv]", "price"]
    assert isinstance(of.from_entries(entries.to_pandas()), pd.DataFrame)


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["p", "q", "r"]), st.sampled_from([None, "en", "sv"])),
        st.none() | st.text(max_size=3),
    ),
    st.randoms(),
)
def test_a_wide_table_is_what_a_plain_loop_makes_of_entries(cells, random):
    """In any order of rows; what has no value is null."""
    rows = [(*place, value) for place, value in cells.items()]
    random.shuffle(rows)
    schema = {"key": pl.String, "property": pl.String, "language": pl.String, "value": pl.String}
    expected = {key: {} for key, *_ in rows}
    for key, property_id, language, value in rows:
        expected[key][property_id if language is None else f"{property_id}_{language}"] = value
    columns = {column for cells in expected.values() for column in cells}
    wide = of.from_entries(pl.DataFrame(rows, schema=schema, orient="row"))
    assert set(wide.columns) == {"key", *columns}
    assert wide["key"].to_list() == list(expected)
    for row in wide.to_dicts():
        assert row == dict.fromkeys(columns) | expected[row["key"]] | {"key": row["key"]}


def test_an_empty_language_of_entries_is_none():
    """As on the platform, and in a column of languages."""
    entries = pl.DataFrame({
        "key": ["a", "b", "b"], "property": ["p", "p", "p"], "language": ["", None, "en"], "value": ["1", "2", "3"]
    })  # fmt: skip
    wide = pl.DataFrame({"key": ["a", "b"], "p": ["1", "2"], "p_en": [None, "3"]})
    assert of.from_entries(entries).equals(wide)
    with pytest.raises(of.PlanError, match="twice"):
        of.from_entries(entries.with_columns(key=pl.lit("a"), value=pl.lit("x")))


@pytest.mark.parametrize("column", ["key", "property"])
def test_values_of_no_entry_or_no_property_are_an_error(column):
    """They would be gone without a word."""
    entries = pl.DataFrame({"key": ["a", "b"], "property": ["p", "p"], "value": ["x", "y"]})
    entries = entries.with_columns(pl.Series(column, ["a", None]))
    for kind in (entries, entries.to_pandas()):
        with pytest.raises(of.PlanError, match=f"row 1 has .*no {column}"):
            of.from_entries(kind)


def test_entries_that_contradict_themselves_are_an_error():
    """The same value twice, two columns of one name, missing columns."""
    twice = pl.DataFrame({"key": ["a", "a"], "property": ["p", "p"], "value": ["1", "2"]})
    with pytest.raises(of.PlanError, match="twice"):
        of.from_entries(twice)
    clash = pl.DataFrame({"key": ["a", "a"], "property": ["p_en", "p"], "language": [None, "en"], "value": ["1", "2"]})
    with pytest.raises(of.PlanError, match="'p_en'"):
        of.from_entries(clash)
    with pytest.raises(of.PlanError, match="value"):
        of.from_entries(pl.DataFrame({"key": ["a"], "property": ["p"]}))
    with pytest.raises(of.PlanError, match="style"):
        of.from_entries(clash, style="plain")
    with pytest.raises(of.PlanError, match="lang_name"):
        of.from_entries(clash, style="lang_name")


def test_entries_that_are_and_are_not_deleted_are_an_error():
    """As in rows of several languages; null says nothing."""
    entries = pl.DataFrame({"key": ["a", "a"], "property": [None, "p"], "value": [None, "x"], "delete": [True, False]})
    with pytest.raises(of.PlanError, match="'a' do not agree"):
        of.from_entries(entries)
    wide = of.from_entries(entries.with_columns(delete=pl.Series([None, True])))
    assert wide.rows() == [("a", True, "x")]
