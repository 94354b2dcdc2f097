from datetime import UTC, datetime, timedelta, timezone

import pytest
import requests
from sandbox_client import entity

_BODY = {"entities": [entity("a", {"x": "1"})]}


def entries(client):
    """What is visible when everything has settled."""
    client.platform.settle()
    return set(client.platform.entries("products"))


def test_a_status_is_answered_as_often_as_asked_for(client):
    """With Retry-After, on the route that was named."""
    client.headers()
    client.platform.faults("status", on="POST /import", times=2, status=429, retry_after="5")
    for _ in range(2):
        answer = client.send(_BODY)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
    assert entries(client) == set()
    assert client.send(_BODY).status_code == 202


def test_other_routes_are_spared(client):
    """The fault waits for its own."""
    client.platform.faults("status", on="/dataProviders/tokens", status=500)
    assert client.get("/").status_code == 200
    assert client.post("/dataProviders/tokens", json={}).status_code == 500


@pytest.mark.parametrize("kind", ["status", "html", "broken_json"])
@pytest.mark.parametrize("status", [204, 205, 304])
def test_a_status_that_has_no_body_is_answered_without_one(client, caplog, kind, status):
    """And the server logs nothing of it."""
    client.headers()
    client.platform.faults(kind, on="POST /import", status=status)
    answer = client.send(_BODY)
    assert (answer.status_code, answer.content) == (status, b"")
    assert client.send(_BODY).status_code == 202
    assert [record.getMessage() for record in caplog.records if record.name.startswith("uvicorn")] == []


def test_html_stands_where_json_should(client):
    """With any status, 200 too."""
    client.headers()
    for status in (502, 200):
        client.platform.faults("html", status=status)
        answer = client.send(_BODY)
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html")
    assert entries(client) == set()


@pytest.mark.parametrize(("kind", "stored"), [("cut", set()), ("cut_after", {"a"}), ("cut_answer", {"a"})])
def test_a_cut_connection_gives_no_answer(client, caplog, kind, stored):
    """Before anything is done, or after everything is; and the server logs nothing of it."""
    client.headers()
    client.platform.faults(kind, on="POST /import")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        client.send(_BODY)
    assert entries(client) == stored
    assert client.send(_BODY).status_code == 202
    assert [record.getMessage() for record in caplog.records if record.name.startswith("uvicorn")] == []


def test_a_connection_is_cut_in_the_middle_of_a_long_body(client, caplog):
    """Whether the client notices while it sends or afterwards; the next request finds a server."""
    client.headers()
    long = {"entities": [entity("a", {"x": "1" * 900_000})]}
    for kind in ("cut", "cut_after", "cut_answer"):
        client.platform.faults(kind, on="POST /import")
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            client.send(long)
    assert client.send(_BODY).status_code == 202
    assert [record.getMessage() for record in caplog.records if record.name.startswith("uvicorn")] == []


def test_an_answer_without_a_body_is_cut_as_well(client):
    """In its head, with what was asked for done."""
    url = f"{client.platform.url}/appfile/storage/x"
    client.platform.faults("cut_answer", times=2)
    for ask in (requests.head, requests.options):
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            ask(url, timeout=5)
    assert requests.head(url, timeout=5).status_code


def test_an_answer_says_that_it_is_compressed_and_is_not(client):
    """What was asked for is done."""
    client.headers()
    client.platform.faults("gzip", on="POST /import")
    with pytest.raises(requests.exceptions.ContentDecodingError):
        client.send(_BODY)
    assert entries(client) == {"a"}


def test_half_a_document_stands_where_json_should(client):
    """With a status of success, and nothing is done."""
    client.headers()
    client.platform.faults("broken_json", on="POST /import")
    answer = client.send(_BODY)
    assert (answer.status_code, answer.text) == (202, '{"id":"')
    assert entries(client) == set()


@pytest.mark.parametrize(
    ("retry_after", "header"),
    [
        (5, "5"),
        (10**9, "1000000000"),
        ("after lunch", "after lunch"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "Fri, 02 Jan 2026 03:04:05 GMT"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=1))), "Fri, 02 Jan 2026 02:04:05 GMT"),
    ],
)
def test_retry_after_is_seconds_a_date_or_nonsense(client, retry_after, header):
    """As servers write it."""
    client.platform.faults("status", status=429, retry_after=retry_after)
    assert client.get("/").headers["retry-after"] == header


