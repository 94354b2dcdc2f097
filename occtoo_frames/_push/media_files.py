"""Conversations about files that the platform has: found by identifier or id, waited for, deleted."""

from collections.abc import Sequence
from http import HTTPStatus

from occtoo_frames._push.media_talk import (
    NotDoneError,
    Talk,
    Wait,
    ask,
    expect,
    get_request,
    json_request,
    result_of,
    status_of,
    why,
)
from occtoo_frames.protocol.http import Request, Response
from occtoo_frames.protocol.media import (
    BATCH_PATH,
    MAX_IDENTIFIERS,
    MediaFile,
    Sorted,
    Upload,
    UploadState,
    file_path,
    upload_path,
)

_FIRST_WAIT_S, _LONGEST_WAIT_S, _GROWTH = 0.1, 5.0, 1.6


def find(base_url: str, identifiers: Sequence[str]) -> Talk[dict[str, MediaFile]]:
    """The files of ``identifiers``, by identifier; those that the platform does not know are left out (doc)."""
    found: dict[str, MediaFile] = {}
    for start in range(0, len(identifiers), MAX_IDENTIFIERS):
        wanted = identifiers[start : start + MAX_IDENTIFIERS]
        request = json_request("POST", f"{base_url}{BATCH_PATH}", {"uniqueIdentifiers": list(wanted)})
        asked = yield from expect(request)
        answer = result_of(asked, lambda result: Sorted.from_wire(result, MediaFile.from_wire))
        lower = {identifier.lower(): identifier for identifier in wanted}
        for key, file in answer.succeeded.items():
            identifier = key if key in wanted else lower.get((file.unique_identifier or key).lower())
            if identifier is not None:
                found[identifier] = file
    return found


def facts(base_url: str, file_id: str) -> Talk[MediaFile | None]:
    """The file, None if there is none."""
    asked = yield from ask(get_request(f"{base_url}{file_path(file_id)}"))
    if status_of(asked) in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return None
    if status_of(asked) != HTTPStatus.OK:
        raise NotDoneError(why(asked), asked)
    return result_of(asked, MediaFile.from_wire)


def progress(base_url: str, upload_id: str) -> Talk[Upload | None]:
    """How far an upload is; None if the platform does not know it."""
    asked = yield from ask(get_request(f"{base_url}{upload_path(upload_id)}"))
    if status_of(asked) in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return None
    if status_of(asked) != HTTPStatus.OK:
        raise NotDoneError(why(asked), asked)
    return result_of(asked, Upload.from_wire)


def settle(base_url: str, upload_ids: Sequence[str], *, patience_s: float) -> Talk[dict[str, Upload]]:
    """The last known state of each upload: ended, or where it was when patience ran out.

    One that the platform does not know as an upload counts as completed if it is a file, else as cancelled.
    """
    seen: dict[str, Upload] = {}
    open_ids = list(dict.fromkeys(upload_ids))
    waited_s, wait_s = 0.0, _FIRST_WAIT_S
    while True:
        for upload_id in open_ids:
            seen[upload_id] = yield from _look(base_url, upload_id)
        open_ids = [each for each in open_ids if not seen[each].state.ended]
        if not open_ids or waited_s >= patience_s:
            return seen
        wait_s = min(wait_s, patience_s - waited_s)
        yield Wait(wait_s)
        waited_s += wait_s
        wait_s = min(wait_s * _GROWTH, _LONGEST_WAIT_S)


def remove(base_url: str, file_id: str) -> Talk[bool]:
    """True if the file was there and is deleted, False if there was none (doc)."""
    asked = yield from ask(Request("DELETE", f"{base_url}{file_path(file_id)}"))
    if status_of(asked) in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return asked.unsure  # an attempt without an answer may have deleted it
    if not (isinstance(asked.event, Response) and asked.event.ok):
        raise NotDoneError(why(asked), asked)
    return True


def _look(base_url: str, upload_id: str) -> Talk[Upload]:
    upload = yield from progress(base_url, upload_id)
    if upload is not None:
        return upload
    file = yield from facts(base_url, upload_id)
    state = UploadState.CANCELLED if file is None else UploadState.COMPLETED
    return Upload(upload_id, state, message="the platform does not know the upload any more" if file is None else None)
