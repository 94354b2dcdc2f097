"""What becomes of each file: sent, waited for, left alone or replaced. Conversations, and the words for their ends.

Takes links and contents with their identifiers, gives an ``Ending`` for each. Knows no frame, no thread and no wire.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, TypeAlias

from occtoo_frames._push.media_files import facts, find, remove, settle
from occtoo_frames._push.media_links import send_links
from occtoo_frames._push.media_talk import NotDoneError, Talk
from occtoo_frames._push.media_tus import Content, Memory, described, resumed, send_file
from occtoo_frames.protocol.media import Link, MediaFile, Upload, UploadState

OnExisting: TypeAlias = Literal["skip", "fail", "replace"]
REHEARSAL = ".replacing"
"""Ends the identifier under which a new file stands until the old one may go."""


class MediaState(StrEnum):
    """What became of a file; every row has exactly one."""

    UPLOADED = "uploaded"
    """The platform has it, and says so."""

    SKIPPED = "skipped"
    """The platform had it before, or there was nothing to send."""

    FAILED = "failed"
    """It is not there as asked for; the reason says why."""

    PENDING = "pending"
    """It was taken and was not ready when the waiting ended."""

    DELETED = "deleted"
    """It was there and is no more."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of one file."""

    state: MediaState
    file_id: str | None = None
    file: MediaFile | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """How files are sent.

    Attributes:
        base_url: The platform.
        on_existing: What happens to an identifier in use.
        patience_s: How long each request's files are waited for; 0 for not at all.
    """

    base_url: str
    on_existing: OnExisting
    patience_s: float


@dataclass(frozen=True, slots=True)
class Parcel:
    """One file to send: a link, or a content.

    Attributes:
        content: Opened when its turn comes.
        memory: Of its upload, by the identifier that it is sent under.
    """

    filename: str
    unique_identifier: str | None
    link: str | None = None
    content: Callable[[], Content] | None = None
    memory: Callable[[Content, str | None], Memory] | None = None

    def as_link(self) -> Link:
        """The link to send."""
        return Link(self.link or "", self.filename, self.unique_identifier)


def send_new_links(terms: Terms, parcels: Sequence[Parcel]) -> Talk[list[Ending]]:
    """The endings of links whose identifiers are free, sent in one request."""
    told = yield from send_links(terms.base_url, [parcel.as_link() for parcel in parcels])
    taken = [said.id for said in told if isinstance(said, Upload)]
    seen = yield from _waited_for(terms, taken)
    endings: list[Ending] = []
    for parcel, said in zip(parcels, told, strict=True):
        if isinstance(said, str):
            endings.append(Ending(MediaState.FAILED, reason=said))
        else:
            endings.append((yield from _ending(terms, parcel, seen[said.id])))
    return endings


def send_one(terms: Terms, parcel: Parcel, existing: MediaFile | None) -> Talk[Ending]:
    """The ending of one parcel, whose identifier may be in use by ``existing``."""
    if existing is None or (existing.public_url is None and (yield from _is_own(terms, parcel, existing))):
        return (yield from _put(terms, parcel))
    if terms.on_existing == "replace":
        return (yield from _replace(terms, parcel, existing))
    if terms.on_existing == "fail":
        return Ending(MediaState.FAILED, existing.id, existing, f"its identifier is in use by file {existing.id}")
    return (yield from _skip(terms, parcel, existing))


def _put(terms: Terms, parcel: Parcel) -> Talk[Ending]:
    if parcel.content is None:
        (ending,) = yield from send_new_links(terms, [parcel])
        return ending
    content = parcel.content()
    metadata = described(parcel.filename, content.size, parcel.unique_identifier)
    memory = parcel.memory(content, parcel.unique_identifier) if parcel.memory else Forgetful()
    file_id = yield from send_file(terms.base_url, content, metadata, memory)
    seen = yield from _waited_for(terms, [file_id])
    return (yield from _ending(terms, parcel, seen[file_id]))


def _skip(terms: Terms, parcel: Parcel, existing: MediaFile) -> Talk[Ending]:
    if existing.public_url is not None:
        return Ending(MediaState.SKIPPED, existing.id, existing, "the platform has a file of this identifier")
    if existing.source_url is not None:
        seen = yield from _waited_for(terms, [existing.id])
        ending = yield from _ending(terms, parcel, seen[existing.id])
        done = ending.state is MediaState.UPLOADED
        return replace(ending, state=MediaState.SKIPPED, reason="it was under way already") if done else ending
    return Ending(
        MediaState.PENDING,
        existing.id,
        None,
        "an unfinished upload holds its identifier: on_existing='replace' ends it",
    )


