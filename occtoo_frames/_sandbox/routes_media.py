"""The media side over HTTP: links, progress, files, and the files themselves for everybody. TUS has its own room.

Requests in, the documented envelopes out. The documents do not say how refusals look: 400 for a malformed request, 404
for an unknown id are ours (not verified against the live service).
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from occtoo_frames._sandbox.answers import json, problem, refusal, request_id
from occtoo_frames._sandbox.core import Core
from occtoo_frames._sandbox.media import PUBLIC_PATH, TakenError
from occtoo_frames._sandbox.media_links import start
from occtoo_frames._sandbox.routes_tus import tus_routes
from occtoo_frames.protocol.envelope import Envelope, WireError
from occtoo_frames.protocol.fold import fold
from occtoo_frames.protocol.media import (
    BATCH_PATH,
    LINKS_PATH,
    MAX_IDENTIFIERS,
    MAX_LINKS,
    Link,
    MediaFile,
    Sorted,
    Upload,
)

_MAX_BODY = 2_000_000
_PUBLIC_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "x-content-type-options": "nosniff",
    "cache-control": "public, max-age=60",
}
Endpoint = Callable[[Request], Awaitable[Response]]


def routes() -> list[Route]:
    """The routes of the media side; they belong before the four-part catch-all."""
    return [
        Route(LINKS_PATH, guarded(put_links), methods=["PUT"]),
        *tus_routes(guarded),
        Route("/media/uploads/{upload_id}", guarded(get_upload), methods=["GET"]),
        Route(BATCH_PATH, guarded(batch), methods=["POST"]),
        Route("/media/files/{file_id}", guarded(one_file), methods=["GET", "DELETE"]),
        Route(PUBLIC_PATH + "/{file_id}/{name}", public, methods=["GET"]),
    ]


def guarded(endpoint: Endpoint) -> Endpoint:
    """``endpoint`` for those with a data provider's token; 401 for others, their body read to its end."""

    async def answer(request: Request) -> Response:
        core: Core = request.app.state.core
        if core.tokens.holds("provider", request.headers.get("authorization")):
            return await endpoint(request)
        async for _ in request.stream():
            continue
        return refusal(HTTPStatus.UNAUTHORIZED, [WireError("The access token is missing, invalid or expired")])

    return answer


async def put_links(request: Request) -> Response:
    """202 with an upload for each link that is fetched and a reason for each that is not (doc)."""
    core: Core = request.app.state.core
    try:
        listed = fold(await _document(request)).get("links")
        if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_LINKS:
            return _bad("links", f"from 1 to {MAX_LINKS} links are taken")
        links = [Link.from_wire(each) for each in listed]
    except (ValueError, TypeError) as error:
        return _bad("links", str(error))
    try:
        started = await run_in_threadpool(start, core.media, core.fetcher, links)
    except TakenError:
        return refusal(HTTPStatus.CONFLICT, [WireError("An identifier came into use meanwhile")])
    return _enveloped(started.to_wire(Upload.to_wire), HTTPStatus.ACCEPTED)


async def get_upload(request: Request) -> Response:
    """The upload (doc)."""
    core: Core = request.app.state.core
    try:
        return _enveloped(core.media.upload(request.path_params["upload_id"]).to_wire())
    except (KeyError, FileNotFoundError):
        return _unknown("upload")


async def batch(request: Request) -> Response:
    """The files of some identifiers: 200 if all were found, 202 if not (doc)."""
    core: Core = request.app.state.core
    try:
        wanted = fold(await _document(request)).get("uniqueidentifiers")
    except (ValueError, TypeError) as error:
        return _bad("uniqueIdentifiers", str(error))
    if not isinstance(wanted, list) or not all(isinstance(each, str) for each in wanted):
        return _bad("uniqueIdentifiers", "a list of texts is needed")
    if len(wanted) > MAX_IDENTIFIERS:
        return _bad("uniqueIdentifiers", f"at most {MAX_IDENTIFIERS} are taken")
    found, missing = dict[str, MediaFile](), dict[str, str]()
    for identifier in wanted:
        try:
            found[identifier] = core.media.identified(identifier, _origin(request))
        except KeyError:
            missing[identifier] = "No file has this unique identifier."
    status = HTTPStatus.ACCEPTED if missing else HTTPStatus.OK
    return _enveloped(Sorted(found, missing).to_wire(MediaFile.to_wire), status)


async def one_file(request: Request) -> Response:
    """The file (doc); 204 once it is deleted (doc), 404 if there is none (doc)."""
    core: Core = request.app.state.core
    file_id = request.path_params["file_id"]
    try:
        if request.method == "DELETE":
            await run_in_threadpool(core.media.delete, file_id)
            return Response(status_code=HTTPStatus.NO_CONTENT)
        return _enveloped(core.media.file(file_id, _origin(request)).to_wire())
    except KeyError:
        return _unknown("file")


async def public(request: Request) -> Response:
    """The bytes of a file, whole or in ranges, for everybody."""
    core: Core = request.app.state.core
    file_id = request.path_params["file_id"]
    try:
        record = core.media.public(file_id)
    except KeyError:
        return problem(HTTPStatus.NOT_FOUND, "There is no such file.")
    return FileResponse(core.media.path(file_id), headers=_PUBLIC_HEADERS, media_type=record.mime_type)


async def _document(request: Request) -> object:
    body = b""
    async for piece in request.stream():
        body = body + piece if len(body) <= _MAX_BODY else body
    if len(body) > _MAX_BODY:
        raise ValueError("the request is too large")
    document: object = orjson.loads(body)
    return document


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _enveloped(result: object, status: int = HTTPStatus.OK) -> Response:
    return json(Envelope(result, (), request_id()).to_wire(), status)


def _bad(name: str, detail: str) -> Response:
    return refusal(HTTPStatus.BAD_REQUEST, [WireError("Invalid request", name, detail)])


def _unknown(what: str) -> Response:
    return refusal(HTTPStatus.NOT_FOUND, [WireError(f"There is no such {what}")])
