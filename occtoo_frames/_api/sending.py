"""Sends plans: strings the journal and the snapshot of a source, the delivery, and the report together.

Takes a PushPlan and how it is sent, gives a PushReport; see ``push`` for what each way means.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from occtoo_frames._api.deliver import deliver
from occtoo_frames._api.progress import progress_bar
from occtoo_frames._api.verify import verify
from occtoo_frames._push.delivery import Receipt
from occtoo_frames._push.plan import PushPlan
from occtoo_frames._push.report import PushReport, Sent
from occtoo_frames._session.connection import Connection
from occtoo_frames._session.errors import ended_by
from occtoo_frames._sync.changes import Changes, check_brake, find_changes, vanished_keys
from occtoo_frames._sync.guest import Guest
from occtoo_frames._sync.journal import CHANGES, WHOLE, Journal
from occtoo_frames._sync.place import Owner
from occtoo_frames._sync.store import HeldByOtherError, Store
from occtoo_frames._sync.store_snapshot import SnapshotTables
from occtoo_frames.exceptions import ConfigurationError, PlanError, PushInterruptedError

log = logging.getLogger("occtoo_frames")


@dataclass(frozen=True, slots=True)
class Sending:
    """How a plan is sent; see ``push``."""

    connection: Connection
    source: str
    concurrency: int
    progress: bool | None
    correlation_id: str | None

    @property
    def owner(self) -> Owner:
        """Whose journal and snapshot it moves."""
        return Owner(self.connection.ingest_url, self.connection.provider_id or "", self.source)

    @property
    def path(self) -> Path:
        """Where these stand."""
        return self.owner.path(self.connection.state_dir)

    def open(self, *, guest: bool = False) -> Store:
        """The file of the source."""
        owner = self.owner
        return Store(self.path, (owner.origin, owner.provider, owner.source), guest=guest)


def send_all(plan: PushPlan, sending: Sending, *, resume: bool) -> PushReport:
    """The report after every entry of ``plan`` was sent, but for batches that the last run had accepted."""
    store = sending.open() if resume else _open_if_possible(sending)
    if store is None:
        return _carry(plan, plan, sending, None)
    with store:
        if store.guest:
            return _carry(plan, plan, sending, Guest(store, plan))
        journal = Journal(store, plan, kind=WHOLE, concurrency=sending.concurrency)
        journal.begin(resume=resume)
        return _carry(plan, plan, sending, journal)


def send_changes(plan: PushPlan, sending: Sending, *, changed_only: bool, max_delete: float | None) -> PushReport:
    """The report after what the source does not hold was sent, and if ``max_delete`` is given what vanished is deleted.

    Raises:
        PlanError: More than ``max_delete`` of the known keys have vanished; nothing was sent.
    """
    with sending.open() as store:
        snapshot = SnapshotTables(store)
        snapshot.recover()
        vanished = [] if max_delete is None else vanished_keys(plan, snapshot)
        check_brake(vanished, snapshot.count(), max_delete or 0.0)
        changes = find_changes(plan, snapshot, changed_only=changed_only, vanished=vanished)
        journal = Journal(store, changes.plan, kind=CHANGES, concurrency=sending.concurrency, wholes=changes.wholes)
        journal.begin(resume=False)
        return _carry(
            plan, changes.plan, sending, journal, Sent(changes.chosen, changes.vanished, max_delete is not None)
        )


def foresee(plan: PushPlan, sending: Sending, *, changed_only: bool, max_delete: float | None) -> PushReport:
    """The report of what would be sent; no request is made."""
    if not sending.path.exists():
        return _foreseen(plan, sending, find_changes(plan, None, changed_only=changed_only), None)
    with sending.open() as store:
        snapshot, refused = SnapshotTables(store), None
        snapshot.recover()
        vanished = [] if max_delete is None else vanished_keys(plan, snapshot)
        try:
            check_brake(vanished, snapshot.count(), max_delete or 0.0)
        except PlanError as error:
            refused = str(error)
        changes = find_changes(plan, snapshot, changed_only=changed_only, vanished=vanished)
    return _foreseen(plan, sending, changes, refused)


def _open_if_possible(sending: Sending) -> Store | None:
    """The file of the source for a push that can do without: as a guest if another one holds it, None without a place.

    Raises:
        ConfigurationError: There is one, and it is damaged, of a newer version, or cannot be opened.
    """
    try:
        return sending.open()
    except ConfigurationError as error:
        there = sending.path.exists()
        if there and not isinstance(error, HeldByOtherError):
            raise
        log.warning("this push cannot be resumed: %s", error)
        return sending.open(guest=True) if there else None


def _carry(
    plan: PushPlan,
    sent_plan: PushPlan,
    sending: Sending,
    books: Journal | Guest | None,
    sent: Sent | None = None,
) -> PushReport:
    """The report of a delivery that is written down in ``books``."""
    with progress_bar(sent_plan.counts["entries"], "entries", progress=sending.progress) as bar:

        def hear(receipt: Receipt) -> None:
            if books is not None:
                books.hear(receipt)
            bar.update(receipt.count)

        delivery = deliver(
            sent_plan.batches() if books is None else books.batches(),
            source=sending.source,
            connection=sending.connection,
            concurrency=sending.concurrency,
            correlation_id=sending.correlation_id,
            on_receipt=hear,
        )
    kept: Sequence[Receipt] = ()
    if books is not None:
        books.close(delivery.receipts)
        kept = books.kept
    stopped = delivery.stopped
    if isinstance(stopped, PlanError) and not delivery.requests:
        raise stopped
    report = PushReport(
        plan=plan,
        target=sending.source,
        receipts=sorted([*kept, *delivery.receipts], key=lambda receipt: receipt.first),
        requests=delivery.requests,
        retries=delivery.retries,
        seconds=delivery.seconds,
        waited_s=delivery.waited_s,
        bytes_sent=delivery.bytes_sent,
        stopped=None if stopped is None else ended_by(stopped),
        verifier=lambda report, url: verify(report, url, sending.connection),
        sent=sent,
    )
    if stopped is not None:
        raise PushInterruptedError(_interruption(report), report) from stopped
    return report


def _foreseen(plan: PushPlan, sending: Sending, changes: Changes, refused: str | None) -> PushReport:
    counts = changes.plan.counts
    forecast = {
        "creates": changes.counts["creates"],
        "updates": changes.counts["updates"],
        "deletes": changes.counts["deletes"],
        "invalid": counts["invalid"],
        "bytes": counts["bytes"],
        "requests": counts["batches"],
    }
    return PushReport(
        plan=plan,
        target=sending.source,
        receipts=(),
        requests=0,
        retries=0,
        seconds=0.0,
        waited_s=0.0,
        bytes_sent=0,
        stopped=refused,
        sent=Sent(changes.chosen, changes.vanished),
        forecast=forecast,
    )


def _interruption(report: PushReport) -> str:
    counts = {name: count for name, count in report.counts.items() if count}
    return f"the push to {report.target!r} stopped: {report.stopped}. Rows so far: {counts}; .report has each of them"
