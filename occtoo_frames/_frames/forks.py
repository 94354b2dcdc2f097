"""Processes that were forked after the engine had started its threads: nothing that needs them would ever end there.

A fork copies memory, not threads, so the engine of the copy waits for threads that it believes to have. Whether they
run is read off the names that Linux keeps of threads; elsewhere processes are spawned unless somebody asks otherwise.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from occtoo_frames.exceptions import ConfigurationError

_TASKS = Path("/proc/self/task")
_ENGINE_THREAD = re.compile(r"polars-\d+\s*")


@dataclass(slots=True)
class _Ancestry:
    """Whether the engine's threads ran at the last fork, and whether this process is one that lost them."""

    ran: bool = False
    lost: bool = False


_HERE = _Ancestry()


def must_have_threads() -> None:
    """Nothing, unless this process would wait for ever.

    Raises:
        ConfigurationError: It was forked from one whose engine had started its threads.
    """
    if _HERE.lost:
        raise ConfigurationError(
            "this process was forked from one that had used polars, whose threads a fork does not have: it would wait "
            "for them for ever; start it with multiprocessing.get_context('spawn'), or fork before a frame is used"
        )


def _threads_run() -> bool:
    return _TASKS.is_dir() and any(_ENGINE_THREAD.fullmatch(_name(task)) for task in _TASKS.iterdir())


def _name(task: Path) -> str:
    try:
        return (task / "comm").read_text()
    except OSError:  # the thread ended meanwhile
        return ""


def _before() -> None:
    _HERE.ran = _threads_run()


def _in_child() -> None:
    _HERE.lost |= _HERE.ran


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_child=_in_child)
