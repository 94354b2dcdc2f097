"""What ``push.py`` measures, imported once it is known which processors the client may use."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import polars as pl
import requests
from _encoding import NAIVE_ROWS
from _measure import Figure, figure, interleaved
from _tables import base

import occtoo_frames as of
from occtoo_frames._api.deliver import deliver
from occtoo_frames._session.transport import RequestsTransport
from occtoo_frames.protocol.http import Failure, Request

HERE = Path(__file__).parent


@contextmanager
def sink(delay_s: float = 0.0) -> Iterator[str]:
    """The address of a sink."""
    command = [*elsewhere(), sys.executable, str(HERE / "_sink.py"), str(delay_s)]
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


def into_a_sink(frame: pl.DataFrame, rounds: int) -> Iterator[Figure]:
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
            "encode and send": lambda: deliver(plan.batches(), source="s", connection=way),
            "encode": lambda: sum(len(batch.body) for batch in plan.batches()),
            "transport": lambda: transport_only(bodies, url),
        }
        times = interleaved(ways, rounds, least_s=0.5)  # most ways take a sixth of a second
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
        ways = {
            "plan.push": lambda n: plan.push("s", concurrency=n, connection=way, progress=False),
            "encode and send": lambda n: deliver(plan.batches(), source="s", connection=way, concurrency=n),
        }
        each = {(name, n): lambda do=do, n=n: do(n) for name, do in ways.items() for n in (1, 16)}
        times = interleaved(each, rounds)
    for name in ways:
        about = f"40 ms of server time, {plan.counts['batches']} batches: {name}, 16 on the wire ÷ 1"
        yield figure(about, times[name, 1], times[name, 16], "≥ 12")


def elsewhere() -> list[str]:
    """What comes before a command that is to run on another processor than this process, if there is one."""
    if not hasattr(os, "sched_getaffinity") or shutil.which("taskset") is None:
        return []
    others = set(range(os.cpu_count() or 1)) - os.sched_getaffinity(0)
    return ["taskset", "--cpu-list", ",".join(map(str, others))] if others else []


def on_one_core(rows: int, rounds: int) -> list[Figure]:
    """What the client's processor is the limit of."""
    return list(into_a_sink(base(rows), rounds))


def on_all_cores(rows: int, rounds: int) -> list[Figure]:
    """What the server's time is the limit of."""
    return list(against_latency(base(rows), rounds))
