"""The page at ``/``: what runs here, which sources it has and what is published. Shows; changes nothing."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from occtoo_frames._sandbox.core import Core

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def routes() -> list[Route]:
    """The route of the page."""
    return [Route("/", landing, methods=["GET"])]


async def landing(request: Request) -> Response:
    """The page, as of now."""
    core: Core = request.app.state.core
    return HTMLResponse(await run_in_threadpool(_page, core), headers=_HEADERS)


def _page(core: Core) -> str:
    sources = {name: core.store.count(number) for name, number in core.sources.items()}
    published = [
        (f"/{core.settings.tenant}/{each.address}", f"/{core.settings.tenant}/{each.base}/openapi", each)
        for each in core.publications.values()
    ]
    return _PAGES.get_template("landing.html").render(sources=sources, published=published)
