import logging
import threading
import traceback

import pytest
from session_wire import INGEST, REFUSED, RESET, Answers, answer, token

from occtoo_frames._session.retry import RetryPolicy
from occtoo_frames.exceptions import (
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    ConnectionFailedError,
    NotFoundError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
    ResponseError,
    ServerError,
)
from occtoo_frames.protocol.http import Failure, Request, Response
from occtoo_frames.protocol.words import document_of

ASK = Request("GET", f"{INGEST}/thing?q=1")
GET = "GET /thing?q=1"
TOKEN = "POST /dataProviders/tokens"


def test_a_call_carries_the_token_and_gives_the_answer(connect_to):
    """The token is asked for once and shown on each request."""
    answers = Answers([token(), answer(200, {"a": 1}), answer(204)])
    session = connect_to(answers).session
    assert session.call(ASK, grant="provider").body == b'{"a": 1}'
    assert session.call(ASK, grant="provider").status == 204
    assert answers.paths == [TOKEN, GET, GET]
    assert answers.requests[1].headers["Authorization"] == "Bearer token-1"
    assert answers.timeouts == {60.0}


def test_a_call_without_grant_shows_no_token(connect_to):
    """Nor asks for one."""
    answers = Answers([answer(200)])
    connect_to(answers).session.call(ASK, grant=None)
    assert answers.paths == [GET]
    assert "Authorization" not in answers.requests[0].headers


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RejectedError), (413, RejectedError), (422, RejectedError), (403, AuthenticationError),
        (404, NotFoundError), (409, ConflictError), (418, ProtocolError), (302, ProtocolError),
    ],
)  # fmt: skip
def test_each_refusal_is_an_exception_of_its_kind_with_the_servers_words(connect_to, status, kind):
    """With status, request id and every message."""
    document = {
        "errors": [{"message": "Invalid", "details": {"propertyName": "p", "message": "@2"}}],
        "requestId": "r7",
    }
    session = connect_to([answer(status, document)]).session
    with pytest.raises(ResponseError, match="Invalid: @2") as caught:
        session.call(ASK, grant=None)
    error = caught.value
    assert type(error) is kind
    assert (error.status, error.request_id, error.errors) == (status, "r7", ("Invalid: @2",))
    assert "r7" in str(error)
    assert "q=1" not in str(error)


def test_a_gateways_html_becomes_a_server_error_in_words(connect_to):
    """After all attempts."""
    page = Response(502, {"content-type": "text/html"}, b"<title>502 Bad Gateway</title>")
    answers = Answers([page] * 3)
    with pytest.raises(ServerError, match="502 Bad Gateway"):
        connect_to(answers).session.call(ASK, grant=None)
    assert len(answers.requests) == 3


def test_a_redirect_is_not_followed_and_its_host_is_named(connect_to):
    """Without what else stands in the address."""
    away = Response(307, {"location": "https://user:pw@evil.test/steal?x=1"})
    answers = Answers([away])
    with pytest.raises(ProtocolError, match=r"evil\.test") as caught:
        connect_to(answers).session.call(ASK, grant=None)
    assert "pw" not in str(caught.value)
    assert len(answers.requests) == 1


def test_no_answer_is_a_failed_connection(connect_to, time):
    """Named with host, reason and the number of attempts; on a virtual clock."""
    with pytest.raises(ConnectionFailedError, match=r"ingest\.test/thing: the connection was refused \(3 attempts\)"):
        connect_to([REFUSED] * 3).session.call(ASK, grant=None)
    assert time.waits == [0.025, 0.05]


def test_an_unverified_certificate_is_final(connect_to):
    """One attempt."""
    answers = Answers([Failure("the server's certificate is not trusted: self-signed", sent=False, final=True)])
    with pytest.raises(ConnectionFailedError, match="self-signed"):
        connect_to(answers).session.call(ASK, grant=None)


