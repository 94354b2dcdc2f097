"""Work on a sequence, done a little ahead on a few threads.

Takes a function and its arguments in order, gives its results in that order. Most of the engine's work frees the
interpreter, so two threads keep two processors busy; more would only hold more in memory. Where there is only one
processor nothing is done ahead: threads that take turns on it would push each other out of its cache.

The threads are kept for the next sequence. Results wait before they are asked for, since whoever asks may need a
while to be heard by the interpreter, and no thread should stand idle meanwhile.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from itertools import chain, islice
from threading import get_ident
from typing import TypeVar

import polars as pl

from occtoo_frames._frames.threads import kept_threads

T = TypeVar("T")
R = TypeVar("R")

_WORKERS = 2
_WAITING = _WORKERS + 1


def ahead(function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """``function`` of each item, in order; three more are begun or done while one is used. One alone needs no thread.

    ``function`` must not itself work ahead, since all sequences share the same two threads.
    """
    rest = iter(items)
    first = list(islice(rest, _WORKERS))
    if len(first) < _WORKERS or pl.thread_pool_size() == 1:  # not when imported: asking begins the engine's threads
        yield from map(function, chain(first, rest))
        return
    owner, begun = get_ident(), deque[Future[R]]()
    try:
        for item in chain(first, rest):
            begun.append(kept_threads("ahead", _WORKERS).submit(function, item))
            if len(begun) > _WAITING:
                yield _first_of(begun)
        while begun:
            yield _first_of(begun)
    finally:  # what nobody holds is closed by whichever thread collects garbage, which may be one of the workers
        left = [future for future in begun if not future.cancel()]
        if owner == get_ident():
            wait(left)


def _first_of(begun: deque[Future[R]]) -> R:
    """What was begun first, once it is done; until then it is one of those that are waited for in the end."""
    result = begun[0].result()
    begun.popleft()
    return result
