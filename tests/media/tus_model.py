"""A TUS server in memory and a wire that breaks at will: the other side of a conversation, without a socket."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from occtoo_frames._push.media_talk import Ask, Talk, Wait
from occtoo_frames.protocol import tus
from occtoo_frames.protocol.http import Event, Failure, Request, Response
from occtoo_frames.protocol.meaning import Asked

BASE = "https://ingest.test"
BREAKS = ("unsent", "lost", "half", "server-error", "offset-differs", "locked", "no-offset")
_REFUSALS = {"offset-differs": tus.OFFSET_DIFFERS, "locked": tus.LOCKED}
_FAILED = {
    "unsent": Failure("refused", sent=False),
    "lost": Failure("cut", sent=True),
    "half": Failure("cut", sent=True),
    "server-error": Response(502, {"content-type": "text/html"}, b"<html>Bad gateway</html>"),
}


@dataclass
class Model:
    """Files by id; ``breaks`` says what goes wrong with which request, counted from 0.

    Attributes:
        patience: How often a request that may be repeated is sent, as the session does.
    """

    breaks: Mapping[int, str] = field(default_factory=dict)
    files: dict[str, bytearray] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    patience: int = 3
    waited_s: float = 0.0

    def hold(self, talk: Talk):
        """What the conversation returns."""
        answer = None
        try:
            while True:
                answer = self._do(talk.send(answer))
        except StopIteration as end:
            return end.value

    def _do(self, step: Ask | Wait) -> Asked | None:
        if isinstance(step, Wait):
            self.waited_s += step.seconds
            return None
        unsure = False
        for attempt in range(1, self.patience + 1):
            event = self._break(step.request)
            asked = Asked(event, attempt, unsure)
            failed = isinstance(event, Failure) or event.status >= 500
            if not failed or not (step.repeat or (isinstance(event, Failure) and not event.sent)):
                return asked
            unsure = unsure or not isinstance(event, Failure) or event.sent
        return Asked(event, self.patience, unsure)

    def _break(self, request: Request) -> Event:
        kind = self.breaks.get(len(self.requests))
        self.requests.append(request)
        if kind is None or (kind in _REFUSALS and request.method != "PATCH"):
            return self._answer(request)
        if kind in {"lost", "half"}:
            self._answer(request, half=kind == "half")
        if kind == "no-offset":
            return Response(self._answer(request).status)
        return Response(_REFUSALS[kind]) if kind in _REFUSALS else _FAILED[kind]

    def _answer(self, request: Request, *, half: bool = False) -> Response:
        assert request.url.startswith(BASE)
        assert request.headers["Tus-Resumable"] == "1.0.0"
        if request.method == "POST":
            return self._create(request, half=half)
        file_id = request.url.rpartition("/")[2]
        if file_id not in self.files:
            return Response(404)
        file = self.files[file_id]
        if request.method == "PATCH":
            if int(request.headers["Upload-Offset"]) != len(file):
                return Response(tus.OFFSET_DIFFERS)
            body = bytes(request.body)
            file += body[: len(body) // 2] if half else body
        return Response(200, {tus.OFFSET: str(len(file)), tus.LENGTH: str(self.lengths[file_id])})

    def _create(self, request: Request, *, half: bool) -> Response:
        file_id = f"f{len(self.files)}"
        if not half:
            self.files[file_id] = bytearray()
            self.lengths[file_id] = int(request.headers["Upload-Length"])
        return Response(201, {"location": f"https://elsewhere.test/steal/{file_id}"})


@dataclass
class Slip:
    """A memory in memory."""

    file_id: str | None = None

    def recall(self) -> str | None:
        """What was noted."""
        return self.file_id

    def announced(self) -> bool:
        """False: nothing of it outlives the test."""
        return False

    def announce(self) -> None:
        """What was noted before does not count."""
        self.file_id = None

    def note(self, file_id: str) -> None:
        """Notes."""
        self.file_id = file_id

    def forget(self) -> None:
        """Forgets."""
        self.file_id = None
