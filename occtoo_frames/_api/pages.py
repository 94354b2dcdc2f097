"""Runs walks over a session: the next page is on the wire while the last one is decoded."""

import time
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor

from occtoo_frames._api.opening import Grant
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
