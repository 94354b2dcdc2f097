import json
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from occtoo_frames._push.batch import Batch
from occtoo_frames._push.delivery import Lessons, abandoned, delivering
from occtoo_frames._push.outcomes import Outcome
from occtoo_frames.protocol.http import Failure, Response
from occtoo_frames.protocol.ingest import Entity, Property
from occtoo_frames.protocol.meaning import Asked

URL = "https://ingest.test/import/products"
OK = Response(202)


def batch_of(count, *, number=3, first=3_000):
    """A batch of entries whose keys are their numbers in the plan."""
    entities = [Entity(str(first + place), (Property("name", "x"),)).to_wire() for place in range(count)]
    texts = [json.dumps(entity, separators=(",", ":")) for entity in entities]
    opening = '{"entities":['
    starts = np.cumsum([len(opening), *(len(text) + 1 for text in texts[:-1])])
    return Batch(number, first, (opening + ",".join(texts) + "]}").encode(), starts.astype(np.int64))


def keys_of(request):
    """The keys in a request's body, which must be whole JSON."""
    return [int(entity["key"]) for entity in json.loads(request.body)["entities"]]


def play(batch, server, lessons=None):
    """The requests of a delivery, and what it comes back with; ``server`` answers a request."""
    conversation, requests, reply = delivering(batch, URL, lessons or Lessons()), [], None
    while True:
        try:
            request = conversation.send(reply)
        except StopIteration as end:
            return requests, partitioning(batch, end.value)
        requests.append(request)
        event = server(request)
        reply = event if isinstance(event, Asked) else Asked(event)


def partitioning(batch, delivered):
    """``delivered``, whose receipts cover each entry of the batch once and in order."""
    stops = [receipt.first + receipt.count for receipt in delivered.receipts]
    assert [receipt.first for receipt in delivered.receipts] == [batch.first, *stops[:-1]]
    assert stops[-1] == batch.stop
    return delivered


def refusing(bad):
    """A server that refuses whole requests with any of these keys, naming them as the platform does."""

    def serve(request):
        found = [key for key in keys_of(request) if key in bad]
        if not found:
            return OK
        details = {"propertyName": "entities", "message": f"restricted characters: {found}"}
        document = {"errors": [{"message": "Invalid request", "details": details}], "requestId": "r"}
        return Response(400, {}, json.dumps(document).encode())

    return serve


def outcomes(delivered):
    """The outcome of every entry, by its number."""
    return {receipt.first + place: receipt.outcome for receipt in delivered.receipts for place in range(receipt.count)}


def test_a_batch_that_is_taken_costs_one_request_with_its_own_bytes():
    """Nothing is encoded again."""
    batch = batch_of(5)
    requests, delivered = play(batch, lambda _: Response(202, {}, b'{"id":"1","errors":[],"requestId":"r9"}'))
    (request,), (receipt,) = requests, delivered.receipts
    assert (request.method, request.url, request.body) == ("POST", URL, batch.body)
    assert (receipt.batch, receipt.first, receipt.count, receipt.outcome) == (3, 3_000, 5, Outcome.ACCEPTED)
    assert (receipt.attempts, receipt.status, receipt.request_id) == (1, 202, "r9")
    assert (receipt.reason, receipt.rule, receipt.resent, receipt.bytes_sent) == (None, None, False, len(batch.body))
    assert delivered.failed is None


@pytest.mark.parametrize("place", [0, 1, 499, 500, 998, 999])
def test_one_bad_row_in_a_thousand_costs_at_most_22_requests_and_999_land(place):
    """Wherever it stands; it is rejected in the server's words."""
    requests, delivered = play(batch_of(1000), refusing({3_000 + place}))
    assert len(requests) <= 22
    (rejected,) = [receipt for receipt in delivered.receipts if receipt.outcome is Outcome.REJECTED]
    assert (rejected.first, rejected.count, rejected.rule, rejected.status) == (3_000 + place, 1, "refused", 400)
    assert rejected.reason == f"Invalid request: restricted characters: [{3_000 + place}]"
    assert sum(receipt.count for receipt in delivered.receipts if receipt.outcome is Outcome.ACCEPTED) == 999
    assert 10 <= rejected.attempts <= 11


def test_ten_bad_rows_in_a_thousand_cost_at_most_220_requests():
    """However they are spread; even as far apart as can be."""
    spreads = [random.Random(seed).sample(range(1000), 10) for seed in range(20)]  # noqa: S311 - repeatable
    for places in [*spreads, list(range(50, 1000, 100))]:
        bad = {3_000 + place for place in places}
        requests, delivered = play(batch_of(1000), refusing(bad))
        assert len(requests) <= 220
        assert {number for number, outcome in outcomes(delivered).items() if outcome is Outcome.REJECTED} == bad
        assert not delivered.stop


@given(st.integers(1, 40), st.sets(st.integers(0, 39)))
def test_exactly_the_bad_rows_are_rejected(count, places):
    """Any number of them, anywhere."""
    bad = {3_000 + place for place in places}
    _, delivered = play(batch_of(count), refusing(bad))
    for number, outcome in outcomes(delivered).items():
        assert outcome is (Outcome.REJECTED if number in bad else Outcome.ACCEPTED)


