"""Reading a destination: ours against what people write, in one run, interleaved.

    python benchmarks/read.py [--rows 40000] [--rounds 9]

Pages of 100 and of 1,000 entries (see ``_pages.py``), answered from memory by a server that does nothing else, so that
the server's time is no part of it. Two questions: how long does it take to make a table of the pages' bytes, and how
long does a whole read take. Ours is always the whole way: pages opened, their depth looked at, decimals and times
exact, as one table. In each round each way works for a third of a second at least. Ratios are medians of the rounds'
ratios, with the least and the greatest.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import orjson
import pandas as pd
import polars as pl
import requests
from _measure import Figure, figure, interleaved, of_rounds, parser, tell
from _pages import Pages, recorded, served

from occtoo_frames._api.decoding import decoded
from occtoo_frames._api.read import read_destination
from occtoo_frames._read.decode import Decoder
from occtoo_frames._read.document import read_document
from occtoo_frames._read.page import Page, open_page
from occtoo_frames._session.connection import Connection

SIZES = (100, 1_000)
LEAST_S = 0.33
ASKED = {100: {"a": "≥ 7", "b": "≥ 7"}, 1_000: {"a": "≥ 4", "b": "≥ 7"}}
NAMES = {"a": "json + pandas.DataFrame", "b": "json + pandas.json_normalize", "c": "orjson + polars.DataFrame"}
Times = dict[str, list[float]]
Parse = Callable[[bytes], tuple[Any, int, str]]

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


def results_of(body: bytes) -> list[dict[str, Any]]:
    """As the standard library reads them."""
    results: list[dict[str, Any]] = json.loads(body)["results"]
    return results


def last_id(results: list[dict[str, Any]]) -> str:
    """What the next page comes after."""
    return str(results[-1]["id"]) if results else ""


def by_frame(body: bytes) -> tuple[pd.DataFrame, int, str]:
    """Requests' json and pandas.DataFrame."""
    results = results_of(body)
    return pd.DataFrame(results), len(results), last_id(results)


def by_normalize(body: bytes) -> tuple[pd.DataFrame, int, str]:
    """Requests' json and pandas.json_normalize."""
    results = results_of(body)
    return pd.json_normalize(results), len(results), last_id(results)


def by_orjson(body: bytes) -> tuple[pl.DataFrame, int, str]:
    """Orjson and polars.DataFrame, the schema said by hand (times as text, decimals as floats)."""
    results = orjson.loads(body)["results"]
    return pl.DataFrame(results, schema=BY_HAND), len(results), last_id(results)


def bare(body: bytes) -> tuple[None, int, str]:
    """Nothing but the transfer: just enough is looked at to go on."""
    page = open_page(body)
    return None, len(page), page.last_id if len(page) else ""


def fetch(url: str, size: int, parse: Parse) -> list[Any]:
    """What people write: page after page with requests."""
    frames, after = [], None
    with requests.Session() as session:
        while True:
            query = {"top": size, "sortAsc": ["id"]} | ({"after": [after]} if after else {})
            frame, count, after = parse(session.post(url, json=query, timeout=60).content)
            frames.append(frame)
            if count < size:
                return frames


def opened(bodies: list[bytes]) -> Iterator[Page]:
    """The pages as a read opens them."""
    for number, body in enumerate(bodies):
        page = open_page(body, number)
        assert not page.is_deeper(64)
        yield page


def by_ours(decoder: Decoder, bodies: list[bytes]) -> pl.DataFrame:
    """As a read does it, without a wire."""
    parts = [part for _, part in decoded(opened(bodies), lambda group: decoder.decode(*group))]
    return pl.concat(parts, rechunk=True)


def from_bytes(document: bytes, pages: Pages, rounds: int) -> Times:
    """Seconds from the pages' bytes to a table."""
    bodies = list(pages.values())
    decoder = Decoder(read_document(document).endpoints["products"].properties)
    ways = {
        "a": lambda: pd.concat([by_frame(body)[0] for body in bodies]),
        "b": lambda: pd.concat([by_normalize(body)[0] for body in bodies]),
        "c": lambda: pl.concat([by_orjson(body)[0] for body in bodies]),
        "ours": lambda: by_ours(decoder, bodies),
    }
    return interleaved(ways, rounds, LEAST_S)


def whole_read(origin: str, size: int, rounds: int) -> Times:
    """Seconds of reads over a wire."""
    url, connection = f"{origin}/sandbox/bench/v1/products", Connection(global_url=origin)
    ways = {
        "a": lambda: pd.concat(fetch(url, size, by_frame)),
        "b": lambda: pd.concat(fetch(url, size, by_normalize)),
        "c": lambda: pl.concat(fetch(url, size, by_orjson)),
        "ours": lambda: read_destination(url, page_size=size, connection=connection, frame="polars"),
        "ours, to pandas": lambda: read_destination(url, page_size=size, connection=connection),
        "transfer": lambda: fetch(url, size, bare),
    }
    return interleaved(ways, rounds, LEAST_S)


def ratios(
    title: str, times: Times, ours: str = "ours", asked: Mapping[str, str] = MappingProxyType({})
) -> list[Figure]:
    """How many times faster ours is than each way that people write."""
    return [
        figure(f"{title}, {ours} ÷ {name}, rows/s", times[way], times[ours], asked.get(way, ""))
        for way, name in NAMES.items()
    ]


def figures(entries: int = 40_000, rounds: int = 9) -> list[Figure]:
    """Every ratio, and the share of a whole read that is not the bare transfer."""
    document, by_size = recorded(entries, SIZES)
    everything = {key: body for pages in by_size.values() for key, body in pages.items()}
    found: list[Figure] = []
    with served(document, everything) as origin:
        for size, pages in by_size.items():
            parsing, reading = from_bytes(document, pages, rounds), whole_read(origin, size, rounds)
            found += ratios(f"bytes to a table, {size:,} a page", parsing, asked=ASKED[size])
            found += ratios(f"whole read, {size:,} a page", reading)
            found += ratios(f"whole read, {size:,} a page", reading, "ours, to pandas")
            transfer = zip(reading["transfer"], reading["ours"], strict=True)
            share = [1 - bare / whole for bare, whole in transfer]
            found.append(of_rounds(f"whole read, {size:,} a page, share that is not transfer", share))
            best = min(parsing["ours"]) / entries * 1e6
            found.append(of_rounds(f"bytes to a table, {size:,} a page, microseconds a row, the best round", [best]))
    return found


if __name__ == "__main__":
    arguments = parser(__doc__, rows=40_000, rounds=9).parse_args()
    tell(figures(arguments.rows, arguments.rounds), arguments)
