"""Pictures, a web server of pictures, and what stands behind a public address."""

import hashlib
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import requests


def png(width: int = 2, height: int = 3, *, more: bytes = b"") -> bytes:
    """A picture of these pixels, with ``more`` behind it."""
    rows = zlib.compress(b"".join(b"\0" + b"\x80\x40\x20" * width for _ in range(height)))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"") + more


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def digest_at(url: str) -> str:
    """The SHA-256 of what stands at an address."""
    found = hashlib.sha256()
    with requests.get(url, stream=True, timeout=30) as answer:
        answer.raise_for_status()
        for piece in answer.iter_content(1 << 20):
            found.update(piece)
    return found.hexdigest()


def digest_of(content: bytes) -> str:
    """Its SHA-256."""
    return hashlib.sha256(content).hexdigest()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        """The file; ``/to/…`` points there instead."""
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path[3:])
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            super().do_GET()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that went away is no news."""


@contextmanager
def pictures(folder: Path) -> Iterator[str]:
    """The address of a web server that serves ``folder``."""
    server = _Server(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
