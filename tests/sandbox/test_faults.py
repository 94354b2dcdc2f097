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
    """Before anything is done, or after everything is; and nothing is logged."""
    client.headers()
    client.platform.faults(kind, on="POST /import")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        client.send(_BODY)
    assert entries(client) == stored
    assert client.send(_BODY).status_code == 202
    assert caplog.records == []


def test_a_slow_answer_is_late(client):
    """Later than a client's patience."""
    client.headers()
    client.platform.faults("slow", delay_s=0.6)
    with pytest.raises(requests.ReadTimeout):
        client.session.post(client.platform.url + "/import/products", json=_BODY, headers=client.headers(), timeout=0.1)


def test_expired_tokens_are_401(client):
    """A new one is taken."""
    client.headers()
    client.platform.faults("expire_tokens", on="POST /import")
    assert client.send(_BODY).status_code == 401
    client.token = ""
    assert client.send(_BODY).status_code == 202


def test_faults_can_be_called_off_and_are_checked(client):
    """Without end until then."""
    client.platform.faults("status", times=None)
    assert [client.get("/").status_code for _ in range(3)] == [503] * 3
    client.platform.clear_faults()
    assert client.get("/").status_code == 200
    with pytest.raises(ValueError, match="no such fault"):
        client.platform.faults("earthquake")


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
