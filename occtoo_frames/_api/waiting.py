"""Waiting for threads so that Ctrl-C is heard: takes futures, gives them once they have ended. Knows no work.

The table engine's handler of Ctrl-C, there from its import on, lets a wait without an end go on as if nothing had
happened; a wait that ends soon, and begins again, is interrupted between the two. While the engine runs a query the
handler tells the engine alone, and the sources of the query wait in threads that Python interrupts never: whoever
waits there has to ask the engine, which looks for a Ctrl-C whenever it is given work, however little.
"""

from collections.abc import Collection
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from typing import TypeVar

import polars as pl

T = TypeVar("T")

_TICK_S = 0.1
_LITTLE = pl.Series([True])


def look_up(work: "Future[T]", left_s: float) -> None:
    """Waits for ``work``, but a moment only, and not longer than ``left_s``.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed, if only the engine knows of it.
    """
    wait([work], min(_TICK_S, left_s))
    _LITTLE.any()


def first_ended(works: "Collection[Future[T]]") -> "set[Future[T]]":
    """Those that have ended, once one of them has failed or all have ended."""
    while True:
        ended, going = wait(works, _TICK_S, FIRST_EXCEPTION)
        if not going or any(one.cancelled() or one.exception() is not None for one in ended):
            return ended
