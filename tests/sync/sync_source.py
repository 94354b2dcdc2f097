"""A source behind a transport of its own, pushes in small bodies, and deaths at any write of the journal."""

import json
import threading
from contextlib import contextmanager

import polars as pl

import occtoo_frames as of
from occtoo_frames._push.batching import cut
from occtoo_frames._session.run import Clock
from occtoo_frames._sync.store import Store
from occtoo_frames.protocol.http import Failure, Response
from occtoo_frames.protocol.rules import Limits

ORIGIN = "https://ingest.test"
JSON = {"content-type": "application/json"}
RESET = Failure("the connection was reset", sent=True)
REFUSED = Failure("the connection was refused", sent=False)
SIZE = 4
"""Entries a body."""


def answer(status, document):
    """A JSON answer."""
    return Response(status, JSON, json.dumps(document).encode())


class Source:
    """What the platform holds of one source, and every import that it was sent."""

    def __init__(self):
        self.entries, self.imports = {}, []
        self._failing = None
        self._lock = threading.Lock()

    def fail(self, event, *, key=None, after=0, stored=False):
        """From import number ``after`` on, those with ``key`` are answered by ``event``; stored all the same or not."""
        self._failing = (event, key, after, stored)

    def heal(self):
        """Everything is well again."""
        self._failing = None

    def send(self, request, *, timeout_s):  # noqa: ARG002 - a transport's signature
        """The answer to one request."""
        if request.url.endswith("/tokens"):
            return answer(200, {"result": {"accessToken": "token", "expiresIn": 3600}, "errors": []})
        entities = json.loads(bytes(request.body))["entities"]
        keys = [entity["key"] for entity in entities]
        with self._lock:
            number = len(self.imports)
            self.imports.append(keys)
            event, stored = self._fate(number, keys)
            if stored:
                self._store(entities)
        return event or answer(202, {"id": "1", "errors": [], "requestId": f"r{number}"})

    def _fate(self, number, keys):
        if self._failing is None:
            return None, True
        event, key, after, stored = self._failing
        return (event, stored) if number >= after and (key is None or key in keys) else (None, True)

    def _store(self, entities):
        for entity in entities:
            if entity["delete"]:
                self.entries.pop(entity["key"], None)
                continue
            held = self.entries.setdefault(entity["key"], {})
            held |= {(item["id"], item["language"]): item["value"] for item in entity["properties"]}


def connection_to(source, state_dir, **options):
    """A connection to ``source`` that never really waits."""
    clock = Clock(wait=lambda *_: None)
    named = {"provider_id": "p", "provider_secret": "provider-secret", "ingest_url": ORIGIN, **options}
    return of.Connection(**named, transport=source, clock=clock, state_dir=state_dir)


def table(rows=41, start=0):
    """A table of entries in two languages, with nulls."""
    numbers = range(start, start + rows)
    return pl.DataFrame(
        {
            "sku": [f"s{number}" for number in numbers],
            "name_en": [f"Chair {number}" for number in numbers],
            "name_sv": [f"Stol å {number}" if number % 3 else None for number in numbers],
            "price": [number / 4 for number in numbers],
        }
    )


def small_cut(sizes):
    """Where bodies of few entries are cut."""
    return cut(sizes, Limits(SIZE, 20_000_000, 1_000_000))


def planned(frame, **options):
    """The plan of a ``table()``."""
    return of.plan(frame, "sku", {"name": ["en", "sv"]}, **options)


def expected(frame):
    """What a source holds after ``frame`` alone was pushed, nulls skipped."""
    held = {}
    for row in frame.iter_rows(named=True):
        named = {("name", "en"): row["name_en"], ("name", "sv"): row["name_sv"]}
        values = {**named, ("price", None): None if row["price"] is None else str(float(row["price"]))}
        held[row["sku"]] = {identity: value for identity, value in values.items() if value is not None}
    return held


class Killed(BaseException):
    """The process is gone."""


@contextmanager
def dying(monkeypatch, after):
    """After so many writes of the journal, no other one happens: what is on the disk is what kill -9 leaves."""
    left, real = [after], Store.transaction

    @contextmanager
    def transaction(self):
        if left[0] <= 0:
            raise Killed
        left[0] -= 1
        with real(self) as db:
            yield db

    with monkeypatch.context() as patch:
        patch.setattr(Store, "transaction", transaction)
        yield left


def push_and_die(monkeypatch, after, push):
    """True if ``push`` died at its write number ``after``."""
    with dying(monkeypatch, after) as left:
        try:
            push()
        except Killed:
            return True
        except of.PushInterruptedError as error:
            return isinstance(error.__cause__, Killed)
        return left[0] <= 0
