"""Reading a destination: ours against what people write, in one run, interleaved.

    python benchmarks/read.py [--rows 50000] [--rounds 5]

The pages are real ones of the sandbox (1,000 entries each, about 600 bytes an entry: texts, a decimal, a whole number,
a boolean, a time, a list, a relation), kept and answered from memory by a server that does nothing else, so that the
server's time is no part of it. Two questions: how long does a whole read take, and how long does it take to make a
table of the pages' bytes. Ratios are medians of the rounds.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import Queue, get_context
from typing import Any

import orjson
import pandas as pd
import polars as pl
import requests

from occtoo_frames._api.read import read_destination
from occtoo_frames._read.decode import Decoder
from occtoo_frames._read.depth import is_deeper
from occtoo_frames._read.document import read_document
from occtoo_frames._read.page import open_page
from occtoo_frames._sandbox.platform import LocalPlatform
from occtoo_frames._session.connection import Connection

PAGE = 1_000
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


BY_HAND: dict[str, Any] = {
    "id": pl.String,
    **dict.fromkeys(("name", "description", "ean"), pl.String),
    "price": pl.Float64,
    "stock": pl.Int64,
    "active": pl.Boolean,
    "made": pl.String,
    **dict.fromkeys(("tags", "imageIds"), pl.List(pl.String)),
    "images": pl.List(pl.Struct({"id": pl.String, "url": pl.String})),
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
        for start in range(0, len(every), PAGE):
            body = {"entities": every[start : start + PAGE]}
            requests.post(f"{platform.url}/import/{source}", json=body, headers=headers, timeout=60).raise_for_status()
    platform.settle()
    relations = {"images": ("media", "imageIds")}
    return platform.publish("bench", "products", source="products", languages=["en"], types=TYPES, relations=relations)


def record(url: str) -> tuple[bytes, dict[str | None, bytes]]:
    """The document, and each page by what its request asks to come after."""
    document = requests.get(f"{url.rpartition('/')[0]}/openapi", timeout=60).content
    pages: dict[str | None, bytes] = {}
    after: str | None = None
    while True:
        query = {"top": PAGE, "sortAsc": ["id"], "includeTotals": after is None} | ({"after": [after]} if after else {})
        body = requests.post(url, json=query, timeout=60).content
        pages[after] = body
        results = json.loads(body)["results"]
        if len(results) < PAGE:
            return document, pages
        after = results[-1]["id"]


def serve(document: bytes, pages: dict[str | None, bytes], ports: "Queue[int]") -> None:
    """Answers from memory, in a process of its own, until it is killed."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer(document)

        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.answer(pages[(query.get("after") or [None])[0]])

        def answer(self, body: bytes) -> None:
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            self.wfile.write(head.encode() + body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ports.put(server.server_address[1])
    server.serve_forever()


def fetch(url: str, parse: Callable[[bytes], Any]) -> list[Any]:
    """What people write: page after page with requests."""
    frames, after = [], None
    with requests.Session() as session:
        while True:
            query = {"top": PAGE, "sortAsc": ["id"]} | ({"after": [after]} if after else {})
            frame, count, after = parse(session.post(url, json=query, timeout=60).content)
            frames.append(frame)
            if count < PAGE:
                return frames


def by_normalize(body: bytes) -> tuple[pd.DataFrame, int, str]:
    """Requests' json and pandas.json_normalize."""
    results = json.loads(body)["results"]
    return pd.json_normalize(results), len(results), results[-1]["id"] if results else ""


def by_orjson(body: bytes) -> tuple[pl.DataFrame, int, str]:
    """Orjson and polars.DataFrame, the schema said by hand (times as text, decimals as floats)."""
    results = orjson.loads(body)["results"]
    return pl.DataFrame(results, schema=BY_HAND), len(results), results[-1]["id"] if results else ""


def bare(body: bytes) -> tuple[None, int, str]:
    """Nothing but the transfer: just enough is looked at to go on."""
    page = open_page(body)
    return None, len(page), page.last_id if len(page) else ""


def race(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of each way, in turns."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - started)
    return {name: statistics.median(taken) for name, taken in times.items()}


def tell(title: str, medians: dict[str, float], entries: int, size: int) -> None:
    """One table."""
    first = next(iter(medians.values()))
    print(f"\n{title}")
    print(f"{'':44}{'rows/s':>12}{'MB/s':>9}{'µs/row':>9}{'times':>7}")
    for name, seconds in medians.items():
        rate, per_row = entries / seconds, seconds / entries * 1e6
        print(f"{name:44}{rate:12,.0f}{size / seconds / 1e6:9.0f}{per_row:9.2f}{first / seconds:7.1f}")


def main() -> None:
    """Reads how much to measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    measure(arguments.rows, arguments.rounds)


def measure(entries: int, rounds: int) -> None:
    """Prints both tables, and where our own time goes."""
    random.seed(1)
    with LocalPlatform(visibility_delay_s=0) as platform:
        document, pages = record(fill(platform, entries))
    bodies = list(pages.values())
    size = sum(map(len, bodies))
    processes = get_context("spawn")
    ports: Queue[int] = processes.Queue()
    server = processes.Process(target=serve, args=(document, pages, ports), daemon=True)
    server.start()
    origin = f"http://127.0.0.1:{ports.get(timeout=60)}"
    url, connection = f"{origin}/sandbox/bench/v1/products", Connection(global_url=origin)
    assert len(read_destination(url, connection=connection)) == entries

    decoder = Decoder(read_document(document).endpoints["products"].properties)
    parse = {
        "json + pandas.json_normalize": lambda: pd.concat([by_normalize(body)[0] for body in bodies]),
        "orjson + polars.DataFrame": lambda: pl.concat([by_orjson(body)[0] for body in bodies]),
        "ours, exact decimals and times": lambda: pl.concat([decoder.decode(open_page(body)) for body in bodies]),
    }
    opened = [open_page(body) for body in bodies]
    parts = {
        "opening pages": lambda: [open_page(body) for body in bodies],
        "looking at depth": lambda: [is_deeper(page.lines, 64) for page in opened],
        "JSON to Arrow to polars": lambda: [decoder.decode(page) for page in opened],
    }
    whole = {
        "requests + json + pandas.json_normalize": lambda: pd.concat(fetch(url, by_normalize)),
        "requests + orjson + polars.DataFrame": lambda: pl.concat(fetch(url, by_orjson)),
        "ours, to pandas": lambda: read_destination(url, connection=connection),
        "ours, to polars": lambda: read_destination(url, connection=connection, frame="polars"),
        "the bare transfer of the same pages": lambda: fetch(url, bare),
    }
    print(f"{entries:,} entries, {len(bodies)} pages, {size / entries:,.0f} bytes an entry, {rounds} rounds")
    tell("Bytes to a table", race(parse, rounds), entries, size)
    steps = {name: seconds / entries * 1e6 for name, seconds in race(parts, rounds).items()}
    medians = race(whole, rounds)
    tell("A whole read", medians, entries, size)
    transfer = medians["the bare transfer of the same pages"]
    share = 1 - transfer / medians["ours, to polars"]
    print(f"\nShare of our time (to polars) that is not the bare transfer: {share:.0%}")
    print("The steps of decoding, µs/row: " + ", ".join(f"{name} {taken:.2f}" for name, taken in steps.items()))
    server.terminate()


if __name__ == "__main__":
    main()
