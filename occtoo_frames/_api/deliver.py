"""Sends the batches of a plan and says what became of each entry: strings the pure delivery and the session together.

Takes batches, gives receipts. Says nothing about rows, and never raises for what a server or a network does.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock
from urllib.parse import urlencode

from occtoo_frames._given import to_count
from occtoo_frames._push.batch import Batch
from occtoo_frames._push.delivery import Delivered, Lessons, Receipt, abandoned, delivering
from occtoo_frames._session.connection import Connection
from occtoo_frames._session.crew import DRAIN_S, Crew, Finished
from occtoo_frames._session.errors import RunStoppedError, error_of
from occtoo_frames._session.packing import Packing
from occtoo_frames._session.run import Run
from occtoo_frames.protocol.conversing import drive
from occtoo_frames.protocol.http import Request
from occtoo_frames.protocol.ingest import import_path


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of the batches that were taken.

    Attributes:
        receipts: By batch and entry; each entry of a batch that was begun stands in exactly one.
        requests: Import requests; those for tokens are not counted.
        retries: How many of them were sent again.
        waited_s: How long workers waited, added up.
        seconds: How long it took.
        bytes_sent: The size of all request bodies, before compression.
        stopped: Why not all batches were taken, or None. Entries without a receipt were not sent.
    """

    receipts: tuple[Receipt, ...]
    requests: int
    retries: int
    waited_s: float
    seconds: float
    bytes_sent: int
    stopped: BaseException | None


def deliver(
    batches: Iterable[Batch],
    *,
    source: str,
    connection: Connection,
    concurrency: int = 4,
    correlation_id: str | None = None,
    on_receipt: Callable[[Receipt], object] | None = None,
    drain_s: float = DRAIN_S,
) -> Delivery:
    """What became of ``batches`` after they were imported into ``source``.

    The next batch is encoded while others are on the wire; at most ``concurrency + 1`` bodies are alive, and beside
    those on the wire their compressed forms, if the connection compresses. When the run cannot go on (a source that was
    not granted, an outage, too many refusals, Ctrl-C, an exception of ``batches`` or ``on_receipt``) no more batches
    are taken, those in flight end, and ``stopped`` says why.

    Args:
        batches: Made one at a time, in the calling thread.
        source: The source's id.
        connection: Whose credentials are used.
        concurrency: How many requests may be on the wire.
        correlation_id: Shown to the platform with each request.
        on_receipt: Called with each receipt in order of completion, in the calling thread.
        drain_s: How long requests in flight may take to end after a stop; then their entries are unknown.

    Raises:
        ConfigurationError: ``concurrency`` is less than 1, or credentials are missing.
    """
    concurrency = to_count(concurrency, "concurrency", 1)
    query = "" if correlation_id is None else f"?{urlencode({'correlationId': correlation_id})}"
    url = f"{connection.ingest_url}{import_path(source)}{query}"
    connection.require("provider")
    started = time.monotonic()
    desk = _Desk(connection, url, concurrency, on_receipt)
    crew = Crew(desk.send, desk.hear, desk.run.stop, concurrency=concurrency, drain_s=drain_s)
    interrupted = crew.work(batches)
    return desk.close(interrupted, time.monotonic() - started)


class _Desk:
    """Where the receipts of one run come together, and where it is decided that the run cannot go on."""

    def __init__(
        self, connection: Connection, url: str, concurrency: int, on_receipt: Callable[[Receipt], object] | None
    ) -> None:
        self._url, self._concurrency, self._on_receipt = url, concurrency, on_receipt
        self.run: Run = connection.session.run()
        self._packing = Packing(connection.session, self.run, "provider", connection.compress)
        self._lessons = Lessons()
        self._lock = Lock()
        self._begun: dict[int, tuple[int, int]] = {}
        self._receipts: dict[int, tuple[Receipt, ...]] = {}
        self._lost = 0
        self._landed = False
        self._trouble: BaseException | None = None
        self._stopped: BaseException | None = None

    def send(self, batch: Batch) -> Delivered:
        """Delivers one batch, in a worker's thread."""
        self._begun[batch.number] = batch.first, len(batch)
        try:
            delivered = drive(delivering(batch, self._url, self._lessons), self._packing.ask)
        except BaseException as error:
            self._stop(error)
            raise
        self._judge(delivered)
        return delivered

    def hear(self, finished: Finished[Delivered]) -> None:
        """Takes the receipts of one batch, in the calling thread."""
        if finished.result is None:
            return
        receipts = finished.result.receipts
        if not receipts or receipts[0].batch in self._receipts:
            return
        self._receipts[receipts[0].batch] = receipts
        tell, self._on_receipt = self._on_receipt, None
        if tell is not None:
            for receipt in receipts:
                tell(receipt)
        self._on_receipt = tell

    def close(self, interrupted: BaseException | None, seconds: float) -> Delivery:
        """Everything that is known now; a batch that was never heard of again is unknown."""
        begun = {number: (abandoned(number, *entries),) for number, entries in dict(self._begun).items()}
        receipts = {**begun, **self._receipts}
        ordered = sorted((item for batch in receipts.values() for item in batch), key=lambda item: item.first)
        stopped = interrupted or self._stopped or (None if self._landed else self._trouble)
        run = self.run
        return Delivery(tuple(ordered), run.requests, run.retries, run.waited_s, seconds, run.bytes_sent, stopped)

    def _judge(self, delivered: Delivered) -> None:
        """Stops the run for what no other batch could survive, or when the batches fail one after another."""
        failed = delivered.failed
        if failed is None:
            with self._lock:
                self._landed, self._lost = True, 0
            return
        if isinstance(failed.error, RunStoppedError):
            return
        trouble = error_of(failed, Request("POST", self._url), why=delivered.why)
        with self._lock:
            self._trouble = trouble
            self._lost += 1
            over = self._lost > self._concurrency
        if delivered.stop or over:
            self._stop(trouble)

    def _stop(self, reason: BaseException) -> None:
        with self._lock:
            self._stopped = self._stopped or reason
        self.run.stop.set()
