"""A push, end to end: against the script that people write, and against its parts.

    python benchmarks/push.py [--rows 50000] [--rounds 3]

The sink, in a process of its own, reads bodies and nothing else. Rows of the base table of ``_tables.py``. *Encode and
send* is a push without its journal: nothing durable, no fingerprints.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import polars as pl
import requests
from _encoding import NAIVE_ROWS
from _measure import Figure, figure, interleaved, parser, tell
from _tables import base

import occtoo_frames as of
from occtoo_frames._api.deliver import deliver
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


def into_sinks(frame: pl.DataFrame, rounds: int) -> Iterator[Figure]:
    """Against the naive script, and against encoder and transport alone; all on one core, the sink elsewhere."""
    few = frame.head(NAIVE_ROWS).with_columns(pl.col("category").cast(pl.String)).to_pandas()
    with sink() as url, one_core():
        way = connection(url)
        plan = of.plan(frame, "sku", "auto")
        bodies = list(plan.bodies())
        ways = {
            "naive": lambda: naive(few, url),
            "push": lambda: of.push(frame, "s", "sku", "auto", connection=way, progress=False),
            "plan.push": lambda: plan.push("s", connection=way, progress=False),
            "encode and send": lambda: deliver(plan.batches(), source="s", connection=way),
            "encode": lambda: sum(len(batch.body) for batch in plan.batches()),
            "transport": lambda: transport_only(bodies, url),
        }
        times = interleaved(ways, rounds)
    whole = [seconds * frame.height / few.shape[0] for seconds in times["naive"]]
    for name in ("push", "plan.push", "encode and send"):
        yield figure(f"loopback, one core: {name}, rows/s ÷ naive script's", whole, times[name], "≥ 33")
    parts = [a + b for a, b in zip(times["encode"], times["transport"], strict=True)]
    yield figure("loopback, one core: naive script ÷ (encode + transport), the most", whole, parts)
    for name in ("plan.push", "encode and send"):
        yield figure(f"loopback, one core: (encode + transport) ÷ {name}", parts, times[name], "≥ 0.85")


def against_latency(frame: pl.DataFrame, rounds: int) -> Iterator[Figure]:
    """Sixteen requests on the wire against one, at 40 ms of server time."""
    with sink(0.04) as url:
        way = connection(url)
        plan = of.plan(frame, "sku", "auto")
        ways = {n: lambda n=n: plan.push("s", concurrency=n, connection=way, progress=False) for n in (1, 16)}
        times = interleaved({str(n): push for n, push in ways.items()}, rounds)
    batches = plan.counts["batches"]
    yield figure(f"40 ms of server time, {batches} batches: 16 on the wire ÷ 1", times["1"], times["16"], "≥ 12")


@contextmanager
def one_core() -> Iterator[None]:
    """This process has the first processor to itself, and what it starts from now on too."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    threads = [int(each.name) for each in Path("/proc/self/task").iterdir()]
    for thread in threads:
        os.sched_setaffinity(thread, {min(before)})
    try:
        yield
    finally:
        for thread in threads:
            os.sched_setaffinity(thread, before)


def figures(rows: int = 50_000, rounds: int = 3) -> list[Figure]:
    """All of it."""
    return [*into_sinks(base(rows), rounds), *against_latency(base(max(rows, 200_000)), min(rounds, 3))]


if __name__ == "__main__":
    arguments = parser(__doc__, rows=50_000, rounds=3).parse_args()
    tell(figures(arguments.rows, arguments.rounds), arguments)
