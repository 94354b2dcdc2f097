"""What goes wrong on purpose: an ASGI layer around the platform.

Takes the fault that a request meets and delays, refuses, garbles or cuts its answer. Knows no route's meaning.
"""

import asyncio
from http import HTTPStatus
from time import monotonic
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from occtoo_frames._sandbox.tokens import Tokens
from occtoo_frames._sandbox.traffic import Fault, Kinds, Traffic

KINDS: Kinds = {
    "status": frozenset({"status", "retry_after"}),
    "html": frozenset({"status", "retry_after"}),
    "broken_json": frozenset({"status"}),
    "limit": frozenset({"rate", "status", "retry_after"}),
    "slow": frozenset({"delay_s"}),
    "cut": frozenset(),
    "cut_after": frozenset(),
    "cut_answer": frozenset(),
    "gzip": frozenset(),
    "expire_tokens": frozenset(),
}
"""status: a JSON refusal, 503 unless told otherwise. html: the same with a page of HTML, 502 (seen). broken_json: half
a document, 202. limit: 429 for what comes faster than ``rate``. slow: the answer waits. cut: the connection is reset
before anything is done. cut_after: it is reset when all is done, before the answer. cut_answer: half of the answer is
sent. gzip: the answer says that it is compressed, and is not. expire_tokens: no token is valid any more."""

_STATUS = {"status": 503, "html": 502, "broken_json": 202, "limit": 429}
_BARE = frozenset({204, 205, 304})  # of HTTP, answers without any body
_SLOW_S = 0.1
_HTML = "<!doctype html><html><head><title>Error</title></head><body><h1>Server Error</h1></body></html>"


class FaultLayer:
    """The application with what goes wrong on purpose."""

    def __init__(self, app: ASGIApp, traffic: Traffic, tokens: Tokens) -> None:
        self._app = app
        self._traffic = traffic
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = None
        if scope["type"] == "http":
            fault = self._traffic.meet(scope["method"], scope["path"], monotonic())
        if fault is None:
            await self._app(scope, receive, send)
        else:
            await self._meet(fault, scope, receive, send)

    async def _meet(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        match fault.kind:
            case "status" | "html" | "broken_json" | "limit":
                await _drain(receive)
                await _refusal(fault)(scope, receive, send)
            case "cut" | "cut_after":
                if fault.kind == "cut_after":
                    await self._app(scope, receive, _swallow)
                _transport(send).abort()
                await _gone(receive)
            case "cut_answer":
                await self._app(scope, receive, _Half(send, scope["method"]))
                await _gone(receive)
            case "gzip":
                await self._app(scope, receive, _Mislabelled(send))
            case _:
                await self._upset(fault)
                await self._app(scope, receive, send)

    async def _upset(self, fault: Fault) -> None:
        if fault.kind == "slow":
            await asyncio.sleep(_SLOW_S if fault.delay_s is None else fault.delay_s)
        else:
            self._tokens.expire()


class _Half:
    """Sends the head of an answer and half of its body, then closes; of an answer without a body half of its head."""

    def __init__(self, send: Send, method: str) -> None:
        self._send = send
        self._bare = method == "HEAD"
        self._head: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._head = message
            return
        body: bytes = message.get("body", b"")
        if self._head is not None and body and not self._bare:
            await self._send(self._head)
            await self._send({**message, "body": body[: len(body) // 2], "more_body": True})
        elif self._head is not None:
            _transport(self._send).write(b"HTTP/1.")
        self._head = None
        _transport(self._send).close()


class _Mislabelled:
    """Sends an answer that says it is compressed."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"content-encoding", b"gzip")]}
        await self._send(message)


def _refusal(fault: Fault) -> Response:
    headers = {} if fault.patience is None else {"retry-after": fault.patience}
    status = fault.status or _STATUS[fault.kind]
    if status in _BARE:
        return Response(None, status, headers)
    if fault.kind == "html":
        return Response(_HTML, status, headers, "text/html")
    if fault.kind == "broken_json":
        return Response('{"id":"', status, headers, "application/json")
    text = f'{{"result":null,"errors":[{{"message":"{_phrase(status)}"}}],"requestId":"fault"}}'
    return Response(text, status, headers, "application/json")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


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
