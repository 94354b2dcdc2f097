"""What servers do wrong, over real HTTP: a push from the table to the store, and what its report says."""

import threading
import time

import pandas as pd
import polars as pl
import pytest

import occtoo_frames as of
from occtoo_frames._sandbox.faults import KINDS
from occtoo_frames._session.run import Clock
from occtoo_frames._session.transport import RequestsTransport

ROWS = 5_500
FRAME = pl.DataFrame(
    {"sku": [f"s{number}" for number in range(ROWS)], "name": [f"n{number}" for number in range(ROWS)]}
)
WHOLE = {f"s{number}": {"name": f"n{number}"} for number in range(ROWS)}
STOPS = {"broken_json", "html 200", "10^9"}
IMPORTS = "POST /import/{source}"
TOKENS = "POST /dataProviders/tokens"

FAULTS = {
    **{kind: {"kind": kind} for kind in KINDS if kind != "limit"},
    **{str(status): {"kind": "status", "status": status} for status in (408, 425, 500, 502, 503, 504)},
    "html 200": {"kind": "html", "status": 200},
    "html 502": {"kind": "html", "status": 502},
    "429": {"kind": "status", "status": 429, "retry_after": 0},
    "date": {"kind": "status", "status": 429, "retry_after": "Thu, 01 Jan 1970 00:00:00 GMT"},
    "nonsense": {"kind": "status", "status": 429, "retry_after": "after lunch"},
    "10^9": {"kind": "status", "status": 429, "retry_after": 10**9},
    "503 with seconds": {"kind": "status", "status": 503, "retry_after": 0},
}


def connection_to(box, **options):
    """A connection to the sandbox whose waits of its own are short."""
    names = ("provider_id", "provider_secret", "ingest_url", "destinations_url", "global_url")
    known = {name: getattr(box.connection, name) for name in names}
    return of.Connection(**known, **{"clock": Clock(chance=lambda: 0.1), **options})


def pushed(frame, source, **options):
    """The report of a push, of an interrupted one too; its counts add up."""
    try:
        report = of.push(frame, source, "sku", progress=False, **options)
    except of.PushInterruptedError as error:
        report = error.report
    assert sum(report.counts.values()) == len(frame)
    return report


def entries(box, source):
    """What the source holds when everything has settled."""
    box.settle()
    return box.entries(source)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_at_an_import_costs_no_row(box, source, name):
    """In the end the source holds the table, whatever the run had to say before."""
    box.faults(**FAULTS[name], on=source, after=2)
    report = pushed(FRAME, source, connection=connection_to(box))
    assert report.ok == (name not in STOPS)
    if not report.ok:
        stored = set(entries(box, source))
        assert set(report.rows.filter(pl.col("outcome") == "accepted")["key"]) <= stored
        assert not set(report.rows.filter(pl.col("outcome") == "not_sent")["key"]) & stored
        assert pushed(report.failed().select(FRAME.columns), source, connection=connection_to(box)).ok
    assert entries(box, source) == WHOLE


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_at_the_token_costs_no_row(box, source, name):
    """Nothing but a token is lost, and nothing is unknown."""
    before = box.requests_seen[TOKENS]
    box.faults(**FAULTS[name], on=TOKENS)
    report = pushed(FRAME, source, connection=connection_to(box))
    assert report.ok == (name not in STOPS)
    assert box.requests_seen[TOKENS] - before == (2 if report.ok and name not in {"slow", "expire_tokens"} else 1)
    if not report.ok:
        assert report.counts["not_sent"] == ROWS
        assert entries(box, source) == {}


def test_a_token_endpoint_that_asks_for_patience_is_asked_once_at_a_time(box, source):
    """Sixteen workers wait for one flight; nobody asks beside it."""
    before = box.requests_seen[TOKENS]
    box.faults("status", on=TOKENS, status=429, retry_after=0, times=2)
    assert pushed(FRAME, source, connection=connection_to(box), concurrency=16).ok
    assert box.requests_seen[TOKENS] - before == 3


