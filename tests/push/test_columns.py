"""Which columns become which properties, in which languages, and what is said when it is not clear."""

from math import nan

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import occtoo_frames as of
from occtoo_frames._push import lang_cols
from occtoo_frames._push.naming import make_id, suggest_id, suggest_ids
from occtoo_frames.protocol.rules import is_id


def _frame(*columns, value="x"):
    return pl.DataFrame({"k": ["a"], **{column: [value] for column in columns}})


def _sent(plan):
    sent = plan.column_table.filter(pl.col("property").is_not_null())
    return sent.select("column", "property", "language").rows()


@pytest.mark.parametrize("spelled", ["name_{}", "name-{}", "name.{}", "name:{}", "name@{}", "name[{}]", "name [{}]"])
@pytest.mark.parametrize("language", ["en", "sv-SE", "de_DE", "zh-Hans-CN"])
def test_languages_are_found_in_every_spelling(spelled, language):
    """By a list of languages, by the name, and by themselves beside another."""
    column = spelled.format(language)
    found = [(column, "name", language)]
    assert _sent(of.plan(_frame(column), "k", {"name": [language]})) == found
    assert _sent(of.plan(_frame(column), "k", ["name"])) == found
    assert found[0] in _sent(of.plan(_frame(column, "name_fr"), "k", "auto"))


def test_real_names_are_understood():
    """As they stand in people's spreadsheets; tags stay as written."""
    frame = _frame(
        "Product Name",
        "Färg",
        "name_sv-SE",
        "name_en-US",
        "description-de_DE",
        "description-en_GB",
        "title.en-GB",
        "title.sv",
        "namn [sv]",
        "namn [en]",
        "price (SEK)",
    )
    plan = of.plan(frame, "k", "auto", ids="camel")
    assert plan.ok
    assert _sent(plan) == [
        ("Product Name", "productName", None),
        ("Färg", "farg", None),
        ("name_sv-SE", "name", "sv-SE"),
        ("name_en-US", "name", "en-US"),
        ("description-de_DE", "description", "de_DE"),
        ("description-en_GB", "description", "en_GB"),
        ("title.en-GB", "title", "en-GB"),
        ("title.sv", "title", "sv"),
        ("namn [sv]", "namn", "sv"),
        ("namn [en]", "namn", "en"),
        ("price (SEK)", "priceSek", None),
    ]


@pytest.mark.parametrize(
    "columns",
    [
        ("weight_kg", "weight_lb"),
        ("size_eu", "size_uk"),
        ("size_eu", "size_fr", "size_it"),
        ("price_sek", "price_dkk"),
        ("price_se", "price_fi"),
        ("stock_min", "stock_max"),
        ("pos_lat", "pos_lon"),
        ("temp_lo", "temp_hi"),
        ("color_id",),
        ("color_id", "color_no"),
        ("name_sek", "name_dkk"),
    ],
)
def test_auto_passes_over_units_sizes_currencies_and_ranges(columns):
    """And says why."""
    plan = of.plan(_frame(*columns), "k", "auto")
    assert _sent(plan) == [(column, column, None) for column in columns]
    assert plan.columns.filter(pl.col("column") == columns[0])["note"][0]


def test_auto_takes_text_and_lists_of_text_only():
    """A number has no language."""
    frame = pl.DataFrame({"k": ["a"], "n_en": [1], "n_sv": [2], "t_en": [["a"]], "t_sv": [["b"]]})
    assert _sent(of.plan(frame, "k", "auto")) == [
        ("n_en", "n_en", None),
        ("n_sv", "n_sv", None),
        ("t_en", "t", "en"),
        ("t_sv", "t", "sv"),
    ]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, lambda table: pl.DataFrame(table).lazy()])
def test_a_language_that_is_empty_today_is_the_language_it_is_tomorrow(make):
    """Whatever type a column has in which nothing stands, if those beside it are text."""
    today = {"k": ["a"], "t_en": [None], "t_sv": ["x"], "n_no": [None], "n_sv": ["x"], "n_en": ["y"]}
    sent = [
        ("t_en", "t", "en"),
        ("t_sv", "t", "sv"),
        ("n_no", "n", "no"),
        ("n_sv", "n", "sv"),
        ("n_en", "n", "en"),
    ]
    assert _sent(of.plan(make(today), "k", "auto")) == sent
    assert _sent(of.plan(make(today | {"t_en": ["z"], "n_no": ["z"]}), "k", "auto")) == sent
    cleared = of.plan(make(today), "k", "auto", nulls="clear").entry_table()
    assert ("t", "en", "") in cleared.select("property", "language", "value").rows()


