"""The comparison finds every value that came back otherwise, and minds no spelling of numbers and times."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from occtoo_frames._api.verify import compare

SENT = pl.DataFrame(
    [
        ("a", "name", "en", "Chair"),
        ("a", "name", "sv", "Stol"),
        ("a", "price", None, "560.0"),
        ("a", "tags", None, "x|y"),
        ("a", "seen", None, "2026-03-01T12:30:00"),
        ("a", "gtin", None, "007.0"),
        ("b", "name", "en", "Table"),
    ],
    schema=["key", "property", "language", "value"],
    orient="row",
).with_columns(delete=pl.lit(value=False))


@pytest.fixture
def read() -> pl.DataFrame:
    """What a faithful destination gives."""
    return pl.DataFrame(
        {
            "id": ["a", "b"],
            "name_en": ["Chair", "Table"],
            "name_sv": ["Stol", None],
            "price": [Decimal("560.00"), None],
            "tags": [["x", "y"], None],
            "seen": [dt.datetime(2026, 3, 1, 12, 30, tzinfo=dt.UTC), None],
            "gtin": ["007.0", None],
        }
    )


def test_a_faithful_destination_has_no_differences(read):
    """Whatever the types it has declared."""
    found = compare(SENT, read)
    assert (found.values, found.differences.height) == (7, 0)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("name_sv", ["Stolar", None]),
        ("name_sv", [None, None]),
        ("name_sv", ["Stol", "Bord"]),
        ("price", [Decimal("560.01"), None]),
        ("tags", [["x"], None]),
        ("gtin", ["007", None]),
        ("seen", [dt.datetime(2026, 3, 1, 12, 31, tzinfo=dt.UTC), None]),
    ],
    ids=["changed", "lost", "added", "number", "list", "text", "time"],
)
def test_one_difference_is_found(read, column, values):
    """Text is compared as it stands: 007.0 is not 007."""
    changed = read.with_columns(pl.Series(column, values, dtype=read.schema[column]))
    assert compare(SENT, changed).differences.height == 1


MOMENT = "2026-01-01T10:00:00.123456789+01:00"


@pytest.mark.parametrize(
    ("dtype", "sent", "read", "same"),
    [
        (pl.Datetime, MOMENT, "2026-01-01T09:00:00.123456789Z", True),
        (pl.Datetime, MOMENT, "2026-01-01T09:00:00.123456Z", False),
        (pl.Datetime, "2026-01-01T09:00:00", "2026-01-01T09:00:00.000+00:00", True),
        (pl.Datetime, "2026-01-01", "2026-01-01T00:00:00Z", True),
        (pl.Datetime, "2026-01-01", "2026-01-01T10:00:00Z", False),
        (pl.Datetime, "soon", "soon", True),
        (pl.Datetime, "", None, True),
        (pl.Int64, "", None, True),
        (pl.Int64, "", "0", False),
        (pl.Boolean, "", None, True),
        (pl.String, "", None, False),
        (pl.String, MOMENT, "2026-01-01T09:00:00.123456789Z", False),
        (pl.Decimal, "1.00000000000000000000001", "1.000000000000000000000010", True),
        (pl.Decimal, "1.00000000000000000000001", "1.00000000000000000000002", False),
    ],
)
def test_what_counts_is_what_was_declared(dtype, sent, read, same):
    """An instant, a value, nothing: where it is no text."""
    told = pl.DataFrame({"key": ["a"], "property": ["p"], "language": [None], "value": [sent]}).cast(pl.String)
    came = pl.DataFrame({"id": ["a"], "p": pl.Series([read], dtype=pl.String)})
    found = compare(told.with_columns(delete=pl.lit(value=False)), came, declared={"id": pl.String(), "p": dtype()})
    assert found.differences.is_empty() is same


def test_a_property_called_id_is_none_of_the_destination(read):
    """There the id is the key."""
    more = pl.DataFrame([("a", "id", None, "17", False)], schema=SENT.schema, orient="row")
    assert compare(pl.concat([SENT, more]), read).differences.is_empty()


def test_a_lost_entry_is_all_its_values(read):
    """Each of them is a difference."""
    assert compare(SENT, read.head(1)).differences.select("key", "sent", "read").rows() == [("b", "Table", None)]


def test_deletions_have_no_values_to_compare(read):
    """Their rows are without a property."""
    gone = pl.DataFrame([("c", None, None, None, True)], schema=SENT.schema, orient="row")
    assert compare(pl.concat([SENT, gone]), read).values == 7


def test_an_entry_that_was_deleted_must_be_gone(read):
    """It is told as a whole."""
    gone = pl.DataFrame({"key": ["b", "c"], "delete": True}, schema_overrides={"delete": pl.Boolean}).with_columns(
        *(pl.lit(None, pl.String).alias(name) for name in ("property", "language", "value"))
    )
    assert compare(gone, read).differences.rows() == [("b", None, None, "(deleted)", "(there)")]
