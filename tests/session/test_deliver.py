"""Batches through workers, session and transport, the wire replaced by a function."""

import _thread
import json
import threading

import numpy as np
import pytest
from session_wire import INGEST, REFUSED, RESET, Answers, answer, token

from occtoo_frames._api.deliver import deliver
from occtoo_frames._push.batch import Batch
from occtoo_frames._session.retry import RetryPolicy
from occtoo_frames.exceptions import (
    AuthenticationError,
    ConfigurationError,
    ConnectionFailedError,
    ProtocolError,
    RateLimitedError,
    RejectedError,
)
from occtoo_frames.protocol.http import Failure, Response
from occtoo_frames.protocol.ingest import Entity


def batches(count, size=3):
    """Batches of entries whose keys are their numbers."""
    opening = '{"entities":['
    for number in range(count):
        keys = range(number * size, (number + 1) * size)
        texts = [json.dumps(Entity(str(key)).to_wire(), separators=(",", ":")) for key in keys]
        starts = np.cumsum([len(opening), *(len(text) + 1 for text in texts[:-1])]).astype(np.int64)
        yield Batch(number, number * size, memoryview((opening + ",".join(texts) + "]}").encode()), starts)


def keys_of(request):
    """The keys in a request's body."""
    return [int(entity["key"]) for entity in json.loads(bytes(request.body))["entities"]]


class Platform:
    """Takes imports and gives tokens; ``rule`` may answer instead, given the keys and how often they came before."""

    def __init__(self, rule=lambda *_: None):
        self.rule = rule
        self.stored = []
        self.seen = {}
        self.tokens = 0
        self.lock = threading.Lock()

    def __call__(self, request):
        """The answer to one request."""
        with self.lock:
            if request.url.endswith("/tokens"):
                self.tokens += 1
                return token(f"token-{self.tokens}")
            keys = keys_of(request)
            times = self.seen[keys[0]] = self.seen.get(keys[0], -1) + 1
            event = self.rule(keys, times)
            if event is None or event is RESET:
                self.stored.extend(keys)
            return event or answer(202, {"id": "1", "errors": [], "requestId": "r"})


@pytest.fixture
def send(connect_to):
    """Delivers batches to a platform."""

    def run(platform, jobs, *, policy=None, **options):
        answers = Answers(platform)
        delivery = deliver(jobs, source="my source", connection=connect_to(answers, policy=policy), **options)
        delivery_requests.append(answers.requests)
        return delivery

    delivery_requests = run.requests = []
    return run


def counts(delivery):
    """Entries by outcome."""
    found = {}
    for receipt in delivery.receipts:
        found[str(receipt.outcome)] = found.get(str(receipt.outcome), 0) + receipt.count
    return found


@pytest.mark.parametrize("concurrency", [1, 4, 16, np.int64(2)])
def test_all_batches_land_with_one_token(send, concurrency):
    """Receipts come back by batch, whatever the order of completion."""
    platform = Platform()
    delivery = send(platform, batches(50), concurrency=concurrency)
    assert counts(delivery) == {"accepted": 150}
    assert [receipt.batch for receipt in delivery.receipts] == list(range(50))
    assert sorted(platform.stored) == list(range(150))
    assert (platform.tokens, delivery.requests, delivery.retries, delivery.stopped) == (1, 50, 0, None)
    assert delivery.bytes_sent == sum(receipt.bytes_sent for receipt in delivery.receipts)


def test_source_and_correlation_id_stand_in_the_address(send):
    """Quoted."""
    send(Platform(), batches(1), correlation_id="a b")
    assert send.requests[0][1].url == f"{INGEST}/import/my%20source?correlationId=a+b"


def test_nothing_to_send_asks_for_nothing(send):
    """Not even a token."""
    delivery = send(Platform(), [])
    assert (delivery.receipts, delivery.requests, delivery.stopped) == ((), 0, None)


def test_each_receipt_is_told_in_the_calling_thread(send):
    """As it comes."""
    told = []
    delivery = send(Platform(), batches(9), on_receipt=lambda receipt: told.append((threading.get_ident(), receipt)))
    assert {thread for thread, _ in told} == {threading.get_ident()}
    assert sorted((receipt for _, receipt in told), key=lambda receipt: receipt.first) == list(delivery.receipts)


def test_a_reset_after_the_server_stored_the_batch_is_one_copy_marked_as_resent(send):
    """The same bytes again, and the outcome is accepted."""
    platform = Platform(lambda keys, times: RESET if keys[0] == 3 and times == 0 else None)
    delivery = send(platform, batches(3))
    assert [receipt.resent for receipt in delivery.receipts] == [False, True, False]
    assert counts(delivery) == {"accepted": 9}
    assert delivery.retries == 1
    bodies = [bytes(request.body) for request in send.requests[0] if b'"3"' in bytes(request.body)]
    assert bodies[0] == bodies[1]


