"""Runs walks over a session: the next pages are on the wire while the last ones are decoded."""

import warnings
from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from threading import get_ident
from typing import Literal, TypeAlias

from occtoo_frames._api.opening import Grant
from occtoo_frames._api.time_limit import TimeLimit
from occtoo_frames._api.waiting import look_up
from occtoo_frames._read.check import total_in
from occtoo_frames._read.groups import GROUP_BYTES
from occtoo_frames._read.page import Page
from occtoo_frames._read.paging import Walk
from occtoo_frames._session.errors import RunStoppedError
from occtoo_frames._session.run import Run
from occtoo_frames._session.session import STOPPED, Session
from occtoo_frames.exceptions import RejectedError
from occtoo_frames.protocol.http import Response


def pages(
    session: Session,
    walk: Walk,
    grant: Grant,
    *,
    ahead: bool = True,
    wanted: int | None = None,
    run: Run | None = None,
    time_limit: TimeLimit | None = None,
) -> Generator[Page, None, None]:
    """The pages of ``walk``, in order.

    A platform that refuses the filter is asked again without it: whoever asks filters what comes back once more.

    Args:
        session: What carries the requests.
        walk: Where to begin.
        grant: Whose token to show.
        ahead: Ask for pages, one after the other, while those before them are used; without it a page is asked for
            when it is wanted.
        run: Whose patience and flag the requests share. The flag is set by pages that end before the last one; once it
            is set nothing more is asked, and nothing is tried again.
        wanted: How many entries are used: the pages end with the one that brings them, and no other is asked for.
        time_limit: When all of it has to be over; the walk's own limit, from now on, if left out.

    Raises:
        ReadLimitError: A limit of the walk is reached.
        RunStoppedError: The flag was set meanwhile.
    """
    limit = time_limit or TimeLimit(walk.limits.max_seconds)
    asker = _Asker(session, grant, walk, run or session.run(), limit)
    pending = deque([asker.submit()])
    seen = 0
    try:
        while (page := asker.wait(pending)) is not None:
            seen += len(page)
            left = None if wanted is None else wanted - seen
            while ahead and len(pending) < _ahead(page, walk, left):
                pending.append(asker.submit())
            yield page
            if left is not None and left <= 0:
                return
            if not pending:
                pending.append(asker.submit())
        asker.ended = True
    finally:
        asker.close()


def _ahead(page: Page, walk: Walk, left: int | None) -> int:
    """How many pages to have asked for while ``page`` is used: some megabytes of them, but none in vain."""
    most = min(_MAX_AHEAD, max(1, _AHEAD_BYTES // len(page.body)))
    return most if left is None else min(most, -(-left // walk.page_size))


_MAX_AHEAD = 64
_AHEAD_BYTES = 2 * GROUP_BYTES
_MAX_WAITING_BYTES = 64_000_000
"""Pages may turn out larger than the one by which it was decided how many to ask for."""


class _Full(Enum):
    """No page was asked for, since too many bytes of others wait to be taken."""

    FULL = auto()


_Coming: TypeAlias = "Future[Page | Literal[_Full.FULL] | None]"


@dataclass(slots=True)
class _Asker:
    """Asks in a thread of its own, so that nobody waits for a page when the time is over.

    One page is asked for after the other, as they were submitted, since each says where the next one begins.
    """

    session: Session
    grant: Grant
    walk: Walk | None
    run: Run
    time_limit: TimeLimit
    pool: ThreadPoolExecutor = field(init=False)
    owner: int = field(default_factory=get_ident)
    late: bool = False
    came: int = 0
    taken: int = 0
    full: bool = False
    ended: bool = False

    def __post_init__(self) -> None:
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="occtoo-read")

    def submit(self) -> _Coming:
        """The next page is asked for; there is None after the last one, and after one that failed."""
        return self.pool.submit(self._next)

    def _next(self) -> Page | Literal[_Full.FULL] | None:
        self.full = self.full or self.came - self.taken >= _MAX_WAITING_BYTES
        if self.full:
            return _Full.FULL
        walk, self.walk = self.walk, None
        if walk is None:
            return None
        walk, response = self._begin(walk) if walk.number == 0 else (walk, self._ask(walk))
        page, self.walk = walk.step(response)
        self.came += len(page.body)
        return page

    def _begin(self, walk: Walk) -> tuple[Walk, Response]:
        """The first answer, and the walk as the platform takes it."""
        try:
            return walk, self._ask(walk)
        except RejectedError:
            if not walk.query.filters:
                raise
            plain = replace(walk, query=replace(walk.query, filters=()))
            return plain, self._ask(plain)

    def _ask(self, walk: Walk) -> Response:
        """The answer to the walk's next request."""
        return self.session.call(walk.request(), grant=self.grant, run=self.run)

    def wait(self, pending: "deque[_Coming]") -> Page | None:
        """The first of ``pending``, which is taken away.

        Once no page was asked for because others waited, none is until all of those are taken.

        Raises:
            ReadLimitError: The time is over.
            RunStoppedError: The run was stopped; what has come already is not given either.
        """
        if self.run.stop.is_set():
            raise RunStoppedError(STOPPED)
        page = self._in_time(pending.popleft())
        if page is _Full.FULL:
            while pending:
                pending.pop().cancel()  # or it has found the same already
            self.pool.submit(self._make_room)
            page = self._in_time(self.submit())
        assert page is not _Full.FULL  # noqa: S101 - everything that came is taken
        self.taken += len(page.body) if page is not None else 0
        return page

    def _make_room(self) -> None:
        """After all that was submitted before, in the one thread that asks."""
        self.full = False

    def _in_time(self, pending: _Coming) -> Page | Literal[_Full.FULL] | None:
        while (left := self.time_limit.left) > 0:
            if pending.done():
                return pending.result()
            look_up(pending, left)
        self.late = True
        raise self.time_limit.error()

    def close(self) -> None:
        """Nothing more is asked; what is on the wire is waited for, unless the time is over.

        A read that nobody holds is closed by whichever thread collects garbage, the pool's own among them: that one
        must not wait.
        """
        if not self.ended:
            self.run.stop.set()
        self.pool.shutdown(wait=not self.late and self.owner == get_ident(), cancel_futures=True)


def compare_total(
    session: Session, walk: Walk, grant: Grant, count: int, total: int | None, *, run: Run | None = None
) -> None:
    """Warns if the platform counts another number of entries than were read, also when it is asked once more.

    Args:
        session: What carries the question.
        walk: The read, as it began.
        grant: Whose token to show.
        count: How many entries were read.
        total: How many the platform counted when the read began; None if it did not say.
        run: Whose patience and flag the question shares.
    """
    if not walk.keyset or total is None or total == count:
        return
    try:
        again = total_in(session.call(walk.count_request(), grant=grant, run=run))
    except RejectedError:
        return
    if again is not None and again != count:
        warnings.warn(
            f"read {count:,} entries of {walk.url}, and the platform counts {again:,}: it may have changed meanwhile",
            stacklevel=_CALLER,
        )


_CALLER = 6
"""How far up the verb's caller stands."""
