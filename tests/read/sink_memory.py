"""A process of its own, whose memory can be measured: sinks a scan twice and tells how much more the second took.

    python sink_memory.py <pages of the first> <pages of the second>

The server is a function: each page has 1,000 entries of 600 bytes, made when it is asked for.
"""

import json
import resource
import sys
import tempfile
from pathlib import Path

import polars as pl
from scripted import URL, Scripted, connect

from occtoo_frames._api.scan import scan_destination
from occtoo_frames.protocol.http import Response

ROWS = 1_000
TEXT = "a text that weighs something " * 17


def page(number: int) -> bytes:
    """The JSON of one page."""
    entries = (f'{{"id":"e{number:05}-{n:03}","stock":{n},"name":"{n:05} {TEXT}"}}' for n in range(ROWS))
    return b'{"results":[' + ",".join(entries).encode() + b"]}"


def sink(pages: int, path: Path) -> None:
    """A scan of so many pages stands in ``path``."""

    def answer(query: dict[str, object]) -> Response:
        after = query.get("after")
        number = int(str(after[0])[1:6]) + 1 if isinstance(after, list) else 0
        return Response(200, {}, page(number) if number < pages else b'{"results":[]}')

    scan = scan_destination(URL, connection=connect(Scripted(answer, "swashbuckle_30")))
    scan.filter(pl.col("stock") >= 0).select("id", "name", "stock").sink_parquet(path)
    assert pl.scan_parquet(path).select(pl.len()).collect().item() == pages * ROWS


def peak() -> float:
    """The most memory that was ever held, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000


if __name__ == "__main__":
    small, large = map(int, sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        sink(small, Path(folder) / "small.parquet")
        before = peak()
        sink(large, Path(folder) / "large.parquet")
    sys.stdout.write(json.dumps(peak() - before) + f" {large * len(page(0)) / 1e6}\n")
