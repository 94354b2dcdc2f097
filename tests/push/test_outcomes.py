import pytest

from occtoo_frames._push.outcomes import FATES, Next, Outcome, fate_of, is_import_answer, reason_of, strangeness_of
from occtoo_frames.protocol.http import Failure, Response
from occtoo_frames.protocol.meaning import Asked, Meaning

OK = Response(202, {}, b'{"id":"1","result":{"id":"1"},"errors":[],"requestId":"r"}')


def test_every_meaning_has_a_fate():
    """The table has no hole."""
    assert set(FATES) == set(Meaning)


@pytest.mark.parametrize(
    ("event", "outcome", "following", "rule"),
    [
        (OK, "accepted", "go_on", None),
        (Response(202), "accepted", "go_on", None),
        (Response(202, {}, b" \n"), "accepted", "go_on", None),
        (Response(200, {}, OK.body), "unknown", "stop", "unexplained"),
        (Response(204), "unknown", "stop", "unexplained"),
        (Response(202, {"content-type": "text/html"}, b"<html>Log in</html>"), "unknown", "stop", "unexplained"),
        (Response(202, {}, b'{"id":'), "unknown", "stop", "unexplained"),
        (Response(202, {}, b'"fine"'), "unknown", "stop", "unexplained"),
        (Response(202, {}, b'{"errors": ["no"]}'), "unknown", "stop", "unexplained"),
        (Response(202, {}, b'{"errors": {"entities[0].id": ["no"]}}'), "unknown", "stop", "unexplained"),
        (Response(202, {}, b'{"Errors": "no"}'), "unknown", "stop", "unexplained"),
        (Response(202, {}, b'{"errors": {}}'), "accepted", "go_on", None),
        (Response(202, {}, b'{"errors": null}'), "accepted", "go_on", None),
        (Response(302), "not_sent", "stop", "redirected"),
        (Response(400), "rejected", "divide", "refused"),
        (Response(422), "rejected", "divide", "refused"),
        (Response(413), "rejected", "divide", "too-large"),
        (Response(401), "not_sent", "stop", "expired"),
        (Response(403), "not_sent", "stop", "forbidden"),
        (Response(404), "not_sent", "stop", "missing"),
        (Response(409), "not_sent", "stop", "conflict"),
        (Response(418), "not_sent", "stop", "unexplained"),
        (Response(408), "unknown", "give_up", "server-error"),
        (Response(425), "unknown", "give_up", "server-error"),
        (Response(500), "unknown", "give_up", "server-error"),
        (Response(503, {"retry-after": "1"}), "not_sent", "give_up", "throttled"),
        (Response(429), "not_sent", "give_up", "throttled"),
        (Failure("x", sent=False), "not_sent", "give_up", "unreachable"),
        (Failure("x", sent=True), "unknown", "give_up", "unanswered"),
        (Failure("x", sent=False, final=True), "not_sent", "stop", "hopeless"),
        (Failure("x", sent=True, final=True), "unknown", "stop", "hopeless"),
    ],
)
def test_each_event_decides_the_rows_and_the_run(event, outcome, following, rule):
    """The table, event by event."""
    fate = fate_of(Asked(event))
    assert (fate.outcome, fate.next, fate.rule) == (outcome, following, rule)


@pytest.mark.parametrize("event", [Failure("x", sent=False), Response(429), Response(403)])
def test_rows_that_an_earlier_attempt_may_have_stored_are_unknown(event):
    """Whatever the last attempt says."""
    assert fate_of(Asked(event, 2, unsure=True)).outcome is Outcome.UNKNOWN


def test_an_acceptance_or_a_refusal_settles_an_earlier_doubt():
    """The same bytes get the same answer."""
    assert fate_of(Asked(OK, 2, unsure=True)).outcome is Outcome.ACCEPTED
    assert fate_of(Asked(Response(400), 2, unsure=True)).outcome is Outcome.REJECTED


@pytest.mark.parametrize("event", [Failure("x", sent=False), Response(429), Response(500)])
def test_what_is_fatal_for_everybody_stops_the_run(event):
    """A spent budget, a wait beyond patience."""
    assert fate_of(Asked(event, fatal="spent")).next is Next.STOP


def test_a_failure_is_no_answer_to_an_import():
    """Whatever it says."""
    assert not is_import_answer(Failure("x", sent=True))
    assert strangeness_of(Failure("x", sent=True)) is strangeness_of(Response(400)) is strangeness_of(OK) is None


@pytest.mark.parametrize(
    ("event", "instead"),
    [
        (Response(200, {}, OK.body), "200: check that ingest_url is"),
        (Response(204), "204: check that ingest_url is"),
        (Response(202, {}, b'{"id":'), "202 and no JSON object: check that ingest_url is"),
        (Response(202, {}, b"<html>Log in</html>"), "202 and no JSON object: check that ingest_url is"),
        (Response(202, {}, b'{"errors": ["no"]}'), "202 and an envelope with errors: mend what they say; whether"),
        (Response(202, {}, b'{"errors": {"a": 1}}'), "202 and an envelope with errors: mend what they say; whether"),
    ],
)
def test_a_success_that_is_none_is_told_with_what_was_expected(event, instead):
    """What came instead, and what to do."""
    assert strangeness_of(event).startswith(
        f"an import is answered by 202 and a JSON envelope without errors, this one by {instead}"
    )


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (Asked(Failure("reset", sent=True)), "reset"),
        (Asked(Failure("reset", sent=True), fatal="the budget is spent"), "reset; the budget is spent"),
        (Asked(Failure("stopped", sent=False), fatal="stopped"), "stopped"),
        (Asked(Response(500)), "the server answered 500 without a word"),
        (Asked(Response(429), fatal="too long"), "the server answered 429 without a word; too long"),
        (Asked(Response(200, {}, b"{}")), "the server answered 200, which is no answer to an import"),
        (
            Asked(Response(200, {}, b"<title>Log in</title>")),
            "the server answered 200, which is no answer to an import: Log in",
        ),
        (
            Asked(Response(400, {}, b'{"errors": [{"message": "A", "details": {"message": "@2"}}, "B"]}')),
            "A: @2; B",
        ),
    ],
)
def test_the_reason_is_the_servers_words_if_it_had_any(asked, reason):
    """And what ended it."""
    assert reason_of(asked) == reason
