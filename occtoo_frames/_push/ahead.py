"""Work on a sequence, done a little ahead on a few threads.

Takes a function and its arguments in order, gives its results in that order. Most of the engine's work frees the
interpreter, so two threads keep two processors busy; more would only hold more in memory. The threads are kept for
the next sequence. Results wait before they are asked for, since whoever asks may need a while to be heard by the
interpreter, and no thread should stand idle meanwhile.

Where there is only one processor, as many results are made in a row and then used in a row. Making one and using one
push each other out of the processor's cache: after some slice was encoded the first request takes twice as long as
the next ones, and the fifth still a little longer. The fewer such turns, the less is lost by them.
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
_ALIVE = _WORKERS + 2


def ahead(function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """``function`` of each item, in order; at most four are begun or done and not yet used up. One needs no thread.

    ``function`` must not itself work ahead, since all sequences share the same two threads.
    """
    rest = iter(items)
    first = list(islice(rest, _WORKERS))
    if len(first) < _WORKERS or pl.thread_pool_size() == 1:  # not when imported: asking begins the engine's threads
        yield from _in_turns(function, chain(first, rest))
        return
    owner, begun = get_ident(), deque[Future[R]]()
    try:
        for item in chain(first, rest):
            begun.append(kept_threads("ahead", _WORKERS).submit(function, item))
            if len(begun) == _ALIVE:
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


def _in_turns(function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """The same without threads; an error, too, stands where its result would."""
    done = deque[R]()
    try:
        for item in items:
            done.append(function(item))
            if len(done) == _ALIVE:
                yield from _emptied(done)
    except Exception:
        yield from _emptied(done)
        raise
    yield from _emptied(done)


def _emptied(results: deque[R]) -> Iterator[R]:
    """``results``, none of them held any longer than until the next is asked for."""
    while results:
        yield results.popleft()
