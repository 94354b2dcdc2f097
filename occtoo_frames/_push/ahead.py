"""Work on a sequence, done a little ahead on a few threads.

Takes a function and its arguments in order, gives its results in that order. Most of the engine's work frees the
interpreter, so two threads keep two processors busy; more would only hold more in memory.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

WORKERS = 2


def ahead(function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """``function`` of each item, in order; at most ``WORKERS`` results wait. A single item needs no thread."""
    rest = iter(items)
    first = list(islice(rest, 2))
    if len(first) < 2:  # noqa: PLR2004 - nothing to do side by side
        yield from map(function, first)
        return
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="occtoo-frames-ahead") as pool:
        waiting: deque[Future[R]] = deque()
        for item in chain(first, rest):
            waiting.append(pool.submit(function, item))
            if len(waiting) > WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
