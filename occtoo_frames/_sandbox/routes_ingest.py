"""The ingest side over HTTP: both token endpoints, and imports. Requests in, the documented answers out."""

from http import HTTPStatus
from uuid import uuid4

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from occtoo_frames._sandbox.answers import json, problem, refusal, request_id
from occtoo_frames._sandbox.core import Core
from occtoo_frames._sandbox.inflating import BodyTooLargeError, BrokenCodingError, inflated, known_coding
from occtoo_frames._sandbox.intake import RefusedError
from occtoo_frames.protocol.coding import GZIP
from occtoo_frames.protocol.envelope import WireError
from occtoo_frames.protocol.fold import fold, text_or_none
from occtoo_frames.protocol.ingest import ACCEPTED, ImportAnswer
from occtoo_frames.protocol.tokens import PROVIDER_TOKEN_PATH


def routes() -> list[Route]:
    """The routes of the ingest side."""
    return [
        Route(PROVIDER_TOKEN_PATH, provider_token, methods=["POST"]),
        Route("/destinations/{destination_id}/token", application_token, methods=["POST"]),
        Route("/import/{source}", take_import, methods=["POST"]),
    ]


async def provider_token(request: Request) -> Response:
    """A data provider's token, in the envelope (seen); 401 with ``result: null`` otherwise (ours)."""
    core: Core = request.app.state.core
    identity, secret = await _pair(request, "id", "secret")
    if identity is None or secret is None:
        return refusal(HTTPStatus.BAD_REQUEST, [WireError("Invalid request", "id", "id and secret are required")])
    if not core.credentials.is_provider(identity, secret):
        return refusal(HTTPStatus.UNAUTHORIZED, [WireError("Invalid data provider id or secret")])
    return json(core.tokens.issue("provider").to_provider_wire(request_id()))


async def application_token(request: Request) -> Response:
    """An application's token, flat (doc); problem details otherwise (ours)."""
    core: Core = request.app.state.core
    if request.path_params["destination_id"] != core.credentials.destination_id:
        return problem(HTTPStatus.NOT_FOUND, "No such destination.")
    identity, secret = await _pair(request, "clientid", "clientsecret")
    if identity is None or secret is None:
        return problem(HTTPStatus.BAD_REQUEST, "clientId and clientSecret are required.")
    if not core.credentials.is_application(identity, secret):
        return problem(HTTPStatus.UNAUTHORIZED, "Invalid client id or secret.")
    return json(core.tokens.issue("application").to_application_wire())


async def take_import(request: Request) -> Response:
    """202 once the entries are durable, and the documented refusals otherwise.

    Each answer says that this resource takes gzip (RFC 9110, section 12.5.3; ours: nothing is known of the live
    service). The limit of a body's size stands for what is inside.
    """
    answer = await _import_answer(request)
    answer.headers["accept-encoding"] = GZIP
    return answer


async def _import_answer(request: Request) -> Response:
    core: Core = request.app.state.core
    body = await _limited_body(request, core.settings.limits.max_body_bytes)
    source = request.path_params["source"]
    if not core.tokens.holds("provider", request.headers.get("authorization")):
        return refusal(HTTPStatus.UNAUTHORIZED, [WireError("The access token is missing, invalid or expired")])
    if source not in core.sources:
        detail = f"The source '{source}' does not exist or is not granted to the data provider"
        return refusal(HTTPStatus.FORBIDDEN, [WireError("Forbidden", "source", detail)])
    plain = await _plain(body, request.headers.get("content-encoding", ""), core.settings.limits.max_body_bytes)
    if isinstance(plain, Response):
        return plain
    return await _accepted(core, source, plain, request.query_params.get("correlationId"))


async def _plain(body: bytes | None, coding: str, limit: int) -> bytes | Response:
    """What is in the body, or the answer that refuses it; None is a body that was too long already."""
    gzip = known_coding(coding)
    if gzip is None:
        detail = "Bodies are taken plain or in gzip"
        return refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, [WireError("Unsupported content coding", "body", detail)])
    if gzip and body is not None:
        try:
            body = await run_in_threadpool(inflated, body, limit)
        except BrokenCodingError as error:
            detail = f"The body is no gzip: {error}"
            return refusal(HTTPStatus.BAD_REQUEST, [WireError("Invalid request", "body", detail)])
        except BodyTooLargeError:
            body = None
    if body is None:
        detail = f"The payload may have at most {limit} bytes"
        return refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, [WireError("Payload too large", "entities", detail)])
    return body


async def _accepted(core: Core, source: str, body: bytes, correlation: str | None) -> Response:
    try:
        await run_in_threadpool(core.accept, source, body, correlation)
    except RefusedError as refused:
        return refusal(HTTPStatus.BAD_REQUEST, refused.errors)
    except OSError as error:
        return refusal(HTTPStatus.SERVICE_UNAVAILABLE, [WireError(str(error))])
    return json(ImportAnswer(str(uuid4()), request_id()).to_wire(), ACCEPTED)


async def _limited_body(request: Request, limit: int) -> bytes | None:
    """The body, or None if it is longer; read to its end either way, so that the client sees the answer."""
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size <= limit:
            pieces.append(piece)
        else:
            pieces.clear()
    return b"".join(pieces) if size <= limit else None


async def _pair(request: Request, first: str, second: str) -> tuple[str | None, str | None]:
    try:
        members = fold(orjson.loads(await _limited_body(request, 100_000) or b"null"))
    except (ValueError, TypeError):
        return None, None
    return text_or_none(members.get(first)), text_or_none(members.get(second))
