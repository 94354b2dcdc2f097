"""A push, end to end: against the script that people write, against its parts, and into the sandbox.

    python benchmarks/push.py [--rows 50000] [--rounds 3]

The sink reads bodies and nothing else; the sandbox is the local platform; each is a process of its own. Rows of the
base table of ``_tables.py``.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import polars as pl
import requests
from _encoding import NAIVE_ROWS
from _measure import interleaved, median, ratio
from _tables import base

import occtoo_frames as of
from occtoo_frames._session.transport import RequestsTransport
from occtoo_frames.protocol.http import Failure, Request

HERE = Path(__file__).parent


@contextmanager
def sink(delay_s: float = 0.0) -> Iterator[str]:
    """The address of a sink."""
    command = [sys.executable, str(HERE / "_sink.py"), str(delay_s)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own script
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


def connection(url: str) -> of.Connection:
    """Credentials that a sink takes."""
    return of.Connection(provider_id="p", provider_secret="s", ingest_url=url)  # noqa: S106 - a sink asks for none


def naive(frame: pd.DataFrame, url: str) -> None:
    """Dictionaries, a list of properties, ``requests.post(json=…)`` per thousand."""
    records = frame.to_dict("records")
    for start in range(0, len(records), 1_000):
        entities = [
            {
                "key": row["sku"],
                "delete": False,
                "properties": [
                    {"id": name, "value": str(value), "language": None}
                    for name, value in row.items()
                    if name != "sku" and value is not None
                ],
            }
            for row in records[start : start + 1_000]
        ]
        requests.post(f"{url}/import/s", json={"entities": entities}, timeout=60).raise_for_status()


def transport_only(bodies: list[bytes], url: str) -> None:
    """Bodies that are there already, one after the other."""
    wire = RequestsTransport()
    for body in bodies:
        event = wire.send(Request("POST", f"{url}/import/s", {"Content-Type": "application/json"}, body), timeout_s=60)
        assert not isinstance(event, Failure)


def into_sinks(frame: pl.DataFrame, rounds: int) -> None:
    """Against the naive script, and against encoder and transport alone."""
    few = frame.head(NAIVE_ROWS).with_columns(pl.col("category").cast(pl.String)).to_pandas()
    with sink() as url:
        way = connection(url)
        plan = of.plan(frame, "sku", "auto")
        bodies = list(plan.bodies())
        ways = {
            "naive": lambda: naive(few, url),
            "push": lambda: of.push(frame, "s", "sku", "auto", connection=way, progress=False),
            "plan.push": lambda: plan.push("s", connection=way, progress=False),
            "encode": lambda: sum(len(batch.body) for batch in plan.batches()),
            "transport": lambda: transport_only(bodies, url),
        }
        times = interleaved(ways, rounds)
    times["naive"] = [seconds * frame.height / few.shape[0] for seconds in times["naive"]]
    size = plan.counts["bytes"]
    for name, seconds in times.items():
        middle = median(seconds)
        print(f"{name:12}{frame.height / middle:12,.0f} rows/s {size / middle / 1e6:8.0f} MB/s")
    print(f"push, times faster than the naive script:       {ratio(times['push'], times['naive'])}")
    print(f"plan.push, times faster than the naive script:  {ratio(times['plan.push'], times['naive'])}")
    parts = [a + b for a, b in zip(times["encode"], times["transport"], strict=True)]
    print(f"plan.push against its parts one after the other: {ratio(times['plan.push'], parts)}")


def against_latency(frame: pl.DataFrame, rounds: int) -> None:
    """Sixteen requests on the wire against one, at 40 ms of server time."""
    with sink(0.04) as url:
        way = connection(url)
        plan = of.plan(frame, "sku", "auto")
        ways = {str(n): lambda n=n: plan.push("s", concurrency=n, connection=way, progress=False) for n in (1, 16)}
        times = interleaved(ways, rounds)
    print(f"16 requests on the wire against 1, 40 ms a request: {ratio(times['16'], times['1'])}")


def into_sandbox(frame: pl.DataFrame) -> None:
    """Until every request is acknowledged, and until everything is visible."""
    with tempfile.TemporaryDirectory() as folder, of.sandbox(Path(folder) / "box.sqlite") as box:
        box.add_source("s")
        started = time.perf_counter()
        report = of.push(frame, "s", "sku", "auto", progress=False)
        acknowledged = time.perf_counter() - started
        box.settle(600)
        settled = time.perf_counter() - started
        assert report.ok
    print(f"into the sandbox (one process): {frame.height / acknowledged:,.0f} rows/s acknowledged, "
          f"{frame.height / settled:,.0f} rows/s visible")  # fmt: skip


def main() -> None:
    """All of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    frame = base(arguments.rows)
    into_sinks(frame, arguments.rounds)
    against_latency(frame.head(min(arguments.rows, 64_000)), arguments.rounds)
    into_sandbox(frame)


if __name__ == "__main__":
    main()