def test_a_float_of_pandas_in_which_nothing_stands_is_a_language():
    """As read_csv gives an empty column; one with a number in it is none."""
    table = pd.DataFrame({"k": ["a", "b"], "t_en": [nan, nan], "t_sv": ["x", "y"], "t_de": ["x", "y"]})
    assert _sent(of.plan(table, "k", "auto"))[0] == ("t_en", "t", "en")
    assert _sent(of.plan(table.assign(t_en=[1.0, nan]), "k", "auto"))[0] == ("t_en", "t_en", None)


@pytest.mark.parametrize(
    "table",
    [
        {"name_id": [None], "name_en": ["x"]},
        {"n_en": [None], "n_sv": [None]},
        {"n_en": [None], "n_sv": [1]},
        {"price_se": [None], "price_fi": ["1"]},
    ],
)
def test_an_empty_column_is_no_language_where_nothing_says_so(table):
    """Of a word like id, beside no text, or of a quantity."""
    sent = _sent(of.plan(pl.DataFrame({"k": ["a"], **table}), "k", "auto"))
    assert sent == [(column, column, None) for column in table]


def test_columns_can_be_said():
    """Whatever they are called."""
    frame = _frame("Name (English)", "Namn")
    plan = of.plan(frame, "k", {"name": {"en": "Name (English)", "sv": "Namn"}})
    assert _sent(plan) == [("Name (English)", "name", "en"), ("Namn", "name", "sv")]


@pytest.mark.parametrize(
    ("lang_cols", "error", "words"),
    [
        ({"name": ["en", "fi"]}, of.PlanError, "name_en"),
        ({"name": {"fi": "Nimi"}}, of.PlanError, "Nimi"),
        ({"name": ["e"]}, of.PlanError, "2 to 10"),
        ({"name": ["english-uk-x"]}, of.PlanError, "2 to 10"),
        ({"name": "en"}, of.PlanError, "list"),
        (["title"], of.PlanError, "title_en"),
        ("automatic", of.PlanError, "auto"),
        ({"name": ["en"], "other": {"en": "name_en"}}, of.PlanError, "name_en"),
    ],
)
def test_languages_that_cannot_be_found_are_errors(lang_cols, error, words):
    """Naming what was asked, what is there, what to do."""
    with pytest.raises(error, match=words):
        of.plan(_frame("name_en"), "k", lang_cols)


def test_two_columns_of_one_property_and_language_are_an_error():
    """Both are named."""
    with pytest.raises(of.PlanError, match=r"'name_en'.*'name-en'"):
        of.plan(_frame("name_en", "name-en"), "k", ["name"])
    with pytest.raises(of.PlanError, match="two columns"):
        of.plan(_frame("name_en", "name-en"), "k", {"name": ["en"]})


def test_a_property_may_stand_beside_its_languages():
    """A value without a language is another value."""
    assert _sent(of.plan(_frame("name", "name_en"), "k", ["name"])) == [
        ("name", "name", None),
        ("name_en", "name", "en"),
    ]


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


