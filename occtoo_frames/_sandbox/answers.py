"""The shapes of the platform's answers as HTTP responses: the envelope, and problem details.

Refusals of the reading side are problem details; the platform's own are undocumented, so that is ours (not verified
against the live service).
"""

from collections.abc import Iterable
from http import HTTPStatus
from uuid import uuid4

import orjson
from starlette.responses import Response

from occtoo_frames.protocol.envelope import Envelope, WireError

JSON = "application/json"
PROBLEM = "application/problem+json"


def request_id() -> str:
    """A new id for one request."""
    return uuid4().hex


def json(document: object, status: int = 200) -> Response:
    """``document`` as JSON."""
    return Response(orjson.dumps(document), status, media_type=JSON)


def refusal(status: int, errors: Iterable[WireError]) -> Response:
    """An envelope without a result (doc)."""
    return json(Envelope(None, tuple(errors), request_id()).to_wire(), status)


def problem(status: int, detail: str) -> Response:
    """Problem details (ours)."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "requestId": request_id(),
    }
    headers = {"www-authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    return Response(orjson.dumps(document), status, headers, PROBLEM)
