"""Python objects in pandas columns and their lists are written exactly, or named by their rows."""

import datetime as dt
import uuid
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import occtoo_frames as of
from occtoo_frames._frames.door import open_frame

_INDIA = dt.timezone(dt.timedelta(hours=5, minutes=30))
_FINE = pd.Timestamp("2026-03-01T12:00:00.000000001")
_WINTER = dt.datetime.fromisoformat("2026-03-29T00:30:00+01:00")
_SUMMER = dt.datetime.fromisoformat("2026-03-29T03:30:00.500+02:00")
_UNEVEN = dt.datetime(2026, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=1, seconds=1)))
_LONG_AGO = dt.datetime(1, 1, 2, tzinfo=ZoneInfo("Europe/Berlin"))
_DAY = dt.date(2026, 1, 2)
_NOON = dt.datetime(2026, 1, 2, 12)


def _plan(*values):
    rows = [f"k{number}" for number in range(len(values))]
    return of.plan(pd.DataFrame({"k": rows, "v": pd.Series(values, dtype=object)}), "k")


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ((_FINE, _NOON), ["2026-03-01T12:00:00.000000001", "2026-01-02T12:00:00"]),
        ((_FINE.tz_localize("Europe/Stockholm"), None), ["2026-03-01T12:00:00.000000001+01:00", None]),
        ((_FINE.tz_localize(_INDIA),), ["2026-03-01T12:00:00.000000001+05:30"]),
        ((_NOON.replace(tzinfo=_INDIA),), ["2026-01-02T12:00:00+05:30"]),
        ((pd.Timedelta(1, "ns"), dt.timedelta(1)), ["PT0.000000001S", "P1D"]),
        ((np.timedelta64(1, "ns"), np.timedelta64(2, "D")), ["PT0.000000001S", "P2D"]),
        ((np.datetime64("2026-01-02"), _DAY), ["2026-01-02", "2026-01-02"]),
        (
            ([_FINE], [_NOON, _FINE]),
            ["2026-03-01T12:00:00.000000001", "2026-01-02T12:00:00|2026-03-01T12:00:00.000000001"],
        ),
        (([_NOON.replace(tzinfo=_INDIA)], None), ["2026-01-02T12:00:00+05:30", None]),
        (([pd.Timedelta(1, "ns")], (np.timedelta64(1, "s"),)), ["PT0.000000001S", "PT1S"]),
        ((np.int8(1), np.uint64(2**63)), ["1", str(2**63)]),
        (([2**70], [1]), [str(2**70), "1"]),
        ((Decimal("1E+3"), Decimal(2)), ["1000", "2"]),
        ((Decimal("12.50"), Decimal("1.123"), None), ["12.50", "1.123", None]),
        ((Decimal("1E+2"), Decimal("-0.0"), Decimal("1E-7")), ["100", "0.0", "0.0000001"]),
        (([Decimal("12.50"), Decimal(1)], [], None, [Decimal("0.125")]), ["12.50|1", "", None, "0.125"]),
        ((Decimal(1) / 3, Decimal(123456789012) / 7), [f"0.{28 * '3'}", "17636684144.57142857142857143"]),
        (([Decimal(1) / 3], [Decimal(123456789012) / 7]), [f"0.{28 * '3'}", "17636684144.57142857142857143"]),
        ((_WINTER, None, _SUMMER), ["2026-03-29T00:30:00+01:00", None, "2026-03-29T03:30:00.5+02:00"]),
        (([_WINTER, _SUMMER], [], None), ["2026-03-29T00:30:00+01:00|2026-03-29T03:30:00.5+02:00", "", None]),
        (
            (_FINE.tz_localize("Europe/Stockholm"), _NOON.replace(tzinfo=dt.UTC)),
            ["2026-03-01T12:00:00.000000001+01:00", "2026-01-02T12:00:00+00:00"],
        ),
        ((np.array([0.1], np.float32), np.array([1.5, 2], np.float32)), ["0.1", "1.5|2.0"]),
        ((np.float32(0.1), np.float16(0.1), 0.1, None), ["0.1", "0.1", "0.1", None]),
        (([np.float32(0.1), 0.1], np.array([0.1], np.float32), np.array([0.1])), ["0.1|0.1", "0.1", "0.1"]),
        ((1.5, 2, pd.NA, pd.NaT, None), ["1.5", "2.0", None, None, None]),
        ((np.array([1]), [2, 3], (4,)), ["1", "2|3", "4"]),
        ((np.array(["a", "b"]), []), ["a|b", ""]),
        ((np.array(["2026-01-02"], "M8[D]"), np.array(["2026-01-03"], "M8[D]")), ["2026-01-02", "2026-01-03"]),
        ((np.array(["2026-01-02T03:00:00.000000001"], "M8[ns]"),), ["2026-01-02T03:00:00.000000001"]),
    ],
)
def test_objects_are_written_exactly(values, texts):
    """To the nanosecond, with their offset, whatever library they come from, alone and in lists."""
    assert _plan(*values).entry_table()["value"].to_list() == texts


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_short_floats_are_written_as_columns_of_their_type_are(kind, numbers):
    """With their own shortest digits, whatever a longer float would need."""
    with np.errstate(over="ignore"):
        column = np.array(numbers).astype(kind)
    column = column[np.isfinite(column)]
    plain = of.to_entries(pl.DataFrame({"k": list(map(str, range(len(column)))), "v": pl.Series(column)}), "k")
    assert _plan(*column).entry_table()["value"].to_list() == plain["value"].to_list()


