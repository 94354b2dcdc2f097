"""Options and addresses that mean nothing: refused in words, before any page is asked for."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from reading_box import Box
from scripted import URL, Scripted, connect, keyed, read

from occtoo_frames._api.changes import read_changes
from occtoo_frames._api.destination import destination
from occtoo_frames._api.facets import read_facets
from occtoo_frames._api.read import read_destination
from occtoo_frames._api.scan import scan_destination
from occtoo_frames._read.limits import ReadLimits
from occtoo_frames._read.operands import typed_value
from occtoo_frames._read.options import to_since
from occtoo_frames._session.transport import RequestsTransport
from occtoo_frames.exceptions import ColumnNotFoundError, ConfigurationError, ProtocolError
from occtoo_frames.protocol.http import Failure, Request, Response


@pytest.mark.parametrize("option", ["language", "columns", "sort", "search"])
@pytest.mark.parametrize("value", [5, [1], ["en", None], {"en": "sv"}, b"en", 1.5, True, np.array("en")])
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


_NOT_IN_JSON = [
    *(pl.Categorical, pl.Enum(["a"]), pl.Time, pl.Duration, pl.Binary, pl.Object, pl.Null, pl.Int128, pl.Float16),
    *(pl.Array(pl.Int64, 2), pl.List(pl.Categorical), pl.Struct({"a": pl.List(pl.Time)})),
]
_NO_ZONE = [pl.Datetime("us", "No/Where"), pl.List(pl.Datetime("ms", "*"))]


@pytest.mark.parametrize(
    ("dtype", "why"),
    [*((dtype, "Float64") for dtype in _NOT_IN_JSON), *((dtype, "time zone") for dtype in _NO_ZONE)],
)
def test_a_type_that_cannot_be_read_is_refused_before_any_page(dtype: Any, why: str) -> None:
    """What JSON does not hold, with the types that can be read; a zone that is none, in the engine's own words."""
    script = Scripted(keyed({"a": {}}), "swashbuckle_30")
    for verb in (read_destination, scan_destination):
        with pytest.raises(ConfigurationError, match=f"'category' cannot be read as .*{why}"):
            verb(URL, types={"category": dtype}, connection=connect(script))
    assert script.asked == []


@pytest.mark.parametrize("dtype", [pl.Int8, pl.UInt32, pl.Float32, pl.Decimal(18, 2), pl.List(pl.Date), pl.Datetime])
def test_a_type_that_json_holds_is_taken(dtype: Any) -> None:
    """Its values are looked at as they come."""
    assert read(keyed({"a": {}}), types={"category": dtype}).schema["category"] == dtype
    with pytest.raises(ProtocolError, match=r"property 'category.*' of entry 'a' holds"):
        read(keyed({"a": {"category": ["x"]}}), types={"category": dtype})


def test_an_offset_is_a_zone() -> None:
    """Under the name that columns have it by, read or scanned."""
    server, dtype = keyed({"a": {"category": "2024-01-01T00:00:00Z"}}), pl.Datetime("us", "+01:00")
    lazily = scan_destination(URL, types={"category": dtype}, connection=connect(Scripted(server, "swashbuckle_30")))
    for frame in (read(server, types={"category": dtype}), lazily.collect()):
        assert frame.schema["category"] == pl.Datetime("us", "Etc/GMT-1")
        assert frame["category"].to_list() == [datetime(2024, 1, 1, tzinfo=UTC)]


@pytest.mark.parametrize("limits", [5, {"max_rows": 5}, ReadLimits, 0, ""])
@pytest.mark.parametrize("verb", [read_destination, scan_destination, read_changes])
def test_what_is_no_limits_is_refused_before_anything_is_asked(verb: Any, limits: Any) -> None:
    """With an example."""
    with pytest.raises(ConfigurationError, match=r"limits must be ReadLimits, such as of\.ReadLimits"):
        verb(URL, limits=limits)


@pytest.mark.parametrize("verb", [read_destination, scan_destination, read_changes])
def test_a_page_larger_than_the_document_allows_is_refused_by_its_name(box: Box, shop: str, verb: Any) -> None:
    """Before any page is asked for; where the document says nothing, the platform may."""
    with pytest.raises(ConfigurationError, match=r"^page_size may be at most 10,000 for 'products', got 10,001$"):
        verb(shop, page_size=10_001, connection=box.connection)
    verb(shop, page_size=10_000, connection=box.connection)
    assert read(keyed({"a": {}}), page_size=50_000).height == 1


class _Narrow:
    """A transport to a platform whose documents declare pages of at most 4 entries."""

    def __init__(self) -> None:
        self.inner = RequestsTransport()
        self.tops: set[int] = set()

    def send(self, request: Request, *, timeout_s: float) -> Response | Failure:
        """What the server answers; the pages that were asked for are remembered."""
        event = self.inner.send(request, timeout_s=timeout_s)
        if request.method == "POST" and b'"top"' in bytes(request.body or b""):
            self.tops.add(json.loads(bytes(request.body or b""))["top"])
        if isinstance(event, Response) and request.method == "GET":
            return replace(event, body=re.sub(rb'"maximum": ?10000', b'"maximum":4', event.body))
        return event


