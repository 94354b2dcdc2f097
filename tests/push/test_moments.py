"""Durations are exact to the ends of their range; datetimes that are looked up are written as any others."""

import datetime as dt

import polars as pl
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

import occtoo_frames as of


@pytest.mark.parametrize(
    ("unit", "least"),
    [
        ("ns", "-P106751DT23H47M16.854775808S"),
        ("us", "-P106751991DT4H54.775808S"),
        ("ms", "-P106751991167DT7H12M55.808S"),
    ],
)
def test_the_least_duration_has_one_sign(unit, least):
    """It is the only one without a positive counterpart; alone and in lists."""
    table = pl.DataFrame(
        {
            "k": ["a", "b", "c"],
            "v": pl.Series([-(2**63), None, -1]).cast(pl.Duration(unit)),
            "w": pl.Series([[-(2**63)], [0], None]).cast(pl.List(pl.Duration(unit))),
        }
    )
    tiny = {"ns": "-PT0.000000001S", "us": "-PT0.000001S", "ms": "-PT0.001S"}[unit]
    assert of.to_entries(table, "k")["value"].to_list() == [least, least, "PT0S", tiny]


@given(st.lists(st.none() | st.datetimes(dt.datetime(1899, 12, 30), dt.datetime(2100, 1, 2)), min_size=1, max_size=6))
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Kolkata"])
@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_whole_seconds_are_written_like_any_others(unit, zone, moments):
    """They are looked up where no other stands beside them, and the table has a first and a last day."""
    whole = [moment and moment.replace(microsecond=0) for moment in moments]
    keys = [f"k{number}" for number in range(len(whole))]
    column = pl.Series(whole, dtype=pl.Datetime("us")).dt.cast_time_unit(unit)
    if zone is not None:
        column = column.dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    frame = pl.DataFrame({"k": keys, "v": column})
    rows = [row for row in frame.rows(named=True) if not _has_seconds_of_offset(row["v"])]  # problems, as in 1899
    assert reference.sent(of.plan(frame, "k")) == reference.entities(rows, "k", [("v", "v", None)])


def _has_seconds_of_offset(moment):
    return moment is not None and bool((moment.utcoffset() or dt.timedelta()) % dt.timedelta(minutes=1))
