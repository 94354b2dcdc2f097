"""Ctrl-C while pages are on the wire: heard at once, and not when all of them have come."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from scripted import CONTRACT, keyed, read

from occtoo_frames.protocol.http import Response

ENTRIES: dict[str, dict[str, Any]] = {f"k{n:03}": {"stock": n} for n in range(300)}


@pytest.mark.skipif(sys.platform == "win32", reason="there a process cannot send itself a Ctrl-C")
@pytest.mark.parametrize("options", [{}, {"limit": 290}])
def test_a_read_that_is_interrupted_ends_with_the_page_on_the_wire(options: dict[str, Any]) -> None:
    """The engine's own handler lets the main thread wait on; the read does not wait without looking up."""
    asked = 0
    server = keyed(ENTRIES)

    def answer(query: dict[str, Any]) -> Response:
        nonlocal asked
        asked += 1
        if asked == 3:
            os.kill(os.getpid(), signal.SIGINT)
        if asked >= 3:
            time.sleep(0.05)
        return server(query)

    with pytest.raises(KeyboardInterrupt):
        read(answer, page_size=2, **options)
    assert asked < 100


class Silent(ThreadingHTTPServer):
    """Gives the document, and never an answer to a query."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.document = (CONTRACT / "openapi_swashbuckle_30.json").read_bytes()
        self.asked = threading.Semaphore(0)
        self.queries = 0
        self.over = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: Silent

    def do_GET(self) -> None:
        """The document."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.document)))
        self.end_headers()
        self.wfile.write(self.server.document)

    def do_POST(self) -> None:
        """Nothing."""
        self.server.queries += 1
        self.server.asked.release()
        self.server.over.wait()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Silent on the terminal, too."""


@pytest.fixture
def silent() -> Iterator[Silent]:
    """A server that is silent."""
    with Silent() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.over.set()
        server.shutdown()


@pytest.mark.skipif(sys.platform == "win32", reason="there a Ctrl-C goes to all processes of a terminal")
@pytest.mark.parametrize(
    ("verb", "at_once"),
    [
        ("read_destination(url)", 1),
        ("read_destination(url, language=['en', 'sv'])", 2),
        ("read_destination(url, limits=of.ReadLimits(max_seconds=60))", 1),
        ("scan_destination(url).collect()", 1),
    ],
)
def test_a_request_without_an_answer_is_not_made_again(silent: Silent, verb: str, at_once: int) -> None:
    """Ctrl-C is heard after the request on the wire at the latest, in the threads of the table engine, too."""
    base = f"http://127.0.0.1:{silent.server_port}"
    code = f"import occtoo_frames as of; of.connect(global_url={base!r}, timeout_s=2); url = '{base}/a/b/v1/products'"
    process = subprocess.Popen([sys.executable, "-c", f"{code}; of.{verb}"], stderr=subprocess.DEVNULL)  # noqa: S603 - our own script
    for _ in range(at_once):
        assert silent.asked.acquire(timeout=60)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == -signal.SIGINT
    assert silent.queries == at_once
