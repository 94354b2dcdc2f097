"""TUS 1.0.0 over HTTP: create, append, ask for the offset; with the extensions creation and checksum.

Bytes that arrived before a cut are kept, as the protocol wants; a chunk with a checksum is kept whole or not at all.
"""

import hashlib
import hmac
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any, BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from occtoo_frames._sandbox.answers import refusal
from occtoo_frames._sandbox.core import Core
from occtoo_frames._sandbox.media import Library, TakenError
from occtoo_frames._sandbox.media_links import TAKEN, name_flaw
from occtoo_frames.protocol import tus
from occtoo_frames.protocol.envelope import WireError
from occtoo_frames.protocol.media import MAX_IDENTIFIER_LENGTH, UPLOADS_PATH, tus_path

_HEADERS = {"tus-resumable": tus.VERSION, "cache-control": "no-store"}


class RefusedChunkError(Exception):
    """A request that TUS refuses: the status and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


def tus_routes(guarded: Callable[[Any], Any]) -> list[Route]:
    """The routes of TUS, each behind ``guarded``."""
    return [
        Route(UPLOADS_PATH, options, methods=["OPTIONS"]),
        Route(UPLOADS_PATH, guarded(_speaking_tus(create)), methods=["POST"]),
        Route(UPLOADS_PATH + "/{file_id}", guarded(_speaking_tus(append)), methods=["PATCH"]),
        Route(UPLOADS_PATH + "/{file_id}", guarded(_speaking_tus(offset)), methods=["HEAD"]),
    ]


async def options(request: Request) -> Response:
    """What this server speaks (TUS)."""
    core: Core = request.app.state.core
    said = {
        "tus-version": tus.VERSION,
        "tus-extension": ",".join(tus.EXTENSIONS),
        "tus-checksum-algorithm": ",".join(tus.CHECKSUMS),
        "tus-max-size": str(core.settings.media_max_bytes),
    }
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=_HEADERS | said)


async def create(request: Request) -> Response:
    """201 and where the bytes go (TUS); an identifier in use is refused with 409 (doc)."""
    core: Core = request.app.state.core
    length = tus.number(request.headers, tus.LENGTH)
    if length is None:
        raise RefusedChunkError(HTTPStatus.BAD_REQUEST, "Upload-Length is missing; it cannot be deferred")
    if length > core.settings.media_max_bytes:
        raise RefusedChunkError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the file is larger than Tus-Max-Size")
    draft = {**_described(request.headers.get(tus.METADATA, "")), "size": length}
    try:
        (record,) = await run_in_threadpool(core.media.create, [draft])
    except TakenError:
        raise RefusedChunkError(HTTPStatus.CONFLICT, TAKEN) from None
    if not length:
        await run_in_threadpool(core.media.finish, record.id)
    location = f"{request.url.scheme}://{request.url.netloc}{tus_path(record.id)}"
    return Response(status_code=HTTPStatus.CREATED, headers=_HEADERS | {"location": location})


async def append(request: Request) -> Response:
    """204 and the new offset once the chunk is kept (TUS)."""
    core: Core = request.app.state.core
    file_id = _known(core.media, request)
    if request.headers.get("content-type") != tus.CHUNK_TYPE:
        raise RefusedChunkError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"the content type is {tus.CHUNK_TYPE}")
    lock = core.media.lock(file_id)
    if not lock.acquire(blocking=False):
        raise RefusedChunkError(HTTPStatus.LOCKED, "another chunk of this file is on its way")
    try:
        received = await _append(core.media, file_id, request)
    finally:
        lock.release()
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=_HEADERS | {tus.OFFSET: str(received)})


async def offset(request: Request) -> Response:
    """How many bytes are there (TUS)."""
    core: Core = request.app.state.core
    file_id = _known(core.media, request)
    said = {
        tus.OFFSET: str(core.media.received(file_id)),
        tus.LENGTH: str(core.media.record(file_id).size),
    }
    return Response(headers=_HEADERS | said)


async def _append(library: Library, file_id: str, request: Request) -> int:
    begin, size = library.received(file_id), library.record(file_id).size or 0
    if tus.number(request.headers, tus.OFFSET) != begin:
        raise RefusedChunkError(tus.OFFSET_DIFFERS, f"Upload-Offset is not {begin}")
    if begin + (tus.number(request.headers, "content-length") or 0) > size:
        raise RefusedChunkError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the chunk ends behind Upload-Length")
    checksum = _checksum(request.headers.get(tus.CHECKSUM))
    with library.path(file_id).open("ab") as file:
        try:
            await _take(request, file, size, checksum)
        except BaseException:
            if checksum is not None:
                file.truncate(begin)
            raise
        finally:
            await run_in_threadpool(library.settled, file)
        received = file.tell()
    if received == size and not library.record(file_id).complete:
        await run_in_threadpool(library.finish, file_id)
    return received


async def _take(request: Request, file: BinaryIO, size: int, checksum: tuple[str, bytes] | None) -> None:
    digest = None if checksum is None else hashlib.new(checksum[0], usedforsecurity=False)
    async for piece in request.stream():
        if file.tell() + len(piece) > size:
            raise RefusedChunkError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the chunk ends behind Upload-Length")
        file.write(piece)
        if digest is not None:
            digest.update(piece)
    if digest is not None and checksum is not None and not hmac.compare_digest(digest.digest(), checksum[1]):
        raise RefusedChunkError(tus.CHECKSUM_DIFFERS, "the bytes do not have this checksum")


def _speaking_tus(endpoint: Callable[[Request], Any]) -> Callable[[Request], Any]:
    """``endpoint`` for requests of this version, its refusals as answers, the body read to its end."""

    async def answer(request: Request) -> Response:
        try:
            _same_version(request)
            response: Response = await endpoint(request)
        except ClientDisconnect:
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        except RefusedChunkError as refused:
            await _drain(request)
            response = refusal(refused.status, [WireError("Refused", None, refused.why)])
            response.headers.update(_HEADERS | {"tus-version": tus.VERSION})
        return response

    return answer


def _same_version(request: Request) -> None:
    if request.headers.get("tus-resumable") != tus.VERSION:
        raise RefusedChunkError(HTTPStatus.PRECONDITION_FAILED, f"Tus-Resumable is not {tus.VERSION}")


async def _drain(request: Request) -> None:
    with suppress(RuntimeError, ClientDisconnect):  # read to its end before, or never to be read
        async for _ in request.stream():
            continue


def _known(library: Library, request: Request) -> str:
    file_id = str(request.path_params["file_id"])
    try:
        record = library.record(file_id)
    except KeyError:
        raise RefusedChunkError(HTTPStatus.NOT_FOUND, "there is no such upload") from None
    if record.source_url is not None:
        raise RefusedChunkError(HTTPStatus.NOT_FOUND, "this upload is fetched from a link")
    return file_id


def _described(header: str) -> dict[str, str | None]:
    try:
        said = tus.from_metadata(header)
    except ValueError as error:
        raise RefusedChunkError(HTTPStatus.BAD_REQUEST, str(error)) from None
    filename, identifier = said.get("filename") or "", said.get("uniqueidentifier") or None
    flaw = name_flaw(filename)
    if flaw is None and len(identifier or "") > MAX_IDENTIFIER_LENGTH:
        flaw = f"A unique identifier has at most {MAX_IDENTIFIER_LENGTH} characters."
    if flaw is not None:
        raise RefusedChunkError(HTTPStatus.BAD_REQUEST, flaw)
    return {"filename": filename, "mime_type": said.get("mimetype"), "unique_identifier": identifier}


def _checksum(header: str | None) -> tuple[str, bytes] | None:
    try:
        return None if header is None else tus.from_checksum(header)
    except ValueError as error:
        raise RefusedChunkError(HTTPStatus.BAD_REQUEST, str(error)) from None