def test_a_source_that_refuses_everything_stops_after_a_budget_and_says_why():
    """Over all batches of the run; rows nobody tried alone are not called bad."""
    lessons, everything = Lessons(), set(range(3_000, 4_000))
    requests, delivered = play(batch_of(1000), refusing(everything), lessons)
    assert len(requests) == 200
    assert delivered.stop
    assert delivered.why == "the source refused 200 of 200 requests, so the run was stopped"
    assert delivered.receipts[0].outcome is Outcome.REJECTED
    last = delivered.receipts[-1]
    assert (last.outcome, last.rule, last.reason) == (Outcome.NOT_SENT, "stopped", f"not tried alone: {delivered.why}")
    requests, again = play(batch_of(10), refusing(everything), lessons)
    assert len(requests) == 1
    assert again.stop


def test_acceptance_pays_for_refusals():
    """A long run with some bad rows in each batch goes on."""
    lessons = Lessons()
    for _ in range(30):
        _, delivered = play(batch_of(1000), refusing({3_100, 3_500, 3_900}), lessons)
        assert not delivered.stop


def test_a_request_that_is_too_large_is_divided_and_its_size_remembered():
    """The next batch of that size is not even tried whole."""
    lessons = Lessons()
    limit = len(batch_of(300).body)

    def serve(request):
        return Response(413) if len(request.body) > limit else OK

    requests, delivered = play(batch_of(1000), serve, lessons)
    assert [len(keys_of(request)) for request in requests] == [1000, 500, 250, 250, 250, 250]
    assert set(outcomes(delivered).values()) == {Outcome.ACCEPTED}
    requests, _ = play(batch_of(1000), serve, lessons)
    assert [len(keys_of(request)) for request in requests] == [250, 250, 250, 250]


def test_an_entry_that_is_too_large_alone_is_rejected():
    """There is nothing left to divide."""
    _, delivered = play(batch_of(2), lambda _: Response(413, {}, b'{"message": "too big"}'))
    assert [(receipt.outcome, receipt.rule, receipt.reason) for receipt in delivered.receipts] == [
        (Outcome.REJECTED, "too-large", "too big")
    ] * 2


@pytest.mark.parametrize("status", [403, 404, 302, 409])
def test_what_stops_the_run_ends_the_batch_with_nothing_more_sent(status):
    """Not one more request."""
    requests, delivered = play(batch_of(10), lambda _: Response(status))
    assert len(requests) == 1
    assert delivered.stop
    assert delivered.failed.event.status == status
    assert [receipt.outcome for receipt in delivered.receipts] == [Outcome.NOT_SENT]


def test_a_batch_that_got_no_answer_ends_unknown_and_another_may_try():
    """After the session's attempts."""
    asked = Asked(Failure("the connection was reset", sent=True), attempts=3, unsure=True)
    _, delivered = play(batch_of(10), lambda _: asked)
    (receipt,) = delivered.receipts
    assert (receipt.outcome, receipt.rule, receipt.attempts, receipt.status) == ("unknown", "unanswered", 3, None)
    assert (delivered.stop, delivered.failed) == (False, asked)


def test_a_batch_sent_again_after_a_lost_answer_is_marked():
    """Accepted, once, and nobody has to wonder."""
    batch = batch_of(10)
    _, delivered = play(batch, lambda _: Asked(OK, attempts=2, unsure=True))
    (receipt,) = delivered.receipts
    assert (receipt.outcome, receipt.resent, receipt.attempts) == (Outcome.ACCEPTED, True, 2)
    assert receipt.bytes_sent == 2 * len(batch.body)


def test_a_stop_in_the_middle_of_dividing_leaves_each_row_with_its_own_outcome():
    """What landed has landed; what was not tried was not sent."""
    answers = iter([Response(400), OK, Response(400), Failure("the run was stopped", sent=False, final=True)])
    _, delivered = play(batch_of(8), lambda _: next(answers))
    assert [(receipt.first, receipt.count, receipt.outcome) for receipt in delivered.receipts] == [
        (3_000, 4, "accepted"),
        (3_004, 2, "not_sent"),
        (3_006, 2, "not_sent"),
    ]
    assert delivered.stop


def test_doubt_about_a_whole_stays_with_its_parts():
    """The first attempt may have stored everything before a gateway began to refuse."""
    answers = iter([Asked(Response(413), attempts=2, unsure=True), OK, Response(413), Response(403)])
    _, delivered = play(batch_of(8), lambda _: next(answers))
    assert [(receipt.count, receipt.outcome, receipt.attempts, receipt.resent) for receipt in delivered.receipts] == [
        (4, "accepted", 3, True),
        (2, "unknown", 4, True),
        (2, "unknown", 3, False),
    ]


def test_a_batch_nobody_has_heard_of_again_has_a_receipt_too():
    """Its rows are all in one outcome."""
    receipt = abandoned(3, 3_000, 7)
    assert (receipt.batch, receipt.first, receipt.count, receipt.outcome) == (3, 3_000, 7, Outcome.UNKNOWN)
    assert (receipt.rule, receipt.reason) == ("stopped", "abandoned on the wire when the run was stopped")
