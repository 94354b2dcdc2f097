"""Options and addresses that mean nothing: refused in words, before any page is asked for."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from reading_box import Box
from scripted import URL, Scripted, connect, keyed, read

from occtoo_frames._api.destination import destination
from occtoo_frames._api.facets import read_facets
from occtoo_frames._api.read import read_destination
from occtoo_frames._api.scan import scan_destination
from occtoo_frames._read.options import to_since
from occtoo_frames.exceptions import ColumnNotFoundError, ConfigurationError, ProtocolError


@pytest.mark.parametrize("option", ["language", "columns", "sort", "search"])
@pytest.mark.parametrize("value", [5, [1], ["en", None], {"en": "sv"}, b"en", 1.5, True])
def test_what_should_be_texts_says_so(box: Box, shop: str, option: str, value: Any) -> None:
    """Whatever it is instead."""
    with pytest.raises(ConfigurationError, match=f"{option} must be a text or a list of texts, got"):
        read_destination(shop, connection=box.connection, **{option: value})


def test_facets_and_layouts_say_so_too(box: Box, shop: str) -> None:
    """The same words from every verb."""
    for option in ("language", "search"):
        with pytest.raises(ConfigurationError, match=f"{option} must be a text"):
            read_facets(shop, connection=box.connection, **{option: 5})  # type: ignore[arg-type]
    for option in ("style", "layout"):
        with pytest.raises(ConfigurationError, match=option):
            read(keyed({"a": {}}), **{option: ["wide"]})


@pytest.mark.parametrize(
    "dtype",
    [
        *(pl.Categorical, pl.Enum(["a"]), pl.Time, pl.Duration, pl.Binary, pl.Object, pl.Null, pl.Int128, pl.Float16),
        *(pl.Array(pl.Int64, 2), pl.List(pl.Categorical), pl.Struct({"a": pl.List(pl.Time)})),
    ],
)
def test_a_type_that_json_does_not_hold_is_refused_before_any_page(dtype: Any) -> None:
    """With those that can be read."""
    script = Scripted(keyed({"a": {}}), "swashbuckle_30")
    for verb in (read_destination, scan_destination):
        with pytest.raises(ConfigurationError, match=r"'category' cannot be read as .*Float64"):
            verb(URL, types={"category": dtype}, connection=connect(script))
    assert script.asked == []


@pytest.mark.parametrize("dtype", [pl.Int8, pl.UInt32, pl.Float32, pl.Decimal(18, 2), pl.List(pl.Date), pl.Datetime])
def test_a_type_that_json_holds_is_taken(dtype: Any) -> None:
    """Its values are looked at as they come."""
    assert read(keyed({"a": {}}), types={"category": dtype}).schema["category"] == dtype
    with pytest.raises(ProtocolError, match=r"property 'category.*' of entry 'a' holds"):
        read(keyed({"a": {"category": ["x"]}}), types={"category": dtype})


def test_columns_are_named_once_in_a_hint() -> None:
    """Also where languages stand side by side."""
    with pytest.raises(ColumnNotFoundError) as caught:
        read(keyed({"a": {}}), columns="zzz", language=["en", "sv"])
    assert str(caught.value).count("category") == 1


@pytest.mark.parametrize("since", ["2020-01-01", "2020-01-01T00:00:00", "junk", "", datetime(2020, 1, 1), 5])
def test_a_moment_without_a_zone_is_none_in_text_either(box: Box, shop: str, since: Any) -> None:
    """It is never sent as it is."""
    with pytest.raises(ConfigurationError, match="time zone"):
        read_destination(shop, changed_since=since, connection=box.connection)


def test_a_moment_in_text_is_the_moment() -> None:
    """As the platform spells it."""
    for since in ("2020-01-01T02:00:00+02:00", "2020-01-01T00:00:00Z", datetime(2020, 1, 1, tzinfo=UTC)):
        assert to_since(since) == "2020-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?language=sv&top=1", r"language, top\): take it off, and give language=, limit= to read_destination instead"),
        ("?sortAsc=a&sortDesc=b&category=Hats", r"and give sort=, where=\{'category': ...\} to"),
        ("/?periodSince=2020&listIds=true&search=", "and give changed_since=, columns=, search= to"),
        ("?skip=5#top", r"\(skip\): take it off$"),
    ],
)
def test_a_query_in_an_address_is_not_left_out_in_silence(query: str, words: str) -> None:
    """The message names the options that mean the same, and no value that might be secret."""
    connection = connect(Scripted(keyed({"a": {}}), "swashbuckle_30"))
    for verb in (read_destination, scan_destination, read_facets, destination):
        with pytest.raises(ConfigurationError, match=f"{URL} is followed by a query .*{words}"):
            verb(URL + query, connection=connection)
    assert read_destination(URL + "/?", connection=connection)["id"].tolist() == ["a"]
