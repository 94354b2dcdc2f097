"""The words of the media calls: their paths, what an upload and a file look like, and the answers about many.

The bodies of files travel by TUS; its own words stand in ``tus``. Names are matched without regard to case, since the
documents themselves differ (``uniqueIdentifier``, ``uniqueidentifier``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar
from urllib.parse import quote

from occtoo_frames.protocol.fold import fold, text_or_none

LINKS_PATH = "/media/uploads/links"
"""``PUT``: start uploads from addresses (doc)."""

UPLOADS_PATH = "/media/uploads/files"
"""``POST``: create a TUS upload; ``PATCH`` and ``HEAD`` below it (doc; HEAD is TUS core, ours)."""

BATCH_PATH = "/media/files/batch"
"""``POST``: files by unique identifier; 202 if some are unknown (doc)."""

MAX_LINKS = 50
"""Links in one request (doc); that 51 are refused with 400 is ours."""

MAX_IDENTIFIERS = 50
"""Identifiers in one request for files. Ours, after the limit of links: not verified against the live service."""

MAX_IDENTIFIER_LENGTH = 256
"""Of a unique identifier. Ours, after the limit of keys: not verified against the live service."""

T = TypeVar("T")


def upload_path(upload_id: str) -> str:
    """Where the progress of an upload is asked for (doc)."""
    return f"/media/uploads/{quote(upload_id, safe='')}"


def tus_path(file_id: str) -> str:
    """Where the bytes of a file go (doc)."""
    return f"{UPLOADS_PATH}/{quote(file_id, safe='')}"


def file_path(file_id: str) -> str:
    """Where a file is asked for, and deleted (doc)."""
    return f"/media/files/{quote(file_id, safe='')}"


class UploadState(StrEnum):
    """How far an upload is (doc)."""

    CREATED = "Created"
    PROGRESS = "Progress"
    FAILED = "Failed"
    CANCELLED = "Cancelled"
    COMPLETED = "Completed"

    @property
    def ended(self) -> bool:
        """True if it will not change any more."""
        return self in {UploadState.FAILED, UploadState.CANCELLED, UploadState.COMPLETED}


@dataclass(frozen=True, slots=True)
class Link:
    """A file to fetch: its address, the name it gets, and the identifier under which it is known for good."""

    link: str
    filename: str
    unique_identifier: str | None = None

    @classmethod
    def from_wire(cls, document: object) -> "Link":
        """The link that ``document`` is.

        Raises:
            TypeError: It is no object, or has no link or file name that is text.
        """
        members = fold(document)
        link, filename = members.get("link"), members.get("filename")
        if not isinstance(link, str) or not isinstance(filename, str):
            raise TypeError("a link needs a link and a filename that are text")
        return cls(link, filename, text_or_none(members.get("uniqueidentifier")) or None)

    def to_wire(self) -> dict[str, object]:
        """The JSON object of this link."""
        document: dict[str, object] = {"link": self.link, "filename": self.filename}
        return document if self.unique_identifier is None else {**document, "uniqueIdentifier": self.unique_identifier}


@dataclass(frozen=True, slots=True)
class Upload:
    """How far an upload is, and of what (doc).

    Attributes:
        message: Why it failed. Ours: the documents name no such member; not verified against the live service.
    """

    id: str
    state: UploadState
    total_size: int = 0
    uploaded_size: int = 0
    source_url: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    filename: str | None = None
    mime_type: str | None = None
    size: int | None = None
    unique_identifier: str | None = None
    message: str | None = None

    @classmethod
    def from_wire(cls, document: object) -> "Upload":
        """The upload that ``document`` is; a state that nobody knows counts as progress.

        Raises:
            TypeError: It is no object with an id.
        """
        members = fold(document)
        progress, metadata = _inner(members.get("progress")), _inner(members.get("metadata"))
        return cls(
            id=_identity(members),
            state=_state(members.get("state")),
            total_size=_number(progress.get("totalsize")) or 0,
            uploaded_size=_number(progress.get("uploadedsize")) or 0,
            source_url=text_or_none(members.get("sourceurl")),
            created_at=text_or_none(members.get("createdat")),
            updated_at=text_or_none(members.get("updatedat")),
            filename=text_or_none(metadata.get("filename")),
            mime_type=text_or_none(metadata.get("mimetype")),
            size=_number(metadata.get("size")),
            unique_identifier=text_or_none(metadata.get("uniqueidentifier")),
            message=text_or_none(members.get("message")),
        )

    def to_wire(self) -> dict[str, object]:
        """The ``UploadDto`` of this upload."""
        percentage = 100.0 * self.uploaded_size / self.total_size if self.total_size else 0.0
        completed = self.state is UploadState.COMPLETED
        document: dict[str, object] = {
            "id": self.id,
            "progress": {
                "totalSize": self.total_size,
                "uploadedSize": self.uploaded_size,
                "completedPercentage": 100.0 if completed else round(percentage, 2),
                "isCompleted": completed,
            },
            "state": str(self.state),
            "sourceUrl": self.source_url,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "metadata": {
                "filename": self.filename,
                "mimeType": self.mime_type,
                "size": self.size,
                "uniqueIdentifier": self.unique_identifier,
            },
        }
        return document if self.message is None else {**document, "message": self.message}


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file as the platform holds it (doc).

    Attributes:
        public_url: Where it can be had; None while its bytes are not all there (ours).
        unique_identifier: Beside the documented members. Ours: not verified against the live service.
    """

    id: str
    public_url: str | None = None
    source_url: str | None = None
    filename: str | None = None
    mime_type: str | None = None
    size: int | None = None
    extension: str | None = None
    width: int | None = None
    height: int | None = None
    unique_identifier: str | None = None
    location: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def from_wire(cls, document: object) -> "MediaFile":
        """The file that ``document`` is; the sizes are those of its image, or else of its video.

        Raises:
            TypeError: It is no object with an id.
        """
        members = fold(document)
        metadata, location = _inner(members.get("metadata")), _inner(members.get("location"))
        info = _inner(metadata.get("mediainfo"))
        sizes = _inner(info.get("image")) or _inner(info.get("video"))
        return cls(
            id=_identity(members),
            public_url=text_or_none(members.get("publicurl")) or None,
            source_url=text_or_none(members.get("sourceurl")),
            filename=text_or_none(metadata.get("filename")),
            mime_type=text_or_none(metadata.get("mimetype")),
            size=_number(metadata.get("size")),
            extension=text_or_none(metadata.get("extension")),
            width=_number(sizes.get("width")),
            height=_number(sizes.get("height")),
            unique_identifier=text_or_none(metadata.get("uniqueidentifier")),
            location={name: text_or_none(value) for name, value in location.items()},
        )

    def to_wire(self) -> dict[str, object]:
        """The ``MediaFileDto`` of this file."""
        names = ("hostName", "containerName", "fileName")
        image = None if self.width is None else {"width": self.width, "height": self.height}
        return {
            "id": self.id,
            "publicUrl": self.public_url,
            "sourceUrl": self.source_url,
            "location": {name: self.location.get(name.lower()) for name in names},
            "metadata": {
                "filename": self.filename,
                "mimeType": self.mime_type,
                "size": self.size,
                "extension": self.extension,
                "uniqueIdentifier": self.unique_identifier,
                "mediaInfo": {"image": image, "video": None},
            },
        }


