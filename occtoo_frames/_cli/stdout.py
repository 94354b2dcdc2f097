"""Standard output: what is written to it is there, or the command ends with an error that says so.

Takes texts, and what a run has done by then: rows that were accepted stay accepted where a disk is full, and whoever
looks at the exit code must not take them for failed.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from occtoo_frames.exceptions import FileNotWrittenError

_NOBODY_READS = 141
"""The exit code that shells give to a process which writes to a pipe that nobody reads any more."""


@contextmanager
def reaching(done: str | None) -> Iterator[None]:
    """What is written to standard output in this block is there after it.

    Args:
        done: What has come to its end before, to be said in the error.

    Raises:
        FileNotWrittenError: It could not be written. Nothing is written to it from then on.
        SystemExit: Whoever read it has read enough, and nothing else is to be said.
    """
    try:
        _must_be_open()
        yield
        sys.stdout.flush()
    except OSError as error:
        sys.stdout = None  # else it would be tried again at the end of the process
        if isinstance(error, BrokenPipeError) and done is None:
            raise SystemExit(_NOBODY_READS) from None
        why = f"standard output cannot be written: {error.strerror or error}"
        raise FileNotWrittenError(why if done is None else f"{why}. What it would have told of: {done}") from error


def _must_be_open() -> None:
    if sys.stdout is None:
        raise OSError("it is closed")


def put(texts: Iterable[str], done: str | None) -> None:
    r"""The texts stand on standard output in UTF-8, whatever a terminal or a pipe is set to.

    Half of a surrogate pair, which has no UTF-8, stands there as ``\udc80``: in JSON that is the same.

    Raises:
        FileNotWrittenError: They do not, or not all of them.
    """
    with reaching(done):
        sys.stdout.flush()
        raw = getattr(sys.stdout, "buffer", None)
        for text in texts:
            if raw is None:
                sys.stdout.write(text)
            else:
                _write(raw, text.encode("utf-8", "backslashreplace"))


def _write(raw: BinaryIO, text: bytes) -> None:
    """All of it: where Python is told not to buffer, a pipe that is full takes a part and says how much."""
    left = memoryview(text)
    while left:
        left = left[raw.write(left) :]
