"""The Data Collector without HTTP: a token, folders and databases, uploads that are admitted or not, and their jobs.

Takes files that have arrived and gives jobs; one thread reads the files and changes databases, all at once or not at
all. Which refusal comes first, and every limit here, is ours (not verified against the live service).
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import compare_digest, token_hex, token_urlsafe
from threading import Condition, Thread
from time import monotonic
from typing import Any, get_args

import polars as pl

from occtoo_frames._sandbox.collector_callback import Notifier
from occtoo_frames._sandbox.collector_files import UnreadableError
from occtoo_frames._sandbox.collector_jobs import apply
from occtoo_frames._sandbox.collector_state import Database, Shelf, Work
from occtoo_frames.protocol import datatile as wire

NO_TOKEN = "the token is missing or not taken any more"  # noqa: S105 - words
_MINUTE_S = 60.0


class RefusedError(Exception):
    """The upload is not taken: an HTTP status, words, and how long to wait."""

    def __init__(self, status: int, message: str, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.status, self.retry_after_s = status, retry_after_s


@dataclass(slots=True)
class CollectorLimits:
    """Quotas; change them on a running collector to see what happens."""

    max_file_bytes: int = 4_000_000_000
    max_rows: int = 50_000_000
    uploads_a_minute: int = 600


@dataclass(frozen=True, slots=True)
class Stored:
    """A database as it is now: values, and the labels of variables and of their values."""

    name: str
    frame: pl.DataFrame
    labels: dict[str, str]
    value_labels: dict[str, dict[Any, str]]
    formats: dict[str, str]
    measures: dict[str, str]


class Collector:
    """One collector. Safe to call from any thread.

    Args:
        folder: Where it keeps what it has.
        setting: Remembers a text under a name.
        durable: Whether it is still there after a kill.
    """

    def __init__(self, folder: Path, setting: Callable[[str, str], str], *, durable: bool) -> None:
        self.limits = CollectorLimits()
        self.notices_each = 1
        self.token = setting("datatile_token", token_urlsafe(24))
        self.folder = setting("datatile_folder", token_hex(16))
        self._shelf = Shelf(folder, durable=durable)
        self._state = self._shelf.state
        self._state.folders.setdefault(self.folder, True)
        self._moved = Condition()
        self._queue: deque[str] = deque()
        self._busy: set[str] = {work.target for work in self._state.works.values() if work.action != "create"}
        self._recent: deque[float] = deque()
        self._paused = self._stopping = False
        self._thread: Thread | None = None
        self._notifier = Notifier()
        with self._moved:
            for job_id in list(self._state.works):
                self._enqueue(job_id)

    def add_folder(self, *, writable: bool = True) -> str:
        """The hash of a new folder; the token's role may not upload into one that is not writable."""
        with self._moved:
            name = token_hex(16)
            self._state.folders[name] = writable
            self._shelf.save()
            return name

    def renew_token(self) -> str:
        """A new token; the old one is taken no more (doc)."""
        self.token = token_urlsafe(24)
        return self.token

    def pause(self) -> None:
        """Jobs stay where they are."""
        with self._moved:
            self._paused = True

    def resume(self) -> None:
        """Jobs go on."""
        with self._moved:
            self._paused = False
            self._moved.notify_all()

    def dataset(self, database: str) -> Stored:
        """What a database holds now.

        Raises:
            KeyError: There is none of this hash.
        """
        with self._moved:
            held = self._state.databases[database]
            names = [variable.name for variable in held.variables]
            parts = [pl.read_parquet(self._shelf.path(part)).select(names) for part in held.parts]
        return Stored(
            name=held.name,
            frame=pl.concat(parts, how="vertical_relaxed"),
            labels={each.name: each.label for each in held.variables if each.label},
            value_labels={each.name: dict(each.labels) for each in held.variables if each.labels},
            formats={each.name: each.format for each in held.variables if each.format},
            measures={each.name: each.measure for each in held.variables if each.measure},
        )

    def export(self, database: str, path: Path) -> None:
        """What a database holds now stands in ``path`` as a .zsav file.

        Raises:
            KeyError: There is none of this hash.
        """
        import pyreadstat

        held = self.dataset(database)
        measures = {name: measure for name, measure in held.measures.items() if measure != "unknown"}
        pyreadstat.write_sav(
            held.frame,
            str(path),
            compress=True,
            column_labels={**held.labels},
            variable_value_labels=held.value_labels,
            variable_format={name: shown for name, shown in held.formats.items() if not shown.startswith("A")},
            variable_measure=measures,
        )

    def databases(self) -> dict[str, int]:
        """How many rows each database has, by its hash."""
        with self._moved:
            return {name: held.rows for name, held in self._state.databases.items()}

    def job(self, job_id: str) -> dict[str, Any] | None:
        """The job as the wire shows it, None if there is none."""
        with self._moved:
            return self._state.jobs.get(job_id)

    def allows(self, token: str | None) -> bool:
        """True if this is the token."""
        return token is not None and compare_digest(token.encode(), self.token.encode())

    def admit(self, token: str | None, action: str, target: str) -> None:
        """The target is taken for this upload, until ``take`` or ``release``.

        Raises:
            RefusedError: Nothing may be uploaded there now.
        """
        if not self.allows(token):
            raise RefusedError(401, NO_TOKEN)
        if action not in get_args(wire.Action):
            raise RefusedError(404, "there is no such action")
        with self._moved:
            self._check_target(action, target)
            self._check_rate()
            if action != "create":
                self._busy.add(target)

    def release(self, target: str) -> None:
        """The target is free again."""
        with self._moved:
            self._busy.discard(target)

    def take(self, work: Work) -> dict[str, Any]:
        """The job of an upload that has arrived; it is done in its turn, even after a restart."""
        with self._moved:
            job_id = token_hex(12)
            self._state.works[job_id] = work
            document = self._step(job_id, wire.Job(job_id, "", work.action, work.target), wire.QUEUED)
            self._shelf.save()
            self._enqueue(job_id)
            return document

    def settle(self, timeout_s: float) -> None:
        """Every job that was taken has ended.

        Raises:
            TimeoutError: It took longer.
        """
        with self._moved:
            if not self._moved.wait_for(lambda: not self._state.works, timeout_s):
                raise TimeoutError(f"jobs of the collector were still running after {timeout_s} s")

    def new_file(self, ending: str) -> Path:
        """A path for a file that arrives."""
        return self._shelf.new(ending)

    def stop(self) -> None:
        """No job is worked on any more; those that wait go on after a restart, if anything is kept."""
        with self._moved:
            self._stopping = True
            self._moved.notify_all()
        if self._thread is not None:
            self._thread.join()
        self._notifier.stop()

    def _check_target(self, action: str, target: str) -> None:
        place = target if action == "create" else None
        if action != "create" and target in self._state.databases:
            place = self._state.databases[target].folder
        if place is None or place not in self._state.folders:
            raise RefusedError(404, f"there is no {'folder' if action == 'create' else 'database'} of this hash")
        if not self._state.folders[place]:
            raise RefusedError(403, "the token's role may not upload here")
        if target in self._busy:
            raise RefusedError(409, "another upload to this target is running")

    def _check_rate(self) -> None:
        now = monotonic()
        while self._recent and self._recent[0] <= now - _MINUTE_S:
            self._recent.popleft()
        if len(self._recent) >= self.limits.uploads_a_minute:
            wait_s = int(self._recent[0] + _MINUTE_S - now) + 1 if self._recent else int(_MINUTE_S)
            raise RefusedError(429, "too many uploads", wait_s)
        self._recent.append(now)

    def _enqueue(self, job_id: str) -> None:
        self._queue.append(job_id)
        if self._thread is None:
            self._thread = Thread(target=self._run, name="occtoo-sandbox-collector", daemon=True)
            self._thread.start()
        self._moved.notify_all()

    def _run(self) -> None:
        while True:
            with self._moved:
                self._moved.wait_for(lambda: self._stopping or (self._queue and not self._paused))
                if self._stopping:
                    return
                job_id = self._queue.popleft()
            self._work(job_id)

    def _work(self, job_id: str) -> None:
        with self._moved:
            work = self._state.works[job_id]
            held = self._state.databases.get(work.target)
            job = wire.Job.from_wire(self._state.jobs[job_id]) or wire.Job(job_id, "")
            self._step(job_id, job, wire.PROCESSING)
            self._shelf.save()
        try:
            done = apply(self._shelf, work, held, self.limits.max_rows)
        except UnreadableError as error:
            self._end(job_id, work, wire.FAILED, error=wire.JobError(error.code, str(error)))
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the job ends and the next one begins
            self._end(job_id, work, wire.FAILED, error=wire.JobError("internal", type(error).__name__))
        else:
            database = done.database
            result = wire.JobResult(work.database, database.rows, len(database.variables))
            self._end(job_id, work, wire.DONE, database, result=result, warnings=done.warnings)
            self._shelf.drop(*done.dropped)

    def _end(self, job_id: str, work: Work, status: str, made: Database | None = None, **outcome: Any) -> None:
        with self._moved:
            if made is not None:
                self._state.databases[work.database] = made
            del self._state.works[job_id]
            self._busy.discard(work.target)
            job = wire.Job.from_wire(self._state.jobs[job_id]) or wire.Job(job_id, "")
            self._step(job_id, job, status, work.callback, **outcome)
            self._shelf.save()
            self._moved.notify_all()
        self._shelf.drop(work.file)

    def _step(
        self, job_id: str, job: wire.Job, status: str, callback: str | None = None, **outcome: Any
    ) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        history = (*job.history, (status, now))
        moved = wire.Job(job.id, status, job.action, job.target, history=history, **outcome)
        document: dict[str, Any] = moved.to_wire()
        self._state.jobs[job_id] = document
        told = callback or (self._state.works[job_id].callback if job_id in self._state.works else None)
        if told is not None:
            for _ in range(self.notices_each):
                self._notifier.post(told, wire.notice(moved, len(history)))
        return document
