"""Which columns become which properties, and what is said when it is not clear."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import occtoo_frames as of


def _frame(*columns, value="x"):
    return pl.DataFrame({"k": ["a"], **{column: [value] for column in columns}})


def _sent(plan):
    sent = plan.column_table.filter(pl.col("property").is_not_null())
    return sent.select("column", "property", "language").rows()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"key": "sku"}, "sku"),
        ({"key": "k", "properties": ["prize"]}, "price"),
        ({"key": "k", "delete": "gone"}, "gone"),
        ({"key": "k", "language_column": "lang"}, "lang"),
        ({"key": ["k", "K"]}, "'K'"),
    ],
)
def test_a_column_that_is_not_there_is_named(options, words):
    """With those that come close."""
    with pytest.raises(of.ColumnNotFoundError, match=words):
        of.plan(_frame("price"), **options)


def test_properties_choose_and_rename():
    """By column, or by the base of its languages."""
    frame = _frame("price", "name_en", "name_sv", "secret")
    assert _sent(of.plan(frame, "k", properties=["price"])) == [("price", "price", None)]
    assert _sent(of.plan(frame, "k", properties={"price": "cost"})) == [("price", "cost", None)]
    assert _sent(of.plan(frame, "k", "auto", properties=["name"])) == [
        ("name_en", "name", "en"),
        ("name_sv", "name", "sv"),
    ]
    assert _sent(of.plan(frame, "k", ["name"], properties={"name": "title", "price": "cost"})) == [
        ("price", "cost", None),
        ("name_en", "title", "en"),
        ("name_sv", "title", "sv"),
    ]


def test_columns_named_by_numbers_are_named_by_numbers():
    """As pandas does, wherever a column is asked for."""
    frame = pd.DataFrame({0: ["a"], 1: ["x"], 2: [False], 2026: ["namn"]})
    plan = of.plan(frame, 0, {"name": {"sv": 2026}}, delete=2, properties={1: "colour"})
    assert [(sent.column, sent.property, sent.language) for sent in plan.sent_as] == [
        ("1", "colour", None),
        ("2026", "name", "sv"),
    ]
    assert [sent.property for sent in of.plan(frame, [0, 2], properties=[1]).sent_as] == ["1"]
    assert of.plan(frame, 0, [1], language_column=2026).renderer.layout.localised == ("1",)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"delete": ["v"]}, r"delete=\['v'\]: give the name of a column"),
        ({"delete": True}, "delete=True: give the name"),
        ({"properties": "price"}, "properties='price': give a list"),
        ({"properties": {"price": ""}}, r"properties\['price'\]='': give the id"),
        ({"properties": {"price": 1}}, "give the id of a property as text"),
        ({"key": ["k", "k"]}, "names 'k' twice"),
        ({"key": None}, "key=None: give the name"),
        ({"language_column": "tags"}, r"language_column='tags' must be text, it is List\(String\)"),
        ({"key_separator": None}, "key_separator=None: it is text"),
        ({"list_separator": "\ud800"}, "list_separator=.*: it is text"),
    ],
)
def test_what_names_no_column_is_told(options, words):
    """Which option, and what it takes."""
    with pytest.raises(of.PlanError, match=words):
        of.plan(_frame("price").with_columns(tags=pl.Series([["a"]])), **{"key": "k"} | options)


def test_key_delete_and_language_columns_are_not_sent_unless_named():
    """Naming the key sends it too."""
    frame = pl.DataFrame({"k": ["a"], "gone": [False], "v": ["x"]})
    assert _sent(of.plan(frame, "k", delete="gone")) == [("v", "v", None)]
    assert _sent(of.plan(frame, "k", delete="gone", properties=["k", "v"])) == [("k", "k", None), ("v", "v", None)]


def test_the_key_may_be_several_columns():
    """Joined; a missing part makes a missing key."""
    frame = pl.DataFrame({"a": ["x", None], "b": [1, 2]})
    plan = of.plan(frame, ["a", "b"], key_separator="_")
    assert plan.entries()["key"].to_list() == ["x_1"]
    assert plan.problems["rule"].to_list() == ["key-missing"]
    with pytest.raises(of.PlanError, match="no column"):
        of.plan(frame, [])


def test_every_part_of_a_key_must_be_there():
    """An empty one is missing like a null: the key would be another one's, or that of nobody."""
    frame = pl.DataFrame({"a": ["x", "y", "", None], "b": ["1", "", "", "2"], "v": [1, 2, 3, 4]})
    plan = of.plan(frame, ["a", "b"])
    assert plan.entry_table()["key"].to_list() == ["x-1"]
    assert plan.problems.select("row", "rule").rows() == [(row, "key-missing") for row in (1, 2, 3)]


