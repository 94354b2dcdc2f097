"""A link of a certain width before a server, in a process of its own.

    python benchmarks/_narrow.py PORT BYTES_A_SECOND

Prints its own port. What comes in on all connections together goes on to PORT at that rate; answers come back at once.
"""

import contextlib
import socket
import sys
import threading
import time

PIECE = 64 * 1024
"""Half a millisecond of the fastest link that is measured."""


class Width:
    """What all connections share."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._lock = threading.Lock()
        self._free = 0.0

    def wait(self, size: int) -> None:
        """Returns when so many bytes have gone through."""
        with self._lock:
            self._free = max(self._free, time.perf_counter()) + size / self._rate
            until = self._free
        if (left := until - time.perf_counter()) > 0:
            time.sleep(left)


def pump(near: socket.socket, far: socket.socket, width: Width | None) -> None:
    """Everything from one to the other, until there is no more."""
    room = bytearray(PIECE)
    with contextlib.suppress(OSError):
        while count := near.recv_into(room):
            if width is not None:
                width.wait(count)
            far.sendall(memoryview(room)[:count])
    with contextlib.suppress(OSError):
        far.shutdown(socket.SHUT_WR)


def main() -> None:
    """Carries until it is killed."""
    port, width = int(sys.argv[1]), Width(float(sys.argv[2]))
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2 * PIECE)  # a link holds little on its way
        server.bind(("127.0.0.1", 0))
        server.listen(64)
        print(server.getsockname()[1], flush=True)
        while True:
            near, _ = server.accept()
            far = socket.create_connection(("127.0.0.1", port))
            for each in (near, far):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=pump, args=(near, far, width), daemon=True).start()
            threading.Thread(target=pump, args=(far, near, None), daemon=True).start()


if __name__ == "__main__":
    main()
