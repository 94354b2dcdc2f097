"""The reading side over HTTP: endpoints by GET and POST, and the OpenAPI document of their base."""

from http import HTTPStatus

import msgspec
import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from occtoo_frames._sandbox import openapi, rendering
from occtoo_frames._sandbox.answers import JSON, json, problem
from occtoo_frames._sandbox.core import Core
from occtoo_frames._sandbox.literals import BadQueryError
from occtoo_frames._sandbox.publication import Publication
from occtoo_frames._sandbox.selection import language_of, page
from occtoo_frames.protocol.destination import Query
from occtoo_frames.protocol.tokens import application_token_path

_BODY: msgspec.json.Decoder[object] = msgspec.json.Decoder(float_hook=str)


def routes() -> list[Route]:
    """The catch-all routes of the reading side; they belong after all others."""
    return [
        Route("/{tenant}/{destination}/{version}/openapi", describe, methods=["GET"]),
        Route("/{tenant}/{destination}/{version}/{endpoint}", query, methods=["GET", "POST"]),
    ]


async def describe(request: Request) -> Response:
    """The OpenAPI document of a base address (doc)."""
    core: Core = request.app.state.core
    parts = request.path_params
    published = core.endpoints(parts["destination"], parts["version"])
    if parts["tenant"] != core.settings.tenant or not published:
        return problem(HTTPStatus.NOT_FOUND, "Nothing is published at this address.")
    origin = f"{request.url.scheme}://{request.url.netloc}"
    return json(await run_in_threadpool(_document, core, published, origin))


async def query(request: Request) -> Response:
    """The page that a query asks for (doc, seen); problem details otherwise (ours)."""
    core: Core = request.app.state.core
    parts = request.path_params
    address = f"{parts['destination']}/{parts['version']}/{parts['endpoint']}"
    published = core.publications.get(address)
    if parts["tenant"] != core.settings.tenant or published is None:
        return problem(HTTPStatus.NOT_FOUND, "Nothing is published at this address.")
    if published.protected and not core.tokens.holds("application", request.headers.get("authorization")):
        return problem(HTTPStatus.UNAUTHORIZED, "The access token is missing, invalid or expired.")
    try:
        asked = await _query(request)
        return Response(await run_in_threadpool(answer, core, published, asked), media_type=JSON)
    except BadQueryError as error:
        return problem(HTTPStatus.BAD_REQUEST, str(error))


def answer(core: Core, published: Publication, asked: Query) -> bytes:
    """The JSON body that answers a query.

    Raises:
        BadQueryError: It cannot be answered.
    """
    held = core.asked(published)
    language = language_of(held.view, asked)
    matched = held.match(asked, language)
    rows = page(held, matched, asked, language)
    if asked.list_ids:
        found = rendering.ids(held.view, rows)
    else:
        found = rendering.results(held.view, core.related(published), rows, language)
    members = [b'"language":' + orjson.dumps(language), b'"results":' + found]
    if asked.include_totals:
        members.append(b'"total":' + orjson.dumps(matched.total))
    members.append(b'"facets":' + orjson.dumps([facet.to_wire() for facet in matched.facets]))
    return b"{" + b",".join(members) + b"}"


async def _query(request: Request) -> Query:
    try:
        if request.method != "POST":
            return Query.from_params(request.query_params.multi_items())
        body = await request.body()
        return Query.from_wire(_BODY.decode(body) if body.strip() else {})
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
        raise BadQueryError(str(error)) from None


def _document(core: Core, published: list[Publication], origin: str) -> dict[str, object]:
    first = published[0]
    return openapi.document(
        f"{origin}/{core.settings.tenant}/{first.base}",
        first.destination,
        [core.asked(each).view for each in published],
        [core.related(each) for each in published],
        f"{origin}{application_token_path(core.credentials.destination_id)}",
    )