@dataclass(frozen=True, slots=True)
class Sorted(Generic[T]):
    """An answer about many: what went well and why the rest did not, by a key; neither is ever null (doc).

    What the key is the documents do not say; ours is the unique identifier, or else the link. Not verified against
    the live service.
    """

    succeeded: Mapping[str, T]
    failures: Mapping[str, str]

    @classmethod
    def from_wire(cls, result: object, item: Callable[[object], T]) -> "Sorted[T]":
        """What an envelope's result says, each member read by ``item``.

        Raises:
            TypeError: It is no object of that shape.
        """
        members = fold(result)
        succeeded, failures = members.get("succeeded") or {}, members.get("failures") or {}
        if not isinstance(succeeded, Mapping) or not isinstance(failures, Mapping):
            raise TypeError("succeeded and failures are objects")
        return cls(
            {str(key): item(document) for key, document in succeeded.items()},
            {str(key): _message(document) for key, document in failures.items()},
        )

    def to_wire(self, item: Callable[[T], object]) -> dict[str, object]:
        """The JSON object, each member written by ``item``."""
        return {
            "succeeded": {key: item(value) for key, value in self.succeeded.items()},
            "failures": {key: {"message": message} for key, message in self.failures.items()},
        }


def _identity(members: Mapping[str, object]) -> str:
    found = members.get("id")
    if not isinstance(found, str) or not found:
        raise TypeError("an upload or a file needs an id that is text")
    return found


def _state(value: object) -> UploadState:
    known = {str(state).lower(): state for state in UploadState}
    return known.get(str(value).lower(), UploadState.PROGRESS)


def _inner(value: object) -> dict[str, object]:
    return fold(value) if isinstance(value, Mapping) else {}


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _message(document: object) -> str:
    members = _inner(document)
    return text_or_none(members.get("message")) or str(document)
