"""Runs walks over a session: the next page is on the wire while the last one is decoded."""

import time
import warnings
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeVar

from occtoo_frames._api.opening import Grant
from occtoo_frames._read.check import total_in
from occtoo_frames._read.page import Page
from occtoo_frames._read.paging import Walk
from occtoo_frames._session.session import Run, Session
from occtoo_frames.exceptions import ReadLimitError, RejectedError
from occtoo_frames.protocol.http import Response

T = TypeVar("T")


def pages(session: Session, walk: Walk, grant: Grant, *, ahead: bool = True) -> Generator[Page, None, None]:
    """The pages of ``walk``, in order.

    A platform that refuses the filter is asked again without it: whoever asks filters what comes back once more.

    Args:
        session: What carries the requests.
        walk: Where to begin.
        grant: Whose token to show.
        ahead: Ask for a page while the one before it is used; without it a page is asked for when it is wanted.

    Raises:
        ReadLimitError: A limit of the walk is reached.
    """
    asker = _Asker(session, grant, walk.limits.max_seconds)
    try:
        asked, response = asker.wait(asker.submit(lambda: asker.begin(walk)))
        while True:
            page, following = asked.step(response)
            pending = _submitted(asker, following) if ahead and following else None
            yield page
            if following is None:
                return
            asked, response = following, asker.wait(pending or _submitted(asker, following))
    finally:
        asker.close()


def _submitted(asker: "_Asker", walk: Walk) -> "Future[Response]":
    return asker.submit(lambda: asker.ask(walk))


@dataclass(slots=True)
class _Asker:
    """Asks in a thread of its own, so that nobody waits longer than ``max_seconds`` in all."""

    session: Session
    grant: Grant
    max_seconds: float | None
    run: Run = field(init=False)
    pool: ThreadPoolExecutor = field(init=False)
    started: float = field(default_factory=time.monotonic)
    late: bool = False

    def __post_init__(self) -> None:
        self.run = self.session.run()
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="occtoo-read")

    def ask(self, walk: Walk) -> Response:
        """The answer to the walk's next request."""
        return self.session.call(walk.request(), grant=self.grant, run=self.run)

    def begin(self, walk: Walk) -> tuple[Walk, Response]:
        """The first answer, and the walk as the platform takes it."""
        try:
            return walk, self.ask(walk)
        except RejectedError:
            if not walk.query.filters:
                raise
            plain = replace(walk, query=replace(walk.query, filters=()))
            return plain, self.ask(plain)

    def submit(self, work: Callable[[], T]) -> "Future[T]":
        """``work`` begins."""
        return self.pool.submit(work)

    def wait(self, pending: "Future[T]") -> T:
        """What was waited for.

        Raises:
            ReadLimitError: The time is over.
        """
        if self.max_seconds is None:
            return pending.result()
        left = self.started + self.max_seconds - time.monotonic()
        try:
            if left > 0:
                return pending.result(left)
        except TimeoutError:
            if pending.done():
                raise
        self.late = True
        raise ReadLimitError(f"the read takes longer than {self.max_seconds} s; that is its max_seconds")

    def close(self) -> None:
        """Nothing more is asked; what is on the wire is waited for, unless the time is over."""
        self.run.stop.set()
        self.pool.shutdown(wait=not self.late, cancel_futures=True)


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
