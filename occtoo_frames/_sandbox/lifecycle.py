"""From start to stop: what a platform holds and the server that answers for it, opened together and closed together.

Takes settings; knows nothing of what the platform is told to hold.
"""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from occtoo_frames._sandbox.app import application
from occtoo_frames._sandbox.core import Core
from occtoo_frames._sandbox.faults import FaultLayer
from occtoo_frames._sandbox.server import HOST, ThreadServer, free_port
from occtoo_frames._sandbox.settings import Settings
from occtoo_frames._sandbox.traffic import Traffic


class Lifecycle:
    """A platform that runs or does not; between runs only its file stays, if it has one.

    Args:
        path: The database file, or None to keep nothing.
        port: Where to listen; 0 for where the platform of this file did before, or a free port.
        settings: What the platform is told when it is made.
        traffic: The faults to come and the requests seen, which outlive a run.
    """

    def __init__(self, path: str | Path | None, port: int, settings: Settings, traffic: Traffic) -> None:
        self._path = path
        self._port = port
        self._settings = settings
        self._traffic = traffic
        self._running: tuple[Core, ThreadServer] | None = None
        self._ending = ExitStack()

    def start(self) -> None:
        """Requests are answered at ``url``.

        Raises:
            RuntimeError: It runs already, or another process has its file.
            OSError: The port is taken.
        """
        if self._running is not None:
            raise RuntimeError("the sandbox runs already")
        with ExitStack() as begun:
            file = self._path or Path(begun.enter_context(_temporary_folder())) / "sandbox.sqlite"
            core = Core(Path(file), self._settings, durable=self._path is not None)
            begun.callback(core.close)
            server = self._server(core)
            begun.callback(server.stop)
            self._running = (core, server)
            self._ending = begun.pop_all()

    def _server(self, core: Core) -> ThreadServer:
        """What answers; where it did before if that is free, so that addresses and what is known of them stay true."""
        app = FaultLayer(application(core), self._traffic, core.tokens)
        if self._port or self._path is None:
            return ThreadServer(app, self._port)
        before = int(core.store.setting("port", str(free_port())))
        try:
            return ThreadServer(app, before)
        except OSError:
            return ThreadServer(app, 0)

    def stop(self) -> None:
        """Nothing of it runs any more, and without a path nothing of it is left."""
        self._running = None
        self._ending.close()

    @property
    def core(self) -> Core:
        """What the platform holds.

        Raises:
            RuntimeError: It is not running.
        """
        return self._started[0]

    @property
    def url(self) -> str:
        """Its origin: ingest, destinations and global at once.

        Raises:
            RuntimeError: It is not running.
        """
        return f"http://{HOST}:{self._started[1].port}"

    @property
    def _started(self) -> tuple[Core, ThreadServer]:
        if self._running is None:
            raise RuntimeError("the sandbox is not running")
        return self._running


def _temporary_folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix="occtoo-sandbox-", ignore_cleanup_errors=True)
