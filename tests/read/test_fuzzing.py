"""Servers that answer anything: every read ends, with a table or with an error of ours."""

import gzip
import json
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from time import monotonic
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripted import CONTRACT, URL, Scripted, connect, page, read

from occtoo_frames._api.read import read_destination
from occtoo_frames._api.scan import scan_destination
from occtoo_frames._read.limits import ReadLimits
from occtoo_frames._session.connection import Connection
from occtoo_frames._session.retry import RetryPolicy
from occtoo_frames.exceptions import OcctooError, ProtocolError, ReadLimitError, ResponseError, ServerError
from occtoo_frames.protocol.http import Response

LIMITS = ReadLimits(max_inflated_bytes=20_000, max_depth=8, max_rows=50, max_pages=9, max_seconds=10)
PROPERTIES = ["id", "name", "price", "stock", "active", "made", "tags", "image", "images", "unknown"]

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["2024-01-01T00:00:00Z", "2024-13-01", "1e400", "\0", "\ud800", '"', "\\"]),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)
GOOD: dict[str, Any] = {"id": "a", "name": "A", "price": 1.5, "stock": 1, "tags": ["x"], "images": [{"id": "m"}]}
ENTRIES = st.one_of(
    st.dictionaries(st.sampled_from(PROPERTIES), VALUES, max_size=5),
    st.tuples(st.text("abc", max_size=2), st.sampled_from(PROPERTIES), VALUES).map(
        lambda parts: GOOD | {"id": parts[0], parts[1]: parts[2]}
    ),
    st.text("abcde", min_size=1, max_size=3).map(lambda key: GOOD | {"id": key}),
    VALUES,
)
BODIES = st.one_of(
    st.builds(
        lambda results, total: {"results": results, "total": total},
        st.lists(ENTRIES, max_size=5) | VALUES,
        st.none() | st.integers(-9, 99) | VALUES,
    ),
    VALUES,
)
DEEP = st.tuples(st.integers(1, 5_000), st.sampled_from(["[", '{"a":'])).map(
    lambda deep: b'{"results":[{"id":"a","unknown":' + (deep[1] * deep[0]).encode() + b"1"
    + (("]" if deep[1] == "[" else "}") * deep[0]).encode() + b"}]}"
)  # fmt: skip


@st.composite
def _bytes(draw: st.DrawFn) -> bytes:
    """JSON, JSON with a few bytes changed, cut, doubled or nested, or none at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=60) | DEEP | st.just(b"<html>Bad Gateway</html>"))
    body = json.dumps(draw(BODIES)).encode("utf-8", "surrogatepass")
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(body)))
        body = body[:place] + draw(st.binary(max_size=3)) + body[place + draw(st.integers(0, 3)) :]
    return body


ANSWERS = st.lists(
    st.builds(
        Response,
        st.sampled_from([200] * 12 + [202, 204, 301, 400, 401, 404, 429, 500, 502]),
        st.sampled_from([{}, {"content-type": "application/json"}, {"content-type": "text/html"}]),
        _bytes(),
    ),
    min_size=1,
    max_size=4,
)
WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "languages": {"language": ["en", "sv"]},
    "filtered": {"where": {"stock": 1}, "exclude": {"tags": "x"}},
    "first": {"limit": 2, "sort": "-stock"},
    "child": {"explode": "images"},
    "raw": {"raw": True},
    "typed": {"types": {"name": pl.String, "stock": pl.String}},
}


def attempt(answers: list[Response], way: str, page_size: int) -> None:
    """Reads and scans from a server that gives these answers in turn, and begins again at their end."""
    turn = iter(range(10_000))

    def answer(_: dict[str, Any]) -> Response:
        return answers[next(turn) % len(answers)]

    options = {"page_size": page_size, "limits": LIMITS}
    started = monotonic()
    for work in (lambda: read(answer, **WAYS[way], **options), lambda: scan(answer, **options)):
        with suppress(OcctooError):
            assert work().height <= 2 * LIMITS.max_rows
    assert monotonic() - started < 20


def scan(answer: Callable[[dict[str, Any]], Response], **options: Any) -> pl.DataFrame:
    """What a scan of such a server gives.

    Raises:
        OcctooError: That of the read, wherever polars puts it.
    """
    connection = connect(Scripted(answer, "swashbuckle_30"))
    try:
        return scan_destination(URL, connection=connection, **options).collect(engine="in-memory")
    except pl.exceptions.ComputeError as error:
        raise (OcctooError if "occtoo_frames" in str(error) else AssertionError)(str(error)) from None


TRIALS = (ANSWERS, st.sampled_from(sorted(WAYS)), st.integers(1, 4))


@pytest.mark.filterwarnings("ignore:read .* entries")
@settings(max_examples=60)
@given(*TRIALS)
def test_any_answers_give_a_table_or_an_error_of_ours(answers: list[Response], way: str, page_size: int) -> None:
    """In whichever way they are read."""
    attempt(answers, way, page_size)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.filterwarnings("ignore:read .* entries")
@settings(max_examples=10_000, suppress_health_check=list(HealthCheck))
@given(*TRIALS)
def test_ten_thousand_servers_that_answer_anything(answers: list[Response], way: str, page_size: int) -> None:
    """At length."""
    attempt(answers, way, page_size)


@settings(max_examples=100)
@given(st.sampled_from(sorted(CONTRACT.glob("openapi_*.json"))), st.data())
def test_any_document_gives_a_schema_or_an_error_of_ours(path: Any, data: st.DataObject) -> None:
    """A document of which any part is something else."""
    parsed = json.loads(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        _spoil(parsed, data)
    script = Scripted(lambda _: page([]), "swashbuckle_30")
    script.document = json.dumps(parsed).encode("utf-8", "surrogatepass")
    with suppress(OcctooError):
        assert read_destination(URL, frame="polars", connection=connect(script)).height == 0


def _spoil(node: Any, data: st.DataObject) -> None:
    """Something else in place of one part, anywhere."""
    while isinstance(node, dict | list) and node:
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        if not isinstance(node[key], dict | list) or not node[key] or data.draw(st.integers(0, 5)) == 0:
            node[key] = data.draw(VALUES)
            return
        node = node[key]


@pytest.mark.parametrize("deep", [900, 5_000, 200_000])
def test_a_document_nested_without_end_is_an_error(deep: int) -> None:
    """Not one of Python's."""
    script = Scripted(lambda _: page([]), "swashbuckle_30")
    script.document = b'{"openapi":"3.0.0","paths":' + b'{"a":' * deep + b"1" + b"}" * deep + b"}"
    with pytest.raises(ProtocolError, match="document"):
        read_destination(URL, connection=connect(script))


