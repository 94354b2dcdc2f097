"""Work on a sequence, done a little ahead on a few threads.

Takes a function and its arguments in order, gives its results in that order. Most of the engine's work frees the
interpreter, so two threads keep two processors busy; more would only hold more in memory. Where there is only one
processor nothing is done ahead: threads that take turns on it would push each other out of its cache.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from threading import get_ident
from typing import TypeVar

import polars as pl

T = TypeVar("T")
R = TypeVar("R")

_MOST_WORKERS = 2


def ahead(function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """``function`` of each item, in order; as many results wait as there are threads. One alone needs none."""
    workers = min(_MOST_WORKERS, pl.thread_pool_size())  # not when imported: asking begins the engine's threads
    rest = iter(items)
    first = list(islice(rest, 2))
    if workers == 1 or len(first) == 1:
        yield from map(function, chain(first, rest))
        return
    pool, owner = ThreadPoolExecutor(workers, thread_name_prefix="occtoo-frames-ahead"), get_ident()
    try:
        waiting: deque[Future[R]] = deque()
        for item in chain(first, rest):
            waiting.append(pool.submit(function, item))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:  # what nobody holds is closed by whichever thread collects garbage, which may be one of the pool's own
        pool.shutdown(wait=owner == get_ident(), cancel_futures=True)
