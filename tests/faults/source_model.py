"""A source in memory behind a transport, on a clock that takes no time; what can go wrong at one of its requests."""

import atexit
import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import polars as pl

import occtoo_frames as of
from occtoo_frames._push.batching import cut
from occtoo_frames._session.run import Clock
from occtoo_frames.protocol.http import Event, Failure, Request, Response
from occtoo_frames.protocol.rules import Limits

ORIGIN = "https://ingest.test"
HTML = b"<!doctype html><title>Log in</title>"
JSON = {"content-type": "application/json"}
BEFORE = {"s0": {"old": "1"}, "other": {"name": "kept"}, "s4": {"name": "older", "old": "2"}}
"""What the source holds before a push."""


def answer(status: int, document: object = None, **headers: str) -> Response:
    """A JSON answer; header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, {**JSON, **named}, b"" if document is None else json.dumps(document).encode())


@dataclass(frozen=True)
class Mishap:
    """What goes wrong at one request.

    Attributes:
        event: What comes back.
        stored: Whether the server had carried it out by then.
        stops: Whether it ends a run.
    """

    event: Event
    stored: bool = False
    stops: bool = False


def _broken(reason: str, *, sent: bool = True, final: bool = False) -> Failure:
    return Failure(reason, sent=sent, final=final)


MISHAPS = {
    "refused": Mishap(_broken("the connection was refused", sent=False)),
    "no handshake": Mishap(_broken("the TLS connection failed", sent=False)),
    "reset, lost": Mishap(_broken("the connection was reset")),
    "reset, stored": Mishap(_broken("the connection was reset"), stored=True),
    "silence": Mishap(_broken("no answer in time"), stored=True),
    "cut answer": Mishap(_broken("the answer was cut off"), stored=True),
    "gzip garbage": Mishap(_broken("the answer's compression cannot be read"), stored=True),
    "408": Mishap(answer(408)),
    "425": Mishap(answer(425)),
    "500": Mishap(answer(500, {"message": "oh"})),
    "500, stored": Mishap(answer(500), stored=True),
    "502 html": Mishap(Response(502, {"content-type": "text/html"}, HTML)),
    "503": Mishap(answer(503)),
    "503 with seconds": Mishap(answer(503, retry_after="3")),
    "503 with seconds, stored": Mishap(answer(503, retry_after="3"), stored=True),
    "504, stored": Mishap(answer(504), stored=True),
    "429": Mishap(answer(429)),
    "429 with seconds": Mishap(answer(429, retry_after="5")),
    "429 with a date": Mishap(answer(429, retry_after="Thu, 01 Jan 1970 00:17:00 GMT")),
    "429 with nonsense": Mishap(answer(429, retry_after="after lunch")),
    "429 with 10^9": Mishap(answer(429, retry_after="1000000000"), stops=True),
    "401": Mishap(answer(401, {"message": "expired"})),
    "403": Mishap(answer(403, {"message": "not granted"}), stops=True),
    "404": Mishap(answer(404), stops=True),
    "409": Mishap(answer(409), stops=True),
    "400": Mishap(answer(400, {"errors": [{"message": "no"}]})),
    "413": Mishap(answer(413)),
    "302": Mishap(Response(302, {"location": "https://evil.test/"}), stops=True),
    "418": Mishap(answer(418), stops=True),
    "200 html": Mishap(Response(200, {"content-type": "text/html"}, HTML), stops=True),
    "202 html, stored": Mishap(Response(202, {"content-type": "text/html"}, HTML), stored=True, stops=True),
    "202 broken json, stored": Mishap(Response(202, JSON, b'{"id":"'), stored=True, stops=True),
    "untrusted": Mishap(_broken("the server's certificate is not trusted", sent=False, final=True), stops=True),
    "endless answer": Mishap(_broken("the answer is too large", final=True), stored=True, stops=True),
}
"""By name. At a request for a token some of them end the run that others pass."""

STOP_AT_TOKEN = {"400", "401", "413", "202 html, stored", "202 broken json, stored"}

Fate = Callable[[int], Mishap | None]
"""What goes wrong at the request of this number, from 0."""


class Model:
    """A source and the tokens to it, safe to ask from any thread."""

    def __init__(self, fate: Fate = lambda _: None) -> None:
        self.entries = {key: dict(values) for key, values in BEFORE.items()}
        self.fate = fate
        self.requests: list[Request] = []
        self.token: str | None = None
        self.tokens = 0
        self.stored: set[str] = set()
        self._lock = threading.Lock()

    def send(self, request: Request, *, timeout_s: float) -> Event:  # noqa: ARG002 - a transport's signature
        """The answer, or what goes wrong instead."""
        with self._lock:
            mishap = self.fate(len(self.requests))
            self.requests.append(request)
            if mishap is None:
                return self._serve(request)
            if mishap.stored:
                self._serve(request)
            if isinstance(mishap.event, Response) and mishap.event.status == 401:
                self.token = None
            return mishap.event

    def _serve(self, request: Request) -> Event:
        if request.url.endswith("/dataProviders/tokens"):
            self.tokens += 1
            self.token = f"token-{self.tokens}"
            return answer(200, {"result": {"accessToken": self.token, "expiresIn": 3600}})
        if self.token is None or request.headers.get("Authorization") != f"Bearer {self.token}":
            return answer(401)
        for entity in json.loads(bytes(request.body))["entities"]:
            self.stored.add(entity["key"])
            if entity["delete"]:
                self.entries.pop(entity["key"], None)
                continue
            held = self.entries.setdefault(entity["key"], {})
            held |= {item["id"]: item["value"] for item in entity["properties"]}
        return answer(202, {"id": "1", "errors": [], "requestId": f"r{len(self.requests)}"})


class VirtualTime:
    """A clock that a wait moves forward at once."""

    def __init__(self) -> None:
        self.seconds = 1_000.0
        self.clock = Clock(now=lambda: self.seconds, wall=lambda: self.seconds, wait=self._wait, chance=lambda: 0.5)
        self._lock = threading.Lock()

    def _wait(self, seconds: float, stop: threading.Event) -> None:
        with self._lock:
            self.seconds += 0.0 if stop.is_set() else seconds


ROWS = 57
REQUESTS = 1 + ROWS // 3
"""One for the token, and one for each body."""

FRAME = pl.DataFrame(
    {
        "sku": [f"s{number}" for number in range(ROWS)],
        "name": [f"Stuhl {number} å" for number in range(ROWS)],
        "price": [number / 4 if number % 5 else None for number in range(ROWS)],
        "gone": [number in {4, 30, 31} for number in range(ROWS)],
    }
)


MEMORY = mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)  # noqa: S108 - nothing here outlives a crash
"""Where journals stand: in memory, as thousands of runs write them and no disk is under test."""

atexit.register(shutil.rmtree, MEMORY, ignore_errors=True)


def connection_to(model: Model, time: VirtualTime, **options: object) -> of.Connection:
    """A connection to the model on virtual time."""
    named = {"provider_id": "p", "provider_secret": "provider-secret", "ingest_url": ORIGIN, "state_dir": MEMORY}
    return of.Connection(**named, transport=model, clock=time.clock, **options)


def push(frame: pl.DataFrame, model: Model, *, concurrency: int = 4, **more: object) -> of.PushReport:
    """The report of a push in bodies of three entries, of an interrupted one too."""
    plan = of.plan(frame, "sku", delete="gone")
    vars(plan)["cuts"] = cut(plan.sizes, Limits(3, 20_000_000, 1_000_000))
    options = {"connection": connection_to(model, VirtualTime()), "concurrency": concurrency, "progress": False, **more}
    try:
        return plan.push("products", **options)
    except of.PushInterruptedError as error:
        return error.report


def without_faults() -> dict[str, dict[str, str]]:
    """What the source holds after a push to which nothing happened."""
    model = Model()
    assert push(FRAME, model).ok
    assert len(model.requests) == REQUESTS
    return model.entries


def check(report: of.PushReport, model: Model, frame: pl.DataFrame = FRAME) -> None:
    """Every row has one outcome, they add up, and none of them is a lie."""
    rows = report.rows
    assert rows["key"].to_list() == frame["sku"].to_list()
    told = dict(rows.group_by("outcome").len().iter_rows())
    assert told == {name: count for name, count in report.counts.items() if count}
    assert sum(report.counts.values()) == frame.height
    keys = {outcome: set(rows.filter(pl.col("outcome") == outcome)["key"]) for outcome in told}
    assert keys.get("accepted", set()) <= model.stored
    assert not keys.get("not_sent", set()) & model.stored
    assert rows.filter(
        pl.col("outcome").is_in(["rejected", "unknown", "not_sent"]) & pl.col("reason").is_null()
    ).is_empty()
    imports = [request for request in model.requests if "/import/" in request.url]
    assert report.requests == len(imports)
    assert report.bytes_sent == sum(request.size for request in imports)
    assert report.retries <= 35
    assert "provider-secret" not in repr(report)


def mend(report: of.PushReport, model: Model, *, resume: bool) -> None:
    """What failed is pushed again, or the run is taken up where it ended, and with nothing going wrong it lands."""
    if report.ok:
        return
    model.fate = lambda _: None
    if resume:
        assert push(FRAME, model, resume=True).counts["accepted"] == ROWS
    else:
        assert push(report.failed().select(FRAME.columns), model).ok
