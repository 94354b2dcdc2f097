"""What goes wrong on purpose, and what was asked for: an ASGI layer around the platform.

Counts every request by its route and, when told to, delays, refuses, garbles or cuts some. Knows no route's meaning.
"""

import asyncio
import re
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from random import Random
from threading import Lock
from typing import Any, Literal, TypeAlias, get_args

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from occtoo_frames._sandbox.tokens import Tokens

FaultKind: TypeAlias = Literal["status", "html", "slow", "cut", "cut_after", "cut_answer", "expire_tokens"]
"""status: a JSON refusal. html: the same status with an HTML page (seen: 502). slow: the answer waits. cut: the
connection is reset before anything is done. cut_after: it is reset when all is done, before the answer. cut_answer:
half of the answer is sent. expire_tokens: no token is valid any more."""

_HTML = "<!doctype html><html><head><title>Error</title></head><body><h1>Server Error</h1></body></html>"


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        kind: What.
        on: Where: a part of a route's name, such as ``POST /import``; empty for everywhere.
        times: How often; None without end.
        probability: How likely, each time.
        status: Of the kinds status and html.
        retry_after: The header of that name.
        delay_s: Of the kind slow.
    """

    kind: FaultKind
    on: str = ""
    times: int | None = 1
    probability: float = 1.0
    status: int = 503
    retry_after: str | None = None
    delay_s: float = 0.1

    def __post_init__(self) -> None:
        if self.kind not in get_args(FaultKind):
            raise ValueError(f"no such fault: {self.kind} (there are {', '.join(get_args(FaultKind))})")


class Traffic:
    """The faults to come and the requests seen; safe to use from any thread."""

    def __init__(self, seed: int = 0) -> None:
        self._faults: list[Fault] = []
        self._seen: Counter[str] = Counter()
        self._changing = Lock()
        self._random = Random(seed)  # noqa: S311 - faults need no secrecy, tests need the same ones again

    def add(self, fault: Fault) -> None:
        """``fault`` happens from now on, after those added before."""
        with self._changing:
            self._faults.append(fault)

    def clear(self) -> None:
        """Nothing goes wrong on purpose any more."""
        with self._changing:
            self._faults.clear()

    @property
    def seen(self) -> Counter[str]:
        """How many requests each route got."""
        with self._changing:
            return Counter(self._seen)

    def meet(self, route: str) -> Fault | None:
        """The fault that the request to ``route``, now counted, meets."""
        with self._changing:
            self._seen[route] += 1
            for fault in self._faults:
                if fault.on in route and self._random.random() < fault.probability:
                    return self._spend(fault)
        return None

    def _spend(self, fault: Fault) -> Fault:
        if fault.times is not None:
            fault.times -= 1
        self._faults = [other for other in self._faults if other.times is None or other.times > 0]
        return fault


_ROUTES = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"/import/[^/]+", "/import/{source}"),
        (r"/destinations/[^/]+/token", "/destinations/{destinationId}/token"),
        (r"/media/uploads/files/[^/]+", "/media/uploads/files/{fileId}"),
        (r"/media/uploads/(?!(?:links|files)$)[^/]+", "/media/uploads/{uploadId}"),
        (r"/media/files/(?!batch$)[^/]+", "/media/files/{fileId}"),
        (r"/media/public/[^/]+/[^/]+", "/media/public/{fileId}/{name}"),
        (r"/appfile/file/(?!(?:path|import)$)[^/]+", "/appfile/file/{fileId}"),
        (r"/appdata/[^/]+/query", "/appdata/{entity}/query"),
        (r"/appdata/import/file/async", "/appdata/import/file/async"),
        (r"/storage/.+", "/storage/{path}"),
        (r"/[^/]+/[^/]+/[^/]+/openapi", "/{tenant}/{destination}/{version}/openapi"),
        (r"/[^/]+/[^/]+/[^/]+/[^/]+", "/{tenant}/{destination}/{version}/{endpoint}"),
    )
)


def route_name(method: str, path: str) -> str:
    """The method and the route that a path belongs to, names in it left out."""
    plain = f"/{path.strip('/')}"
    found = next((name for pattern, name in _ROUTES if pattern.fullmatch(plain)), plain)
    return f"{method} {found}"


class FaultLayer:
    """The application with what goes wrong on purpose."""

    def __init__(self, app: ASGIApp, traffic: Traffic, tokens: Tokens) -> None:
        self._app = app
        self._traffic = traffic
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = None
        if scope["type"] == "http":
            fault = self._traffic.meet(route_name(scope["method"], scope["path"]))
        if fault is None:
            await self._app(scope, receive, send)
        else:
            await self._meet(fault, scope, receive, send)

    async def _meet(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        match fault.kind:
            case "status" | "html":
                await _drain(receive)
                await _refusal(fault)(scope, receive, send)
            case "cut" | "cut_after":
                if fault.kind == "cut_after":
                    await self._app(scope, receive, _swallow)
                _transport(send).abort()
                await _gone(receive)
            case "cut_answer":
                await self._app(scope, receive, _Half(send))
                await _gone(receive)
            case _:
                await self._upset(fault)
                await self._app(scope, receive, send)

    async def _upset(self, fault: Fault) -> None:
        if fault.kind == "slow":
            await asyncio.sleep(fault.delay_s)
        else:
            self._tokens.expire()


class _Half:
    """Sends the head of an answer and half of its body, then closes."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.body":
            body: bytes = message.get("body", b"")
            await self._send({**message, "body": body[: len(body) // 2], "more_body": True})
            _transport(self._send).close()
        else:
            await self._send(message)


def _refusal(fault: Fault) -> Response:
    headers = {} if fault.retry_after is None else {"retry-after": fault.retry_after}
    if fault.kind == "html":
        return Response(_HTML, fault.status, headers, "text/html")
    text = f'{{"result":null,"errors":[{{"message":"{HTTPStatus(fault.status).phrase}"}}],"requestId":"fault"}}'
    return Response(text, fault.status, headers, "application/json")


async def _drain(receive: Receive) -> None:
    while (await receive()).get("more_body"):
        continue


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _swallow(message: Message) -> None:
    del message


def _transport(send: Send) -> Any:
    # ASGI has no word for a broken connection; uvicorn's send is a method of the cycle that holds the transport
    return send.__self__.transport  # type: ignore[attr-defined]
