"""Bodies over links of 12.5 and 125 MB a second (100 Mbit and 1 Gbit), and over none, plain and compressed.

    python benchmarks/link.py [--rows 20000] [--rounds 3]

What is measured is the payload: bytes of bodies, before compression, a second. The bodies are encoded before; the link
and the sink behind it, which takes gzip and does not unpack it, are processes of their own on the same processors. Each
way has a connection of its own, which has learned of the link in the round that does not count.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from _measure import Figure, figure, interleaved, of_rounds, parser, tell
from _tables import base

import occtoo_frames as of
from occtoo_frames._api.deliver import deliver
from occtoo_frames._push.batch import Batch
from occtoo_frames._session.compression import Compress

HERE = Path(__file__).parent
LINKS = {"12.5 MB/s": 12.5e6, "125 MB/s": 125e6, "loopback": None}
WAYS: dict[str, Compress] = {"plain": False, "gzip": True, "auto": "auto"}


@contextmanager
def process(script: str, *words: object) -> Iterator[str]:
    """The port that one of our scripts prints, while it runs."""
    command = [sys.executable, str(HERE / script), *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:  # noqa: S603 - our own script
        try:
            assert running.stdout is not None
            yield running.stdout.readline().strip()
        finally:
            running.kill()


def connection(port: str, compress: Compress) -> of.Connection:
    """Credentials that a sink takes."""
    url = f"http://127.0.0.1:{port}"
    return of.Connection(provider_id="p", provider_secret="s", ingest_url=url, compress=compress)  # noqa: S106 - made up


def over(link: str, batches: list[Batch], rounds: int) -> Iterator[Figure]:
    """The figures of one link."""
    with ExitStack() as open_now:
        port = open_now.enter_context(process("_sink.py", 0, "gzip"))
        if LINKS[link] is not None:
            port = open_now.enter_context(process("_narrow.py", port, LINKS[link]))
        ways = {name: connection(port, compress) for name, compress in WAYS.items()}
        times = interleaved(
            {name: lambda to=to: deliver(batches, source="s", connection=to) for name, to in ways.items()}, rounds
        )
    size = sum(len(batch.body) for batch in batches) / 1e6
    for name, seconds in times.items():
        yield of_rounds(f"{link}: {name}, MB/s of payload", [size / each for each in seconds])
    for name in ("gzip", "auto"):
        yield figure(f"{link}: {name} ÷ plain", times["plain"], times[name])


def figures(rows: int = 20_000, rounds: int = 3) -> list[Figure]:
    """All links; the wide ones carry more, so that they take a while too."""
    few, many = (list(of.plan(base(max(rows, least)), "sku", "auto").batches()) for least in (20_000, 60_000))
    return [figure for link in LINKS for figure in over(link, few if link == "12.5 MB/s" else many, rounds)]


if __name__ == "__main__":
    arguments = parser(__doc__, rows=20_000, rounds=3).parse_args()
    tell(figures(arguments.rows, arguments.rounds), arguments)
