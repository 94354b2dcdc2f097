"""The comparison finds every value that came back otherwise, and minds no spelling of numbers and times."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

import occtoo_frames as of
from occtoo_frames._api.verify import compare, verify

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


def test_columns_of_languages_are_compared_whatever_they_are_called(read):
    """A property may be called as a language's column is in another style; languages that nobody sent do not matter."""
    other = pl.DataFrame([("a", "name_en", None, "plain", False)], schema=SENT.schema, orient="row")
    came = read.rename({"name_en": "name[en]", "name_sv": "name[sv]"}).with_columns(
        pl.Series("name_en", ["plain", None]), pl.Series("seen[sv]", ["x", "y"])
    )
    found = compare(pl.concat([SENT, other]), came, style="name[lang]")
    assert (found.values, found.differences.height) == (8, 0)


def test_a_language_that_is_not_there_is_all_its_values(read):
    """The others are compared all the same."""
    found = compare(SENT, read.drop("name_sv")).differences
    assert found.rows() == [("a", "name", "sv", "Stol", None)]


def test_differences_are_told_as_they_were_sent_and_read(box):
    """And not as they were compared."""
    frame = pl.DataFrame(
        {"k": ["a"], "t": [dt.datetime(2026, 3, 1, 12, 30, 0, 500000)], "p": [3e22], "d": [dt.date(2026, 1, 1)]}
    )
    report = of.push(frame, "s", "k")
    types = {"t": "Timestamp", "p": "Decimal", "d": "Timestamp"}
    url = box.publish("d", "e", source="s", languages=["en"], types=types)
    later = frame.with_columns(pl.col("t", "d") + dt.timedelta(days=1), p=pl.lit(11.25))
    assert of.push(later, "s", "k").ok
    box.settle()
    found = verify(report, url, box.connection, patience_s=0)
    assert dict(found.select("property", "sent").iter_rows()) == {
        "d": "2026-01-01", "p": "30000000000000000000000.0", "t": "2026-03-01T12:30:00.5",
    }  # fmt: skip
    read = of.read_destination(url, columns=["d", "p", "t"], types=dict.fromkeys("dpt", pl.String), frame="polars")
    assert dict(found.select("property", "read").iter_rows()) == read.row(0, named=True)


@pytest.fixture
def box():
    """A sandbox with a source."""
    with of.sandbox() as running:
        running.add_source("s")
        yield running


def test_a_dry_run_has_nothing_to_verify(box):
    """It says so."""
    report = of.push(pl.DataFrame({"k": ["a"], "v": ["x"]}), "s", "k", dry_run=True)
    with pytest.raises(of.ConfigurationError, match="a dry run sends nothing"):
        report.verify(box.publish("d", "e", source="s", languages=["en"]))


def test_a_property_called_as_a_column_of_a_language_is_verified(box):
    """Brackets tell them apart."""
    frame = pl.DataFrame({"k": ["a"], "name[en]": ["Chair"], "name[sv]": ["Stol"], "name_en": ["plain"], "x.sv": ["y"]})
    report = of.push(frame, "s", "k", {"name": {"en": "name[en]", "sv": "name[sv]"}, "x": ["sv"]})
    assert report.ok
    assert report.verify(box.publish("d", "e", source="s", languages=["en", "sv"])).is_empty()


@pytest.mark.parametrize(("languages", "lost"), [(["sv", "en"], ["Chaise"]), (["de"], ["Chair", "Chaise", "Stol"])])
def test_the_languages_that_are_published_are_verified(box, languages, lost):
    """What was sent in others did not come back."""
    frame = pl.DataFrame({"k": ["a"], "name_en": ["Chair"], "name_sv": ["Stol"], "name_fr": ["Chaise"], "v": ["x"]})
    report = of.push(frame, "s", "k", "auto")
    url = box.publish("d", "e", source="s", languages=languages)
    box.settle()
    found = verify(report, url, box.connection, patience_s=0)
    assert found["sent"].to_list() == lost
    assert set(found["read"]) == {"(not published)"}
    assert report.verify(url).height == found.height  # at once: no waiting brings them back


def test_endpoints_of_one_destination_are_verified_each_in_their_own_languages(box):
    """The document lists those of all; each endpoint is asked only what it takes."""
    report = of.push(pl.DataFrame({"k": ["a"], "n_en": ["A"], "n_sv": ["B"]}), "s", "k", "auto")
    one = box.publish("d", "one", source="s", languages=["en"])
    two = box.publish("d", "two", source="s", languages=["sv", "en"])
    box.settle()
    assert of.destination(two).languages == ("en", "sv")
    assert report.verify(two).is_empty()
    assert report.verify(one).rows() == [("a", "n", "sv", "B", "(not published)")]
    assert of.read_destination(two, language="sv", frame="polars")["n"].to_list() == ["B"]
    with pytest.raises(of.ConfigurationError, match=r"the endpoint has no language 'sv'; there are en"):
        of.read_destination(one, language="sv")
