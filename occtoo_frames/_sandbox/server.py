"""An ASGI application served from a thread, on 127.0.0.1 only. Takes the application; knows nothing about it."""

import socket
from threading import Thread
from time import monotonic, sleep
from typing import Any

import uvicorn

HOST = "127.0.0.1"
_START_S = 30.0
_GRACE_S = 5


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server((HOST, 0)) as found:
        port: int = found.getsockname()[1]
    return port


class ThreadServer:
    """Serves until it is stopped.

    Args:
        app: The application.
        port: The port, or 0 for a free one.

    Raises:
        OSError: The port is taken.
        RuntimeError: It did not start.
    """

    def __init__(self, app: Any, port: int) -> None:
        self._socket = socket.create_server((HOST, port), backlog=512)
        self.port: int = self._socket.getsockname()[1]
        self._server = uvicorn.Server(_config(app))
        self._thread = Thread(target=self._run, name="occtoo-sandbox", daemon=True)
        self._thread.start()
        self._wait()

    def stop(self) -> None:
        """No request is taken any more; those that were are answered."""
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    def _wait(self) -> None:
        end = monotonic() + _START_S
        while not self._server.started:
            if not self._thread.is_alive() or monotonic() > end:
                self._socket.close()
                raise RuntimeError("the sandbox's server did not start")
            sleep(0.002)


def _config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=_GRACE_S,
    )
