"""Runs walks over a session: the next page is on the wire while the last one is decoded."""

import time
import warnings
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from occtoo_frames._api.opening import Grant
from occtoo_frames._read.check import total_in
from occtoo_frames._read.page import Page
from occtoo_frames._read.paging import Walk
from occtoo_frames._session.session import Session
from occtoo_frames.exceptions import ReadLimitError, RejectedError
from occtoo_frames.protocol.http import Response


def pages(session: Session, walk: Walk, grant: Grant, *, ahead: bool = True) -> Generator[Page, None, None]:
    """The pages of ``walk``, in order.

    A platform that refuses the filter is asked again without it: whoever asks filters what comes back once more.

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

    def begin() -> tuple[Walk, Response]:
        try:
            return walk, ask(walk)
        except RejectedError:
            if not walk.query.filters:
                raise
            plain = replace(walk, query=replace(walk.query, filters=()))
            return plain, ask(plain)

    with ThreadPoolExecutor(1, thread_name_prefix="occtoo-read") as pool:
        pending: Future[Response] | None = None
        try:
            asked, response = begin()
            while True:
                page, following = asked.step(response)
                _check_time(walk, started)
                pending = pool.submit(ask, following) if ahead and following else None
                yield page
                if following is None:
                    return
                asked, response = following, pending.result() if pending else ask(following)
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
    try:
        again = total_in(session.call(walk.count_request(), grant=grant))
    except RejectedError:
        return
    if again is not None and again != count:
        warnings.warn(
            f"read {count:,} entries of {walk.url}, and the platform counts {again:,}: it may have changed meanwhile",
            stacklevel=_CALLER,
        )


_CALLER = 6
"""How far up the verb's caller stands."""
