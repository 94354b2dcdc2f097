"""One holder at a time: a file that is locked while its holder lives.

Takes a path, gives a lock that ends with its process, however that ends; says who holds it. Knows not what for.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path
from time import sleep
from types import TracebackType
from typing import Self

_LOOKS = 50
_LOOK_S = 0.01


class HeldError(Exception):
    """Somebody else holds it; the message says who."""


class Lock:
    """The lock of ``path``, from its making until ``release``.

    Raises:
        HeldError: Another process, or another thread of this one, holds it.
        OSError: The file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _take(self._file)
        except OSError:
            holder = _holder(self._file)
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


def _holder(file: int) -> str:
    """The name that the holder has written, or nothing if it does not within a moment.

    It writes after it has taken the lock, and what stands there until then is nothing, or for an instant the name of
    the one before: so a name counts once it was read twice.
    """
    before, name = "", ""
    for _ in range(_LOOKS if hasattr(os, "pread") else 0):
        before, name = name, os.pread(file, 200, 1).decode(errors="replace")
        if name and name == before:
            return name
        sleep(_LOOK_S)
    return ""


def _who() -> str:
    command = Path(sys.argv[0]).name if sys.argv and sys.argv[0] else "python"
    return f"process {os.getpid()} ({command})"


if sys.platform == "win32":
    import msvcrt

    def _take(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # the first byte only: the holder's name stays readable

else:
    import fcntl

    def _take(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
