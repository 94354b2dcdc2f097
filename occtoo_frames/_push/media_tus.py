"""A file's bytes to the platform by TUS 1.0.0: a conversation that survives cuts anywhere.

Takes a content and what to call it, gives the file's id. Whatever happens to a chunk, the server is asked how much it
has (HEAD) and gets the rest; a lost answer costs no byte twice and none is missing. The ``Location`` of a new file is
used for its last part only, so that the token goes nowhere but to the platform.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from mimetypes import guess_type
from typing import Protocol
from urllib.parse import unquote, urlsplit

from occtoo_frames._push.media_files import find
from occtoo_frames._push.media_talk import Ask, NotDoneError, Talk, Wait, ask, status_of, why
from occtoo_frames.protocol import tus
from occtoo_frames.protocol.http import Request, Response
from occtoo_frames.protocol.meaning import Asked, Meaning
from occtoo_frames.protocol.media import UPLOADS_PATH, tus_path

STALLS = 6
"""How often in a row a chunk may come to nothing."""

_PASSING = {Meaning.UNANSWERED, Meaning.UNREACHABLE, Meaning.SERVER_ERROR, Meaning.THROTTLED}
_PASSING_STATUSES = {tus.OFFSET_DIFFERS, tus.LOCKED, tus.CHECKSUM_DIFFERS}
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 5.0
_TUS = {"Tus-Resumable": tus.VERSION}


class Content(Protocol):
    """Bytes that can be read anywhere."""

    @property
    def size(self) -> int:
        """How many there are."""

    def read(self, offset: int, count: int) -> bytes | memoryview:
        """At most ``count`` bytes from ``offset`` on."""


class Memory(Protocol):
    """What is remembered of one upload that has begun, also by the next process."""

    def recall(self) -> str | None:
        """The id of the file that was begun."""

    def announced(self) -> bool:
        """True if it was about to begin, and may have."""

    def announce(self) -> None:
        """It is about to begin."""

    def note(self, file_id: str) -> None:
        """It has begun."""

    def forget(self) -> None:
        """It has ended."""


def described(filename: str, size: int, unique_identifier: str | None) -> dict[str, str]:
    """What ``Upload-Metadata`` says of a file (doc)."""
    mime_type = guess_type(filename, strict=False)[0] or "application/octet-stream"
    said = {"Filename": filename, "MimeType": mime_type, "Size": str(size)}
    return said if unique_identifier is None else {**said, "UniqueIdentifier": unique_identifier}


def send_file(
    base_url: str,
    content: Content,
    metadata: Mapping[str, str],
    memory: Memory,
    *,
    chunk_bytes: int = tus.CHUNK_BYTES,
    moved: Callable[[int], None] = lambda _: None,
) -> Talk[str]:
    """The id of the file, all of whose bytes the platform has.

    Args:
        base_url: The platform.
        content: The bytes.
        metadata: What is said of them.
        memory: Knows whether this very content was begun before.
        chunk_bytes: How much goes in one request.
        moved: Told how many bytes the platform has.

    Raises:
        NotDoneError: It could not be brought to its end; what was sent is remembered.
    """
    file_id = memory.recall()
    offset = None if file_id is None else (yield from resumed(base_url, file_id, content.size))
    if file_id is None or offset is None:
        memory.announce()
        file_id, offset = (yield from _begin(base_url, content.size, metadata)), 0
        memory.note(file_id)
    yield from _send(f"{base_url}{tus_path(file_id)}", content, offset, chunk_bytes, moved)
    memory.forget()
    return file_id


def _begin(base_url: str, size: int, metadata: Mapping[str, str]) -> Talk[str]:
    """The id of the new file; one whose making was answered by an answer that got lost is found again, still empty."""
    headers = {"Upload-Length": str(size), "Upload-Metadata": tus.to_metadata(metadata)}
    asked = yield from ask(Request("POST", f"{base_url}{UPLOADS_PATH}", _TUS | headers))
    if isinstance(asked.event, Response) and asked.event.ok:
        return _id_in(asked)
    identifier = metadata.get("UniqueIdentifier")
    if status_of(asked) == HTTPStatus.CONFLICT and asked.unsure and identifier is not None:
        found = yield from find(base_url, [identifier])
        if identifier in found and (yield from resumed(base_url, found[identifier].id, size)) == 0:
            return found[identifier].id
    raise NotDoneError(why(asked), asked)


def resumed(base_url: str, file_id: str, size: int) -> Talk[int | None]:
    """How much of the file is there; None if it is gone, or is another one."""
    asked = yield from ask(Request("HEAD", f"{base_url}{tus_path(file_id)}", _TUS))
    if status_of(asked) in _GONE:
        return None
    offset = _offset(asked)
    if offset is None:
        raise NotDoneError(why(asked), asked)
    length = tus.number(_headers(asked), tus.LENGTH)
    return offset if length in {None, size} and offset <= size else None


def _send(url: str, content: Content, offset: int, chunk_bytes: int, moved: Callable[[int], None]) -> Talk[None]:
    stalls = 0
    while offset < content.size:
        chunk = content.read(offset, min(chunk_bytes, content.size - offset))
        if not chunk:
            raise NotDoneError("the file became shorter while it was sent")
        asked: Asked = yield Ask(_patch(url, offset, chunk), repeat=False)
        reached = _offset(asked)
        if reached is None or not offset <= reached <= offset + len(chunk):
            stalls += 1
            reached = yield from _asked_again(url, asked, stalls)
        if reached > content.size:
            raise NotDoneError("the platform says that it has more bytes than the file", asked)
        stalls = 0 if reached > offset else stalls
        offset = reached
        moved(offset)


def _asked_again(url: str, asked: Asked, stalls: int) -> Talk[int]:
    """How much the platform has after a chunk went wrong.

    Raises:
        NotDoneError: It went wrong for good.
    """
    passing = asked.meaning in _PASSING or asked.meaning is Meaning.DONE or status_of(asked) in _PASSING_STATUSES
    if asked.fatal is not None or not passing or stalls >= STALLS:
        raise NotDoneError(why(asked), asked)
    yield Wait(min(_FIRST_WAIT_S * 2.0 ** (stalls - 1), _LONGEST_WAIT_S))
    head = yield from ask(Request("HEAD", url, _TUS))
    offset = _offset(head)
    if offset is None:
        raise NotDoneError(why(head), head)
    return offset


def _patch(url: str, offset: int, chunk: bytes | memoryview) -> Request:
    return Request("PATCH", url, _TUS | {"Content-Type": tus.CHUNK_TYPE, "Upload-Offset": str(offset)}, chunk)


def _headers(asked: Asked) -> Mapping[str, str]:
    return asked.event.headers if isinstance(asked.event, Response) else {}


def _offset(asked: Asked) -> int | None:
    done = isinstance(asked.event, Response) and asked.event.ok
    return tus.number(_headers(asked), tus.OFFSET) if done else None


def _id_in(asked: Asked) -> str:
    found = unquote(urlsplit(_headers(asked).get("location", "")).path.rstrip("/").rpartition("/")[2])
    if not found or found in {".", ".."}:
        raise NotDoneError("the platform created a file and did not say where", asked)
    return found
