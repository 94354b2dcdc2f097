"""The portal without HTTP: tickets for files, the storage behind signed addresses, import jobs, queries.

Takes what requests hold and gives what answers say. Its order of things is documented; the texts of its states, what
a query looks like, and that good rows land beside refused ones are ours (not verified against the live service).
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_hex, token_urlsafe
from threading import Lock
from typing import Literal, TypeAlias
from urllib.parse import quote

import msgspec

from occtoo_frames._sandbox.portal_import import Applied, BrokenFileError, apply_file
from occtoo_frames._sandbox.store_portal import FileRow, PortalStore, StoredObject
from occtoo_frames.protocol.carecloud import ENTITIES, SIGNED_FOR_S, FieldError, Ticket
from occtoo_frames.protocol.sigv4 import Signer

PortalFault: TypeAlias = Literal[
    "bad_key", "throttle", "quota", "too_large", "gateway_timeout", "not_success", "camel_case", "nested_file",
    "expired_url", "wrong_etag", "import_fails", "import_hangs",
]  # fmt: skip
"""bad_key, throttle, quota, too_large: the gateway's 403, 429, 429 and 413. gateway_timeout: its 504, while what was
asked for goes on. not_success: an envelope that says no under HTTP 200. camel_case, nested_file: other spellings of
a good answer. expired_url: the next signed address is too old. wrong_etag: the storage says another digest.
import_fails, import_hangs: the next job does."""

CREATED, UPLOADED, IMPORTING, COMPLETED, PARTLY, FAILED = (
    "Created", "Uploaded", "Importing", "Completed", "CompletedWithErrors", "Failed",
)  # fmt: skip
_MEMBERS = {name: entity for entity in ENTITIES.values() for name in (entity.name, entity.type)}


@dataclass(frozen=True, slots=True)
class PortalKeys:
    """Who may call the portal, and with what its storage signs; the secrets are not in the repr."""

    api_key: str
    workspace: str
    bucket: str
    signer: Signer

    def __repr__(self) -> str:
        return f"PortalKeys(…, {self.workspace!r}, {self.bucket!r})"


@dataclass(frozen=True, slots=True)
class Report:
    """What a job has to say when it has ended."""

    upserts: int = 0
    deletes: int = 0
    refused: int = 0
    message: str = ""
    errors: list[dict[str, object]] = field(default_factory=list)

    @classmethod
    def of(cls, applied: Applied) -> "Report":
        """The report of rows that were looked at."""
        errors = [error.to_wire() for error in applied.errors]
        said = f"{applied.refused} rows were refused" if applied.refused else ""
        return cls(applied.upserts, applied.deletes, applied.refused, said, errors)

    @property
    def field_errors(self) -> tuple[FieldError, ...]:
        """The refused rows."""
        return tuple(FieldError.from_wire(error) for error in self.errors)


class Portal:
    """One portal in one folder, made when it is first called. Safe to call from any thread."""

    def __init__(self, folder: Path, setting: Callable[[str, str], str], *, durable: bool) -> None:
        self._folder, self._durable = folder, durable
        self.keys = PortalKeys(
            setting("carecloud_api_key", token_urlsafe(24)),
            setting("carecloud_workspace", f"workspace-{token_hex(3)}"),
            setting("carecloud_bucket", f"bucket-{token_hex(3)}"),
            Signer(setting("storage_id", token_hex(8)), setting("storage_secret", token_urlsafe(24)), "eu-central-1"),
        )
        self.trouble = Trouble()
        self._store: PortalStore | None = None
        self._making = Lock()
        self._jobs = ThreadPoolExecutor(1, thread_name_prefix="occtoo-sandbox-portal")
        self._running: dict[str, Future[None]] = {}
        self._beginning = Lock()

    @property
    def store(self) -> PortalStore:
        """Its memory; jobs that a kill interrupted begin again when it is opened."""
        with self._making:
            if self._store is None:
                (self._folder / "objects").mkdir(parents=True, exist_ok=True)
                self._store = PortalStore(self._folder, durable=self._durable)
                for row in self._store.files_in([IMPORTING]):
                    self._running[row.id] = self._jobs.submit(self._run, row)
            return self._store

    def close(self) -> None:
        """No job runs any more, and everything is written."""
        self._jobs.shutdown(wait=True, cancel_futures=True)
        if self._store is not None:
            self._store.close()

    def ticket(self, origin: str, entity: str, name: str, action: str) -> Ticket:
        """A new file, announced: its ids and where to put it."""
        file_id = token_hex(12)
        path = f"{self.keys.bucket}/{file_id}/{name or 'file'}"
        now = datetime.now(UTC).replace(tzinfo=None)
        if self.trouble.take("expired_url"):
            now -= timedelta(seconds=2 * SIGNED_FOR_S)
        url = self.keys.signer.presign("PUT", f"{origin}/storage/{_quoted(path)}", now=now, expires_s=SIGNED_FOR_S)
        known = _MEMBERS.get(entity)
        self.store.put_file(
            FileRow(file_id, path, action or token_hex(12), known.type if known else entity, CREATED)
        )  # fmt: skip
        row = self.file(file_id)
        return Ticket(row.action, file_id, path, url)

    def file(self, file_id: str) -> FileRow:
        """The file, as it stands now.

        Raises:
            KeyError: There is none.
        """
        row = self.store.file(file_id)
        if row is None:
            raise KeyError(file_id)
        if row.state == CREATED and self.store.object(row.path) is not None:
            return replace(row, state=UPLOADED)
        return row

    def begin(self, file_id: str) -> Future[None]:
        """The import of the file, under way; the one that runs already if there is one.

        Raises:
            KeyError: There is no such file.
        """
        row = self.file(file_id)
        with self._beginning:
            running = self._running.get(file_id)
            if running is not None and not running.done():
                return running
            self.store.put_file(replace(row, state=IMPORTING, report="{}"))
            hangs = self.trouble.take("import_hangs")
            self._running[file_id] = Future() if hangs else self._jobs.submit(self._run, row)
            return self._running[file_id]

    def place(self, path: str) -> Path:
        """Where the storage keeps what lies under ``path``."""
        return self._folder / "objects" / sha256(path.encode()).hexdigest()

    def keep(self, path: str, part: Path, stored: StoredObject) -> None:
        """What was received in ``part`` lies under ``path``, in place of what lay there."""
        part.replace(self.place(path))
        self.store.put_object(stored)

    def _apply(self, row: FileRow) -> Applied:
        if self.store.object(row.path) is None:
            raise BrokenFileError("the file has not been uploaded")
        if self.trouble.take("import_fails"):
            raise BrokenFileError("the import failed")
        places = (self.keys.workspace, self.keys.bucket)
        return apply_file(self.place(row.path), self.store, row.entity, places)

    def _run(self, row: FileRow) -> None:
        state, report = FAILED, Report()
        try:
            applied = self._apply(row)
            state, report = PARTLY if applied.refused else COMPLETED, Report.of(applied)
        except BrokenFileError as error:
            report = Report(message=str(error))
        except Exception as error:  # noqa: BLE001 - whatever ended the job is what it has to say
            report = Report(message=f"the import broke off: {type(error).__name__}")
        finally:
            self.store.put_file(replace(row, state=state, report=msgspec.json.encode(report).decode()))


def report_of(row: FileRow) -> Report:
    """What the last job of a file had to say."""
    return msgspec.json.decode(row.report, type=Report)


class Trouble:
    """What goes wrong on purpose in the portal."""

    def __init__(self) -> None:
        self._waiting: list[tuple[PortalFault, str, int | None]] = []
        self._changing = Lock()

    def add(self, kind: PortalFault, on: str, times: int | None) -> None:
        """``kind`` happens from now on, where the route's name holds ``on``, so often."""
        with self._changing:
            self._waiting.append((kind, on, times))

    def clear(self) -> None:
        """Nothing goes wrong on purpose any more."""
        with self._changing:
            self._waiting.clear()

    def take(self, kind: PortalFault, route: str = "") -> bool:
        """True if ``kind`` happens now, at ``route``."""
        with self._changing:
            for position, (waiting, on, times) in enumerate(self._waiting):
                if waiting == kind and on in route:
                    if times is not None:
                        self._waiting[position] = (waiting, on, times - 1)
                    self._waiting = [each for each in self._waiting if each[2] is None or each[2] > 0]
                    return True
        return False


def _quoted(path: str) -> str:
    return quote(path)
