"""A proxy of raw sockets that does to connections what networks do: takes requests for one origin, passes them on.

Breaks what no server can break of itself: bodies half sent, answers cut, lengths that are wrong. Does not look at what
passes through it.
"""

import contextlib
import socket
from collections import Counter
from collections.abc import Iterator
from threading import Event, Lock, Thread
from time import monotonic
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from occtoo_frames._sandbox.proxy_wire import GARBLED, UNDELIVERED, Wire, ask, body_length
from occtoo_frames._sandbox.traffic import Fault, Kinds, Traffic

KINDS: Kinds = {
    "reset_before": frozenset(),
    "reset_mid": frozenset(),
    "lost": frozenset(),
    "reset_after": frozenset(),
    "stall": frozenset({"delay_s"}),
    "drip": frozenset({"delay_s"}),
    "cut_answer": frozenset(),
    "too_long": frozenset(),
    "too_short": frozenset(),
    "gzip": frozenset(),
    "garbage": frozenset(),
}
"""reset_before: when the head was read. reset_mid: in the middle of the request's body. lost: the whole request was
read and went nowhere. The others happen when the server has done all. reset_after: before the answer. stall: silence
for ``delay_s``, then a reset. drip: ``delay_s`` before each byte. cut_answer: half of it. too_long, too_short: a wrong
length. gzip: a wrong encoding. garbage: no HTTP."""

_HOST = "127.0.0.1"
_STALL_S, _DRIP_S = 3600.0, 0.01


class FaultProxy:
    """A bad network in front of one origin, from now until it is closed.

    Attributes:
        url: Its own origin.

    Args:
        target: The origin that it stands before, such as a sandbox's; plain http.
        seed: Of the chance with which faults of a probability strike.

    Raises:
        ValueError: The target is no http origin.
    """

    def __init__(self, target: str, *, seed: int = 0) -> None:
        split = urlsplit(target)
        if split.scheme != "http" or split.hostname is None:
            raise ValueError(f"{target!r} is no address of plain http")
        self._target = (split.hostname, split.port or 80)
        self._traffic = Traffic(KINDS, seed)
        self._lock = Lock()
        self._wires: set[Wire] = set()
        self._closing = Event()
        self._listener = socket.create_server((_HOST, 0), backlog=512)
        self._port: int = self._listener.getsockname()[1]
        self.url = f"http://{_HOST}:{self._port}"
        self._listen()

    def faults(
        self,
        kind: str,
        *,
        on: str = "",
        after: int = 0,
        times: int | None = 1,
        probability: float = 1.0,
        delay_s: float | None = None,
    ) -> None:
        """From now on this goes wrong, after the faults asked for before.

        Args:
            kind: reset_before, reset_mid, lost, reset_after, stall, drip, cut_answer, too_long, too_short, gzip or
                garbage.
            on: A part of ``POST /import/{source}`` or ``POST /import/products``; empty for everywhere.
            after: How many requests there are spared before.
            times: How often; None without end.
            probability: How likely, each time.
            delay_s: Of stall: how long nothing comes. Of drip: the wait before each byte.

        Raises:
            ValueError: There is no such kind, or it takes no such option.
        """
        self._traffic.add(Fault(kind, on, after, times, probability, delay_s=delay_s))

    def clear_faults(self) -> None:
        """Nothing goes wrong on purpose any more."""
        self._traffic.clear()

    @property
    def requests_seen(self) -> Counter[str]:
        """How many requests each route got, those that met a fault among them."""
        return self._traffic.seen

    @property
    def faults_met(self) -> Counter[str]:
        """How often each kind of fault has happened."""
        return self._traffic.met

    def through(self, address: str) -> str:
        """An address of the target as it is reached through the proxy; any other as it is."""
        split = urlsplit(address)
        if (split.hostname, split.port or 80) != self._target:
            return address
        return split._replace(netloc=f"{_HOST}:{self._port}").geturl()

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """While open nobody listens: connections are refused, and those that stood are reset."""
        self._deafen()
        kept = socket.socket()  # bound and not listening: the port stays ours, and whoever comes is refused
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind((_HOST, self._port))
        try:
            yield
        finally:
            kept.listen(512)
            self._listener = kept
            self._listen()

    def close(self) -> None:
        """Nobody is served any more."""
        self._closing.set()
        self._deafen()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"FaultProxy({self.url!r} before http://{self._target[0]}:{self._target[1]})"

    def _listen(self) -> None:
        Thread(target=self._accept, args=(self._listener,), name="occtoo-faults", daemon=True).start()

    def _deafen(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for connections
        self._listener.close()
        with self._lock:
            wires = list(self._wires)
        for wire in wires:
            wire.reset()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                wire = Wire(connection)
                with self._lock:
                    self._wires.add(wire)
                Thread(target=self._serve, args=(wire,), name="occtoo-faults", daemon=True).start()

    def _serve(self, wire: Wire) -> None:
        with contextlib.suppress(OSError):
            while (head := wire.head()) is not None and self._exchange(wire, head):
                continue
        with self._lock:
            self._wires.discard(wire)
        wire.close()

    def _exchange(self, wire: Wire, head: bytes) -> bool:
        """True if the connection goes on after this request."""
        method, path = head.split(b" ", 2)[:2]
        fault = self._traffic.meet(method.decode(), path.partition(b"?")[0].decode(), monotonic())
        size = body_length(head)
        if fault is not None and fault.kind in UNDELIVERED:
            wire.read(int(size * UNDELIVERED[fault.kind]))
            wire.reset()
            return False
        answer = ask(self._target, head, wire.read(size))
        if fault is None:
            wire.say(answer)
            return True
        if fault.kind in GARBLED:
            wire.say(GARBLED[fault.kind](answer))
            return fault.kind == "too_short"
        self._delay(wire, fault, answer)
        return False

    def _delay(self, wire: Wire, fault: Fault, answer: bytes) -> None:
        if fault.kind == "stall":
            self._closing.wait(_STALL_S if fault.delay_s is None else fault.delay_s)
        elif fault.kind == "drip":
            for place in range(len(answer)):
                if self._closing.wait(_DRIP_S if fault.delay_s is None else fault.delay_s):
                    break
                wire.say(answer[place : place + 1])
            return
        wire.reset()