@pytest.mark.parametrize(
    ("values", "row", "rule"),
    [
        (([_DAY], [_DAY, _NOON], [_DAY]), 1, "value-type"),
        (([_NOON], [_NOON.replace(tzinfo=dt.UTC)], [_NOON]), 1, "value-type"),
        ((dt.time(1), dt.time(1, tzinfo=dt.UTC)), 1, "value-type"),
        (([dt.time(1)], [dt.time(1, tzinfo=dt.UTC)]), 1, "value-type"),
        ((["x"], ["y\ud800"], ["z"]), 1, "value-surrogate"),
        ((["x"], [1], ["y"]), 1, "value-type"),
        ((["a"], {"b"}, ["c"]), 1, "value-type"),
        (("a", b"b", "c"), 1, "value-type"),
        (("a", "b", memoryview(b"c")), 2, "value-type"),
        ((True, 1, None, np.True_), 1, "value-type"),
        ((Decimal(1), Decimal("Infinity")), 1, "value-not-finite"),
        (("a", Decimal("sNaN"), None, "b"), 1, "value-not-finite"),
        ((True, Decimal("sNaN"), Decimal("NaN"), False), 1, "value-not-finite"),
        ((Decimal("1.5"), Decimal("sNaN"), None, Decimal("1.25")), 1, "value-not-finite"),
        (([Decimal("1.5")], [Decimal("sNaN")], [Decimal("1.25")]), 1, "value-not-finite"),
        ((_WINTER, _NOON, _SUMMER), 1, "value-type"),
        ((_WINTER, _UNEVEN), 1, "value-type"),
        ((_UNEVEN,), 0, "value-type"),
        ((_WINTER, _LONG_AGO, _SUMMER), 1, "value-type"),
        ((_WINTER, _LONG_AGO), 1, "value-type"),
        (([_WINTER], [_SUMMER, _LONG_AGO]), 1, "value-type"),
        ((_UNEVEN, None), 0, "value-type"),
        (([_UNEVEN, _SUMMER], [_WINTER]), 0, "value-type"),
        ((Decimal("1.5"), Decimal(10) ** 40), 1, "value-type"),
        ((_NOON, pd.Timestamp(np.datetime64("99999-01-01", "s"))), 1, "value-type"),
        ((dt.timedelta(1), dt.timedelta.max), 1, "value-type"),
        ((dt.timedelta(1), pd.Timedelta(np.timedelta64(10**14, "s"))), 1, "value-type"),
        (([1.5], [float("nan")]), 1, "value-type"),
        ((1.5, 10**400, pd.NA), 1, "value-type"),
        (([1.5], [2.5, -(10**400)]), 1, "value-type"),
    ],
)
def test_an_odd_object_is_a_problem_of_its_row_alone(values, row, rule):
    """Also as the element of a list: all others are written."""
    plan = _plan(*values)
    assert plan.problems[["row", "rule"]].to_numpy().tolist() == [[row, rule]]
    assert plan.counts["entries"] == len(values) - 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (({"a", "b"}, {"c"}), "sorted lists"),
        ((frozenset("a"),), "sorted lists"),
        ((uuid.UUID(int=5), None), "UUID objects"),
        (([uuid.UUID(int=5)], None), "UUID objects"),
        ((pd.DateOffset(months=1), None), "month_day_nano_interval"),
        ((np.timedelta64(1, "Y"), None), "cannot be read"),
        ((np.array(1), None), "without dimensions"),
    ],
)
def test_objects_without_a_text_form_are_one_problem_in_words(values, words):
    """Instead of an error, or a panic, of a library."""
    (problem,) = _plan(*values).problems.to_dict("records")
    assert (problem["column"], problem["rule"]) == ("v", "value-type")
    assert words in problem["message"]


