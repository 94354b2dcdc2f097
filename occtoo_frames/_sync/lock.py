"""One holder at a time: a file that is locked while its holder lives.

Takes a path, gives a lock that ends with its process, however that ends; says who holds it. Knows not what for.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Self


class HeldError(Exception):
    """Somebody else holds it; the message says who."""


class Lock:
    """The lock of ``path``, from its making until ``release``.

    Raises:
        HeldError: Another process, or another thread of this one, holds it.
        OSError: The file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        with _in_turn(path.parent):
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                _take(self._file)
            except OSError:
                holder = os.pread(self._file, 200, 1).decode(errors="replace") if hasattr(os, "pread") else ""
                os.close(self._file)
                raise HeldError(f"held by {holder or 'another process or thread'}") from None
            with suppress(OSError):  # a full disk keeps nobody from holding it, only from saying so
                os.ftruncate(self._file, 0)
                os.write(self._file, f"\n{_who()}".encode())

    def release(self) -> None:
        """Anybody may take it."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _who() -> str:
    command = Path(sys.argv[0]).name if sys.argv and sys.argv[0] else "python"
    return f"process {os.getpid()} ({command})"


if sys.platform == "win32":
    import msvcrt

    @contextmanager
    def _in_turn(folder: Path) -> Iterator[None]:
        del folder  # nobody can read the name of a holder here
        yield

    def _take(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # the first byte only: the holder's name stays readable

else:
    import fcntl

    _TRIES, _PAUSE_S = 200, 0.0025

    @contextmanager
    def _in_turn(folder: Path) -> Iterator[None]:
        """One at a time takes or asks for a lock in ``folder``: who holds one has written its name by then.

        A turn takes microseconds. Who does not get his in half a second goes on without: a process that was stopped in
        its own would keep everybody waiting, and all there is to lose is the name in a message.
        """
        turn = None
        try:
            with suppress(OSError):  # some file systems lock no folders: the name may be missing for an instant there
                turn = os.open(folder, os.O_RDONLY)
                _wait_for(turn)
            yield
        finally:
            if turn is not None:
                with suppress(OSError):
                    fcntl.flock(turn, fcntl.LOCK_UN)  # not by closing alone: a process forked meanwhile has it open too
                os.close(turn)

    def _wait_for(turn: int) -> None:
        """It is ours, or has not been for too long; the kernel's own wait has no end that could be set."""
        pause = Event()
        for _ in range(_TRIES):
            with suppress(BlockingIOError):
                _take(turn)
                return
            pause.wait(_PAUSE_S)

    def _take(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
