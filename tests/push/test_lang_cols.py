"""Which columns belong to which languages, and what is said when it is not clear."""

from math import nan

import pandas as pd
import polars as pl
import pytest

import occtoo_frames as of


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


@pytest.mark.parametrize("asked", [["nme"], {"nme": ["en"]}])
def test_a_base_that_is_not_there_is_told_with_what_may_be_meant(asked):
    """Of the names that have languages."""
    with pytest.raises(of.PlanError, match=r"did you mean 'name'\?"):
        of.plan(_frame("name_en", "name_sv", "x"), "k", asked)
    with pytest.raises(of.PlanError, match=r"there are .*'x'"):
        of.plan(_frame("x"), "k", asked)