def circle(_: dict[str, Any]) -> Response:
    """Always the same page."""
    return page([{"id": "a"}, {"id": "b"}], 99)


def inclusive(query: dict[str, Any]) -> Response:
    """A server to whom ``after`` means from there on."""
    low = query.get("after", [""])[0]
    return page([{"id": key} for key in "abcdef" if key >= low][: query["top"]])


@pytest.mark.filterwarnings("ignore:read .* entries")
@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (circle, ProtocolError, "more than once|round in a circle"),
        (inclusive, ProtocolError, "more than once"),
        (lambda _: page([{"id": "a"}, {"id": "a"}]), ProtocolError, "more than once|round in a circle"),
        (lambda _: Response(200, {}, b'{"total":3}'), ProtocolError, "results"),
        (lambda _: Response(200, {}, b'{"results":null}'), ProtocolError, "results"),
        (lambda _: Response(200, {}, b'{"results":[1]}'), ProtocolError, "no JSON object|no id"),
        (lambda _: Response(200, {}, b'{"results":[{"id":1}]}'), ProtocolError, "'id'"),
        (lambda _: Response(200, {}, b"<h1>Bad Gateway</h1>"), ProtocolError, "it begins"),
        (lambda _: Response(502, {"content-type": "text/html"}, b"<h1>Bad Gateway</h1>"), ServerError, "502"),
        (lambda _: Response(301, {"location": "https://x.test"}, b""), ResponseError, "redirect"),
        (lambda _: page([{"id": "a", "u": [[[[[[[[1]]]]]]]]}]), ReadLimitError, "max_depth"),
        (lambda _: page([{"id": "a" * 30_000}]), ReadLimitError, "max_inflated_bytes"),
    ],
)
def test_each_kind_of_nonsense_has_an_error_of_its_own(answer: Any, kind: type[Exception], words: str) -> None:
    """For reads and for scans."""
    with pytest.raises(kind, match=words):
        read(answer, page_size=2, limits=LIMITS)
    with pytest.raises(OcctooError, match=words):
        scan(answer, page_size=2, limits=LIMITS)


def test_a_total_that_shrinks_is_told_and_loses_nothing() -> None:
    """The entries that came are all there."""
    totals = iter([7, 3, 2, 1, 1])

    def answer(query: dict[str, Any]) -> Response:
        low = query.get("after", [""])[0]
        return page([{"id": key} for key in "abcdef" if key > low][: query["top"]], next(totals))

    with pytest.warns(UserWarning, match="read 6 entries of .*, and the platform counts"):
        frame = read(answer, page_size=2)
    assert frame["id"].to_list() == list("abcdef")


@contextmanager
def served(headers: dict[str, str], body: bytes, wait: Event | None = None) -> Iterator[str]:
    """The address of a real server that gives one answer to every question, after its document."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer({}, (CONTRACT / "openapi_swashbuckle_30.json").read_bytes())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            if wait is not None:
                wait.wait(30)
            self.answer(headers, body)

        def answer(self, more: dict[str, str], content: bytes) -> None:
            self.send_response(200)
            for name, value in ({"Content-Length": str(len(content))} | more).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def read_from(origin: str, **limits: Any) -> pl.DataFrame:
    """A read from the server at ``origin``."""
    connection = Connection(global_url=origin, retry=RetryPolicy(attempts=1))
    url = f"{origin}/acme/shop/v1/products"
    frame: pl.DataFrame = read_destination(url, frame="polars", limits=ReadLimits(**limits), connection=connection)
    return frame


def test_a_page_that_inflates_beyond_the_cap_is_not_held() -> None:
    """Two hundred megabytes in two hundred kilobytes: the read stops with little more than its cap in memory."""
    bomb = gzip.compress(b'{"results":[]' + b" " * 200_000_000 + b"}", 6)
    with served({"Content-Encoding": "gzip"}, bomb) as origin:
        tracemalloc.start()
        try:
            with pytest.raises(ReadLimitError, match="larger than 5,000,000 bytes"):
                read_from(origin, max_inflated_bytes=5_000_000)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        with pytest.raises(ReadLimitError, match="larger than 1,000 bytes on the wire"):
            read_from(origin, max_page_bytes=1_000, max_inflated_bytes=5_000_000)
    assert peak < 25_000_000


def test_the_time_is_over_when_it_is_over() -> None:
    """A server that never answers is not waited for."""
    silence = Event()
    with served({}, b"", silence) as origin:
        started = monotonic()
        try:
            with pytest.raises(ReadLimitError, match="max_seconds"):
                read_from(origin, max_seconds=0.2)
            assert monotonic() - started < 10
        finally:
            silence.set()
