"""The bad network itself, and a push through each of its faults to a real sandbox."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest
import requests

import occtoo_frames as of
from occtoo_frames._sandbox.proxy import KINDS
from occtoo_frames.testing import FaultProxy, through

FRAME = pl.DataFrame(
    {"sku": [f"s{number}" for number in range(2_500)], "name": [f"n{number}" for number in range(2_500)]}
)
WHOLE = {row["sku"]: {"name": row["name"]} for row in FRAME.to_dicts()}
FINAL = {"too_short"}
"""An answer that is shorter than it says it is: half a document in a 202, so nobody knows what the server did."""


@pytest.fixture
def network(box):
    """A proxy before the sandbox."""
    with FaultProxy(box.url) as proxy:
        yield proxy


def entries(box, source):
    """What the source holds when everything has settled."""
    box.settle()
    return box.entries(source)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - FINAL))
def test_a_push_lives_through_every_broken_connection(box, source, network, kind):
    """All rows are accepted, once each; one batch was sent again."""
    options = {"delay_s": 0.3} if kind == "stall" else {"delay_s": 0.0} if kind == "drip" else {}
    network.faults(kind, on="POST /import", after=1, **options)
    report = of.push(FRAME, source, "sku", connection=through(network, box.connection))
    assert network.faults_met == {kind: 1}
    assert (report.counts["accepted"], report.retries) == (2_500, 0 if kind == "drip" else 1)
    assert report.batches["resent"].to_list().count(True) == report.retries
    assert entries(box, source) == WHOLE


def test_an_answer_that_is_shorter_than_its_length_says_is_no_success(box, source, network):
    """What it said is lost: those rows are unknown, and the bytes too many are nobody's answer."""
    network.faults("too_short", on="POST /import")
    with pytest.raises(of.PushInterruptedError) as caught:
        of.push(FRAME, source, "sku", connection=through(network, box.connection), concurrency=1)
    report = caught.value.report
    assert (report.counts["unknown"], report.counts["not_sent"]) == (1_000, 1_500)
    assert of.push(report.failed().select(FRAME.columns), source, "sku", connection=box.connection).ok
    assert entries(box, source) == WHOLE


def test_silence_ends_with_the_patience_of_the_connection(box, source, network):
    """The batch was stored and is sent again."""
    network.faults("stall", on="POST /import")
    report = of.push(FRAME, source, "sku", connection=through(network, box.connection, timeout_s=0.5))
    assert report.ok
    assert report.batches["resent"].any()


def test_a_refused_connection_leaves_every_row_not_sent(box, source, network):
    """Nobody was there, so nobody can have stored anything; afterwards all is well."""
    connection = through(network, box.connection)
    with network.refusing(), pytest.raises(of.PushInterruptedError, match="refused") as caught:
        of.push(FRAME, source, "sku", connection=connection)
    assert caught.value.report.counts["not_sent"] == 2_500
    assert caught.value.report.retries <= 35
    assert entries(box, source) == {}
    assert of.push(FRAME, source, "sku", connection=connection).ok


def test_a_host_that_goes_away_in_the_middle_is_an_outage(box, source, network, monkeypatch):
    """What was accepted before is told; the rest is not sent or unknown; nothing is missing afterwards."""
    frame = pl.DataFrame({"sku": [f"s{number}" for number in range(30_000)], "name": "x"})
    box.faults("slow", on=source, times=None, delay_s=0.2)
    with ThreadPoolExecutor(1) as pool:
        pushing = pool.submit(of.push, frame, source, "sku", connection=through(network, box.connection))
        while network.requests_seen["POST /import/{source}"] < 9:
            time.sleep(0.01)
        with network.refusing():
            error = pushing.exception()
    report = error.report
    assert sum(report.counts.values()) == 30_000
    assert report.retries <= 35
    accepted = set(report.rows.filter(pl.col("outcome") == "accepted")["key"])
    unsent = set(report.rows.filter(pl.col("outcome") == "not_sent")["key"])
    stored = set(entries(box, source))
    assert accepted <= stored
    assert not unsent & stored


def test_everything_else_passes_unchanged(box, network):
    """Queries, statuses, headers, and many requests over one connection."""
    with requests.Session() as session:
        session.trust_env = False
        plain, proxied = (session.get(url, timeout=30) for url in (box.url, network.url))
        assert (proxied.status_code, proxied.content) == (plain.status_code, plain.content)
        assert session.get(f"{network.url}/a/b/v1/c?top=3", timeout=30).status_code == 404
        assert session.post(f"{network.url}/dataProviders/tokens", json={}, timeout=30).status_code == 400
    assert network.requests_seen == {
        "GET /": 1,
        "GET /{tenant}/{destination}/{version}/{endpoint}": 1,
        "POST /dataProviders/tokens": 1,
    }


def test_a_target_that_is_gone_is_a_reset(network, box):
    """As if the network were down behind the proxy."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with FaultProxy(url) as proxy, pytest.raises(requests.ConnectionError):
        requests.get(proxy.url, timeout=30)


def test_addresses_lead_through_it(network, box):
    """Those of its target only."""
    assert network.through(f"{box.url}/sandbox/a/v1/b?x=1") == f"{network.url}/sandbox/a/v1/b?x=1"
    assert network.through("https://global.occtoo.com/x") == "https://global.occtoo.com/x"
    assert network.url in repr(network)


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("earthquake", {}, "there are reset_before"),
        ("reset_mid", {"delay_s": 1}, "takes no option"),
        ("stall", {"delay_s": -1}, "delay_s=-1"),
        ("lost", {"times": 0}, "times=0"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(network, kind, options, words):
    """With words."""
    with pytest.raises(ValueError, match=words):
        network.faults(kind, **options)


def test_only_plain_http_can_be_broken():
    """The proxy does not read TLS."""
    with pytest.raises(ValueError, match="plain http"):
        FaultProxy("https://ingest.occtoo.com")


@pytest.fixture(scope="module")
def address(box):
    """An endpoint with the entries of the table."""
    box.add_source("read")
    of.push(FRAME, "read", "sku", connection=box.connection)
    box.settle()
    return box.publish("shop", "read", source="read")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_read_lives_through_every_broken_connection(box, address, network, kind):
    """Or says that it does not understand: a page is never silently shorter."""
    options = {"delay_s": 0.3} if kind == "stall" else {"delay_s": 0.0} if kind == "drip" else {}
    network.faults(kind, on="/{endpoint}", after=1, **options)
    connection = through(network, box.connection)
    if kind in FINAL:
        with pytest.raises(of.ProtocolError):
            of.read_destination(network.through(address), connection=connection, frame="polars")
    else:
        table = of.read_destination(network.through(address), connection=connection, frame="polars")
        assert dict(table.select("id", "name").iter_rows()) == {key: values["name"] for key, values in WHOLE.items()}
    assert network.faults_met == {kind: 1}
