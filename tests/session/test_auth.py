import json
import threading

import pytest

from occtoo_frames._session.auth import Bearer, SealedHeaders, TokenKeeper, application_token, provider_token
from occtoo_frames._session.errors import RunStoppedError
from occtoo_frames._session.secret import Secret
from occtoo_frames.exceptions import AuthenticationError, ConfigurationError, ProtocolError
from occtoo_frames.protocol.http import Request, Response
from occtoo_frames.protocol.tokens import Token

ORIGIN = ("https", "ingest.test", 443)


def answered(conversation, response):
    """The first request of a conversation, and what it returns for ``response``."""
    request = next(conversation)
    with pytest.raises(StopIteration) as end:
        conversation.send(response)
    return request, end.value.value


def body(document):
    """An answer of 200."""
    return Response(200, {}, json.dumps(document).encode())


def test_the_data_providers_token_is_asked_for_as_documented():
    """POST with id and secret; the token stands in the envelope."""
    request, token = answered(
        provider_token("https://ingest.test", "p", Secret("x")), body({"result": {"accessToken": "t", "expiresIn": 60}})
    )
    assert (request.method, request.url) == ("POST", "https://ingest.test/dataProviders/tokens")
    assert json.loads(request.body) == {"id": "p", "secret": "x"}
    assert token == Token("t", 60.0)


def test_the_applications_token_is_asked_for_as_documented():
    """POST to the destination with client id and secret; the token stands flat."""
    request, token = answered(
        application_token("https://d.test", "d/1", "c", Secret("x")), body({"accessToken": "t", "expiresIn": 60})
    )
    assert request.url == "https://d.test/destinations/d%2F1/token"
    assert json.loads(request.body) == {"clientId": "c", "clientSecret": "x"}
    assert token.access_token == "t"


@pytest.mark.parametrize("content", [b"<html>", b"{}", b'{"result": null}', b"[]", b'{"result": {"accessToken": 1}}'])
def test_an_answer_without_a_token_is_a_protocol_error(content):
    """HTML with 200 included."""
    conversation = provider_token("https://ingest.test", "p", Secret("x"))
    next(conversation)
    with pytest.raises(ProtocolError, match="without a token"):
        conversation.send(Response(200, {}, content))


def test_a_token_goes_to_its_own_origin_only():
    """Another host, port or scheme gets none."""
    bearer = Bearer(Secret("t"), ORIGIN)
    assert bearer.sign(Request("GET", "https://INGEST.test:443/x")).headers["Authorization"] == "Bearer t"
    for url in (
        "https://other.test/x",
        "https://ingest.test:8443/x",
        "http://ingest.test/x",
        "https://ingest.test.evil/",
    ):
        with pytest.raises(ConfigurationError, match="belongs to"):
            bearer.sign(Request("GET", url))


def test_a_signed_request_does_not_show_its_token():
    """Neither in its repr nor in that of its headers."""
    signed = Bearer(Secret("t0ken-text"), ORIGIN).sign(Request("GET", "https://ingest.test/", {"Accept": "x"}))
    assert "t0ken-text" not in repr(signed)
    assert signed.headers["Accept"] == "x"
    assert len(signed.headers) == 2
    assert isinstance(signed.headers, SealedHeaders)


class Fetches:
    """Gives numbered tokens and counts them."""

    def __init__(self, expires_in_s=3600.0):
        self.count = 0
        self.expires_in_s = expires_in_s

    def __call__(self):
        """The next token."""
        self.count += 1
        return Token(f"t{self.count}", self.expires_in_s)


def test_a_token_is_kept_and_renewed_early(time):
    """Five minutes before its end."""
    keeper, fetch = TokenKeeper(ORIGIN, lambda: time.seconds), Fetches()
    assert keeper.token is None
    first = keeper.bearer(fetch)
    time.seconds += 3299
    assert keeper.bearer(fetch) is first
    time.seconds += 2
    assert keeper.bearer(fetch).token == Secret("t2")


@pytest.mark.parametrize(("lives", "kept"), [(10.0, 8.9), (0.0, 200.0), (-5.0, 200.0), (float("nan"), 200.0)])
def test_a_short_or_senseless_life_does_not_mean_a_token_for_each_request(time, lives, kept):
    """A short one is used for nine tenths; a senseless one for a while, until a 401 says otherwise."""
    keeper, fetch = TokenKeeper(ORIGIN, lambda: time.seconds), Fetches(lives)
    keeper.bearer(fetch)
    time.seconds += kept
    keeper.bearer(fetch)
    assert fetch.count == 1


def test_a_refused_token_is_dropped_once_for_all(time):
    """Whoever comes later with the old one just takes the new one."""
    keeper, fetch = TokenKeeper(ORIGIN, lambda: time.seconds), Fetches()
    old = keeper.bearer(fetch)
    assert keeper.refuse(old, certain=True)
    new = keeper.bearer(fetch)
    assert keeper.refuse(old, certain=True)
    assert keeper.bearer(fetch) is new
    assert fetch.count == 2


def test_a_403_drops_an_old_token_and_keeps_a_young_one(time):
    """A young one shows that something was not granted."""
    keeper, fetch = TokenKeeper(ORIGIN, lambda: time.seconds), Fetches()
    bearer = keeper.bearer(fetch)
    assert not keeper.refuse(bearer, certain=False)
    assert keeper.bearer(fetch) is bearer
    time.seconds += 301
    assert keeper.refuse(bearer, certain=False)
    assert keeper.bearer(fetch) is not bearer


def race(keeper, fetch, workers=16):
    """What each of so many threads got."""
    results, barrier = [], threading.Barrier(workers)

    def worker():
        barrier.wait()
        try:
            results.append(keeper.bearer(fetch))
        except Exception as error:  # noqa: BLE001 - any would be a finding
            results.append(error)

    threads = [threading.Thread(target=worker) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_sixteen_threads_make_one_flight(time):
    """All get its token."""
    keeper, fetch = TokenKeeper(ORIGIN, lambda: time.seconds), Fetches()
    assert len(set(map(id, race(keeper, fetch)))) == 1
    assert fetch.count == 1


def test_all_who_waited_for_a_flight_share_its_failure(time):
    """One refusal, not sixteen; the next call tries again."""
    keeper, calls, gate = TokenKeeper(ORIGIN, lambda: time.seconds), [], threading.Event()

    def fetch():
        calls.append(1)
        gate.wait(0.1)
        raise AuthenticationError("wrong secret", status=401)

    assert {type(result) for result in race(keeper, fetch, 8)} == {AuthenticationError}
    assert len(calls) < 8
    before = len(calls)
    with pytest.raises(AuthenticationError):
        keeper.bearer(fetch)
    assert len(calls) == before + 1


def test_a_stopped_flight_is_nobody_elses_failure(time):
    """Another run fetches its own."""
    keeper = TokenKeeper(ORIGIN, lambda: time.seconds)

    def stopped():
        raise RunStoppedError("x")

    with pytest.raises(RunStoppedError):
        keeper.bearer(stopped)
    assert keeper.bearer(Fetches()).token == Secret("t1")
