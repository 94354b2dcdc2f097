"""What a property is called: the name of its column, made legal, or a problem with a suggestion."""

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
