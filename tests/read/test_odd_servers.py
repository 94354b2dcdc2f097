"""Whole reads from servers that do what the sandbox never does."""

import json
from time import sleep
from typing import Any

import polars as pl
import pytest
from reading_box import Box
from scripted import CONTRACT, URL, Scripted, connect, keyed, page, read

from occtoo_frames._api.opening import grant_of, open_destination
from occtoo_frames._api.read import read_destination
from occtoo_frames._api.reading import Reader
from occtoo_frames._api.scan import scan_destination
from occtoo_frames._read.limits import ReadLimits
from occtoo_frames._read.planning import ReadOptions, plan_read
from occtoo_frames._session.connection import Connection
from occtoo_frames.exceptions import (
    AuthenticationError,
    ConfigurationError,
    ProtocolError,
    ReadLimitError,
    ServerError,
)
from occtoo_frames.protocol.http import Failure, Request, Response


def test_a_total_that_disagrees_is_told() -> None:
    """The entries that came are given all the same."""
    with pytest.warns(UserWarning, match="read 2 entries of .*, and the platform counts 5"):
        assert read(keyed({"a": {}, "b": {}}, 5)).height == 2
    with pytest.warns(UserWarning, match="read 2 entries of .*, and the platform counts 1"):
        assert read(keyed({"a": {}, "b": {}}, 1)).height == 2


def test_a_server_that_gives_less_than_it_is_asked_for_is_read_to_the_end() -> None:
    """As long as it says how many there are."""
    entries: dict[str, dict[str, Any]] = {f"k{n}": {} for n in range(9)}

    def answer(query: dict[str, Any]) -> Response:
        return keyed(entries, 9)(query | {"top": min(2, query["top"])})

    assert read(answer)["id"].to_list() == list(entries)


def test_an_id_that_comes_twice_is_an_error() -> None:
    """In one page or in two."""
    with pytest.raises(ProtocolError, match="more than once: 'a'"):
        read(lambda _: page([{"id": "a"}, {"id": "b"}, {"id": "a"}]))
    with pytest.raises(ProtocolError, match="more than once: 'a'"):
        read(_doubling, page_size=2)


def _doubling(query: dict[str, Any]) -> Response:
    return page([{"id": "a"}] if "after" in query else [{"id": "a"}, {"id": "b"}])


def test_an_entry_without_an_id_is_an_error() -> None:
    """Wherever it stands."""
    with pytest.raises(ProtocolError, match="1 of the destination's entries have no id"):
        read(lambda _: page([{"id": "a"}, {}, {"id": "c"}]))


def test_html_is_the_servers_error_and_not_a_page() -> None:
    """With a status of its own, or dressed as a success."""
    with pytest.raises(ServerError):
        read(lambda _: Response(502, {"content-type": "text/html"}, b"<h1>Bad Gateway</h1>"))
    with pytest.raises(ProtocolError, match="Bad Gateway"):
        read(lambda _: Response(200, {"content-type": "text/html"}, b"<h1>Bad Gateway</h1>"))


def test_a_page_that_breaks_the_schema_is_named_among_many() -> None:
    """Which page, which entry, which value."""
    entries: dict[str, dict[str, Any]] = {f"k{n}": {"stock": n} for n in range(9)} | {"k7": {"stock": 1.5}}
    with pytest.raises(ProtocolError, match=r"page 4 .* property 'stock' of entry 'k7' holds 1\.5"):
        read(keyed(entries), page_size=2)
    exact = read(keyed(entries), page_size=2, types={"stock": pl.String})
    assert exact["stock"].to_list()[6:8] == ["6", "1.5"]


def test_a_read_that_takes_too_long_or_too_much_is_stopped() -> None:
    """Each limit names itself."""
    entries: dict[str, dict[str, Any]] = {f"k{n}": {} for n in range(9)}
    for name, limit in {"max_seconds": 0.0, "max_rows": 4, "max_pages": 2, "max_inflated_bytes": 9}.items():
        with pytest.raises(ReadLimitError, match=name):
            read(keyed(entries), page_size=2, limits=ReadLimits(**{name: limit}))


@pytest.mark.parametrize("total", [None, 9])
@pytest.mark.parametrize(("name", "limit"), [("max_rows", 8), ("max_rows", 0), ("max_pages", 0)])
def test_the_last_page_is_held_to_the_limits_too(name: str, limit: int, total: int | None) -> None:
    """Most reads have one page."""
    entries: dict[str, dict[str, Any]] = {f"k{n}": {} for n in range(9)}
    server, limits = keyed(entries, total), ReadLimits(**{name: limit})
    lazily = scan_destination(URL, limits=limits, connection=connect(Scripted(server, "swashbuckle_30")))
    for work in (lambda: read(server, limits=limits), lambda: read(server, limits=limits, sort="id", limit=9)):
        with pytest.raises(ReadLimitError, match=f"{name} is {limit}"):
            work()
    with pytest.raises(ReadLimitError, match=f"{name} is {limit}"):
        lazily.collect()
    assert read(server, limits=ReadLimits(max_rows=9, max_pages=1)).height == 9