def test_one_bad_row_is_rejected_and_the_others_land(send):
    """While other batches go on."""
    platform = Platform(lambda keys, _: answer(400, {"errors": [{"message": "bad 7"}]}) if 7 in keys else None)
    delivery = send(platform, batches(5, size=5))
    assert counts(delivery) == {"accepted": 24, "rejected": 1}
    (bad,) = [receipt for receipt in delivery.receipts if receipt.outcome == "rejected"]
    assert (bad.first, bad.count, bad.reason) == (7, 1, "bad 7")
    assert delivery.stopped is None


def test_a_success_that_is_none_is_told_with_what_was_expected_and_what_to_do(send):
    """Its own words alone would read as if all were well."""
    delivery = send(Platform(lambda *_: answer(200, {"errors": [{"message": "OK"}]})), batches(1))
    assert str(delivery.stopped).endswith(
        " answered 200 - OK - an import is answered by 202 and a JSON envelope without errors, this one by 200: check "
        "that ingest_url is the platform's own address, and that no portal or proxy answers in its place; whether the "
        "entries were stored is unknown, and pushing them again does no harm"
    )


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (answer(403), AuthenticationError),
        (answer(401), AuthenticationError),
        (Response(302, {"location": "https://evil.test/"}), ProtocolError),
        (Response(200, {}, b"<html>Log in</html>"), ProtocolError),
        (Failure("the server's certificate is not trusted", sent=False, final=True), ConnectionFailedError),
        (answer(429, retry_after="1000"), RateLimitedError),
    ],
)
def test_what_no_batch_can_survive_stops_the_run_at_once(send, event, kind):
    """No more batches are taken than were in flight."""
    made = []

    def jobs():
        for batch in batches(1000):
            made.append(batch.number)
            yield batch

    delivery = send(Platform(lambda *_: event), jobs(), concurrency=4)
    assert isinstance(delivery.stopped, kind)
    assert len(made) <= 6
    assert "accepted" not in counts(delivery)


def test_a_403_is_followed_by_nothing(send):
    """One import request, with one worker."""
    delivery = send(Platform(lambda *_: answer(403, {"message": "not granted"})), batches(9), concurrency=1)
    assert delivery.requests == 1
    assert "not granted" in str(delivery.stopped)


def test_wrong_credentials_stop_the_run_before_any_import(send):
    """Each row is not sent, for that reason."""
    delivery = send(lambda _: answer(401, {"message": "wrong secret"}), batches(9), concurrency=2)
    assert isinstance(delivery.stopped, AuthenticationError)
    assert all(request.url.endswith("/tokens") for request in send.requests[0])
    assert set(counts(delivery)) == {"not_sent"}


@pytest.mark.parametrize("concurrency", [1, 4, 16])
@pytest.mark.parametrize("event", [REFUSED, RESET, answer(503)])
def test_an_outage_ends_with_at_most_35_retries(send, time, event, concurrency):
    """Within seconds of virtual time."""
    started = time.seconds
    delivery = send(Platform(lambda *_: event), batches(10_000, size=1), concurrency=concurrency)
    assert delivery.stopped is not None
    assert delivery.retries <= 35
    assert time.seconds - started < 10
    assert set(counts(delivery)) <= {"not_sent", "unknown"}


def test_one_poisoned_batch_does_not_stop_the_others(send):
    """It ends as unknown, and the run goes on."""
    platform = Platform(lambda keys, _: answer(500) if keys[0] == 9 else None)
    delivery = send(platform, batches(20), concurrency=1)
    assert counts(delivery) == {"accepted": 57, "unknown": 3}
    assert delivery.stopped is None


def test_a_run_of_which_nothing_landed_says_why(send):
    """Even if there was but one batch."""
    delivery = send(Platform(lambda *_: REFUSED), batches(1))
    assert isinstance(delivery.stopped, ConnectionFailedError)
    assert counts(delivery) == {"not_sent": 3}


def test_a_source_that_refuses_everything_stops_the_run_with_its_words(send):
    """After 200 refusals, not after a million."""
    platform = Platform(lambda *_: answer(400, {"message": "no such property"}))
    delivery = send(platform, batches(10_000, size=10))
    assert isinstance(delivery.stopped, RejectedError)
    assert "no such property" in str(delivery.stopped)
    assert "refused" in str(delivery.stopped)
    assert delivery.requests < 220


def test_sixteen_workers_with_an_expiring_token_make_one_refresh(send):
    """The rest is replayed with the new one."""
    platform = Platform()

    def serve(request):
        old = request.headers.get("Authorization") == "Bearer token-1"
        return answer(401) if old and len(platform.stored) >= 60 else platform(request)

    delivery = send(serve, batches(100), concurrency=16)
    assert counts(delivery) == {"accepted": 300}
    assert platform.tokens == 2


