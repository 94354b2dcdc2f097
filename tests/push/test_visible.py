"""What a terminal would act upon never reaches it from a table."""

import polars as pl
import pytest

import occtoo_frames as of
from occtoo_frames._push.visible import visible, visible_json

EVIL = "\x1b]0;owned\x07\r\n\x9b2J\u202e"


def _harmless(text: str) -> bool:
    return visible(text) == text


def test_an_escape_stands_as_python_writes_it():
    """Texts of any language stay as they are."""
    assert visible("a\x1b[31m\n\x9b\u202eb") == r"a\x1b[31m\n\x9b\u202eb"
    assert visible("Blå stol · 椅子 👩‍🔧 \u200f\xa0") == "Blå stol · 椅子 👩‍🔧 \u200f\xa0"
    assert visible_json('{\n"a": "\x7f\x9b\u2028"}') == '{\n"a": "\\u007f\\u009b\\u2028"}'


def test_problems_quote_keys_and_values_visibly():
    """In messages and hints; the key and the value themselves are those of the table."""
    table = pl.DataFrame({"sku": [EVIL, "b"], "n\x1b[31m": ["x", "y"]})
    found = of.plan(table, "sku").problems
    assert EVIL in found["key"].to_list()
    assert all(_harmless(text) for name in ("message", "hint") for text in found[name].drop_nulls())


def test_plans_errors_and_reports_are_harmless_as_text():
    """Names of columns stand in a plan, keys in an error and what came of them in a report."""
    table = pl.DataFrame({"sku": [EVIL, "b"], "n": ["x", "y"], "s\x1b[31m_x": ["x", "y"]})
    named = {"n": "n", "s\x1b[31m_x": "s"}
    plan = of.plan(table, "sku", properties=named)
    assert all(map(_harmless, repr(plan).split("\n")))
    with of.sandbox() as box:
        box.add_source("p")
        with pytest.raises(of.InvalidRowsError) as refused:
            plan.push("p")
        report = plan.push("p", on_invalid="skip")
    assert all(map(_harmless, str(refused.value).split("\n")))
    assert report.counts["rejected"] == 1
    assert all(_harmless(text) for text in report.rows["reason"].drop_nulls())