@pytest.mark.parametrize("verb", [read_destination, scan_destination, read_changes])
def test_a_page_is_by_itself_no_larger_than_the_document_allows(box: Box, shop: str, verb: Any) -> None:
    """Only another size than the usual one is refused."""
    narrow = _Narrow()
    connection = box.connect(narrow)
    given = verb(shop, connection=connection)
    frame = given.collect() if verb is scan_destination else given[0] if verb is read_changes else given
    assert frame.shape[0] == 25
    assert max(narrow.tops) == 4
    with pytest.raises(ConfigurationError, match=r"^page_size may be at most 4 for 'products', got 999$"):
        verb(shop, page_size=999, connection=connection)


@pytest.mark.parametrize("verb", [read_destination, scan_destination, read_facets, read_changes])
def test_a_language_of_the_destination_that_the_endpoint_lacks_is_refused(box: Box, verb: Any) -> None:
    """By every verb in the same words, before the endpoint is asked."""
    source = box.source()
    box.put(source, {"a": [("name", "Stool", "en"), ("name", "Pall", "sv")]})
    addresses = [box.platform.publish("two", tag, source=source, languages=[tag]) for tag in ("en", "sv")]
    assert set(destination(addresses[0], connection=box.connection).languages) == {"en", "sv"}
    for url, own, other in zip(addresses, ("en", "sv"), ("sv", "en"), strict=True):
        verb(url, language=own, connection=box.connection)
        with pytest.raises(ConfigurationError, match=f"^the endpoint has no language '{other}'; there are {own}$"):
            verb(url, language=other, connection=box.connection)


def test_texts_of_numpy_are_texts(box: Box, shop: str) -> None:
    """Alone, in arrays, and on the wire."""
    names = {"language": np.str_("en"), "search": np.array(["Chair"]), "columns": np.array(["id", "name"])}
    assert read_destination(shop, connection=box.connection, **names).columns.tolist() == ["id", "name"]
    several = read_destination(shop, connection=box.connection, language=np.array(["en", "sv"]), columns="name")
    assert several.columns.tolist() == ["name_en", "name_sv"]
    assert scan_destination(shop, connection=box.connection, language=np.str_("sv")).collect().height == 25
    assert read_facets(shop, connection=box.connection, language=np.array(["en"])).shape[0]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns", "ps"])
def test_a_moment_of_numpy_is_one_in_any_unit(unit: str) -> None:
    """Unless it is finer than any that Python has, or none."""
    when = np.datetime64("1970-01-02T03:04:05", unit)
    for dtype in (pl.Datetime("us", "UTC"), pl.Datetime("ns", "UTC")):
        assert typed_value(when, dtype, "made") == datetime(1970, 1, 2, 3, 4, 5, tzinfo=UTC)
    for none in (np.datetime64("NaT", unit), np.datetime64(1, "ns"), np.datetime64(2**62, "s")):
        with pytest.raises(ConfigurationError, match="cannot be a value of 'made'"):
            typed_value(none, pl.Datetime("us", "UTC"), "made")


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


def test_numbers_of_numpy_are_numbers(box: Box, shop: str) -> None:
    """They come out of every calculation with a frame."""
    counts: dict[str, Any] = {"limit": np.int64(3), "page_size": np.uint8(2)}
    limits = ReadLimits(max_rows=np.int64(9), max_seconds=np.float32(60))  # type: ignore[arg-type]
    frame = read_destination(shop, frame="polars", limits=limits, connection=box.connection, **counts)
    assert frame["id"].to_list() == ["p00", "p01", "p02"]
    lazy = scan_destination(shop, page_size=np.int64(2), connection=box.connection)  # type: ignore[arg-type]
    assert lazy.head(1).collect().height == 1
    counts = {"page_size": np.int64(7), "spare_s": np.int64(300)}
    assert len(read_changes(shop, connection=box.connection, **counts)[0]) == 25


@pytest.mark.parametrize("value", [np.bool_(True), True, np.float64(3), 3.0, "3", np.array([3]), -1, np.int64(-1)])
def test_what_is_no_count_is_refused(box: Box, shop: str, value: Any) -> None:
    """Whatever it is instead, and whoever is asked."""
    with pytest.raises(ConfigurationError, match="limit must be a whole number ≥ 0, got"):
        read_destination(shop, limit=value, connection=box.connection)
    for verb in (read_destination, scan_destination, read_changes):
        with pytest.raises(ConfigurationError, match="page_size must be a whole number ≥ 1, got"):
            verb(shop, page_size=value, connection=box.connection)
