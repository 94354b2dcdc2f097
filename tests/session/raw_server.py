"""A server of raw sockets on loopback that does to a connection whatever a script says."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from pathlib import Path

CERTIFICATE = Path(__file__).with_name("self_signed.pem")
"""A key and a self-signed certificate for localhost and 127.0.0.1, made for these tests."""

Script = Callable[["Exchange"], None]


class Exchange:
    """One connection: what came in, and what to answer."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.head = b""
        self.body = b""

    def read_head(self) -> "Exchange":
        """Reads the request up to its body."""
        while b"\r\n\r\n" not in self.head:
            piece = self.connection.recv(65536)
            if not piece:
                raise ConnectionError
            self.head += piece
        self.head, _, self.body = self.head.partition(b"\r\n\r\n")
        return self

    def read_body(self, most: int | None = None) -> "Exchange":
        """Reads the body, or so much of it."""
        size = int(self.header("content-length") or 0)
        while len(self.body) < (size if most is None else min(most, size)):
            piece = self.connection.recv(65536)
            if not piece:
                raise ConnectionError
            self.body += piece
        return self

    def read(self) -> "Exchange":
        """Reads the whole request."""
        return self.read_head().read_body()

    def header(self, name: str) -> str | None:
        """A header of the request."""
        for line in self.head.decode().split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name:
                return value.strip()
        return None

    def say(self, content: bytes) -> "Exchange":
        """Sends raw bytes."""
        self.connection.sendall(content)
        return self

    def answer(self, status: int = 200, body: bytes = b"{}", **headers: str) -> "Exchange":
        """Sends a whole answer; header names are written with underscores."""
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return self.say("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def reset(self) -> None:
        """Breaks the connection without a farewell."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


class RawServer:
    """Plays ``script`` on every connection, and remembers the exchanges."""

    def __init__(self, script: Script, *, tls: bool = False) -> None:
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.exchanges: list[Exchange] = []
        self._context: ssl.SSLContext | None = None
        if tls:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(CERTIFICATE)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._play, args=(connection,), daemon=True).start()

    def _play(self, connection: socket.socket) -> None:
        try:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            exchange = Exchange(connection)
            self.exchanges.append(exchange)
            self._script(exchange)
        except OSError:
            pass
        finally:
            connection.close()

    def close(self) -> None:
        """Takes no more connections."""
        self._listener.close()
