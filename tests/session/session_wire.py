"""A transport of answers, answers to put into it, and a clock that takes no time."""

import json
import threading
from collections.abc import Callable, Iterable

from occtoo_frames._session.run import Clock
from occtoo_frames.protocol.http import Event, Failure, Request, Response

JSON = {"content-type": "application/json"}
INGEST = "https://ingest.test"
REFUSED = Failure("the connection was refused", sent=False)
RESET = Failure("the connection was reset", sent=True)


def answer(status=200, document=None, **headers):
    """A JSON answer; header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, {**JSON, **named}, b"" if document is None else json.dumps(document).encode())


def token(text="token-1", expires_in=3600):
    """The answer that holds a data provider's token."""
    return answer(200, {"result": {"accessToken": text, "expiresIn": expires_in}, "errors": [], "requestId": "t"})


class Answers:
    """A transport that answers from a list, or by a function, and remembers what it was asked."""

    def __init__(self, answers: Iterable[Event] | Callable[[Request], Event]) -> None:
        self._answers = answers if callable(answers) else iter(tuple(answers))
        self._lock = threading.Lock()
        self.requests: list[Request] = []
        self.timeouts: set[float] = set()

    def send(self, request: Request, *, timeout_s: float) -> Event:
        """The next answer."""
        with self._lock:
            self.requests.append(request)
            self.timeouts.add(timeout_s)
            if not callable(self._answers):
                return next(self._answers)
        return self._answers(request)

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [f"{request.method} {request.url.removeprefix(INGEST)}" for request in self.requests]


class VirtualTime:
    """A clock that a wait moves forward at once."""

    def __init__(self, chance: float = 0.5) -> None:
        self.seconds = 1_000.0
        self.waits: list[float] = []
        self.clock = Clock(now=lambda: self.seconds, wall=lambda: self.seconds, wait=self.wait, chance=lambda: chance)
        self._lock = threading.Lock()

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Moves the clock, unless the wait was called off."""
        with self._lock:
            self.waits.append(seconds)
            if not stop.is_set():
                self.seconds += seconds
