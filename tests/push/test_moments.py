"""Durations are exact to the ends of their range."""

import polars as pl
import pytest

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