def test_refused_cells_are_shown_as_people_write_them():
    """Not as Python's source."""
    assert _plan(1, "Åsa", 2).problems["value"].to_list() == ["Åsa"]


@pytest.mark.parametrize(
    "values", [(True, 1), ("a", "b", 1, 2, 1.5), (_NOON, _WINTER), (1, "a", _DAY, dt.time(1), True)]
)
def test_where_no_kind_is_the_most_frequent_none_is_chosen(values):
    """Whichever were, the others would be called odd by chance."""
    plan = _plan(*values)
    assert plan.problems[["row", "rule"]].to_numpy().tolist() == [[row, "value-type"] for row in range(len(values))]
    assert "at least as frequent" in plan.problems["message"][0]


def test_the_type_of_decimals_and_datetimes_stays_for_those_that_ask_for_it():
    """A column of decimals is none of texts, whose name could tell a language; files of variables need its numbers."""
    frame = pd.DataFrame({"k": ["a", "b"], "price_en": [Decimal("1.5"), Decimal("1.25")]}).assign(
        price_sv=lambda frame: frame["price_en"], at=pd.Series([_WINTER, _SUMMER], dtype=object)
    )
    source = open_frame(frame)
    assert (source.schema["price_en"], source.whole()["price_en"].dtype) == (pl.Decimal(3, 2), pl.Decimal(3, 2))
    assert source.whole()["at"].to_list() == [_WINTER, _SUMMER]
    assert set(of.to_entries(frame, "k", lang_cols="auto")["property"]) == {"price_en", "price_sv", "at"}


def test_decimals_that_no_type_has_room_for_are_refused_where_they_must_be_of_one():
    """But each has a text."""
    source = open_frame(pd.DataFrame({"v": [Decimal(1) / 3, Decimal(123456789012) / 7]}))
    assert "38 is the most" in source.flaws[0].message
    assert not source.as_written.flaws


@pytest.mark.parametrize(
    "cell",
    [[None, Decimal("3.10")], [_WINTER, None], [_FINE.tz_localize("UTC"), None]],
    ids=["digits", "offset", "fine"],
)
def test_a_refused_list_is_shown_with_the_objects_that_it_holds(cell):
    """Not with the texts that they are written as."""
    other = Decimal("0.125") if isinstance(cell[1], Decimal) else _SUMMER
    assert _plan(cell, [other]).problems["value"].to_list() == [str(cell)]


@pytest.mark.parametrize(
    "values",
    [
        (Decimal("1.5"), Decimal("1.125")),
        (Decimal(1) / 3, Decimal(123456789012) / 7),
    ],
)
def test_a_column_of_decimals_of_several_scales_is_described_as_such(values):
    """Also where no type has room for all of them: they are no texts that are sent as they are."""
    (described,) = _plan(*values).columns.dropna(subset="property").to_dict("records")
    assert described["written_as"] == "exact digits, with the scale that each has"


def test_decimals_that_no_type_has_room_for_tell_no_languages():
    """As those of a type do not: what is called price_en and is no text is no translation."""
    wide = [Decimal(1) / 3, Decimal(123456789012) / 7]
    frame = pd.DataFrame({"k": ["a", "b"], "price_en": wide, "price_sv": wide})
    assert set(of.to_entries(frame, "k", lang_cols="auto")["property"]) == {"price_en", "price_sv"}