def test_sixteen_workers_with_an_expired_token_make_one_refresh(box, source):
    """Though many of them are told of it."""
    frame = pl.DataFrame({"sku": [f"s{number}" for number in range(40_000)], "name": "x"})
    before = box.requests_seen[TOKENS]
    box.faults("slow", on=source, delay_s=0.1, times=16)
    box.faults("expire_tokens", on=source, after=20)
    report = pushed(frame, source, connection=connection_to(box), concurrency=16)
    assert report.ok
    assert box.requests_seen[TOKENS] - before == 2
    assert len(entries(box, source)) == 40_000


def test_a_reset_after_the_batch_was_stored_is_one_copy_accepted_and_marked(box, source):
    """The report's rows say nothing unusual, its batches do."""
    box.faults("cut_after", on=source)
    report = FRAME.occtoo.push(source, "sku", connection=connection_to(box), concurrency=1)
    assert (report.ok, report.retries) == (True, 1)
    assert report.batches["resent"].to_list() == [True, False, False, False, False, False]
    assert report.batches["attempts"].to_list() == [2, 1, 1, 1, 1, 1]
    assert report.rows["attempts"].to_list()[:1_001:1_000] == [2, 1]
    assert entries(box, source) == WHOLE


@pytest.mark.parametrize("fault", [{"kind": "cut"}, {"kind": "status"}, {"kind": "html"}, {"kind": "cut_after"}])
def test_an_outage_ends_in_seconds_with_at_most_35_retries(box, source, fault):
    """However many batches there were to come; nothing that may have been stored is called unsent."""
    frame = pl.DataFrame({"sku": [f"s{number}" for number in range(60_000)], "name": "x"})
    box.faults(**fault, on=source, times=None)
    report = pushed(frame, source, connection=connection_to(box, clock=None), concurrency=16)
    assert report.counts["accepted"] == 0
    assert report.retries <= 35
    assert report.seconds < 30
    assert not set(report.rows.filter(pl.col("outcome") == "not_sent")["key"]) & set(entries(box, source))


class Watch:
    """A transport that notes when each import began, and which answers asked for patience."""

    def __init__(self):
        self._inner = RequestsTransport()
        self._lock = threading.Lock()
        self.begun, self.told = [], []

    def send(self, request, *, timeout_s):
        """What the server answers."""
        if "/import/" in request.url:
            with self._lock:
                self.begun.append(time.monotonic())
        event = self._inner.send(request, timeout_s=timeout_s)
        if getattr(event, "status", None) == 429:
            with self._lock:
                self.told.append(time.monotonic())
        return event


def wait_out(box, source, seconds):
    """No worker begins a request between a 429 and the moment that it names."""
    watch = Watch()
    frame = pl.DataFrame({"sku": [f"s{number}" for number in range(40_000)], "name": "x"})
    box.faults("status", on=source, status=429, retry_after=seconds, after=8)
    report = pushed(frame, source, connection=connection_to(box, transport=watch), concurrency=16)
    (told,) = watch.told
    assert report.ok
    assert not [moment - told for moment in watch.begun if told + 1 < moment < told + seconds]
    assert max(watch.begun) >= told + seconds


def test_no_worker_sends_before_the_time_that_a_429_names(box, source):
    """A moment after it is heard, when what had begun has begun."""
    wait_out(box, source, 2)


@pytest.mark.soak
def test_no_worker_sends_for_five_seconds_after_a_429_that_names_them(box, source):
    """Of sixteen."""
    wait_out(box, source, 5)


