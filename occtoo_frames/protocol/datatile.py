"""The words of the DATATILE Data Collector: addresses, jobs and their states, notices, names of variables.

Does not know which side is calling. What an accepted upload answers, where jobs are asked for, the states and the
shape of notices are documented nowhere: all of that is ours (not verified against the live service), and stands here
only, to be replaced when the live service shows better.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import quote

from occtoo_frames.protocol.fold import fold, text_or_none

Action: TypeAlias = Literal["create", "reload", "append"]
"""create makes a database in a folder; reload and append change a database (doc)."""

TOKEN_HEADER = "token"  # noqa: S105 - a header's name
"""The header is literally this; a new token ends the old one (doc)."""

FILE_PART = "dataset"
"""The part of the form that holds the file (doc)."""

CALLBACK_PART = "callback"
"""The field of the form that holds the address for notices (ours)."""

DONE, FAILED = "DONE", "FAILED"
QUEUED, PROCESSING = "QUEUED", "PROCESSING"
"""A job's states (ours). Any other text counts as not ended yet."""

JOB_PATH = "/api/v2/upload/jobs/"
"""Before a job's id (ours)."""

MEDIA_TYPES: Mapping[str, str] = {
    "zsav": "application/x-spss-sav",
    "sav": "application/x-spss-sav",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
"""What is taken, SPSS preferred (doc), and the type that each part names (ours)."""

NAME_MAX_LENGTH = 64
RESERVED = frozenset(["ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"])
"""No variable is called this, in any case (doc)."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9#_.@]{0,63}", re.ASCII)


def is_variable_name(text: str) -> bool:
    """True if a variable may be called ``text`` (doc; that letters are A to Z only is ours)."""
    return _NAME.fullmatch(text) is not None and text.upper() not in RESERVED


def upload_path(action: Action, target: str) -> str:
    """Where a file is posted to: ``target`` is the hash of a folder for create, of a database otherwise (doc)."""
    return f"/api/v2/upload/{action}/{quote(target, safe='')}"


def job_path(job_id: str) -> str:
    """Where a job is asked for (ours)."""
    return f"{JOB_PATH}{quote(job_id, safe='')}"


def job_id_of(document: object) -> str | None:
    """The job that an accepted upload names: under ``id``, ``jobId``, ``job_id``, ``job.id`` or ``data.id`` (ours)."""
    if not isinstance(document, Mapping):
        return None
    members = fold(document)
    for name in ("id", "jobid", "job_id"):
        value = members.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value):
            return str(value)
    inner = (members.get("job"), members.get("data"))
    return next((found for found in map(job_id_of, inner) if found is not None), None)


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a job has made: the database's hash, and how many rows and variables it has now."""

    database: str | None
    rows: int | None
    variables: int | None

    @classmethod
    def from_wire(cls, document: object) -> "JobResult | None":
        """The result in ``document``, None if it is no object."""
        if not isinstance(document, Mapping):
            return None
        members = fold(document)
        database = members.get("database")
        rows, variables = (_count(members.get(name)) for name in ("rows", "variables"))
        return cls(None if database is None else str(database), rows, variables)

    def to_wire(self) -> dict[str, object]:
        """The JSON object of this result."""
        return {"database": self.database, "rows": self.rows, "variables": self.variables}


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed."""

    code: str | None
    message: str

    @classmethod
    def from_wire(cls, document: object) -> "JobError | None":
        """The error in ``document``: an object, or bare text."""
        if isinstance(document, str) and document:
            return cls(None, document)
        if not isinstance(document, Mapping):
            return None
        members = fold(document)
        return cls(text_or_none(members.get("code")), text_or_none(members.get("message")) or "")

    def to_wire(self) -> dict[str, object]:
        """The JSON object of this error."""
        return {"code": self.code, "message": self.message}


@dataclass(frozen=True, slots=True)
class Job:
    """One upload's way through the collector (ours).

    Attributes:
        status: As the server writes it.
        history: Each state and when it began, oldest first.
    """

    id: str
    status: str
    action: str | None = None
    target: str | None = None
    result: JobResult | None = None
    error: JobError | None = None
    warnings: tuple[str, ...] = ()
    history: tuple[tuple[str, str], ...] = ()

    @property
    def state(self) -> str:
        """The status in capitals."""
        return self.status.strip().upper()

    @property
    def is_over(self) -> bool:
        """True once nothing more will happen; an unknown state is none of these."""
        return self.state in {DONE, FAILED}

    @classmethod
    def from_wire(cls, document: object) -> "Job | None":
        """The job that ``document`` describes, bare or under ``job`` or ``data``; None if it names no state."""
        if not isinstance(document, Mapping):
            return None
        members = fold(document)
        status = text_or_none(members.get("status"))
        if status is None:
            inner = (cls.from_wire(members.get(name)) for name in ("job", "data"))
            return next((job for job in inner if job is not None), None)
        warnings, history = members.get("warnings"), members.get("history")
        return cls(
            id=job_id_of(document) or "",
            status=status,
            action=text_or_none(members.get("action")),
            target=text_or_none(members.get("target")),
            result=JobResult.from_wire(members.get("result")),
            error=JobError.from_wire(members.get("error")),
            warnings=tuple(map(str, warnings)) if isinstance(warnings, list) else (),
            history=tuple(map(_moment, history)) if isinstance(history, list) else (),
        )

    def to_wire(self) -> dict[str, object]:
        """The JSON object of this job."""
        return {
            "id": self.id,
            "status": self.status,
            "action": self.action,
            "target": self.target,
            "result": None if self.result is None else self.result.to_wire(),
            "error": None if self.error is None else self.error.to_wire(),
            "warnings": list(self.warnings),
            "history": [{"status": status, "at": at} for status, at in self.history],
        }


def notice(job: Job, sequence: int) -> dict[str, object]:
    """What is posted to the callback when a job's state changes (ours).

    It may come twice or out of order: a hint to ask for the job, never the truth.
    """
    previous = job.history[-2][0] if len(job.history) > 1 else None
    document: dict[str, object] = {
        "jobId": job.id,
        "action": job.action,
        "target": job.target,
        "status": job.status,
        "previousStatus": previous,
        "at": job.history[-1][1] if job.history else None,
        "sequence": sequence,
    }
    if job.result is not None:
        document["result"] = job.result.to_wire()
    if job.error is not None:
        document["error"] = job.error.to_wire()
    return document


def _moment(document: object) -> tuple[str, str]:
    if not isinstance(document, Mapping):
        return str(document), ""
    members = fold(document)
    return str(members.get("status") or ""), str(members.get("at") or "")


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
