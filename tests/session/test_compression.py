"""When bodies go compressed: the rules alone, and deliveries whose wire is a function on a virtual clock."""

import gzip
import json
import os
import threading

import numpy as np
import pytest
from session_wire import INGEST, RESET, Answers, answer, token

from occtoo_frames._api.deliver import deliver
from occtoo_frames._push.batch import Batch
from occtoo_frames._session.compression import GAIN, LEAST_BYTES, RECENT, RECHECK, SLOW, Link, compressed
from occtoo_frames._session.connection import Connection
from occtoo_frames.exceptions import ConfigurationError
from occtoo_frames.protocol.coding import takes_gzip
from occtoo_frames.protocol.http import Failure, Request, Response
from occtoo_frames.protocol.ingest import Entity, Property

SIZE = 100_000
SAYS = Response(202, {"accept-encoding": "gzip"})
LINK = 10_000_000
"""Bytes a second, well below what counts as slow."""


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("br, gzip;q=0.5, identity", True),
        ("gzip; Q=1", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("gzip;q=often", False),
        ("gzip;level=1", False),
        ("identity", False),
        ("br, zstd", False),
        ("gzippy", False),
        ("*", False),
        ("", False),
    ],
)
def test_only_gzip_by_name_is_taken(said, taken):
    """A weight of nothing is a no, and any coding is none in particular."""
    assert takes_gzip(said) is taken


@pytest.mark.parametrize("compress", ["on", "Auto", "", None, 1, 0, [True], b"auto"])
def test_compress_is_one_of_three(compress):
    """Anything else is said at once."""
    with pytest.raises(ConfigurationError, match="compress="):
        Connection(compress=compress)


@pytest.mark.parametrize("compress", ["auto", True, False])
def test_a_connection_tells_when_it_compresses(compress):
    """Read-only, and by itself where it has to."""
    assert Connection(compress=compress).compress is compress
    assert Connection().compress == "auto"


def test_a_compressed_request_says_so_and_holds_the_same():
    """The same bytes each time, its other headers kept; also of a view."""
    body = json.dumps([{"id": number} for number in range(10_000)]).encode()
    request = Request("POST", INGEST, {"Accept": "x"}, memoryview(body))
    packed = compressed(request)
    assert gzip.decompress(packed.body) == body
    assert packed.headers == {"Accept": "x", "Content-Encoding": "gzip"}
    assert packed.body == compressed(request).body
    assert packed.size < request.size / 3


@pytest.mark.parametrize(
    "body", [None, b"", b"a" * (LEAST_BYTES - 1), os.urandom(LEAST_BYTES)], ids=["none", "empty", "short", "random"]
)
def test_what_is_short_or_would_grow_stays_plain(body):
    """There is nothing to gain."""
    assert compressed(Request("POST", INGEST, {}, body)) is None


def heard(link, *, plain=(), packed=()):
    """A link that carried bodies at these rates."""
    for kind, rates in ((False, plain), (True, packed)):
        for rate in rates:
            link.hear(SAYS, size=SIZE, seconds=SIZE / rate, packed=kind)
    return link


def test_nothing_is_decided_before_some_bodies_went_plain():
    """However slow they were."""
    assert not Link().wants("auto")
    assert not heard(Link(), plain=[LINK] * (RECENT - 1)).wants("auto")
    assert heard(Link(), plain=[LINK] * RECENT).wants("auto")


def test_a_link_at_the_mark_is_not_slow():
    """By the middle of the last bodies, so that one slow answer means nothing."""
    assert not heard(Link(), plain=[SLOW * 1.01] * RECENT).wants("auto")
    assert heard(Link(), plain=[SLOW * 0.99] * RECENT).wants("auto")
    assert not heard(Link(), plain=[1.0, *[SLOW * 2] * (RECENT - 1)]).wants("auto")
    assert not heard(Link(), plain=[*[LINK] * RECENT, *[SLOW * 2] * RECENT]).wants("auto")


