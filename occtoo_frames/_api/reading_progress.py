"""A bar for reads: quiet outside a terminal or notebook, and for the first two seconds."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from tqdm.auto import tqdm

_PATIENCE_S = 2.0


@contextmanager
def shown(*, progress: bool | None) -> Iterator[Callable[[int, int | None], None]]:
    """Gives what a read tells of its pages: how many entries, and how many there are in all, if known."""
    wanted = progress if progress is not None else sys.stderr.isatty() or "ipykernel" in sys.modules
    lock = Lock()
    with tqdm(
        total=None, unit=" entries", disable=not wanted, delay=0 if progress else _PATIENCE_S, leave=False
    ) as bar:

        def seen(count: int, total: int | None) -> None:
            with lock:
                if total is not None:
                    bar.total = (bar.total or 0) + total
                bar.update(count)

        yield seen
