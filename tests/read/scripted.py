"""Servers that answer as a test says, without a wire, and reads from them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from occtoo_frames._api.read import read_destination
from occtoo_frames._session.connection import Connection
from occtoo_frames._session.retry import RetryPolicy
from occtoo_frames._session.transport import Transport
from occtoo_frames.protocol.http import Failure, Request, Response

CONTRACT = Path(__file__).parent.parent / "contract"
URL = "https://g.test/acme/shop/v1/products"
Answer = Callable[[dict[str, Any]], Response]


class Scripted:
    """A transport that answers GETs with a document, and POSTs as it is told."""

    def __init__(self, answer: Answer, document: str) -> None:
        self.answer = answer
        self.document = (CONTRACT / f"openapi_{document}.json").read_bytes()
        self.asked: list[dict[str, Any]] = []

    def send(self, request: Request, *, timeout_s: float) -> Response | Failure:  # noqa: ARG002 - the interface's
        """What the script says."""
        if request.method == "GET":
            return Response(200, {}, self.document)
        self.asked.append(json.loads(bytes(request.body or b"")))
        return self.answer(self.asked[-1])


def connect(transport: Transport) -> Connection:
    """A connection over the transport that tries once."""
    return Connection(global_url="https://g.test", transport=transport, retry=RetryPolicy(attempts=1))


def read(answer: Answer, document: str = "swashbuckle_30", **options: Any) -> pl.DataFrame:
    """What a read of such a server gives."""
    connection = connect(Scripted(answer, document))
    frame: pl.DataFrame = read_destination(URL, connection=connection, **({"frame": "polars"} | options))
    return frame


def page(results: list[dict[str, Any]], total: int | None = None) -> Response:
    """An answer."""
    return Response(200, {}, json.dumps({"results": results, "total": total}).encode())


def keyed(entries: dict[str, dict[str, Any]], total: int | None = None) -> Answer:
    """A server that pages by key."""

    def answer(query: dict[str, Any]) -> Response:
        low = query.get("after", [""])[0]
        found = [{"id": key} | values for key, values in sorted(entries.items()) if key > low]
        return page(found[: query["top"]], total if query.get("includeTotals") else None)

    return answer
