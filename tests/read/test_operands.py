"""Values of filters, where a property is read as another type than the document's, or as text."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pytest
from reading_box import Box

from occtoo_frames._api.read import read_destination
from occtoo_frames.exceptions import ConfigurationError
from occtoo_frames.typing import between

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NOON = datetime(2026, 10, 25, 12, tzinfo=UTC)
"""Of a day with an hour that comes twice in Stockholm."""

MOMENTS = {"a": NOON, "b": NOON.replace(hour=0, minute=30), "c": NOON.replace(hour=1, minute=30)}
FLOATS = {"a": 1e16, "b": 1e-7, "c": -2.5e-9}


@pytest.fixture(scope="module")
def url(box: Box) -> str:
    """Three entries with a moment, the same without its zone, a day, and numbers that are declared text."""
    source = box.source()
    days = {key: f"2026-06-0{n}" for n, key in enumerate(MOMENTS, 1)}
    spelt = {"a": "10000000000000000.0", "b": "0.0000001", "c": "-0.0000000025"}
    box.put(
        source,
        {
            key: [
                ("at", when.isoformat().replace("+00:00", "Z"), None),
                ("naive", when.replace(tzinfo=None).isoformat(), None),
                ("day", days[key], None),
                ("number", spelt[key], None),
            ]
            for key, when in MOMENTS.items()
        },
    )
    types = {"at": "Timestamp", "naive": "Timestamp", "day": "Timestamp", "number": "Text"}
    return box.platform.publish("operands", "o", source=source, languages=["en"], types=types)


def ids(box: Box, url: str, **options: Any) -> list[str]:
    """The entries that a read gives."""
    frame = read_destination(url, connection=box.connection, frame="polars", **options)
    found: list[str] = frame["id"].to_list()
    return found


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Stockholm", "+01:00", None])
def test_moments_are_compared_whatever_zone_the_column_has(box: Box, url: str, zone: str | None, unit: Any) -> None:
    """Also those of the hour that comes twice, and in a column without a zone."""
    name = "at" if zone else "naive"
    types = {name: pl.Datetime(unit, zone)}
    for key, when in MOMENTS.items():
        for value in (when, when.astimezone(STOCKHOLM), when.replace(tzinfo=None), when.isoformat()):
            assert ids(box, url, types=types, where={name: value}) == [key]
            others = [other for other in MOMENTS if other != key]
            assert ids(box, url, types=types, exclude={name: [value]}) == others
    assert ids(box, url, types=types, where={name: between(MOMENTS["c"], None)}) == ["a", "c"]


@pytest.mark.parametrize(
    "value",
    [date(2026, 6, 1), "2026-06-01", datetime(2026, 6, 1, tzinfo=UTC), pd.Timestamp("2026-06-01"),
     np.datetime64("2026-06-01"), datetime(2026, 6, 1, 2, tzinfo=STOCKHOLM)],
)  # fmt: skip
def test_a_day_is_said_as_a_date_or_as_its_first_moment(box: Box, url: str, value: object) -> None:
    """In UTC, as everywhere in reading."""
    for where in (value, between(value, value)):
        assert ids(box, url, types={"day": pl.Date}, where={"day": where}) == ["a"]


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        (pl.Date, datetime(2026, 6, 1, 5, tzinfo=UTC)),
        (pl.Date, datetime(2026, 6, 1, tzinfo=timezone(timedelta(hours=2)))),
        (pl.Datetime("ms", "UTC"), datetime(2026, 6, 1, microsecond=1500, tzinfo=UTC)),
        (pl.Datetime("us", "UTC"), "2026-06-01T00:00:00.0000001Z"),
        (pl.Datetime("ns", "UTC"), pd.Timestamp("2026-06-01T00:00:00.000000001Z")),
    ],
)
def test_a_time_that_the_type_does_not_hold_is_refused(box: Box, url: str, dtype: Any, value: object) -> None:
    """Cut off it would match other values."""
    for where in (value, between(value, None)):
        with pytest.raises(ConfigurationError, match="cannot be a value of 'day'"):
            ids(box, url, types={"day": dtype}, where={"day": where})


@pytest.mark.parametrize("key", list(FLOATS))
def test_a_float_finds_the_text_that_a_push_makes_of_it(box: Box, url: str, key: str) -> None:
    """Without an exponent."""
    assert ids(box, url, where={"number": FLOATS[key]}) == [key]


def test_a_value_of_an_array_without_a_dimension_is_asked_for(box: Box, url: str) -> None:
    """Though numpy's arrays all call themselves iterable."""
    assert ids(box, url, where={"id": np.array("b")}) == ["b"]
    assert ids(box, url, exclude={"id": np.array("b")}) == ["a", "c"]


@pytest.mark.parametrize("option", ["where", "exclude"])
def test_an_index_of_several_levels_holds_no_value_of_a_property(box: Box, url: str, option: str) -> None:
    """Its values are tuples."""
    index = pd.MultiIndex.from_tuples([("a", "b"), ("c", None)])
    with pytest.raises(ConfigurationError, match=r"\('a', 'b'\) cannot be a value of 'id', which is String"):
        ids(box, url, **{option: {"id": index}})
