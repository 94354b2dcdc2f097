"""Decodes pages while more of them come: in groups, in threads of its own, and in order.

Most of decoding is done without Python's lock, so two groups are decoded while the next pages are on the wire. Two more
wait for them, since whoever opens the next pages may need a while to be heard by the interpreter, and no thread should
stand idle meanwhile. What a page breaks is raised after everything before it was given, as if one page were read after
the other.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from typing import TypeAlias, TypeVar

from occtoo_frames._frames.threads import kept_threads
from occtoo_frames._read.groups import groups
from occtoo_frames._read.page import Page
from occtoo_frames.exceptions import OcctooError

T = TypeVar("T")
Part: TypeAlias = tuple[list[Page], T]

_AT_ONCE = 2
"""More threads wait for one another's use of Python."""

_WAITING = 2 * _AT_ONCE


def decoded(pages: Iterable[Page], work: Callable[[list[Page]], T]) -> Generator[Part[T], None, None]:
    """Groups of pages, and what ``work`` made of each; ``work`` must not itself decode in threads.

    Raises:
        OcctooError: That of the pages or of the work, whichever concerns the first page.
    """
    waiting: deque[Future[Part[T]]] = deque()
    try:
        for begun in _begun(pages, work):
            waiting.append(begun)
            while waiting and (len(waiting) > _WAITING or waiting[0].done()):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for left in waiting:  # nobody waits: a collector of garbage may close this in one of the threads
            left.cancel()


def _begun(pages: Iterable[Page], work: Callable[[list[Page]], T]) -> Iterator["Future[Part[T]]"]:
    """The work on each group; if the pages end with an error, it comes as work that failed."""

    def part(group: list[Page]) -> Part[T]:
        return group, work(group)

    try:
        for group in groups(pages):
            yield kept_threads("decode", _AT_ONCE).submit(part, group)
    except OcctooError as error:
        failed: Future[Part[T]] = Future()
        failed.set_exception(error)
        yield failed


def each_decoded(pages: Iterable[Page], work: Callable[[list[Page]], T]) -> Iterator[Part[T]]:
    """Each page by itself, and what ``work`` made of it, before the next one is asked for."""
    for page in pages:
        yield [page], work([page])
