"""What is asked of the portal comes back, each value as it was."""

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from families import asked, imported
from polars.testing import assert_frame_equal

import occtoo_frames as of


def test_a_query_filters_sorts_and_pages(box):
    """Equality, one of, ranges, nulls."""
    imported()
    assert asked(where={"active": True})["entityId"].to_list() == ["f-1"]
    assert asked(where={"entityId": ["f-1", "f-3", "x"]}).height == 2
    assert asked(where={"weight": of.between(1, None)})["entityId"].to_list() == ["f-1"]
    assert asked(where={"born": date(1990, 1, 2), "members": {"$gt": 2}})["entityId"].to_list() == ["f-1"]
    assert asked(where={"name": None})["entityId"].to_list() == ["f-3"]
    assert asked(where={"name": [None, "x"]})["entityId"].to_list() == ["f-3"]
    assert asked(where={"name": [None, "x"], "entityId": ["f-1", "f-3"]})["entityId"].to_list() == ["f-3"]
    names = asked()["name"].drop_nulls().to_list()
    assert asked(where={"name": [None, *names]}).height == 3
    assert asked(sort=["-entityId"], page_size=1)["entityId"].to_list() == ["f-3", "f-2", "f-1"]
    assert asked(limit=2, page_size=1).height == 2
    with pytest.raises(of.RejectedError, match="operator"):
        asked(where={"name": {"$where": "1"}})


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": "5"},
        {"limit": 1.5},
        {"limit": -1},
        {"page_size": None},
        {"page_size": 0},
        {"sort": 5},
        {"sort": [None]},
        {"schema": 5},
        {"schema": {"n": "Int64"}},
    ],
)
def test_an_option_of_a_query_that_means_nothing_is_refused(box, wrong):
    """Before anything is asked."""
    before = box.requests_seen
    with pytest.raises(of.ConfigurationError, match=next(iter(wrong))):
        of.carecloud.query("family", **wrong)
    assert box.requests_seen == before


def test_every_digit_of_a_number_comes_back(box):
    """As Decimal, if the schema says so."""
    frame = pl.DataFrame({"entityId": ["a"], "n": ["99999999999999.99"]}).with_columns(
        pl.col("n").cast(pl.Decimal(20, 2))
    )
    imported(frame)
    found = of.carecloud.query("family", schema={"n": pl.Decimal(20, 2)}, frame="polars")
    assert_frame_equal(found, frame)


def test_numbers_are_floats_only_if_floats_hold_them(box):
    """As in ``read_sync_file``: else decimals, and as text every digit stands; no dtype bends a value."""
    many = Decimal("12345678901234567890.5")
    frame = pl.DataFrame({"entityId": ["a", "b"], "d": [many, Decimal("1.10")], "f": [0.1, 1e22]})
    imported(frame)
    found = of.carecloud.query("family", frame="polars")
    assert found["d"].to_list() == [many, Decimal("1.1")]
    assert found["f"].to_list() == [0.1, 1e22]
    as_text = of.carecloud.query("family", schema={"d": pl.String}, frame="polars")["d"]
    assert as_text.to_list() == ["12345678901234567890.50", "1.10"]
    of_floats = of.carecloud.query("family", where={"entityId": "b"}, schema={"f": pl.Int128}, frame="polars")
    assert of_floats["f"].to_list() == [10**22]
    for dtype in (pl.Decimal(38, 0), pl.Int64, pl.Decimal(10, 2)):
        with pytest.raises(of.ProtocolError, match="'d' are no"):
            of.carecloud.query("family", schema={"d": dtype})


def test_a_decimal_is_asked_for_with_every_digit():
    """Not by way of a float."""
    from occtoo_frames.carecloud.conversation import post
    from occtoo_frames.carecloud.querying import _filter

    body = post("", "", _filter({"n": of.between(Decimal("12345678901234567890.50"), None)})).request.body
    assert body == b'{"n":{"$gte":12345678901234567890.50}}'


def test_conditions_and_sorts_may_be_said_in_several_ways(box):
    """One name is a sort; any collection is one of; what is neither is a ConfigurationError that shows no value."""
    imported()
    assert asked(sort="-entityId")["entityId"].to_list() == ["f-3", "f-2", "f-1"]
    assert asked(sort="weight")["entityId"].to_list() == asked(sort=["weight"])["entityId"].to_list()
    for values in ({"f-1", "x"}, ("f-1",), pl.Series(["f-1"]), pd.Series(["f-1"]), np.array(["f-1"])):
        assert asked(where={"entityId": values})["entityId"].to_list() == ["f-1"]
    assert asked(where={"members": np.array([3])}).height == 1
    moment = datetime(1990, 1, 2, tzinfo=UTC)
    for wrong in ([1], {"name": object()}, {"weight": float("nan")}, {"name": b"x"}, {"born": moment}):
        with pytest.raises(of.ConfigurationError, match="where") as caught:
            asked(where=wrong)
        assert "1990" not in str(caught.value)


def test_large_integers_come_back(box):
    """As decimals where 64 bits are too few, in every kind of frame."""
    imported(pl.DataFrame({"entityId": ["a", "b"], "n": pl.Series([1, 2**64 - 1], dtype=pl.UInt64)}))
    for kind in ("pandas", "polars", "pyarrow"):
        found = of.carecloud.query("family", frame=kind)
        assert [int(number) for number in pl.DataFrame(found)["n"]] == [1, 2**64 - 1]
