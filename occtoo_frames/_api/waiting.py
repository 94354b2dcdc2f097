"""Waiting for threads so that Ctrl-C is heard: takes futures, gives them once they have ended. Knows no work.

The table engine's handler of Ctrl-C, there from its import on, lets a wait without an end go on as if nothing had
happened; a wait that ends soon, and begins again, is interrupted between the two.
"""

from collections.abc import Collection
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from typing import TypeVar

T = TypeVar("T")

_TICK_S = 0.1


def result_of(work: "Future[T]") -> T:
    """What ``work`` gives, or raises, however long it takes."""
    while not work.done():
        wait([work], _TICK_S)
    return work.result()


def first_ended(works: "Collection[Future[T]]") -> "set[Future[T]]":
    """Those that have ended, once one of them has failed or all have ended."""
    while True:
        ended, going = wait(works, _TICK_S, FIRST_EXCEPTION)
        if not going or any(one.cancelled() or one.exception() is not None for one in ended):
            return ended
