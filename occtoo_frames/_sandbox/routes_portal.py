"""The portal over HTTP: the gateway before it, and calls that are answered in its envelope.

The gateway's own refusals are ``{"message"}`` (doc); which envelope errors carry which code is ours (not verified
against the live service).
"""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from secrets import compare_digest

import msgspec
import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from occtoo_frames._sandbox.answers import JSON
from occtoo_frames._sandbox.core import Core
from occtoo_frames._sandbox.portal import COMPLETED, PARTLY, Portal, PortalFault, report_of
from occtoo_frames._sandbox.store_portal import Asked, FileRow
from occtoo_frames.protocol.carecloud import (
    API_KEY,
    ASYNC_PATH,
    BUCKET,
    ENTITIES,
    FILE_TYPE,
    IMPORT_PATH,
    PATH_PATH,
    WORKSPACE,
    Envelope,
)
from occtoo_frames.protocol.fold import fold, text_or_none

MAX_CALL_BYTES = 10 * 1024 * 1024
"""What an AWS gateway takes in one call."""

PATIENCE_S = 29.0
"""How long such a gateway waits for an answer; what was asked for goes on."""

_MOST = 1_000
_TIMED_OUT = (504, "Endpoint request timed out")
_GATEWAY: dict[PortalFault, tuple[int, str]] = {
    "bad_key": (403, "Forbidden"),
    "throttle": (429, "Too Many Requests"),
    "quota": (429, "Limit Exceeded"),
    "too_large": (413, "Request Too Long"),
}
Answer = Callable[[Request, Portal, dict[str, object]], Awaitable[tuple[Envelope, int]]]


def routes() -> list[Route]:
    """The routes of the portal."""
    return [
        Route(PATH_PATH, _behind_gateway(announce), methods=["POST"]),
        Route(IMPORT_PATH, _behind_gateway(import_and_wait), methods=["POST"]),
        Route(ASYNC_PATH, _behind_gateway(import_soon), methods=["POST"]),
        Route("/appfile/file/{file_id}", _behind_gateway(status), methods=["GET"]),
        Route("/appdata/{entity}/query", _behind_gateway(query), methods=["POST"]),
    ]


async def announce(request: Request, portal: Portal, body: dict[str, object]) -> tuple[Envelope, int]:
    """Ids and a signed address for a new file (doc)."""
    name, entity = text_or_none(body.get("filename")), text_or_none(body.get("entitytype"))
    if not name or not entity:
        return _no("MissingField", "FileName and EntityType are required", 400)
    origin = f"{request.url.scheme}://{request.url.netloc}"
    action = text_or_none(body.get("actionid")) or ""
    ticket = await run_in_threadpool(portal.ticket, origin, entity, name, action)
    place = {"FileId": ticket.file_id, "FilePath": ticket.file_path, "Url": ticket.url}
    if portal.trouble.take("nested_file"):
        return _yes({"ActionId": ticket.action_id, "File": place})
    return _yes({"ActionId": ticket.action_id, "File": {"FileName": name}, **place})


async def import_soon(_request: Request, portal: Portal, body: dict[str, object]) -> tuple[Envelope, int]:
    """The import is under way (doc)."""
    row = _named(portal, body)
    portal.begin(row.id)
    return _yes(_told(portal.file(row.id)))


async def import_and_wait(_request: Request, portal: Portal, body: dict[str, object]) -> tuple[Envelope, int]:
    """The import has ended (doc); its failure is said in the envelope, under HTTP 200 (ours)."""
    row = _named(portal, body)
    await run_in_threadpool(portal.begin(row.id).result, PATIENCE_S)
    ended = portal.file(row.id)
    report = report_of(ended)
    good = ended.state in {COMPLETED, PARTLY}
    return Envelope(
        good, _told(ended), "" if good else "ImportFailed", report.message, report.field_errors
    ), 200  # fmt: skip


async def status(request: Request, portal: Portal, _body: dict[str, object]) -> tuple[Envelope, int]:
    """What became of a file; the shape is ours (not verified against the live service)."""
    row = portal.file(request.path_params["file_id"])
    report = report_of(row)
    return Envelope(success=True, data=_told(row), message=report.message, errors=report.field_errors), 200