def test_compression_is_kept_where_it_helps_and_dropped_where_it_does_not():
    """Once enough bodies went compressed."""
    few = [LINK] * (RECENT - 1)
    assert heard(Link(), plain=[LINK] * RECENT, packed=few).wants("auto")
    assert not heard(Link(), plain=[LINK] * RECENT, packed=[LINK * GAIN] * RECENT).wants("auto")
    assert heard(Link(), plain=[LINK] * RECENT, packed=[LINK * GAIN * 1.01] * RECENT).wants("auto")


@pytest.mark.parametrize(("rate", "usual"), [(LINK * 5, True), (LINK, False)])
def test_on_a_slow_link_one_body_in_many_goes_the_other_way(rate, usual):
    """So that a change is noticed."""
    link = heard(Link(), plain=[LINK] * RECENT, packed=[rate] * RECENT)
    wanted = [link.wants("auto") for _ in range(3 * RECHECK)]
    assert wanted.count(not usual) == 3


def test_short_refused_and_unanswered_bodies_say_nothing_of_the_link():
    """The first is all way and no bytes, the others were never carried out."""
    link = heard(Link(), plain=[LINK] * (RECENT - 1))
    link.hear(SAYS, size=LEAST_BYTES - 1, seconds=9.0, packed=False)
    link.hear(Response(400, {}), size=SIZE, seconds=9.0, packed=False)
    link.hear(Failure("reset", sent=True), size=SIZE, seconds=9.0, packed=False)
    assert not link.wants("auto")


def test_what_was_said_last_counts():
    """An answer that says nothing changes nothing."""
    link = Link()
    assert not link.wants(True)
    link.hear(SAYS, size=1, seconds=0.0, packed=False)
    assert link.wants(True)
    assert not link.wants(False)
    link.hear(Response(503), size=1, seconds=0.0, packed=False)
    assert link.wants(True)
    link.hear(Response(202, {"accept-encoding": "identity"}), size=1, seconds=0.0, packed=False)
    assert not link.wants(True)