def _replace(terms: Terms, parcel: Parcel, existing: MediaFile) -> Talk[Ending]:
    """The old file goes only after the platform has taken the new one, under another identifier."""
    kept = f"the old file {existing.id} stays: the new one was refused"
    aside = replace(parcel, unique_identifier=f"{parcel.unique_identifier}{REHEARSAL}")
    patient = replace(terms, patience_s=max(terms.patience_s, 30.0))
    try:
        rehearsal = yield from _rehearse(patient, aside)
    except (NotDoneError, OSError) as error:
        if isinstance(error, NotDoneError) and error.stops:
            raise
        return Ending(MediaState.FAILED, existing.id, existing, f"{kept}: {error}")
    if rehearsal.state is not MediaState.UPLOADED or rehearsal.file_id is None:
        if rehearsal.file_id is not None:
            yield from remove(terms.base_url, rehearsal.file_id)
        return Ending(MediaState.FAILED, existing.id, existing, f"{kept}: {rehearsal.reason}")
    yield from remove(terms.base_url, existing.id)
    try:
        ending = yield from _put(terms, parcel)
    except (NotDoneError, OSError) as error:
        ending = Ending(MediaState.FAILED, reason=str(error))
    if ending.state is MediaState.FAILED:
        said = f"the old file is gone, the new one stands under {aside.unique_identifier!r}: {ending.reason}"
        return replace(rehearsal, state=MediaState.FAILED, reason=said)
    yield from remove(terms.base_url, rehearsal.file_id)
    return ending


def _rehearse(terms: Terms, aside: Parcel) -> Talk[Ending]:
    left = yield from find(terms.base_url, [str(aside.unique_identifier)])
    for file in left.values():
        yield from remove(terms.base_url, file.id)
    return (yield from _put(terms, aside))


def _waited_for(terms: Terms, upload_ids: Sequence[str]) -> Talk[dict[str, Upload]]:
    """The last known state of each upload; what cannot be asked for any more is not known to have ended."""
    unseen = {each: Upload(each, UploadState.PROGRESS) for each in upload_ids}
    if not terms.patience_s:
        return unseen
    try:
        return (yield from settle(terms.base_url, upload_ids, patience_s=terms.patience_s))
    except NotDoneError as error:
        said = f"it was sent; how far it is could not be asked: {error}"
        return {each: replace(upload, message=said) for each, upload in unseen.items()}


def _ending(terms: Terms, parcel: Parcel, upload: Upload) -> Talk[Ending]:
    if upload.state in {UploadState.FAILED, UploadState.CANCELLED}:
        said = f"the upload is {upload.state.lower()}" + (f": {upload.message}" if upload.message else "")
        return Ending(MediaState.FAILED, upload.id, None, said)
    if upload.state is not UploadState.COMPLETED:
        reason = upload.message or ("it is still being processed" if terms.patience_s else None)
        return Ending(MediaState.PENDING, upload.id, None, reason)
    try:
        file = yield from facts(terms.base_url, upload.id)
        if file is None and parcel.unique_identifier is not None:
            file = (yield from find(terms.base_url, [parcel.unique_identifier])).get(parcel.unique_identifier)
    except NotDoneError as error:
        return Ending(MediaState.UPLOADED, upload.id, None, f"what the platform made of it could not be read: {error}")
    return Ending(MediaState.UPLOADED, upload.id if file is None else file.id, file)


def _is_own(terms: Terms, parcel: Parcel, existing: MediaFile) -> Talk[bool]:
    """True if ``existing`` is what an earlier run began to send of this very content; it is then remembered.

    A run that ended between asking for the file and hearing of it left an announcement only, and an empty file.
    """
    if parcel.content is None or parcel.memory is None:
        return False
    content = parcel.content()
    memory = parcel.memory(content, parcel.unique_identifier)
    announced = memory.recall() is None and memory.announced()
    if announced and (yield from resumed(terms.base_url, existing.id, content.size)) == 0:
        memory.note(existing.id)
    return memory.recall() == existing.id


class Forgetful:
    """A memory for uploads that nobody goes on with."""

    def recall(self) -> str | None:
        """None."""
        return None

    def announced(self) -> bool:
        """False."""
        return False

    def announce(self) -> None:
        """Nothing is kept."""

    def note(self, file_id: str) -> None:
        """Nothing is kept."""

    def forget(self) -> None:
        """There is nothing to forget."""