def test_what_must_not_happen_twice_is_asked_once(connect_to):
    """After a reset nobody knows."""
    answers = Answers([RESET])
    with pytest.raises(ConnectionFailedError, match="reset"):
        connect_to(answers).session.call(ASK, grant=None, idempotent=False)
    assert len(answers.requests) == 1


def test_a_429_waits_as_told(connect_to, time):
    """Then goes on."""
    answers = Answers([answer(429, retry_after="5"), answer(200)])
    connect_to(answers).session.call(ASK, grant=None)
    assert sum(time.waits) == pytest.approx(5.0)


def test_a_wait_beyond_patience_is_named(connect_to, time):
    """And not waited for."""
    with pytest.raises(RateLimitedError, match=r"300 s, longer than max_wait_s=120"):
        connect_to([answer(429, retry_after="300")]).session.call(ASK, grant=None)
    assert time.waits == []


def test_an_expired_token_is_renewed_and_the_request_replayed(connect_to):
    """Once; the second 401 is an error."""
    answers = Answers([token("old-token"), answer(401), token("new-token"), answer(200)])
    session = connect_to(answers).session
    session.call(ASK, grant="provider")
    assert answers.paths == [TOKEN, GET, TOKEN, GET]
    assert answers.requests[3].headers["Authorization"] == "Bearer new-token"
    answers = Answers([token(), answer(401), token("t2"), answer(401)])
    with pytest.raises(AuthenticationError, match="check the credentials"):
        connect_to(answers).session.call(ASK, grant="provider")


def test_a_403_with_a_fresh_token_is_final(connect_to):
    """Nothing more is sent."""
    answers = Answers([token(), answer(403)])
    with pytest.raises(AuthenticationError, match="granted"):
        connect_to(answers).session.call(ASK, grant="provider")
    assert answers.paths == [TOKEN, GET]


def test_wrong_credentials_are_said_and_never_shown(connect_to):
    """Even when the server repeats the secret."""
    answers = Answers([answer(401, {"errors": [{"message": "no such secret: provider-secret"}]})])
    with pytest.raises(AuthenticationError, match=r"no such secret: \*\*\*") as caught:
        connect_to(answers).session.call(ASK, grant="provider")
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "provider-secret" not in shown


def test_a_token_is_not_sent_to_another_host(connect_to):
    """The request never leaves."""
    answers = Answers([token()])
    with pytest.raises(ConfigurationError, match="belongs to"):
        connect_to(answers).session.call(Request("GET", "https://other.test/"), grant="provider")
    assert answers.paths == [TOKEN]


def test_missing_credentials_are_named_when_needed(connect_to):
    """With the variables that would hold them."""
    session = connect_to([]).session
    with pytest.raises(ConfigurationError, match="OCCTOO_CLIENT_ID, OCCTOO_CLIENT_SECRET, OCCTOO_DESTINATION_ID"):
        session.call(ASK, grant="application")


def test_an_application_token_goes_to_the_global_host_only(connect_to):
    """It is had at one host and shown at another."""
    answers = Answers([answer(200, {"accessToken": "app-token", "expiresIn": 3600}), answer(200, {})])
    names = {"client_id": "c", "client_secret": "client-secret", "destination_id": "d"}
    session = connect_to(answers, **names).session
    session.call(Request("GET", "https://global.occtoo.com/t/d/v1/e"), grant="application")
    assert answers.requests[0].url == "https://destinations.occtoo.com/destinations/d/token"
    assert answers.requests[1].headers["Authorization"] == "Bearer app-token"


def test_a_conversation_is_driven_to_its_result(connect_to):
    """Its requests share one budget."""

    def conversation():
        first = yield ASK
        second = yield Request("GET", f"{INGEST}/{first.status}")
        return second.body

    answers = Answers([answer(200), answer(200, "end")])
    assert connect_to(answers).session.converse(conversation(), grant=None) == b'"end"'
    assert answers.paths == [GET, "GET /200"]