def batches(count, *, entries=20, width=5_000):
    """Batches of long and dull entries whose keys are their numbers."""
    opening = '{"entities":['
    for number in range(count):
        keys = range(number * entries, (number + 1) * entries)
        texts = [
            json.dumps(Entity(str(key), (Property("text", f"{key:04} " * (width // 5)),)).to_wire()) for key in keys
        ]
        starts = np.cumsum([len(opening), *(len(text) + 1 for text in texts[:-1])]).astype(np.int64)
        yield Batch(number, number * entries, memoryview((opening + ",".join(texts) + "]}").encode()), starts)


class Platform:
    """Takes imports in gzip and says so; ``rule`` may answer instead, given the request and its keys.

    Its link takes time by the byte on ``clock``; the platform itself takes ``thinking_s``.
    """

    def __init__(self, clock, rule=lambda *_: None, *, rate=LINK, thinking_s=0.0, says="gzip"):
        self.clock, self.rule, self.rate, self.thinking_s = clock, rule, rate, thinking_s
        self.headers = {} if says is None else {"accept_encoding": says}
        self.imports, self.tokens, self.stored = [], [], []
        self.lock = threading.Lock()

    def __call__(self, request):
        """The answer to one request."""
        with self.lock:
            if request.url.endswith("/tokens"):
                self.tokens.append(request)
                return token()
            self.clock.seconds += request.size / self.rate + self.thinking_s
            self.imports.append(request)
            body = bytes(request.body)
            document = json.loads(gzip.decompress(body) if is_packed(request) else body)
            keys = [int(entity["key"]) for entity in document["entities"]]
            event = self.rule(request, keys)
            if event is None or event is RESET:
                self.stored += keys
            return event or answer(202, {"id": "1", "errors": [], "requestId": "r"}, **self.headers)

    @property
    def packed(self):
        """Which imports came compressed, in order."""
        return [is_packed(request) for request in self.imports]


def is_packed(request):
    """True if the request says that its body is compressed."""
    return request.headers.get("Content-Encoding") == "gzip"


@pytest.fixture
def send(connect_to):
    """Delivers batches to a platform, one after the other unless told otherwise."""

    def run(platform, jobs, *, compress="auto", connection=None, **options):
        connection = connection or connect_to(Answers(platform), compress=compress)
        settings = {"source": "s", "concurrency": 1, "connection": connection, **options}
        delivery = deliver(jobs, **settings)
        run.connection = connection
        return delivery

    return run


def outcomes(delivery):
    """Entries by outcome."""
    found = {}
    for receipt in delivery.receipts:
        found[str(receipt.outcome)] = found.get(str(receipt.outcome), 0) + receipt.count
    return found


@pytest.mark.parametrize("compress", ["auto", True, False])
def test_a_server_that_says_nothing_is_sent_nothing_compressed(send, time, compress):
    """As the live service, of which nothing is known."""
    platform = Platform(time, says=None)
    send(platform, batches(30), compress=compress)
    assert platform.packed == [False] * 30


def test_on_a_slow_link_some_bodies_go_plain_and_then_they_go_compressed(send, time):
    """But for one in thirty-two."""
    platform = Platform(time)
    delivery = send(platform, batches(40))
    assert platform.packed[:RECENT] == [False] * RECENT
    assert platform.packed[RECENT:].count(False) == (40 - RECENT) // RECHECK
    assert outcomes(delivery) == {"accepted": 800}
    assert platform.stored == list(range(800))


def test_on_a_fast_link_nothing_goes_compressed(send, time):
    """The link is faster than the compressor."""
    platform = Platform(time, rate=SLOW * 2)
    send(platform, batches(40))
    assert not any(platform.packed)


def test_where_the_server_is_slow_and_not_the_link_compression_is_tried_and_dropped(send, time):
    """Its time is the same either way."""
    platform = Platform(time, rate=SLOW * 100, thinking_s=0.5)
    send(platform, batches(60))
    assert platform.packed[RECENT : 2 * RECENT] == [True] * RECENT
    assert sum(platform.packed[2 * RECENT :]) <= 60 // RECHECK


def test_a_link_that_becomes_fast_is_noticed(send, time):
    """By the bodies that go plain."""
    platform = Platform(time)

    def speed_up(*_):
        platform.rate = SLOW * 20 if len(platform.imports) > 40 else LINK

    platform.rule = speed_up
    send(platform, batches(300, entries=8))
    assert any(platform.packed[:40])
    assert not any(platform.packed[-20:])


def test_what_was_learned_stays_for_the_next_run_of_a_source(send, time):
    """Another source is another resource, of which nothing was said."""
    platform = Platform(time)
    send(platform, batches(12))
    send(platform, batches(3), connection=send.connection)
    assert all(platform.packed[12:])
    send(platform, batches(3), connection=send.connection, source="other")
    assert not any(platform.packed[15:])


def test_always_waits_for_the_servers_word_only(send, time):
    """On any link."""
    platform = Platform(time, rate=SLOW * 100)
    send(platform, batches(10), compress=True)
    assert platform.packed == [False, *[True] * 9]


def test_never_is_never(send, time):
    """However slow the link."""
    platform = Platform(time, rate=1_000)
    send(platform, batches(20), compress=False)
    assert not any(platform.packed)


def test_short_bodies_and_requests_for_tokens_stay_plain(send, time):
    """Whatever was said of imports."""
    platform = Platform(time)
    send(platform, batches(10, entries=2, width=100), compress=True)
    assert not any(platform.packed)
    assert platform.tokens
    assert not any(is_packed(request) for request in platform.tokens)


@pytest.mark.parametrize("concurrency", [1, 4])
def test_after_a_415_the_same_batch_and_all_others_go_plain(send, time, caplog, concurrency):
    """A 415 stored nothing, so every entry is stored once."""
    platform = Platform(time, lambda request, _: answer(415, accept_encoding="gzip") if is_packed(request) else None)
    delivery = send(platform, batches(20), compress=True, concurrency=concurrency)
    assert outcomes(delivery) == {"accepted": 400}
    assert sorted(platform.stored) == list(range(400))
    refused = [request for request in platform.imports if is_packed(request)]
    assert 1 <= len(refused) <= concurrency
    assert (delivery.requests, delivery.retries) == (20 + len(refused), len(refused))
    assert "goes on without compression" in caplog.text
    for request in refused:
        assert gzip.decompress(request.body) in [bytes(other.body) for other in platform.imports]


def test_a_batch_that_went_twice_says_so(send, time):
    """In its attempts and its bytes."""
    platform = Platform(time, lambda request, _: answer(415) if is_packed(request) else None)
    delivery = send(platform, batches(3), compress=True)
    jobs = [len(batch.body) for batch in batches(3)]
    assert [receipt.attempts for receipt in delivery.receipts] == [1, 2, 1]
    assert [receipt.bytes_sent for receipt in delivery.receipts] == [jobs[0], 2 * jobs[1], jobs[2]]
    assert [receipt.resent for receipt in delivery.receipts] == [False] * 3


def test_a_reset_before_a_415_leaves_the_batch_marked_as_resent(send, time):
    """The first attempt may have been carried out."""
    events = iter([RESET, answer(415)])
    platform = Platform(time, lambda request, _: next(events, None) if is_packed(request) else None)
    delivery = send(platform, batches(2), compress=True)
    assert [receipt.resent for receipt in delivery.receipts] == [False, True]
    assert platform.packed == [False, True, True, False]


def test_the_next_run_asks_again_whether_compression_is_taken(send, time):
    """A 415 is about one run."""
    platform = Platform(time, lambda request, _: answer(415) if is_packed(request) else None)
    send(platform, batches(5), compress=True)
    platform.rule = lambda *_: None
    before = len(platform.imports)
    send(platform, batches(5), connection=send.connection)
    assert outcomes(send(platform, batches(5), connection=send.connection)) == {"accepted": 100}
    assert any(platform.packed[before:])


@pytest.mark.parametrize("status", [400, 413, 422, 406])
def test_no_row_is_lost_to_a_server_that_takes_compression_in_words_only(send, time, status):
    """Until one compressed body was taken, a refusal may be about the compression."""
    platform = Platform(time, lambda request, _: answer(status) if is_packed(request) else None)
    delivery = send(platform, batches(10), compress=True)
    assert outcomes(delivery) == {"accepted": 200}
    assert platform.packed.count(True) == 1


def test_a_bad_row_is_found_among_compressed_ones(send, time):
    """By dividing, as among plain ones."""
    bad = answer(400, {"errors": [{"message": "bad 47"}]})
    platform = Platform(time, lambda _, keys: bad if 47 in keys else None)
    delivery = send(platform, batches(5, entries=16, width=40_000), compress=True)
    assert outcomes(delivery) == {"accepted": 79, "rejected": 1}
    (found,) = [receipt for receipt in delivery.receipts if receipt.outcome == "rejected"]
    assert (found.first, found.count, found.reason) == (47, 1, "bad 47")
    assert sorted(platform.stored) == [key for key in range(80) if key != 47]
    assert platform.packed.count(True) > 5


def test_what_is_sent_again_is_the_same_bytes(send, time):
    """Compressed as before."""
    resets = iter([RESET])
    platform = Platform(time, lambda request, _: next(resets, None) if is_packed(request) else None)
    delivery = send(platform, batches(4), compress=True)
    first, again = (request.body for request in platform.imports[1:3])
    assert first == again
    assert platform.packed == [False, True, True, True, True]
    assert [receipt.resent for receipt in delivery.receipts] == [False, True, False, False]


def test_bytes_are_counted_before_compression(send, time):
    """So that the counts of a run do not depend on its link."""
    platform = Platform(time)
    delivery = send(platform, batches(10), compress=True)
    assert delivery.bytes_sent == sum(len(batch.body) for batch in batches(10))
    assert delivery.bytes_sent == sum(receipt.bytes_sent for receipt in delivery.receipts)
    assert sum(request.size for request in platform.imports) < delivery.bytes_sent / 3
