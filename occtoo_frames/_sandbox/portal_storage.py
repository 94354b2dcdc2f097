"""The storage behind signed addresses: objects put, got and looked at, as S3 does it.

What is wrong is said in this order (doc): parameters, expiry, signature, ``Transfer-Encoding``, ``Content-Length``,
size, a body cut short, ``Content-MD5``. An object is stored whole or not at all. A header of the portal's that comes
here is refused, which S3 would not do: nobody but a careless client sends it.
"""

import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from re import fullmatch
from secrets import token_hex
from urllib.parse import parse_qsl, unquote
from xml.sax.saxutils import escape

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from occtoo_frames._sandbox.core import Core
from occtoo_frames._sandbox.portal import Portal
from occtoo_frames._sandbox.store_portal import StoredObject
from occtoo_frames.protocol.carecloud import API_KEY, BUCKET, WORKSPACE

MAX_OBJECT_BYTES = 5 * 1024**3
_PIECE = 1 << 20
_BROKEN = {
    "parameters": ("AuthorizationQueryParametersError", "Query-string authentication is incomplete", 400),
    "expired": ("AccessDenied", "Request has expired", 403),
    "signature": ("SignatureDoesNotMatch", "The request signature we calculated does not match", 403),
}


def routes() -> list[Route]:
    """The routes of the storage."""
    return [
        Route("/storage/{path:path}", put_object, methods=["PUT"]),
        Route("/storage/{path:path}", get_object, methods=["GET", "HEAD"]),
    ]


async def put_object(request: Request) -> Response:
    """200 with the ETag once the object is stored; S3's refusal otherwise."""
    portal = _portal(request)
    refusal = _unsigned(request, portal) or _unsized(request)
    if refusal is not None:
        async for _ in request.stream():
            continue
        return refusal
    path = unquote(_path(request))
    part = portal.place(f"{path} {token_hex(8)}").with_suffix(".part")
    _ = portal.store
    try:
        return await _receive(request, portal, path, part)
    finally:
        part.unlink(missing_ok=True)


async def get_object(request: Request) -> Response:
    """The object, or the range of it that is asked for."""
    portal = _portal(request)
    refusal = _unsigned(request, portal)
    path = unquote(_path(request))
    stored = portal.store.object(path)
    if refusal is not None or stored is None:
        return refusal or _error("NoSuchKey", "The specified key does not exist.", HTTPStatus.NOT_FOUND)
    asked = _range(request.headers.get("range"), stored.size)
    headers = {"ETag": f'"{stored.etag}"', "Accept-Ranges": "bytes", "Content-Type": "application/octet-stream"}
    if asked is None:
        told = {"Content-Range": f"bytes */{stored.size}"}
        return _error("InvalidRange", "The requested range is not satisfiable", 416, told)
    start, end = asked
    headers["Content-Length"] = str(end - start)
    status = HTTPStatus.OK
    if request.headers.get("range"):
        status, headers["Content-Range"] = HTTPStatus.PARTIAL_CONTENT, f"bytes {start}-{end - 1}/{stored.size}"
    if request.method == "HEAD":
        return Response(None, status, headers)
    return StreamingResponse(_pieces(portal.place(path), start, end), status, headers)


def _portal(request: Request) -> Portal:
    core: Core = request.app.state.core
    return core.portal


def _path(request: Request) -> str:
    raw: bytes = request.scope["raw_path"]
    return raw.decode("ascii").partition("?")[0].removeprefix("/storage/")


def _unsigned(request: Request, portal: Portal) -> Response | None:
    query = parse_qsl(request.scope["query_string"].decode("ascii", "replace"), keep_blank_values=True)
    now = datetime.now(UTC).replace(tzinfo=None)
    broken = portal.keys.signer.broken(
        request.method, f"/storage/{_path(request)}", query, request.headers.get("host", ""), now
    )
    if broken is not None:
        return _error(*_BROKEN[broken])
    leaked = [name for name in (API_KEY, WORKSPACE, BUCKET, "authorization") if name.lower() in request.headers]
    return _error("InvalidRequest", f"The header {leaked[0]} is not for this host", 400) if leaked else None


def _unsized(request: Request) -> Response | None:
    if "transfer-encoding" in request.headers:
        said = "A header you provided implies functionality that is not implemented"
        return _error("NotImplemented", said, HTTPStatus.NOT_IMPLEMENTED)
    length = request.headers.get("content-length")
    if length is None:
        return _error("MissingContentLength", "You must provide the Content-Length HTTP header.", 411)
    if int(length) > MAX_OBJECT_BYTES:
        return _error("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400)
    return None


async def _receive(request: Request, portal: Portal, path: str, part: Path) -> Response:
    digest, size = hashlib.md5(usedforsecurity=False), 0
    try:
        with part.open("wb") as stream:
            async for piece in request.stream():
                stream.write(piece)
                digest.update(piece)
                size += len(piece)
    except ClientDisconnect:
        return _error("IncompleteBody", "You did not provide the number of bytes you said", 400)
    wanted = request.headers.get("content-md5")
    if wanted is not None and wanted != b64encode(digest.digest()).decode():
        return _error("BadDigest", "The Content-MD5 you specified did not match what we received.", 400)
    portal.keep(path, part, StoredObject(path, size, digest.hexdigest()))
    told = "0" * 32 if portal.trouble.take("wrong_etag") else digest.hexdigest()
    return Response(None, HTTPStatus.OK, {"ETag": f'"{told}"'})


def _range(said: str | None, size: int) -> tuple[int, int] | None:
    """Start and end of what is asked for, the whole if nothing is said; None if there is no such part."""
    if not said:
        return 0, size
    found = fullmatch(r"bytes=(\d*)-(\d*)", said.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        return (max(0, size - int(found[2])), size) if size and int(found[2]) else None
    start, end = int(found[1]), min(size, int(found[2]) + 1 if found[2] else size)
    return (start, end) if start < end else None


async def _pieces(place: Path, start: int, end: int) -> AsyncIterator[bytes]:
    with place.open("rb") as stream:
        stream.seek(start)
        while start < end and (piece := stream.read(min(_PIECE, end - start))):
            start += len(piece)
            yield piece


def _error(code: str, message: str, status: int, headers: dict[str, str] | None = None) -> Response:
    text = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message><RequestId>{token_hex(8)}</RequestId>"
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{text}</Error>'
    return Response(body, status, {**(headers or {}), "Date": formatdate(usegmt=True)}, "application/xml")