def test_an_id_that_was_given_is_not_made_another():
    """Only names of columns are."""
    frame = _frame("Product Name", "Färg_en", "Färg_sv", "In Stock")
    plan = of.plan(frame, "k", "auto", ids="snake", properties={"Product Name": "ProductName", "Färg": "Colour"})
    assert [(column.property, column.language) for column in plan.sent_as] == [
        ("ProductName", None),
        ("Colour", "en"),
        ("Colour", "sv"),
    ]
    assert [column.property for column in of.plan(frame, "k", ids="snake", properties=["In Stock"]).sent_as] == [
        "in_stock"
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


def test_a_column_name_that_is_no_id_is_a_problem_with_a_suggestion():
    """Unless it may be made one."""
    plan = of.plan(_frame("price (SEK)"), "k")
    (problem,) = plan.problems.to_dicts()
    assert (problem["row"], problem["column"], problem["rule"]) == (None, "price (SEK)", "property-id")
    assert "'price-SEK'" in problem["hint"]
    assert plan.counts["entries"] == 0
    assert of.plan(_frame("price (SEK)"), "k", ids="snake").ok


@pytest.mark.parametrize("asked", [{"a": ["en", "sv"], "b": ["en", "sv"], "c": ["en"]}, ["a", "b", "c"]])
def test_names_are_read_once_however_many_are_asked_for(asked, monkeypatch):
    """Each of them, so that a wide table takes no longer for each of its columns."""
    read = []
    for reads in ("spellings", "read_name"):
        true = getattr(lang_cols, reads)
        monkeypatch.setattr(lang_cols, reads, lambda name, true=true: read.append(name) or true(name))
    names = ["a_en", "a_sv", "b_en", "b_sv", "c_en", "d"]
    plan = of.plan(_frame(*names), "k", asked)
    assert read == names
    assert plan.columns["language"].drop_nulls().to_list() == ["en", "sv", "en", "sv", "en"]


_ALL = "name it, and every other column that is sent, in properties="


@pytest.mark.parametrize(
    ("columns", "options", "hint"),
    [
        (["price (SEK)"], {}, f"make it legal with ids='camel', or {_ALL}{{'price (SEK)': 'price-SEK', …}}"),
        (["a b", "unit_price"], {}, f"make it legal with ids='snake', or {_ALL}{{'a b': 'a-b', …}}"),
        (["a b", "unit_price", "netPrice"], {}, f"{_ALL}{{'a b': 'a-b', …}}"),
        (["Å_en", "Å_sv"], {"lang_cols": "auto"}, f"make it legal with ids='camel', or {_ALL}{{'Å': 'A', …}}"),
        (
            ["Å_en"],
            {"lang_cols": {"x y": {"en": "Å_en"}}},
            f"make it legal with ids='camel', or {_ALL}{{'x y': 'x-y', …}}",
        ),
        (["名前"], {}, f"{_ALL}{{'名前': '…', …}}"),
        (["a", "b"], {"properties": {"a": "x y", "b": "c"}}, "use 'x-y' in properties"),
    ],
)
def test_the_hint_for_an_id_changes_no_other_property_and_leaves_none_out(columns, options, hint):
    """What ``ids`` would rename is not offered it, and ``properties`` is known to choose."""
    plan = of.plan(_frame(*columns), "k", **options)
    assert set(plan.problems["hint"]) == {hint}
    if "ids=" in hint:
        mended = of.plan(_frame(*columns), "k", **options, ids=hint.split("'")[1])
        assert mended.ok
        assert {"unit_price", "netPrice"} & set(columns) <= set(mended.entries()["property"])


def test_ids_that_clash_are_an_error():
    """Two names that become one."""
    with pytest.raises(of.PlanError, match=r"'Price'.*'price'"):
        of.plan(_frame("Price", "price"), "k", ids="camel")
    with pytest.raises(of.PlanError, match="名前"):
        of.plan(_frame("名前"), "k", ids="camel")


@given(st.text(max_size=300))
def test_made_ids_are_legal_or_empty(name):
    """Whatever a column is called."""
    assert suggest_ids(pl.Series([name, "a", name])).to_list() == [suggest_id(name), "a", suggest_id(name)]
    for made in (make_id(name, "camel"), make_id(name, "snake"), suggest_id(name)):
        assert made == "" or is_id(made)


@pytest.mark.parametrize(
    ("name", "camel", "snake"),
    [
        ("Product Name", "productName", "product_name"),
        ("EANCode", "eanCode", "ean_code"),
        ("ean13", "ean13", "ean13"),
        ("Größe", "grosse", "grosse"),
        ("Ærø & Øl", "aeroAndOl", "aero_and_ol"),
        ("already_fine", "alreadyFine", "already_fine"),
    ],
)
def test_ids_read_like_the_names_they_were(name, camel, snake):
    """Accents dropped, words kept."""
    assert (make_id(name, "camel"), make_id(name, "snake")) == (camel, snake)


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


@pytest.mark.parametrize("asked", [["nme"], {"nme": ["en"]}])
def test_a_base_that_is_not_there_is_told_with_what_may_be_meant(asked):
    """Of the names that have languages."""
    with pytest.raises(of.PlanError, match=r"did you mean 'name'\?"):
        of.plan(_frame("name_en", "name_sv", "x"), "k", asked)
    with pytest.raises(of.PlanError, match=r"there are .*'x'"):
        of.plan(_frame("x"), "k", asked)
