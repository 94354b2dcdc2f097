"""A crew of workers on a bounded window of jobs: takes an iterable of jobs and what to do with one, gives results.

While the workers are busy the next job is made, and no more: at most ``concurrency + 1`` jobs are alive. The thread
that called does the making and hears of every result; it alone is ever interrupted. Knows nothing of what a job is.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Thread
from time import monotonic
from typing import Generic, TypeVar

J = TypeVar("J")
R = TypeVar("R")

DRAIN_S = 30.0
"""How long jobs in flight may take to end once the run was stopped."""

_TICK_S = 0.2


@dataclass(frozen=True, slots=True)
class Finished(Generic[R]):
    """What came of one job: its result, or the exception that should not have happened."""

    number: int
    result: R | None
    error: BaseException | None = None


class Crew(Generic[J, R]):
    """Workers, one run.

    Args:
        do: What is done with a job, in any of ``concurrency`` threads; must end soon once ``stop`` is set.
        heard: Told of each result in order of completion, in the calling thread; of one that it was interrupted
            in, or that it raised for, again.
        stop: Set, by anybody, when no more jobs are to be begun.
        drain_s: How long jobs in flight may take to end after that.
    """

    def __init__(
        self,
        do: Callable[[J], R],
        heard: Callable[[Finished[R]], None],
        stop: Event,
        *,
        concurrency: int,
        drain_s: float = DRAIN_S,
    ) -> None:
        self._do, self._heard, self._stop = do, heard, stop
        self._concurrency, self._drain_s = concurrency, drain_s
        self._jobs: SimpleQueue[tuple[int, J] | None] = SimpleQueue()
        self._finished: deque[Finished[R]] = deque()
        self._wake = Event()
        self._begun = self._ended = self._threads = 0

    def work(self, jobs: Iterable[J]) -> BaseException | None:
        """None once every job is done or ``stop`` was set; else what interrupted the calling thread."""
        interrupted: BaseException | None = None
        try:
            self._hand_out(jobs)
            self._wait_for(0)
        except BaseException as error:  # noqa: BLE001 - Ctrl-C included: what is in flight has to be heard of first
            interrupted = error
            self._stop.set()
        try:
            self._wait_for(0, monotonic() + self._drain_s)
        except BaseException as error:  # noqa: BLE001 - a second Ctrl-C abandons what is in flight
            interrupted = interrupted or error
        finally:
            self._dismiss()
        return interrupted

    def _hand_out(self, jobs: Iterable[J]) -> None:
        """Makes jobs and hands them out, never more than the workers can take at once."""
        waiting = iter(jobs)
        while not self._stop.is_set():
            try:
                job = next(waiting)
            except StopIteration:
                return
            self._wait_for(self._concurrency - 1)
            if self._stop.is_set():
                return
            self._begin(job)
            del job

    def _begin(self, job: J) -> None:
        if self._threads < self._concurrency:
            self._threads += 1
            Thread(target=self._labour, name=f"occtoo-frames-{self._threads}", daemon=True).start()
        self._begun += 1
        self._jobs.put((self._begun - 1, job))

    def _wait_for(self, most: int, deadline: float | None = None) -> None:
        """Returns when at most ``most`` jobs are in flight, or at the deadline; hears results meanwhile."""
        self._hear()
        while self._begun - self._ended > most and (deadline is None or monotonic() < deadline):
            if deadline is None and self._stop.is_set():
                return
            self._wake.wait(_TICK_S)
            self._wake.clear()
            self._hear()

    def _hear(self) -> None:
        while self._finished:
            self._heard(self._finished[0])  # taken away only afterwards: an interrupt loses no result
            self._finished.popleft()
            self._ended += 1

    def _labour(self) -> None:
        while (item := self._jobs.get()) is not None:
            number, job = item
            del item
            finished: Finished[R]
            try:
                finished = Finished(number, self._do(job))
            except BaseException as error:  # noqa: BLE001 - a worker's exception belongs to the run, not to its thread
                finished = Finished(number, None, error)
            del job
            self._finished.append(finished)
            del finished
            self._wake.set()

    def _dismiss(self) -> None:
        for _ in range(self._threads):
            self._jobs.put(None)
