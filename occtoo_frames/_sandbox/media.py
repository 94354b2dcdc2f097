"""The platform's media without HTTP: uploads, their bytes on the disk, and the files they become.

Takes lengths, names, pieces and links; gives uploads and files in the protocol's words. States move with time: an
upload is complete a moment after its last byte, and links are fetched in the background. That a failed upload frees
its identifier, and that an upload's id is its file's, is ours (not verified against the live service).
"""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, RLock
from typing import BinaryIO
from uuid import uuid4

import msgspec

from occtoo_frames._sandbox.media_kinds import Kind, extension_of, kind_of
from occtoo_frames._sandbox.store_media import MediaStore
from occtoo_frames.protocol.media import MediaFile, Upload, UploadState

PUBLIC_PATH = "/media/public"
"""Below it the sandbox serves files itself; the platform's are on a host of their own."""

_CONTAINER = "media"


class TakenError(Exception):
    """The unique identifier belongs to another file."""


@dataclass(frozen=True, slots=True)
class Record:
    """One upload as it is remembered.

    Attributes:
        size: Its whole length in bytes; None while a link has not said.
        ready_at: When it is complete, in seconds since 1970; None before its last byte.
        error: Why it failed.
        mime_type: What was said of it, and what its bytes say once they are there.
    """

    id: str
    filename: str
    created_at: float
    size: int | None = None
    unique_identifier: str | None = None
    source_url: str | None = None
    mime_type: str | None = None
    ready_at: float | None = None
    error: str | None = None
    width: int | None = None
    height: int | None = None

    @property
    def complete(self) -> bool:
        """True if all its bytes are there."""
        return self.ready_at is not None