async def query(request: Request, portal: Portal, body: dict[str, object]) -> tuple[Envelope, int]:
    """Records of an entity (ours): Filter by equality, $in and comparisons; Sort, Skip, Take."""
    known = {name: entity.type for entity in ENTITIES.values() for name in (entity.name, entity.type)}
    entity = known.get(request.path_params["entity"])
    if entity is None:
        return _no("EntityNotFound", "There is no such entity", 404)
    where, sort = body.get("filter") or {}, body.get("sort") or {}
    skip, take = body.get("skip") or 0, body.get("take") or _MOST
    if not isinstance(where, dict) or not isinstance(sort, dict) or not _counts(skip, take):
        return _no("BadQuery", "Filter and Sort are objects, Skip and Take numbers", 400)
    asked = Asked(where, sort, int(str(skip)), min(int(str(take)), _MOST))
    try:
        docs, count = await run_in_threadpool(portal.store.query, entity, asked)
    except ValueError as error:
        return _no("BadQuery", str(error), 400)
    return _yes({"Items": [msgspec.Raw(doc.encode()) for doc in docs], "Count": count})


def _counts(*values: object) -> bool:
    return all(isinstance(value, int) and not isinstance(value, bool) and value >= 0 for value in values)


def _named(portal: Portal, body: dict[str, object]) -> FileRow:
    if body.get("filetype") != FILE_TYPE:
        raise ValueError(f"FileType is {FILE_TYPE}")
    row = portal.file(text_or_none(body.get("fileid")) or "")
    if body.get("filepath") != row.path:
        raise KeyError(row.id)
    return row


def _told(row: FileRow) -> dict[str, object]:
    report = report_of(row)
    counts = {"Upserts": report.upserts, "Deletes": report.deletes, "Refused": report.refused}
    return {"ActionId": row.action, "FileId": row.id, "FilePath": row.path, "Status": row.state, **counts}


def _behind_gateway(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        core: Core = request.app.state.core
        portal, route = core.portal, f"{request.method} {request.url.path}"
        body = await request.body()
        refusal = _refused(request, portal, route, body)
        if refusal is not None:
            return _gateway(*refusal)
        if portal.trouble.take("gateway_timeout", route):
            await _answered(request, portal, body, import_soon if answer is import_and_wait else answer)
            return _gateway(*_TIMED_OUT)
        try:
            return _wire(portal, route, *await _answered(request, portal, body, answer))
        except TimeoutError:
            return _gateway(*_TIMED_OUT)

    return endpoint


def _refused(request: Request, portal: Portal, route: str, body: bytes) -> tuple[int, str] | None:
    """What the gateway says without asking the portal."""
    for kind, refusal in _GATEWAY.items():
        if portal.trouble.take(kind, route):
            return refusal
    if len(body) > MAX_CALL_BYTES:
        return _GATEWAY["too_large"]
    key = request.headers.get(API_KEY, "").encode()
    return None if compare_digest(key, portal.keys.api_key.encode()) else _GATEWAY["bad_key"]


async def _answered(request: Request, portal: Portal, body: bytes, answer: Answer) -> tuple[Envelope, int]:
    places = (request.headers.get(WORKSPACE), request.headers.get(BUCKET))
    if places != (portal.keys.workspace, portal.keys.bucket):
        return _no("WorkspaceOrBucketNotFound", "There is no such workspace or bucket", 404)
    if portal.trouble.take("not_success", f"{request.method} {request.url.path}"):
        return _no("Refused", "The request could not be carried out", 200)
    try:
        return await answer(request, portal, _members(body))
    except KeyError:
        return _no("FileNotFound", "There is no such file", 404)
    except (ValueError, TypeError) as error:
        return _no("BadRequest", str(error), 400)


def _members(body: bytes) -> dict[str, object]:
    return fold(orjson.loads(body)) if body.strip() else {}


def _yes(data: Mapping[str, object]) -> tuple[Envelope, int]:
    return Envelope(success=True, data=data), HTTPStatus.OK


def _no(code: str, message: str, status_code: int) -> tuple[Envelope, int]:
    return Envelope(success=False, data={}, code=code, message=message), status_code


def _gateway(status_code: int, message: str) -> Response:
    return Response(orjson.dumps({"message": message}), status_code, media_type=JSON)


def _wire(portal: Portal, route: str, envelope: Envelope, status_code: int) -> Response:
    document = envelope.to_wire()
    if portal.trouble.take("camel_case", route):
        document = {_camel(name): _lowered(value) for name, value in document.items()}
    return Response(msgspec.json.encode(document), status_code, media_type=JSON)


def _lowered(value: object) -> object:
    if isinstance(value, dict):
        return {_camel(name): _lowered(inner) for name, inner in value.items()}
    return value


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]
