"""What a plan says of values that will be sent, and that nobody who reads will see."""

import pandas as pd
import polars as pl
import pytest

import occtoo_frames as of
from occtoo_frames._api.verify import verify

IN_ROWS = {"sku": ["a", "a", "b"], "lang": ["en", "sv", None], "name": ["x", "y", "z"]}
BESIDE = {"sku": ["a"], "name": ["x"], "name_en": ["y"], "name_sv": ["z"]}
BOTH = "sent both with and without a language: "


def both_ways(frame, **options):
    """The properties that a plan warns of since they are sent in languages and without one."""
    warnings = of.plan(frame, "sku", **options).warnings
    (told,) = [one for one in warnings if one.startswith(BOTH)] or [f"{BOTH};"]
    return told.removeprefix(BOTH).partition(";")[0].split(", ")


@pytest.mark.parametrize(
    ("table", "options"),
    [
        (IN_ROWS, {"language_column": "lang"}),
        (IN_ROWS, {"language_column": "lang", "lang_cols": ["name"]}),
        (IN_ROWS, {"language_column": "lang", "lang_cols": ["name"], "nulls": "clear"}),
        (BESIDE, {"lang_cols": "auto"}),
        (BESIDE, {"lang_cols": ["name"]}),
        (BESIDE, {"lang_cols": ["name"], "duplicates": "merge"}),
        ({"sku": ["a"], "titel": ["x"], "name_en": ["y"]}, {"lang_cols": ["name"], "properties": {"titel": "name"}}),
    ],
)
@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pl.LazyFrame])
def test_values_beside_those_in_languages_are_told(kind, table, options):
    """Readers ask in a language, and there is no other to fall back on."""
    assert both_ways(kind(table), **options) == ["name"]


@pytest.mark.parametrize(
    ("table", "options"),
    [
        (BESIDE, {}),
        (BESIDE | {"name": [None]}, {"lang_cols": ["name"]}),
        (IN_ROWS | {"name": ["x", "y", None]}, {"language_column": "lang", "lang_cols": ["name"]}),
        (IN_ROWS | {"name": ["x", "y", None]}, {"language_column": "lang", "lang_cols": ["name"], "nulls": "clear"}),
        (IN_ROWS | {"name": ["x", "x", "z"]}, {"language_column": "lang"}),
    ],
)
def test_where_there_are_no_such_values_nothing_is_told(table, options):
    """A row without a language may say what is not localised, and nothing of what is."""
    assert both_ways(pl.DataFrame(table), **options) == [""]


def test_five_of_many_are_named():
    """A table may have hundreds."""
    table = {"sku": ["a"]} | {f"n{n}{suffix}": ["x"] for n in range(7) for suffix in ("", "_en")}
    assert both_ways(pl.DataFrame(table), lang_cols=[f"n{n}" for n in range(7)])[-1] == "n4 and 2 more"


@pytest.mark.parametrize(
    ("table", "options"),
    [
        ({"sku": ["a"], "id": ["x"]}, {}),
        ({"sku": ["a"], "nr": ["x"]}, {"properties": {"nr": "id"}}),
        ({"sku": ["a"], "id_en": ["x"], "id_sv": ["y"]}, {"lang_cols": ["id"]}),
    ],
)
def test_a_property_called_id_is_told(table, options):
    """Destinations have the key there."""
    (told,) = of.plan(pl.DataFrame(table), "sku", **options).warnings
    assert told.startswith("the property 'id', from column ")
    assert "nor compared by verify" in told


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"id": [None, None], "gone": [False, False]}, 0),
        ({"id": ["x", "y"], "gone": [True, True]}, 0),
        ({"id": ["x", None], "gone": [True, False]}, 0),
        ({"id": [None, "y"], "gone": [True, False]}, 1),
    ],
)
@pytest.mark.parametrize("duplicates", ["fail", "merge"])
def test_an_id_without_values_that_are_sent_is_not_told(table, told, duplicates):
    """Nobody misses what nobody sends; and a deleted entry sends none."""
    frame = pl.DataFrame({"sku": ["a", "b"]} | table, schema_overrides={"id": pl.String})
    assert len(of.plan(frame, "sku", delete="gone", duplicates=duplicates).warnings) == told


def test_an_id_that_is_the_key_or_is_renamed_is_fine():
    """The one is read back, the other as what it is called."""
    frame = pl.DataFrame({"id": ["a"], "ID": ["x"]})
    assert not of.plan(frame, "id", properties=["id", "ID"]).warnings
    assert not of.plan(frame, "ID", properties={"id": "number"}).warnings
    assert of.plan(frame, ["id", "ID"], properties=["id"]).warnings


def test_what_is_told_is_so():
    """The destination gives neither; the report says it, too, and verify finds the one and leaves the other out."""
    with of.sandbox() as box:
        box.add_source("s")
        report = of.push(pl.DataFrame(IN_ROWS | {"id": ["1", "1", "2"]}), "s", "sku", language_column="lang")
        url = box.publish("d", "e", source="s", languages=["en", "sv"])
        box.settle()
        read = of.read_destination(url, language=["en", "sv"], frame="polars")
        found = verify(report, url, box.connection, patience_s=0)
    assert read.select("id", "name_en", "name_sv").rows() == [("a", "x", "y"), ("b", None, None)]
    assert found.rows() == [("b", "name", None, "z", None)]
    assert [one.partition(":")[0] for one in report.warnings[1:]] == [
        "the property 'id', from column 'id', will not be read back, nor compared by verify",
        "sent both with and without a language",
    ]
