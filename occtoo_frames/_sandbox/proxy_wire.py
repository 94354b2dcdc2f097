"""One connection of the proxy, and what becomes of answers: bytes in, bytes out.

Knows of HTTP only where a head ends and how long a body is.
"""

import contextlib
import re
import socket
import struct
from collections.abc import Callable, Mapping

HEAD_END = b"\r\n\r\n"
_PIECE = 65536
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_CONNECTION = re.compile(rb"(?i)\r\nconnection: [^\r]*")


class Wire:
    """One client's connection: requests are read off it, bytes are written to it."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._held = bytearray()

    def head(self) -> bytes | None:
        """The head of the next request without its end, or None if there is none."""
        while HEAD_END not in self._held:
            if not self._receive():
                return None
        return self._take(self._held.index(HEAD_END) + len(HEAD_END))[: -len(HEAD_END)]

    def read(self, size: int) -> bytes:
        """So many bytes of the body."""
        while len(self._held) < size:
            if not self._receive():
                raise ConnectionError
        return self._take(size)

    def say(self, content: bytes) -> None:
        """The bytes are on their way."""
        self._socket.sendall(content)

    def reset(self) -> None:
        """The connection is broken without a farewell."""
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._socket.shutdown(socket.SHUT_RD)  # wakes the thread that reads
        self._socket.close()

    def close(self) -> None:
        """The connection has ended."""
        self._socket.close()

    def _receive(self) -> bool:
        piece = self._socket.recv(_PIECE)
        self._held += piece
        return bool(piece)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken


def body_length(head: bytes) -> int:
    """How many bytes follow ``head``."""
    found = _LENGTH.search(head)
    return 0 if found is None else int(found[1])


def ask(target: tuple[str, int], head: bytes, body: bytes) -> bytes:
    """The target's whole answer to one request, as if the connection were to be kept."""
    with socket.create_connection(target) as connection:
        connection.sendall(_CONNECTION.sub(b"", head) + b"\r\nConnection: close" + HEAD_END + body)
        pieces = list(iter(lambda: connection.recv(_PIECE), b""))
    answered, end, content = b"".join(pieces).partition(HEAD_END)
    return _CONNECTION.sub(b"", answered) + end + content


def _with_length(answer: bytes, more: int) -> bytes:
    head, end, body = answer.partition(HEAD_END)
    return _LENGTH.sub(b"\r\ncontent-length: %d" % max(0, len(body) + more), head) + end + body


def _half(answer: bytes) -> bytes:
    head, end, body = answer.partition(HEAD_END)
    return head + end + body[: len(body) // 2]


UNDELIVERED: Mapping[str, float] = {"reset_before": 0.0, "reset_mid": 0.5, "lost": 1.0}
"""How much of a body is read before the connection breaks."""

GARBLED: Mapping[str, Callable[[bytes], bytes]] = {
    "cut_answer": _half,
    "too_long": lambda answer: _with_length(answer, 10),
    "too_short": lambda answer: _with_length(answer, -5),
    "gzip": lambda answer: answer.replace(HEAD_END, b"\r\ncontent-encoding: gzip" + HEAD_END, 1),
    "garbage": lambda _: b"\x16\x03\x01 this is no HTTP" + HEAD_END,
}
"""What becomes of an answer."""
