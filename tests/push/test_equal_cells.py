"""Cells of equal value that are written in several ways, in a table with a row for each language."""

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest

import occtoo_frames as of

_WIDE = Decimal("1" * 30)
_WINTER = dt.datetime.fromisoformat("2026-03-29T00:30:00+01:00")
_ABROAD = dt.datetime.fromisoformat("2026-03-29T01:30:00+02:00")


def _plan(cells, **said):
    frame = pd.DataFrame({"k": ["a", "a", "b"], "lang": ["en", "sv", "en"], "v": pd.Series(cells, dtype=object)})
    return of.plan(frame, "k", language_column="lang", **said)


@pytest.mark.parametrize("duplicates", ["fail", "merge"])
@pytest.mark.parametrize(
    ("cells", "text"),
    [
        ((Decimal("1.5"), Decimal("1.50"), Decimal("2.125")), "1.50"),
        (
            (
                [Decimal("1.5")],
                [
                    Decimal("1.50"),
                ],
                None,
            ),
            "1.50",
        ),
        ((_WIDE, Decimal(f"{_WIDE}.00"), Decimal("1E-20")), f"{_WIDE}.00"),
        (([_WIDE], [Decimal(f"{_WIDE}.00")], [Decimal("1E-20")]), f"{_WIDE}.00"),
        ((_WINTER, _ABROAD, None), "2026-03-29T01:30:00+02:00"),
        (([_WINTER], [_ABROAD], None), "2026-03-29T01:30:00+02:00"),
    ],
)
def test_cells_of_equal_value_are_not_localised(cells, text, duplicates):
    """However they are spelled; the last is written as it is."""
    plan = _plan(cells, duplicates=duplicates)
    assert plan.ok
    assert plan.entries()[["key", "language", "value"]].iloc[0].fillna("").tolist() == ["a", "", text]


def test_cells_of_equal_value_are_no_contradiction_where_others_are_localised():
    """Those that are not equal are one."""
    one, same, other = Decimal("1.5"), Decimal("1.50"), Decimal("1.125")
    assert _plan((one, same, other), lang_cols=["lang"]).ok
    assert _plan((one, other, other), lang_cols=["lang"]).problems["value"].tolist() == ["1.5", "1.125"]


def test_cells_of_other_values_are_localised_as_they_are_written():
    """Each with its own digits."""
    plan = _plan((Decimal("1.5"), Decimal("1.25"), Decimal("2.125")))
    assert plan.entries()[["language", "value"]].to_numpy().tolist()[:2] == [["en", "1.5"], ["sv", "1.25"]]
