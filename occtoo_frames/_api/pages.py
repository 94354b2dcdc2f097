"""Runs walks over a session: the next page is on the wire while the last one is decoded."""

import time
import warnings
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor

from occtoo_frames._api.opening import Grant
from occtoo_frames._read.check import total_in
from occtoo_frames._read.page import Page
from occtoo_frames._read.paging import Walk
from occtoo_frames._session.session import Session
from occtoo_frames.exceptions import ReadLimitError
from occtoo_frames.protocol.http import Response


def pages(session: Session, walk: Walk, grant: Grant, *, ahead: bool = True) -> Generator[Page, None, None]:
    """The pages of ``walk``, in order.

    Args:
        session: What carries the requests.
        walk: Where to begin.
        grant: Whose token to show.
        ahead: Ask for a page while the one before it is used; without it a page is asked for when it is wanted.

    Raises:
        ReadLimitError: ``max_seconds`` is over.
    """
    started = time.monotonic()
    run = session.run()

    def ask(asked: Walk) -> Response:
        return session.call(asked.request(), grant=grant, run=run)

    with ThreadPoolExecutor(1, thread_name_prefix="occtoo-read") as pool:
        following: Walk | None = walk
        pending: Future[Response] | None = None
        try:
            while following is not None:
                response = pending.result() if pending else ask(following)
                page, following = following.step(response)
                _check_time(walk, started)
                pending = pool.submit(ask, following) if ahead and following else None
                yield page
        finally:
            run.stop.set()


def _check_time(walk: Walk, started: float) -> None:
    limit = walk.limits.max_seconds
    if limit is not None and time.monotonic() - started > limit:
        raise ReadLimitError(f"the read takes longer than {limit} s; that is its max_seconds")


def compare_total(session: Session, walk: Walk, grant: Grant, count: int, total: int | None) -> None:
    """Warns if the platform counts another number of entries than were read, also when it is asked once more.

    Args:
        session: What carries the question.
        walk: The read, as it began.
        grant: Whose token to show.
        count: How many entries were read.
        total: How many the platform counted when the read began; None if it did not say.
    """
    if not walk.keyset or total is None or total == count:
        return
    again = total_in(session.call(walk.count_request(), grant=grant))
    if again is not None and again != count:
        warnings.warn(
            f"read {count:,} entries of {walk.url}, and the platform counts {again:,}: it may have changed meanwhile",
            stacklevel=_CALLER,
        )


_CALLER = 6
"""How far up the verb's caller stands."""
