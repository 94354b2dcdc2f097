"""The platform as an ASGI application: fixed prefixes first, the four-part catch-all last, faults around it all."""

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from occtoo_frames._sandbox import (
    landing,
    portal_storage,
    routes_collector,
    routes_destinations,
    routes_ingest,
    routes_media,
    routes_portal,
)
from occtoo_frames._sandbox.answers import problem
from occtoo_frames._sandbox.core import Core


def routes() -> list[Route]:
    """What it answers at."""
    return [
        *landing.routes(),
        *routes_ingest.routes(),
        *routes_media.routes(),
        *routes_portal.routes(),
        *routes_collector.routes(),
        *portal_storage.routes(),
        *routes_destinations.routes(),
    ]


def application(core: Core) -> Starlette:
    """The application that answers for ``core``."""
    app = Starlette(
        routes=routes(),
        exception_handlers={HTTPException: _refused, ClientDisconnect: _gone},
    )
    app.router.redirect_slashes = False
    app.state.core = core
    return app


async def _refused(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    detail = error.detail if isinstance(error, HTTPException) else ""
    return problem(status, detail)


async def _gone(_request: Request, _error: Exception) -> Response:
    return problem(HTTPStatus.BAD_REQUEST, "The client went away.")