def test_a_429_is_waited_for_and_loses_nothing(send, time):
    """Everything lands, later."""
    platform = Platform(lambda keys, times: answer(429, retry_after="5") if keys[0] == 6 and times == 0 else None)
    started = time.seconds
    delivery = send(platform, batches(10))
    assert counts(delivery) == {"accepted": 30}
    assert time.seconds - started >= 5
    assert delivery.waited_s >= 5


@pytest.mark.parametrize("kind", [KeyboardInterrupt, ValueError])
def test_an_interrupt_is_given_back_with_everything_that_is_known(send, kind):
    """Whether it comes from Ctrl-C or from the plan."""

    def jobs():
        yield from batches(5)
        raise kind

    platform = Platform()
    delivery = send(platform, jobs())
    assert isinstance(delivery.stopped, kind)
    assert sum(counts(delivery).values()) == 15
    assert counts(delivery)["accepted"] == len(platform.stored) >= 3


def test_an_exception_of_the_listener_stops_the_run_and_loses_no_receipt(send):
    """A full disk under a journal; it is not told again."""
    told = []

    def listen(receipt):
        told.append(receipt)
        raise OSError

    platform = Platform()
    delivery = send(platform, batches(100), on_receipt=listen)
    assert isinstance(delivery.stopped, OSError)
    assert len(told) == 1
    assert counts(delivery)["accepted"] == len(platform.stored)
    assert set(counts(delivery)) <= {"accepted", "not_sent"}


def test_waiting_ends_at_once_on_an_interrupt(connect_to):
    """The worker sits out a long Retry-After in real time; Ctrl-C comes while it does."""
    from occtoo_frames._session.connection import Connection

    waiting = threading.Event()

    def serve(request):
        if request.url.endswith("/tokens"):
            return token()
        waiting.set()
        return answer(429, retry_after="100")

    def jobs():
        yield from batches(1)
        waiting.wait(10)
        raise KeyboardInterrupt

    connection = Connection(provider_id="p", provider_secret="s", ingest_url=INGEST, transport=Answers(serve))
    delivery = deliver(jobs(), source="s", connection=connection, drain_s=20)
    assert isinstance(delivery.stopped, KeyboardInterrupt)
    assert counts(delivery) == {"not_sent": 3}
    assert delivery.waited_s <= delivery.seconds < 20


def test_what_is_abandoned_on_the_wire_is_unknown(send):
    """It may have arrived."""
    hung, release = threading.Event(), threading.Event()

    def serve(request):
        if request.url.endswith("/tokens"):
            return token()
        hung.set()
        release.wait(30)
        return answer(202)

    def jobs():
        yield from batches(1)
        hung.wait(10)
        raise KeyboardInterrupt

    delivery = send(serve, jobs(), drain_s=0.1)
    release.set()
    assert counts(delivery) == {"unknown": 3}
    assert delivery.receipts[0].reason == "abandoned on the wire when the run was stopped"


def test_an_error_of_ours_in_a_worker_stops_the_run_and_is_not_hidden(send):
    """Its rows are unknown."""

    def serve(request):
        raise RuntimeError("a bug")

    delivery = send(serve, batches(5))
    assert isinstance(delivery.stopped, RuntimeError)
    assert set(counts(delivery)) <= {"unknown", "not_sent"}


@pytest.mark.parametrize("concurrency", [0, -1, True, 1.5, np.int64(0), np.bool_(True), "2"])
def test_concurrency_is_a_whole_number_above_zero(send, concurrency):
    """Anything else is refused before anything is sent."""
    with pytest.raises(ConfigurationError, match="concurrency"):
        send(Platform(), batches(1), concurrency=concurrency)


def test_missing_credentials_are_said_before_anything_is_encoded(connect_to):
    """The batches are not touched."""
    connection = connect_to([], provider_secret=None)
    with pytest.raises(ConfigurationError, match="provider_secret"):
        deliver(iter(()), source="s", connection=connection)


def test_a_policy_of_one_attempt_sends_once(send):
    """No retries at all."""
    delivery = send(Platform(lambda *_: RESET), batches(1), policy=RetryPolicy(attempts=1))
    assert (delivery.retries, delivery.receipts[0].attempts) == (0, 1)


def test_ctrl_c_while_a_batch_is_on_the_wire_is_given_back(connect_to):
    """The real signal, while the calling thread waits; the answer that comes in time is heard of."""
    interrupted = threading.Event()

    def serve(request):
        if request.url.endswith("/tokens"):
            return token()
        _thread.interrupt_main()
        interrupted.wait(0.2)
        return answer(202)

    delivery = deliver(batches(1), source="s", connection=connect_to(Answers(serve)))
    assert isinstance(delivery.stopped, KeyboardInterrupt)
    assert counts(delivery) == {"accepted": 3}
