"""The sandbox: until everything that was pushed is visible, and a page of an endpoint with its facets.

    python benchmarks/sandbox.py [--rows 50000] [--rounds 9]

The sandbox is a process of its own with a file, so that it is durable; the push and the queries come from this one.
Rows of the base table of ``_tables.py``. No two questions are the same, so that no answer is remembered from the one
before; the first rounds, which make what is kept until entries change, are left out.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import requests
from _box import FACETS
from _measure import Figure, figure, of_rounds, parser, tell
from _tables import WORDS, base

import occtoo_frames as of

HERE = Path(__file__).parent
LEFT_OUT = 3


@dataclass
class Box:
    """A sandbox in a process of its own."""

    process: subprocess.Popen[str]
    connection: of.Connection
    endpoint: str

    def settle(self) -> float:
        """Everything is visible; the processor seconds the sandbox has used."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


@contextmanager
def sandbox() -> Iterator[Box]:
    """A durable one, empty, that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(HERE / "_box.py"), str(Path(folder) / "box.sqlite")]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603 - our own script
            assert process.stdout is not None
            url, identity, secret, endpoint = process.stdout.readline().split()
            way = of.Connection(
                provider_id=identity, provider_secret=secret, ingest_url=url, state_dir=str(Path(folder) / "state")
            )
            try:
                yield Box(process, way, endpoint)
            finally:
                assert process.stdin is not None
                process.stdin.close()
                process.wait()


def ingest(box: Box, rows: int) -> list[Figure]:
    """Seconds until the last request is acknowledged, until all is visible, and until the first page after that."""
    frame = base(rows)
    before, ours = box.settle(), time.process_time()
    started = time.perf_counter()
    report = of.push(frame, "s", "sku", "auto", connection=box.connection, progress=False)
    acknowledged = time.perf_counter() - started
    ours = time.process_time() - ours
    theirs = box.settle() - before
    visible = time.perf_counter() - started
    assert report.ok
    assert asked(box, {"includeTotals": True})["total"] == rows
    read = time.perf_counter() - started
    size = f"{rows:,} entries of 24 values"
    return [
        of_rounds(f"{size}: seconds until acknowledged", [acknowledged]),
        of_rounds(f"{size}: seconds until visible", [visible], "< 60 for 1,000,000"),
        of_rounds(f"{size}: seconds until the first page", [read]),
        of_rounds("processor seconds of the push, for 1,000,000", [ours / rows * 1e6]),
        of_rounds("processor seconds of the sandbox, for 1,000,000", [theirs / rows * 1e6]),
    ]


def asked(box: Box, query: dict[str, Any]) -> dict[str, Any]:
    """The answer to a query."""
    answer = requests.post(box.endpoint, json=query, timeout=600)
    answer.raise_for_status()
    return answer.json()


def pages(box: Box, rows: int, rounds: int) -> list[Figure]:
    """Milliseconds of a page of 50: filter, total, three facets and a sort, of most entries, of half, of a few."""
    ways = questions(rows)
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(LEFT_OUT + rounds):
        for name, way in ways.items():
            query = way()
            started = time.perf_counter()
            answer = asked(box, query)
            if number >= LEFT_OUT:
                times[name].append((time.perf_counter() - started) * 1_000)
            assert len(answer["facets"]) == len(FACETS)
    first, last = (each for name, each in times.items() if "stock and key" in name)
    told = [of_rounds(f"milliseconds of a page of {name}", each, "< 100 of 1,000,000") for name, each in times.items()]
    return [*told, figure("last page ÷ first page, reading on with after", last, first, "about 1")]


def questions(rows: int) -> dict[str, Callable[[], dict[str, Any]]]:
    """Ways to ask for a page, another question each time."""
    chance, numbers = random.Random(3), iter(range(1, 1_000_000))
    far = ["9990", f"sku-{rows * 9 // 10:07d}"]

    def words(count: int) -> list[str]:
        return chance.sample(WORDS.tolist(), count)

    def page(at_least: int = 0, must: dict[str, list[str]] | None = None, **more: object) -> dict[str, Any]:
        condition = {"must": must or {}, "range": {"stock": {"gte": str(at_least + next(numbers))}}}
        return {"top": 50, "includeTotals": True, "filter": [condition], **more}

    return {
        "most, by price": lambda: page(sortDesc=["price"]),
        "half, by price": lambda: page(must={"brand": words(6)}, sortDesc=["price"]),
        "half, by name": lambda: page(must={"brand": words(6)}, sortAsc=["name"]),
        "few, by price": lambda: page(5_000, {"brand": words(1), "category": words(1)}, sortDesc=["price"]),
        "most, by stock and key": lambda: page(sortAsc=["stock", "id"]),
        "most, by stock and key, the last": lambda: page(sortAsc=["stock", "id"], after=far),
    }


def changes(box: Box, rows: int, rounds: int) -> list[Figure]:
    """Milliseconds of the first page after 1,000 entries changed."""
    some = base(rows).gather_every(max(rows // 1_000, 1)).select("sku", "brand", "stock").head(1_000)
    times: list[float] = []
    for number in range(rounds):
        changed = some.with_columns(pl.lit(number).alias("stock"))
        of.push(changed, "s", "sku", connection=box.connection, progress=False)
        box.settle()
        started = time.perf_counter()
        asked(box, {"top": 50})
        times.append((time.perf_counter() - started) * 1_000)
    return [of_rounds("milliseconds of the first page after 1,000 changes", times)]


def figures(rows: int = 50_000, rounds: int = 9) -> list[Figure]:
    """All of it."""
    with sandbox() as box:
        return [*ingest(box, rows), *pages(box, rows, rounds), *changes(box, rows, min(rounds, 5))]


if __name__ == "__main__":
    arguments = parser(__doc__, rows=50_000, rounds=9).parse_args()
    tell(figures(arguments.rows, arguments.rounds), arguments)