def test_a_key_of_lists_is_an_error():
    """It has no one text."""
    with pytest.raises(of.PlanError, match="key column 'k'"):
        of.plan(pl.DataFrame({"k": [["a"]]}), "k")


def test_a_delete_column_must_be_boolean():
    """A 1 may mean anything."""
    with pytest.raises(of.PlanError, match="boolean"):
        of.plan(pl.DataFrame({"k": ["a"], "d": [1]}), "k", delete="d")


def test_a_delete_column_of_text_says_true_or_false():
    """As all columns of a csv are; what says something else is neither sent nor deleted."""
    said = ["true", "TRUE", "false", "False", "", None, "yes", "1", " true"]
    keys = [f"k{number}" for number in range(len(said))]
    plan = of.plan(pl.DataFrame({"k": keys, "v": "x", "gone": said}), "k", delete="gone")
    entries = plan.entries()
    assert dict(zip(entries["key"], entries["delete"], strict=True)) == dict.fromkeys(keys[:2], True) | dict.fromkeys(
        keys[2:6], False
    )
    assert plan.problems.select("row", "key", "column", "rule", "value").rows() == [
        (6, "k6", "gone", "value-type", "yes"),
        (7, "k7", "gone", "value-type", "1"),
        (8, "k8", "gone", "value-type", " true"),
    ]


@pytest.mark.parametrize("option", [{"ids": "kebab"}, {"nulls": "drop"}, {"duplicates": "all"}, {"list_separator": ""}])
def test_options_that_do_not_exist_are_errors(option):
    """With those that do."""
    with pytest.raises(of.PlanError, match=next(iter(option))):
        of.plan(_frame("v"), "k", **option)


def test_the_columns_of_a_plan_come_in_the_callers_kind():
    """Pandas gets pandas."""
    assert isinstance(of.plan(pd.DataFrame({"k": ["a"], "v": [1]}), "k").columns, pd.DataFrame)


_LISTS = {
    "pandas": pd.Index,
    "numpy": np.array,
    "polars": pl.Series,
    "iterator": iter,
    "view": lambda names: dict.fromkeys(names).keys(),
}


@pytest.mark.parametrize("listed", _LISTS.values(), ids=_LISTS)
def test_names_are_listed_in_any_list(listed):
    """As ``df.columns[:2]`` lists them."""
    frame = pd.DataFrame({"a": ["x"], "b": ["y"], "n_en": ["1"], "n_sv": ["2"]})
    plan = of.plan(frame, listed(["a", "b"]), listed(["n"]), properties=listed(["n"]))
    assert plan.entry_table()["key"].to_list() == ["x-y", "x-y"]
    assert _sent(plan) == [("n_en", "n", "en"), ("n_sv", "n", "sv")]
    assert _sent(of.plan(frame.iloc[:, :3], "a", listed(["n_en"]), language_column="b")) == [("n_en", "n_en", None)]


def test_an_array_without_a_dimension_is_one_name():
    """Though numpy's arrays all call themselves iterable."""
    one = np.array("a")
    assert of.plan(_frame("a", "b"), one).entry_table().equals(of.plan(_frame("a", "b"), "a").entry_table())
    for options in ({"lang_cols": one}, {"lang_cols": {"b": one}}, {"properties": one}):
        with pytest.raises(of.PlanError, match="give "):
            of.plan(_frame("a", "b"), "a", **options)
    with pytest.raises(of.PlanError, match="can only be a list"):
        of.plan(_frame("a", "b"), "a", lang_cols=one, language_column="b")


def test_a_set_is_no_key():
    """Its columns would be joined in no order."""
    with pytest.raises(of.PlanError, match="give the name of a column"):
        of.plan(_frame("a", "b"), {"a", "b"})