@pytest.mark.soak
@pytest.mark.parametrize("concurrency", [4, 16])
@pytest.mark.parametrize("wait", [{}, {"retry_after": 1}])
def test_the_rate_settles_near_a_limit_of_ten_a_second(box, source, wait, concurrency):
    """Within a fifth in 30 s of real time, over real HTTP, with no row lost."""
    watch = Watch()
    frame = pl.DataFrame({"sku": [f"s{number}" for number in range(550_000)], "name": "x"})
    box.faults("limit", on=source, rate=10, times=None, **wait)
    started = time.monotonic()
    report = pushed(frame, source, connection=connection_to(box, transport=watch), concurrency=concurrency)
    assert report.ok
    late = [moment - started for moment in watch.begun if moment - started >= 30]
    assert late
    rate = (len(late) - sum(moment - started >= 30 for moment in watch.told)) / (max(late) - 30)
    assert 8 <= rate <= 12


@pytest.fixture(scope="module")
def strict():
    """A sandbox that takes entities of 400 bytes only, and bodies of 100,000."""
    with of.sandbox(max_entity_bytes=400, max_body_bytes=100_000) as running:
        yield running


def refused_rows(strict, name, bad, height=1_000):
    """A push of so many rows of which some are too long for the server; the report and its imports."""
    strict.add_source(name)
    texts = ["x" * 500 if number in bad else "x" for number in range(height)]
    frame = pd.DataFrame({"sku": [f"s{number}" for number in range(height)], "text": texts})
    before = strict.requests_seen[IMPORTS]
    try:
        report = frame.occtoo.push(name, key="sku", connection=strict.connection, progress=False)
    except of.PushInterruptedError as error:
        report = error.report
    strict.settle()
    return report, strict.requests_seen[IMPORTS] - before


@pytest.mark.parametrize("place", [0, 499, 999])
def test_one_bad_row_in_a_thousand_costs_at_most_22_requests(strict, place):
    """It is rejected in the server's words; the other 999 land."""
    report, requests = refused_rows(strict, f"one-{place}", {place})
    assert requests <= 22
    assert report.counts == {"accepted": 999, "rejected": 1, "not_sent": 0, "unknown": 0, "unchanged": 0}
    rejected = report.rows[report.rows["outcome"] == "rejected"]
    assert rejected[["row", "key", "rule"]].to_numpy().tolist() == [[place, f"s{place}", "refused"]]
    assert f"at most 400 bytes: s{place}" in rejected["reason"].item()
    assert len(strict.entries(f"one-{place}")) == 999


def test_ten_bad_rows_in_a_thousand_cost_at_most_220_requests(strict):
    """They come back as they were, with their reasons; mended, they land."""
    bad = set(range(50, 1_000, 100))
    report, requests = refused_rows(strict, "ten", bad)
    assert requests <= 220
    failed = report.failed()
    assert failed.index.to_list() == sorted(bad)
    assert failed["reason"].str.contains("400 bytes").all()
    mended = failed.assign(text="y")[["sku", "text"]]
    assert mended.occtoo.push("ten", key="sku", connection=strict.connection).ok
    strict.settle()
    assert len(strict.entries("ten")) == 1_000


def test_a_source_that_refuses_everything_stops_and_says_why(strict):
    """After a budget of refusals, not after 20,000."""
    report, requests = refused_rows(strict, "all", set(range(20_000)), 20_000)
    assert requests < 220
    assert "refused" in report.stopped
    assert report.counts["accepted"] == 0
    assert report.rows["reason"].notna().all()
    assert strict.entries("all") == {}


def test_bodies_that_are_too_large_are_divided_and_the_size_is_learned(strict):
    """Every row lands, and later batches are not even tried whole."""
    strict.add_source("wide")
    frame = pd.DataFrame({"sku": [f"s{number}" for number in range(3_000)], "text": "x" * 100})
    report = frame.occtoo.push("wide", key="sku", connection=strict.connection, concurrency=1)
    assert report.ok
    assert set(report.batches["status"]) == {202}
    assert strict.requests_seen[IMPORTS]
    assert report.batches["attempts"].to_list()[-1] == 1
    strict.settle()
    assert len(strict.entries("wide")) == 3_000