def test_a_limit_lets_so_many_through_in_a_second(client):
    """The others are told to come again; in time they are let through."""
    client.platform.faults("limit", rate=5, times=None, retry_after=1)
    statuses = [client.get("/").status_code for _ in range(30)]
    assert statuses[:5] == [200] * 5
    assert 429 in statuses
    assert client.platform.faults_met == {"limit": statuses.count(429)}


def test_the_first_requests_can_be_spared(client):
    """So that the third one fails, and no other; other routes are not counted."""
    client.platform.faults("status", on="GET /", after=2)
    client.post("/dataProviders/tokens", json={})
    assert [client.get("/").status_code for _ in range(4)] == [200, 200, 503, 200]


def test_a_fault_may_wait_for_one_source(client):
    """By its path; the rest goes on."""
    client.platform.add_source("other")
    client.platform.faults("status", on="/import/other")
    assert client.send(_BODY).status_code == 202
    assert client.send(_BODY, "other").status_code == 503


def test_a_slow_answer_is_late(client):
    """Later than a client's patience."""
    client.headers()
    client.platform.faults("slow", on="POST /import", delay_s=1.0)
    url = f"{client.platform.url}/import/products"
    with pytest.raises(requests.ReadTimeout):
        client.session.post(url, json=_BODY, headers=client.headers(), timeout=(30, 0.1))


def test_expired_tokens_are_401(client):
    """A new one is taken."""
    client.headers()
    client.platform.faults("expire_tokens", on="POST /import")
    assert client.send(_BODY).status_code == 401
    client.token = ""
    assert client.send(_BODY).status_code == 202


def test_faults_can_be_called_off(client):
    """Without end until then."""
    client.platform.faults("status", times=None)
    assert [client.get("/").status_code for _ in range(3)] == [503] * 3
    client.platform.clear_faults()
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("earthquake", {}, "no such fault: 'earthquake' .there are status, html"),
        ("cut", {"status": 500}, "'cut' takes no status; it takes no option of its own"),
        ("slow", {"retry_after": 1}, "'slow' takes no retry_after; it takes delay_s"),
        ("status", {"status": 99}, "status=99: it is 200 to 599"),
        ("status", {"on": None}, "on=None"),
        ("status", {"after": -1}, "after=-1"),
        ("status", {"times": 0}, "times=0"),
        ("status", {"times": 1.5}, "times=1.5"),
        ("status", {"probability": 2}, "probability=2"),
        ("slow", {"delay_s": -1}, "delay_s=-1"),
        ("limit", {"rate": 0}, "rate=0"),
        ("status", {"retry_after": datetime(2026, 1, 1)}, "needs its zone"),
        ("throttle", {"delay_s": 1}, "'throttle' takes no delay_s"),
        ("status", {"on": "POST /imports"}, "on='POST /imports': no request is such; there are POST /import/{source}"),
        ("status", {"on": "PUT /import"}, "no request is such"),
        ("status", {"on": "POST /other/shop/v1/products"}, "no request is such"),
        ("throttle", {"on": "POST /appfile/files"}, "no request is such; there are .*appfile/file"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(client, kind, options, words):
    """With words that say what does."""
    with pytest.raises(ValueError, match=words):
        client.platform.faults(kind, **options)


@pytest.mark.parametrize(
    "on",
    [
        "", "POST", "/import/", "POST /import/products", "port/prod", "t/p", "GET /sandbox/shop/v1/products",
        "/{tenant}/{destination}", "POST /import/{source}", "PUT /storage/any/depth", "upload/append/{database}",
    ],
)  # fmt: skip
def test_a_fault_may_wait_for_any_part_of_a_request(client, on):
    """Of a route's name or of an address."""
    client.platform.faults("status", on=on)


def test_a_probability_strikes_sometimes(client):
    """The same requests each time."""
    client.platform.faults("status", times=None, probability=0.5)
    statuses = [client.get("/").status_code for _ in range(30)]
    assert 5 < statuses.count(503) < 25


def test_every_request_is_counted_by_its_route(client):
    """Whatever its answer was."""
    client.send(_BODY)
    client.send({"entities": [entity("@")]})
    url = client.publish()
    client.read(url)
    client.read(url, top=1)
    client.get("/sandbox/shop/v1/openapi")
    client.application_token()
    assert client.platform.requests_seen == {
        "POST /dataProviders/tokens": 1,
        "POST /import/{source}": 2,
        "GET /{tenant}/{destination}/{version}/{endpoint}": 1,
        "POST /{tenant}/{destination}/{version}/{endpoint}": 1,
        "GET /{tenant}/{destination}/{version}/openapi": 1,
        "POST /destinations/{destinationId}/token": 1,
    }