@pytest.mark.parametrize("page_size", [2, 3, 9, 1000])
@pytest.mark.parametrize("options", [{}, {"limit": 7}, {"limit": 7, "where": {"stock": 1}}, {"language": ["en", "sv"]}])
def test_a_read_of_as_many_as_are_allowed_is_within_the_limits(options: dict[str, Any], page_size: int) -> None:
    """Whatever the size of its pages."""
    entries: dict[str, dict[str, Any]] = {f"k{n}": {"stock": 1} for n in range(9)}
    most = options.get("limit", 9)
    limits = ReadLimits(max_rows=most)
    assert read(keyed(entries, 9), page_size=page_size, limits=limits, **options).height == most
    lazily = scan_destination(
        URL, limits=limits, page_size=page_size, connection=connect(Scripted(keyed(entries, 9), "swashbuckle_30"))
    )
    assert lazily.head(most).collect().height == most
    with pytest.raises(ReadLimitError, match=f"max_rows is {most - 1}"):
        read(keyed(entries, 9), page_size=page_size, limits=ReadLimits(max_rows=most - 1), **options)


def test_entries_that_stand_in_one_language_only_are_kept() -> None:
    """Whichever language it is; what is not localised comes from where they stand."""
    texts = {"en": {"a": "A", "b": "B"}, "sv": {"b": "b", "c": "c"}}

    def answer(query: dict[str, Any]) -> Response:
        return page([{"id": key, "name": text, "stock": 1} for key, text in texts[query["language"]].items()])

    frame = read(answer, language=["en", "sv"], columns=["id", "name", "stock"])
    assert frame.rows() == [("a", "A", None, 1), ("b", "B", "b", 1), ("c", None, "c", 1)]
    backwards = read(answer, language=["en", "sv"], columns=["id"], sort=["stock", "-id"])
    assert backwards["id"].to_list() == ["c", "b", "a"]
    long = read(answer, language=["en", "sv"], columns=["id", "language", "name"], layout="long")
    assert long.rows() == [("a", "en", "A"), ("b", "en", "B"), ("b", "sv", "b"), ("c", "sv", "c")]


def test_one_language_that_fails_is_the_error_of_the_read() -> None:
    """The others do not go on."""

    def answer(query: dict[str, Any]) -> Response:
        return Response(500, {}, b"") if query["language"] == "sv" else keyed({"a": {}})(query)

    with pytest.raises(ServerError):
        read(answer, language=["en", "sv"])


def test_the_error_is_that_of_the_language_that_failed_and_not_of_those_it_stopped() -> None:
    """However many requests the others still had to make."""
    endless = keyed({f"k{n:04}": {} for n in range(2000)})
    for failing in ("en", "sv"):
        with pytest.raises(ServerError):
            read(
                lambda query, failing=failing: Response(500) if query["language"] == failing else endless(query),
                language=["en", "sv"],
                page_size=1,
            )


def test_only_what_the_document_declares_is_asked() -> None:
    """The rest of a filter is done here, and what cannot be done here is refused."""
    entries: dict[str, dict[str, Any]] = {"a": {"färg": "röd", "antal": 1}, "b": {"färg": "blå", "antal": 2}}
    answer = keyed(entries)
    url, script = "https://g.test/acme/lager/v1/lager", Scripted(answer, "nullable_31")
    connection = connect(script)
    frame = read_destination(url, where={"färg": "röd", "antal": 1}, frame="polars", connection=connection)
    assert frame["id"].to_list() == ["a"]
    assert script.asked[0]["filter"] == [{"must": {"färg": ["röd"]}}]
    with pytest.raises(ConfigurationError, match="no 'period'"):
        read_destination(url, changed_since="2024-01-01T00:00:00Z", connection=connection)


@pytest.mark.parametrize("options", [{}, {"limit": 1}, {"limit": 1, "sort": "-stock"}])
def test_a_filter_that_is_refused_is_done_here(options: dict[str, Any]) -> None:
    """A document may say less than it should about what can be asked."""
    entries: dict[str, dict[str, Any]] = {f"k{n}": {"stock": n, "category": "ab"[n % 2]} for n in range(9)}

    def answer(query: dict[str, Any]) -> Response:
        if "filter" in query:
            return Response(400, {}, b'{"title": "unknown property"}')
        if "sortDesc" in query:
            return page([{"id": key} | values for key, values in reversed(entries.items())][: query["top"]])
        return keyed(entries, 9)(query)

    frame = read(answer, where={"category": "a"}, page_size=2, **options)
    expected = ["k0", "k2", "k4", "k6", "k8"] if not options else ["k8" if "sort" in options else "k0"]
    assert frame["id"].to_list() == expected