class Library:
    """All uploads of one platform; safe to call from any thread.

    Args:
        folder: Where bytes lie.
        store: Where the rest is remembered.
        delay_s: How long an upload is processed after its last byte.
        durable: Bytes are on the disk before they are acknowledged.
        clock: Seconds since 1970.
    """

    def __init__(
        self,
        folder: Path,
        store: MediaStore,
        *,
        delay_s: float,
        durable: bool,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder, self._store, self._delay_s, self._durable, self._clock = folder, store, delay_s, durable, clock
        folder.mkdir(exist_ok=True)
        loaded = (msgspec.json.decode(document, type=Record) for document in store.load())
        self._records = {record.id: record for record in loaded}
        self._taken = {each.unique_identifier: each.id for each in self._records.values() if self._holds(each)}
        self._changing = RLock()
        self._locks: dict[str, Lock] = {}
        for upload_id in self._unfinished():
            self.finish(upload_id)

    def create(self, drafts: Iterable[Mapping[str, str | int | None]]) -> list[Record]:
        """New uploads, of a ``filename`` and what else is known; remembered before this returns.

        Raises:
            TakenError: One's identifier is in use; none is created.
        """
        with self._changing:
            made = [Record(id=str(uuid4()), created_at=self._clock(), **draft) for draft in drafts]  # type: ignore[arg-type]  # the drafts' members are Record's
            wanted = [record.unique_identifier for record in made if record.unique_identifier]
            if self._taken.keys() & set(wanted) or len(set(wanted)) < len(wanted):
                raise TakenError
            for record in made:
                self.path(record.id).touch()
            self._remember(*made)
        return made

    def is_taken(self, identifier: str | None) -> bool:
        """True if the identifier belongs to an upload that has not failed."""
        return identifier is not None and identifier in self._taken

    def record(self, upload_id: str) -> Record:
        """The upload.

        Raises:
            KeyError: There is none.
        """
        return self._records[upload_id]

    def received(self, upload_id: str) -> int:
        """How many of its bytes are there."""
        return self.path(upload_id).stat().st_size

    def path(self, upload_id: str) -> Path:
        """Where its bytes lie."""
        return self._folder / upload_id

    def lock(self, upload_id: str) -> Lock:
        """Held by whoever adds bytes to it."""
        with self._changing:
            return self._locks.setdefault(upload_id, Lock())

    def settled(self, file: BinaryIO) -> None:
        """What was written to ``file`` survives a kill, and with ``durable`` a power cut."""
        file.flush()
        if self._durable:
            os.fsync(file.fileno())

    def finish(self, upload_id: str) -> None:
        """All its bytes are there; what they are is found out."""
        record, path = self._records[upload_id], self.path(upload_id)
        kind = kind_of(path, record.filename)
        with self._changing:
            if upload_id in self._records:
                self._remember(_with_kind(record, kind, path.stat().st_size, self._clock() + self._delay_s))

    def fail(self, upload_id: str, error: str) -> None:
        """It failed, and its identifier is free again."""
        with self._changing:
            if upload_id in self._records:
                failed = replace(self._records[upload_id], error=error)
                self._taken.pop(failed.unique_identifier, None)
                self._remember(failed)

    def delete(self, upload_id: str) -> None:
        """Nothing is left of it.

        Raises:
            KeyError: There is no such upload.
        """
        with self._changing:
            record = self._records.pop(upload_id)
            if self._taken.get(record.unique_identifier) == upload_id:
                del self._taken[record.unique_identifier]
            self._locks.pop(upload_id, None)
            self._store.forget([upload_id])
        self.path(upload_id).unlink(missing_ok=True)

    def unfetched(self) -> list[Record]:
        """The links that have neither been fetched nor failed."""
        return [each for each in self._records.values() if each.source_url and not each.complete and not each.error]

    def upload(self, upload_id: str) -> Upload:
        """How far it is.

        Raises:
            KeyError: There is no such upload.
        """
        record, received = self._records[upload_id], self.received(upload_id)
        updated = record.ready_at or record.created_at
        return Upload(
            id=record.id,
            state=self._state(record, received),
            total_size=record.size or 0,
            uploaded_size=received,
            source_url=record.source_url,
            created_at=_iso(record.created_at),
            updated_at=_iso(updated),
            filename=record.filename,
            mime_type=record.mime_type,
            size=record.size,
            unique_identifier=record.unique_identifier,
            message=record.error,
        )

    def file(self, file_id: str, origin: str) -> MediaFile:
        """The file, which ``origin`` serves once it is complete.

        Raises:
            KeyError: There is none, or its upload failed.
        """
        record = self._records[file_id]
        if record.error is not None:
            raise KeyError(file_id)
        host = origin.partition("//")[2]
        return MediaFile(
            id=record.id,
            public_url=f"{origin}{PUBLIC_PATH}/{record.id}/{_in_address(record)}" if self._is_ready(record) else None,
            source_url=record.source_url,
            filename=record.filename,
            mime_type=record.mime_type,
            size=record.size,
            extension=extension_of(record.filename),
            width=record.width,
            height=record.height,
            unique_identifier=record.unique_identifier,
            location={"hostname": host, "containername": _CONTAINER, "filename": record.id},
        )

    def identified(self, identifier: str, origin: str) -> MediaFile:
        """The file of a unique identifier.

        Raises:
            KeyError: It is free.
        """
        return self.file(self._taken[identifier], origin)

    def public(self, file_id: str) -> Record:
        """The file, if everybody may have it.

        Raises:
            KeyError: There is none, or it is not complete.
        """
        record = self._records[file_id]
        if not self._is_ready(record):
            raise KeyError(file_id)
        return record

    def _unfinished(self) -> list[str]:
        """The uploads whose last byte came just before an end without warning."""
        sent = [each for each in self._records.values() if each.source_url is None and not each.complete]
        return [each.id for each in sent if self.path(each.id).exists() and self.received(each.id) == each.size]

    def _state(self, record: Record, received: int) -> UploadState:
        if record.error is not None:
            return UploadState.FAILED
        if self._is_ready(record):
            return UploadState.COMPLETED
        return UploadState.PROGRESS if received else UploadState.CREATED

    def _is_ready(self, record: Record) -> bool:
        return record.ready_at is not None and record.error is None and record.ready_at <= self._clock()

    def _remember(self, *records: Record) -> None:
        self._store.save({record.id: msgspec.json.encode(record).decode() for record in records})
        self._records.update({record.id: record for record in records})
        self._taken.update({record.unique_identifier: record.id for record in records if self._holds(record)})

    @staticmethod
    def _holds(record: Record) -> bool:
        return record.unique_identifier is not None and record.error is None


def _with_kind(record: Record, kind: Kind, size: int, ready_at: float) -> Record:
    return replace(record, size=size, ready_at=ready_at, **asdict(kind))


def _in_address(record: Record) -> str:
    """The name as it stands in an address: plain characters only."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in record.filename)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