def test_a_failing_conversation_is_closed(connect_to):
    """So that it can tidy up."""
    closed = []

    def conversation():
        try:
            yield ASK
        finally:
            closed.append(True)

    with pytest.raises(NotFoundError):
        connect_to([answer(404)]).session.converse(conversation(), grant=None)
    assert closed == [True]


def test_a_stopped_run_sends_nothing_and_waits_for_nothing(connect_to):
    """Neither at the gate nor in a pause."""
    answers = Answers([answer(500)])
    session = connect_to(answers, policy=RetryPolicy(attempts=9)).session
    run = session.run()
    run.stop.set()
    asked = session.ask(ASK, grant="provider", run=run)
    assert (asked.attempts, asked.fatal) == (0, "the run was stopped")
    assert answers.requests == []


def test_sixteen_workers_with_an_expired_token_make_one_refresh(connect_to):
    """However their answers come in."""
    lock, issued = threading.Lock(), []
    barrier = threading.Barrier(16)
    arrived = threading.local()

    def serve(request):
        if request.url.endswith("tokens"):
            with lock:
                issued.append(f"token-{len(issued)}")
                return token(issued[-1])
        if request.headers["Authorization"] == "Bearer token-0":
            if not getattr(arrived, "once", False):
                arrived.once = True
                barrier.wait(10)
            return answer(401)
        return answer(200)

    session = connect_to(Answers(serve)).session
    statuses = []
    threads = [
        threading.Thread(target=lambda: statuses.append(session.call(ASK, grant="provider").status)) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 16
    assert issued == ["token-0", "token-1"]


def test_the_log_tells_what_happens_and_no_secret(connect_to, caplog):
    """To the logger of the package's name, without query strings."""
    caplog.set_level(logging.DEBUG, "occtoo_frames")
    answers = Answers([token(), answer(500), answer(429, retry_after="1"), answer(200)])
    connect_to(answers).session.call(ASK, grant="provider")
    assert {record.name for record in caplog.records} == {"occtoo_frames"}
    assert "GET https://ingest.test/thing: 500" in caplog.text
    assert "asks for patience: 1.0 s" in caplog.text
    for hidden in ("token-1", "provider-secret", "q=1"):
        assert hidden not in caplog.text


@pytest.mark.parametrize("url", ["nonsense", "https://ingest.test:99999/", "https://[::1"])
def test_an_address_that_is_none_is_a_configuration_error(connect_to, url):
    """Before anything is sent."""
    with pytest.raises(ConfigurationError, match="no http"):
        connect_to([]).session.call(Request("GET", url), grant=None)


@pytest.mark.parametrize(
    "refusal",
    [
        answer(401, {"detail": "no such secret: provider-secret"}),
        Response(401, {}, rb'{"detail": "no such secret: provider\u002Dsecret", "requestId": "provider-secret"}'),
        Response(401, {}, b"<h1>no such secret: provider&#45;secret</h1>"),
        answer(401, x_request_id="provider-secret"),
        Response(302, {"location": "https://provider-secret.evil.test/"}),
        Response(302, {"location": "https://[provider-secret"}),
    ],
)
def test_no_part_of_an_answer_shows_a_secret(connect_to, refusal):
    """Escaped by JSON or HTML, in the id of a request, or in an address."""
    with pytest.raises(ResponseError) as caught:
        connect_to([refusal]).session.call(ASK, grant=None)
    shown = traceback.TracebackException.from_exception(caught.value).format()
    assert "provider-secret" not in "".join(shown)
    assert "provider-secret" not in repr((caught.value.errors, caught.value.request_id))


def test_an_answer_that_is_used_keeps_every_byte(connect_to):
    """Only what is shown of it is masked: it may be somebody's data."""
    response = connect_to([answer(200, "provider-secret")]).session.call(ASK, grant=None)
    assert response.body == b'"provider-secret"'
    assert response.hide(document_of(response)) == "***"
    assert "hide" not in repr(response)
