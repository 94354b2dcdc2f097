"""A link to a server that takes its time by the byte, and remembers what went over it."""

import http.client
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from raw_server import Exchange, RawServer

BROKEN = 0
"""The status of what got no answer."""


@dataclass(frozen=True)
class Carried:
    """One request as it was on the wire, and its answer's status."""

    path: str
    coding: str | None
    body: bytes
    status: int


class RecordingLink:
    """Carries requests to ``target``, all of them together at ``rate`` bytes a second; ``url`` is its near end.

    Args:
        target: The address of a server.
        rate: Bytes a second towards it; None is as fast as it goes.
        refuses: Answers 415 to compressed bodies itself.
    """

    def __init__(self, target: str, *, rate: float | None = None, refuses: bool = False) -> None:
        self._host = urlsplit(target).netloc
        self._rate, self._refuses = rate, refuses
        self._narrow = threading.Lock()
        self.carried: list[Carried] = []
        self._server = RawServer(self._play)
        self.url = self._server.url

    @property
    def imports(self) -> list[Carried]:
        """The imports, in the order of their answers."""
        return [carried for carried in self.carried if carried.path.startswith("/import/")]

    def close(self) -> None:
        """Carries nothing more."""
        self._server.close()

    def _play(self, exchange: Exchange) -> None:
        while True:
            exchange.head = b""
            exchange.read()
            method, path, _ = exchange.head.decode().split(" ", 2)
            self._wait(len(exchange.body))
            coding = exchange.header("content-encoding")
            answered = (415, {}, b"{}") if self._refuses and coding is not None else None
            status, headers, content = answered or self._forward(exchange, method, path)
            self.carried.append(Carried(path, coding, exchange.body, status))
            if status == BROKEN:
                return exchange.reset()
            exchange.answer(status, content, **headers)

    def _wait(self, size: int) -> None:
        if self._rate is not None:
            with self._narrow:
                time.sleep(size / self._rate)

    def _forward(self, exchange: Exchange, method: str, path: str) -> tuple[int, dict[str, str], bytes]:
        names = ("content-type", "content-encoding", "authorization")
        headers = {name: value for name in names if (value := exchange.header(name)) is not None}
        connection = http.client.HTTPConnection(self._host, timeout=30)
        try:
            connection.request(method, path, exchange.body, headers)
            answer = connection.getresponse()
            said = {name: value for name in ("content-type", "accept-encoding") if (value := answer.headers[name])}
            return answer.status, said, answer.read()
        except (OSError, http.client.HTTPException):
            return BROKEN, {}, b""
        finally:
            connection.close()