def test_columns_of_ours_never_hide_a_property() -> None:
    """Names that a table would have twice."""
    with pytest.raises(ConfigurationError, match="two columns would be called"):
        wide_with({"name_en": {"type": "boolean"}}, language=["en"])
    with pytest.raises(ConfigurationError, match="a property is called so"):
        wide_with({"language": {"type": "string"}}, layout="long")
    related = {"type": "array", "items": {"type": "object", "properties": {"position": {"type": "integer"}}}}
    frame = wide_with({"parts": related}, explode="parts")
    assert frame.columns == ["parent_id", "position", "parts_position"]
    raw = wide_with({"json": {"type": "string"}}, raw=True, where={"json": "x"})
    assert raw.rows() == [("a", '{"id": "a", "json": "x", "parts": [{"position": 3}]}')]


def wide_with(properties: dict[str, Any], **options: Any) -> pl.DataFrame:
    """A read of an endpoint that has these properties too."""
    parsed = json.loads((CONTRACT / "openapi_swashbuckle_30.json").read_bytes())
    parsed["components"]["schemas"]["products"]["properties"] |= properties
    script = Scripted(lambda _: page([{"id": "a", "json": "x", "parts": [{"position": 3}]}]), "swashbuckle_30")
    script.document = json.dumps(parsed).encode()
    frame: pl.DataFrame = read_destination(URL, connection=connect(script), frame="polars", **options)
    return frame


@pytest.mark.parametrize("kind", ["html", "cut_answer", "status"])
def test_a_fault_on_the_way_is_read_over(box: Box, shop: str, kind: Any) -> None:
    """The session asks again; nothing is lost or doubled."""
    box.platform.faults(kind, on="POST /{tenant}", times=2)
    try:
        frame = read_destination(shop, page_size=5, frame="polars", connection=box.connection)
    finally:
        box.platform.clear_faults()
    assert frame["id"].to_list() == [f"p{n:02}" for n in range(25)]


@pytest.mark.parametrize(("sort", "expected"), [("stock", ["b", "a"]), ("-stock", ["a", "b"]), ("name", ["b", "a"])])
def test_a_platform_that_puts_nulls_first_is_not_believed(sort: str, expected: list[str]) -> None:
    """The first entries are those of the whole order, however the platform sorts."""
    entries: dict[str, dict[str, Any]] = {"a": {"stock": 2, "name": "B"}, "b": {"stock": 1, "name": "A"}, "c": {}}

    def answer(query: dict[str, Any]) -> Response:
        if "sortDesc" in query or query["sortAsc"] != ["id"]:
            return page([{"id": "c"}, {"id": "a"}, {"id": "b"}][: query["top"]])
        return keyed(entries)(query)

    assert read(answer, sort=sort, limit=2)["id"].to_list() == expected


class _Locked(Scripted):
    """Answers to nobody without a token, and does not say so in its document."""

    def send(self, request: Request, *, timeout_s: float) -> Response | Failure:
        """A token, a refusal, or what the script says."""
        if request.url.endswith("/token"):
            return Response(200, {}, b'{"accessToken":"the-token","expiresIn":3600}')
        if request.headers.get("Authorization") != "Bearer the-token":
            return Response(401)
        return super().send(request, timeout_s=timeout_s)


def test_what_wants_a_token_for_its_document_is_shown_it_for_its_entries() -> None:
    """Whatever the document says of that; where there are no credentials the refusal is the error."""
    names = {"client_id": "c", "client_secret": "client-secret", "destination_id": "d"}
    urls = {"global_url": "https://g.test", "destinations_url": "https://d.test"}
    locked = _Locked(keyed({"a": {}}), "swashbuckle_30")
    connection = Connection(**names, **urls, transport=locked)
    assert read_destination(URL, connection=connection, frame="polars")["id"].to_list() == ["a"]
    assert scan_destination(URL, connection=connection).collect()["id"].to_list() == ["a"]
    with pytest.raises(AuthenticationError):
        read_destination(URL, connection=Connection(**urls, transport=locked))


def test_the_time_is_over_for_what_is_done_here_too() -> None:
    """Whoever sets it wants no rows after it, and most reads have one page."""
    server, limits = keyed({f"k{n}": {} for n in range(9)}), ReadLimits(max_seconds=0.5)
    connection = connect(Scripted(server, "swashbuckle_30"))
    plan = plan_read(open_destination(URL, connection), ReadOptions(limits=limits))
    reader = Reader(plan, connection.session, grant_of(plan.endpoint), lambda *_: sleep(0.6))
    with pytest.raises(ReadLimitError, match="max_seconds"):
        reader.frames()
