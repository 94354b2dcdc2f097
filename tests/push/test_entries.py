"""Entries as a long table, and as a wide one again."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import pandas as pd
import polars as pl
import pyarrow as pa
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


@pytest.mark.parametrize(("column", "cells", "said"), [
    ("language", ["en", 5, "en"], r"'language' cannot be read \(row 1: '5'\)"),
    ("value", ["x", 5, "y"], r"'value' cannot be read \(row 1: '5'\)"),
    ("value", [UUID(int=1)] * 3, "'value': UUID"),
    ("value", ["\ud800", "x", "y"], "row 0: .*surrogate"),
    ("delete", [True, "yes", False], r"'delete' cannot be read \(row 1: 'yes'\)"),
    ("delete", ["yes", "no", "no"], "'delete' is String, it takes booleans"),
    ("value", [["x"], ["y"], []], "'value' is List.*, it takes text"),
])  # fmt: skip
def test_a_cell_of_entries_that_cannot_be_read_is_an_error(column, cells, said):
    """It would be no value, another language, or an entry that is not deleted, without a word."""
    entries = pd.DataFrame({"key": ["a", "b", "c"], "property": "x", "value": "1"})
    entries[column] = pd.Series(cells, dtype=object)
    with pytest.raises(of.PlanError, match=said):
        of.from_entries(entries)


def test_a_column_of_entries_that_cannot_be_read_is_an_error():
    """Of any kind of frame."""
    wide = pa.array([Decimal(1)], pa.decimal256(50, 1))
    with pytest.raises(of.PlanError, match="decimal256"):
        of.from_entries(pa.table({"key": ["a"], "property": ["x"], "value": wide}))


def test_what_is_beside_entries_is_not_looked_at():
    """Only their own columns are."""
    entries = pd.DataFrame({"key": ["a", "b"], "property": "x", "value": "1", "n": pd.Series([1, "x"], dtype=object)})
    assert of.from_entries(entries)["x"].tolist() == ["1", "1"]


def test_values_of_entries_are_written_as_a_plan_writes_them():
    """Moments of several zones by their own offsets, which one type of the engine has no room for."""
    zones = [dt.UTC, dt.timezone(dt.timedelta(hours=2))]
    moments = pd.Series([dt.datetime(2026, 1, 1, tzinfo=zone) for zone in zones], dtype=object)
    entries = of.from_entries(pd.DataFrame({"key": ["a", "b"], "property": "x", "value": moments}))
    assert entries["x"].tolist() == ["2026-01-01T00:00:00+00:00", "2026-01-01T00:00:00+02:00"]


@pytest.mark.parametrize("values", [
    pl.Series([1e-7, 1e20, 1.0]),
    pl.Series([0.1, -1e-7, None], dtype=pl.Float32),
    pl.Series([True, False, None]),
    pl.Series([dt.datetime(2026, 1, 1, 12, 0, 0, 500_000), dt.datetime(2026, 1, 1), None]),
    pl.Series([dt.datetime(2026, 1, 1, tzinfo=dt.UTC)]),
    pl.Series([dt.time(8, 30), dt.time(8, 30, 0, 10)]),
    pl.Series([dt.timedelta(hours=1, minutes=30)]),
    pl.Series([dt.date(2026, 1, 1)]),
    pl.Series([Decimal("1.50")]),
    pl.Series(["a"], dtype=pl.Categorical),
], ids=lambda values: str(values.dtype))  # fmt: skip
def test_typed_values_of_entries_are_those_of_a_table(values):
    """Not as the engine would write them."""
    keys = [f"k{number}" for number in range(len(values))]
    written = of.to_entries(pl.DataFrame({"key": keys, "p": values}), "key")
    long = pl.DataFrame({"key": keys, "property": "p", "value": values})
    assert of.from_entries(long)["p"].drop_nulls().to_list() == written["value"].drop_nulls().to_list()
    assert of.from_entries(long.to_arrow())["p"].drop_null().to_pylist() == written["value"].drop_nulls().to_list()


def test_keys_of_entries_that_pandas_made_floats_are_integers():
    """As the keys of a table are; another key would be another entry."""
    entries = pd.DataFrame({"key": [1.0, 2.0], "property": "p", "value": [1.0, None]})
    assert of.from_entries(entries)["key"].tolist() == ["1", "2"]
    assert of.from_entries(entries)["p"].dropna().tolist() == ["1.0"]


@pytest.mark.parametrize(("values", "said"), [
    (pl.Series([1.0, float("nan")]), r"\(row 1: 'NaN', entry 'k1', property 'p'\): not a finite number; replace it"),
    (pl.Series([float("inf")] * 7), r"row 4: 'inf', entry 'k4', property 'p'; and 2 more\)"),
    (pl.Series([99_999_999], dtype=pl.Date), "entry 'k0', property 'p'.*: a date beyond the years"),
    (pl.Series([b"x"]), "'value' is Binary, it takes text"),
    (pl.Series([{"a": 1}]), "'value' is Struct.*, it takes text"),
])  # fmt: skip
def test_values_of_entries_without_a_text_are_an_error(values, said):
    """It says whose they are."""
    keys = [f"k{number}" for number in range(len(values))]
    with pytest.raises(of.PlanError, match=said):
        of.from_entries(pl.DataFrame({"key": keys, "property": "p", "value": values}))


def test_a_number_does_not_say_what_is_deleted():
    """Nor does it in a table."""
    entries = pl.DataFrame({"key": ["a"], "property": ["p"], "value": ["1"], "delete": [1]})
    with pytest.raises(of.PlanError, match="'delete' is Int64, it takes booleans"):
        of.from_entries(entries)
    nothing = pl.Series([None], dtype=pl.Float64)
    assert of.from_entries(entries.with_columns(delete=nothing)).columns == ["key", "p"]
