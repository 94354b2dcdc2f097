"""Pages of a catalogue as a destination answers them, and a server that does nothing but answer them from memory.

The pages are real ones of the sandbox, about 490 bytes an entry: texts, a decimal, a whole number, a boolean, a time, a
list, a relation.
"""

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import Queue, get_context
from typing import TypeAlias

import requests

from occtoo_frames._sandbox.platform import LocalPlatform

Pages: TypeAlias = dict[tuple[int, str | None], bytes]
"""Bodies by the size of the page and the id that it comes after."""

BATCH = 1_000
TYPES = {
    "name": "Text",
    "description": "Text",
    "ean": "Text",
    "price": "Decimal",
    "stock": "Integer",
    "active": "Boolean",
    "made": "Timestamp",
    "tags": "List",
    "imageIds": "List",
}


def entity(number: int) -> dict[str, object]:
    """One product of the catalogue."""
    values = {
        "name": f"Blå stol {number}",
        "description": "A chair to sit on, with four legs and a back. " * 5,
        "ean": str(7_300_000_000_000 + number),
        "price": f"{random.randint(100, 99_999) / 100}",
        "stock": str(random.randint(0, 10_000)),
        "active": "true",
        "made": "2024-01-01T10:00:00Z",
        "tags": "chair|blue|wood",
        "imageIds": f"m{number % 50}",
    }
    if number % 10 == 0:
        del values["price"]
    properties = [{"id": name, "value": value, "language": None} for name, value in values.items()]
    return {"key": f"sku-{number:07}", "delete": False, "properties": properties}


def fill(platform: LocalPlatform, entries: int) -> str:
    """The address of the catalogue in the sandbox."""
    credentials = {"id": platform.provider_id, "secret": platform.provider_secret}
    answer = requests.post(f"{platform.url}/dataProviders/tokens", json=credentials, timeout=60).json()
    headers = {"Authorization": f"Bearer {answer['result']['accessToken']}"}
    urls = {f"m{n}": [{"id": "url", "value": f"https://cdn.test/{n}.jpg", "language": None}] for n in range(50)}
    media = [{"key": key, "delete": False, "properties": properties} for key, properties in urls.items()]
    for source, every in (("media", media), ("products", [entity(n) for n in range(entries)])):
        platform.add_source(source)
        for start in range(0, len(every), BATCH):
            body = {"entities": every[start : start + BATCH]}
            requests.post(f"{platform.url}/import/{source}", json=body, headers=headers, timeout=60).raise_for_status()
    platform.settle()
    relations = {"images": ("media", "imageIds")}
    return platform.publish("bench", "products", source="products", languages=["en"], types=TYPES, relations=relations)


def record(url: str, size: int) -> Pages:
    """Each page of ``size`` entries by what its request asks to come after."""
    pages: Pages = {}
    after: str | None = None
    while True:
        query = {"top": size, "sortAsc": ["id"], "includeTotals": after is None} | ({"after": [after]} if after else {})
        body = requests.post(url, json=query, timeout=60).content
        pages[size, after] = body
        results = json.loads(body)["results"]
        if len(results) < size:
            return pages
        after = results[-1]["id"]


def recorded(entries: int, sizes: Sequence[int]) -> tuple[bytes, dict[int, Pages]]:
    """The document of a catalogue of so many entries, and its pages of each size."""
    random.seed(1)
    with LocalPlatform(visibility_delay_s=0) as platform:
        url = fill(platform, entries)
        document = requests.get(f"{url.rpartition('/')[0]}/openapi", timeout=60).content
        return document, {size: record(url, size) for size in sizes}


def serve(document: bytes, pages: Pages, ports: "Queue[int]") -> None:
    """Answers from memory, in a process of its own, until it is killed."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer(document)

        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.answer(pages[query["top"], (query.get("after") or [None])[0]])

        def answer(self, body: bytes) -> None:
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            self.wfile.write(head.encode() + body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ports.put(server.server_address[1])
    server.serve_forever()


@contextmanager
def served(document: bytes, pages: Pages) -> Iterator[str]:
    """The origin of a server of these pages."""
    processes = get_context("spawn")
    ports: Queue[int] = processes.Queue()
    server = processes.Process(target=serve, args=(document, pages, ports), daemon=True)
    server.start()
    try:
        yield f"http://127.0.0.1:{ports.get(timeout=60)}"
    finally:
        server.kill()
