"""Carries out a read's plan: the entries of each language as one frame, complete and counted."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from threading import Event, Lock
from typing import TypeVar

import polars as pl
from tqdm import tqdm

from occtoo_frames._api.decoding import decoded, each_decoded
from occtoo_frames._api.opening import Grant
from occtoo_frames._api.pages import compare_total, pages
from occtoo_frames._api.time_limit import TimeLimit
from occtoo_frames._api.waiting import first_ended
from occtoo_frames._read.check import must_be_unique
from occtoo_frames._read.decode import Decoder
from occtoo_frames._read.page import Page
from occtoo_frames._read.paging import Walk
from occtoo_frames._read.plan import ReadPlan
from occtoo_frames._read.shape import RAW
from occtoo_frames._session.errors import RunStoppedError
from occtoo_frames._session.session import Session
from occtoo_frames.protocol.destination import ID

T = TypeVar("T")
_LANGUAGES_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads what a plan says.

    Attributes:
        plan: What to read.
        session: What carries it.
        grant: Whose token to show.
        seen: Told of every page: how many entries it holds, and how many there are in all, if known.
    """

    plan: ReadPlan
    session: Session
    grant: Grant
    seen: Callable[[int, int | None], None] | None = None

    def frames(self) -> dict[str | None, pl.DataFrame]:
        """Each language's entries, in the plan's order."""
        with self.session.hiding():
            return self._frames()

    def _frames(self) -> dict[str | None, pl.DataFrame]:
        plan = self.plan
        if plan.limit == 0:
            return dict.fromkeys(plan.languages, self._empty())
        first, others = plan.languages[0], plan.languages[1:]
        if not plan.first_decides:
            return self._side_by_side()
        decided = self._first(first)
        return {first: decided} | {language: self._like(language, decided[ID]) for language in others}

    def _side_by_side(self) -> dict[str | None, pl.DataFrame]:
        """Languages that do not depend on one another, several at once.

        They share the flag that stops them: once one fails, or Ctrl-C is heard, the others end with what they have on
        the wire, and try nothing again.
        """
        languages, stop = self.plan.languages, Event()
        with ThreadPoolExecutor(min(_LANGUAGES_AT_ONCE, len(languages)), thread_name_prefix="occtoo-read") as pool:
            waiting = [pool.submit(self._all, language, stop) for language in languages]
            try:
                first_ended(waiting)
            finally:
                stop.set()
        return dict(zip(languages, _results(waiting), strict=True))

    @property
    def _with_json(self) -> bool:
        return self.plan.raw or self.plan.with_json

    def _empty(self) -> pl.DataFrame:
        schema = pl.Schema({one.id: one.dtype for one in self.plan.properties})
        return pl.DataFrame(schema={**schema, RAW: pl.String()} if self._with_json else schema)

    def _all(self, language: str | None, stop: Event | None = None) -> pl.DataFrame:
        return self.plan.ordered(self._read(self.plan.walk(language), stop=stop))

    def _first(self, language: str | None) -> pl.DataFrame:
        """The entries of the language that decides: all, or as many as the limit says."""
        plan, limit = self.plan, self.plan.limit
        top = plan.top(language)
        if top is not None:
            frame = self._read(top)
            if frame.height == limit and plan.agrees(frame):
                return frame
        if limit is None or plan.sorts:
            return self._all(language)
        return self._read(plan.walk(language), _until_count(limit)).head(limit)

    def _like(self, language: str | None, ids: pl.Series) -> pl.DataFrame:
        """Another language of the same entries."""
        top = self.plan.top(language)
        if top is not None:
            frame = self._read(top)
            if _until_ids(ids)(frame):
                return frame
        walk = replace(self.plan.walk(language), wanted=None)
        return self._read(walk, _until_ids(ids)).filter(pl.col(ID).is_in(ids.implode()))

    def _read(
        self, walk: Walk, enough: Callable[[pl.DataFrame], bool] | None = None, stop: Event | None = None
    ) -> pl.DataFrame:
        """The kept entries of a walk, up to where they are enough.

        Raises:
            ProtocolError: The pages cannot be read, or an entry stands in them twice.
            ReadLimitError: A limit of the walk is reached, if only by what is done here.
        """
        work, run, limit = self._worker(walk), self.session.run(stop), TimeLimit(walk.limits.max_seconds)
        parts, count, total = [self._empty()], 0, None
        with closing(pages(self.session, walk, self.grant, ahead=enough is None, run=run, time_limit=limit)) as stream:
            for group, part in decoded(stream, work) if enough is None else each_decoded(stream, work):
                parts.append(part)
                count += sum(map(len, group))
                total = group[0].total if group[0].number == 0 else total
                if self.seen is not None:
                    self.seen(part.height, group[0].total)
                limit.check()
                if enough is not None and enough(part):
                    break
            else:
                compare_total(self.session, walk, self.grant, count, total, run=run)
        whole = pl.concat(parts, rechunk=True)
        must_be_unique(whole[ID])
        return whole

    def _worker(self, walk: Walk) -> Callable[[list[Page]], pl.DataFrame]:
        """Gives the kept entries of pages, from any thread."""
        decoder = Decoder(self.plan.properties)
        keep = self.plan.selection_of(walk.query.language).expr

        def work(group: list[Page]) -> pl.DataFrame:
            frame = decoder.decode(*group)
            if self._with_json:
                rows = [bytes(row) for page in group for row in page.rows]
                frame = frame.with_columns(pl.Series(RAW, rows, dtype=pl.Binary).cast(pl.String))
            return frame if keep is None else frame.filter(keep)

        return work


def _results(ended: "Sequence[Future[T]]") -> list[T]:
    """What each has given; else the error of the one that failed, and not of those that it stopped."""
    failed = [error for one in ended if (error := one.exception()) is not None]
    if failed:
        raise next((error for error in failed if not isinstance(error, RunStoppedError)), failed[0])
    return [one.result() for one in ended]


def told_to(bar: "tqdm[None]") -> Callable[[int, int | None], None]:
    """Tells a bar of pages, from any thread."""
    lock = Lock()

    def seen(count: int, total: int | None) -> None:
        with lock:
            if total is not None:
                bar.total = (bar.total or 0) + total
            bar.update(count)

    return seen


def _until_count(limit: int) -> Callable[[pl.DataFrame], bool]:
    """Tells of each part whether, with those before it, it makes ``limit`` entries."""
    left = limit

    def enough(part: pl.DataFrame) -> bool:
        nonlocal left
        left -= part.height
        return left <= 0

    return enough


def _until_ids(ids: pl.Series) -> Callable[[pl.DataFrame], bool]:
    """Tells of each part whether, with those before it, it holds all the ids."""
    missing = ids

    def enough(part: pl.DataFrame) -> bool:
        nonlocal missing
        missing = missing.filter(~missing.is_in(part[ID].implode()))
        return missing.is_empty()

    return enough
