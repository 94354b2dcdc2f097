"""All of an upload: what became of the file and of its job.

Takes the fate and the counts, gives the UploadReport. A job succeeds or fails as a whole, and so do its rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from occtoo_frames._frames.exit import to_kind
from occtoo_frames._push.shown import size
from occtoo_frames.datatile.conversation import Fate, Outcome
from occtoo_frames.exceptions import UploadFailedError
from occtoo_frames.typing import FrameKind

_COUNTED: Mapping[Outcome, str] = {
    Outcome.DONE: "accepted",
    Outcome.FAILED: "rejected",
    Outcome.PENDING: "pending",
    Outcome.UNKNOWN: "unknown",
}

_WHOLE = frozenset({"create", "reload"})
"""After these a database holds the rows of the upload and no others."""


@dataclass(frozen=True)
class UploadReport:
    """What became of an upload.

    Attributes:
        mode: create, reload or append; None for a job that was only asked for.
        target: The hash of the folder or database.
        size: The file's bytes.
        rows: The table's rows; for a file that was sent as it is, what the server counted, if it did, which it does
            not of an append.
        columns: The frame of what was written: column, variable, dtype, label. None for a file that was sent as it is.
        losses: The problems that were allowed, as a frame. None for a file that was sent as it is.
        requests: How many requests were made; those that ask for the job too.
        retries: How many were repetitions.
        bytes_sent: The bytes of all attempts.
        seconds: How long it took, the waiting included.
    """

    fate: Fate = field(repr=False)
    mode: str | None
    target: str | None
    size: int = 0
    sent_rows: int | None = None
    columns: Any = field(default=None, repr=False)
    losses: Any = field(default=None, repr=False)
    requests: int = 0
    retries: int = 0
    bytes_sent: int = 0
    seconds: float = 0.0
    kind: FrameKind = "pandas"

    @property
    def ok(self) -> bool:
        """True once the job ended well."""
        return self.fate.outcome is Outcome.DONE

    @property
    def outcome(self) -> str:
        """done, failed, pending or unknown."""
        return str(self.fate.outcome)

    @property
    def job_id(self) -> str | None:
        """The job, to ask for with ``datatile.job``; None if the server named none."""
        return None if self.fate.job is None else self.fate.job.id

    @property
    def database(self) -> str | None:
        """The hash of the database that was made or changed, for the next reload or append."""
        result = None if self.fate.job is None else self.fate.job.result
        return None if result is None else result.database

    @property
    def rows(self) -> int | None:
        """The rows of the upload, None if nobody counted them.

        The server counts those of the whole database: after an append, others are among them.
        """
        known = self.sent_rows is None and self.mode in _WHOLE
        return self.database_rows if known else self.sent_rows

    @property
    def database_rows(self) -> int | None:
        """How many rows the database has now, as the server says."""
        return self._counted("rows")

    @property
    def reason(self) -> str | None:
        """Why it is not done."""
        return self.fate.reason

    @property
    def check(self) -> str | None:
        """What to look at before anything is sent again; only if the outcome is unknown."""
        return self.fate.check

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the server had to say although it went well, and a count of rows that is not what was sent."""
        said = () if self.fate.job is None else self.fate.job.warnings
        counted = self._counted("rows")
        if self.mode in _WHOLE and None not in {counted, self.sent_rows} and counted != self.sent_rows:
            return (*said, f"{self.sent_rows:,} rows were sent and the database has {counted:,}")
        return said

    @cached_property
    def counts(self) -> dict[str, int]:
        """Rows by outcome, as a plain dict: accepted, rejected, pending, unknown.

        One of them has all rows; none has any if nobody counted them.
        """
        return {name: (self.rows or 0) if outcome is self.fate.outcome else 0 for outcome, name in _COUNTED.items()}

    @cached_property
    def history(self) -> Any:
        """A frame of the caller's kind with the states of the job: status, at."""
        moments = () if self.fate.job is None else self.fate.job.history
        schema = {"status": pl.String, "at": pl.String}
        return to_kind(pl.DataFrame(list(moments), schema=schema, orient="row"), self.kind)

    def raise_for_failures(self) -> None:
        """Returns if the job ended well.

        Raises:
            UploadFailedError: It failed, has not ended, or nobody knows; ``.report`` is this report.
        """
        if not self.ok:
            raise UploadFailedError(self._told(), self)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values that JSON can hold."""
        job = self.fate.job
        return {
            "outcome": self.outcome,
            "ok": self.ok,
            "mode": self.mode,
            "target": self.target,
            "database": self.database,
            "job_id": self.job_id,
            "counts": self.counts,
            "database_rows": self.database_rows,
            "reason": self.reason,
            "check": self.check,
            "warnings": list(self.warnings),
            "history": [{"status": status, "at": at} for status, at in (() if job is None else job.history)],
            "size": self.size,
            "bytes_sent": self.bytes_sent,
            "requests": self.requests,
            "retries": self.retries,
            "seconds": round(self.seconds, 3),
        }

    def _counted(self, name: str) -> int | None:
        result = None if self.fate.job is None else self.fate.job.result
        return None if result is None else getattr(result, name)

    def _told(self) -> str:
        parts = [f"{self.mode or 'job'} {self.target or ''}".strip() + f": {self.outcome}", self.reason, self.check]
        return "; ".join(part for part in parts if part)

    def __repr__(self) -> str:
        rows = "" if self.rows is None else f", {self.rows:,} rows"
        lines = [f"UploadReport: {self._told()}{rows}"]
        if self.size:
            lines.append(f"  {size(self.size)} in {self.seconds:.1f} s, {self.requests:,} requests")
        if self.job_id is not None:
            lines.append(f"  job {self.job_id}" + (f", database {self.database}" if self.database else ""))
        return "\n".join([*lines, *(f"  warning: {warning}" for warning in self.warnings)])

    def _repr_html_(self) -> str:
        from occtoo_frames.datatile.shown import report_html

        return report_html(self)
