import gc
import threading
import weakref

import pytest

from occtoo_frames._session.crew import Crew


class Job:
    """Something that can be watched."""

    def __init__(self, number):
        self.number = number


def crew_of(do, heard=lambda _: None, *, concurrency=4, drain_s=5.0):
    """A crew and its flag."""
    stop = threading.Event()
    return Crew(do, heard, stop, concurrency=concurrency, drain_s=drain_s), stop


@pytest.mark.parametrize("concurrency", [1, 4, 16])
def test_every_job_is_done_once_and_heard_of_in_one_thread(concurrency):
    """The thread that called."""
    heard, threads = [], set()

    def hear(finished):
        threads.add(threading.current_thread())
        heard.append((finished.number, finished.result))

    crew, _ = crew_of(lambda job: job * 2, hear, concurrency=concurrency)
    assert crew.work(range(100)) is None
    assert sorted(heard) == [(number, number * 2) for number in range(100)]
    assert threads == {threading.current_thread()}


def test_nothing_to_do_is_done_at_once():
    """No thread is started."""
    before = threading.active_count()
    crew, _ = crew_of(lambda job: job)
    assert crew.work([]) is None
    assert threading.active_count() == before


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_jobs_are_alive_than_workers_and_one(concurrency):
    """The next one is made while the others are being done, and no further."""
    alive, most = weakref.WeakSet(), []

    def jobs():
        for number in range(40):
            job = Job(number)
            alive.add(job)
            gc.collect(0)
            most.append(len(alive))
            yield job
            del job

    crew, _ = crew_of(lambda job: job.number, concurrency=concurrency)
    crew.work(jobs())
    assert len(most) == 40
    assert max(most) <= concurrency + 1


def test_the_next_job_is_made_while_one_is_being_done():
    """The worker waits for it, or this would not end."""
    made = threading.Event()

    def jobs():
        yield 0
        made.set()
        yield 1

    seen = []
    crew, _ = crew_of(lambda job: seen.append((job, made.wait(10))), concurrency=1)
    crew.work(jobs())
    assert seen == [(0, True), (1, True)]


def test_a_stop_ends_the_making_of_jobs():
    """Those in flight end and are heard of."""
    heard = []
    stop = threading.Event()

    def do(job):
        if job == 5:
            stop.set()
        return job

    crew = Crew(do, lambda finished: heard.append(finished.result), stop, concurrency=1)
    assert crew.work(iter(range(1_000_000))) is None
    assert heard == [0, 1, 2, 3, 4, 5]


def test_a_workers_exception_is_heard_of():
    """It does not kill the worker."""
    heard = []
    crew, _ = crew_of(lambda job: 1 // job, heard.append, concurrency=1)
    assert crew.work([0, 1]) is None
    assert [finished.result for finished in heard] == [None, 1]
    assert isinstance(heard[0].error, ZeroDivisionError)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, ValueError])
def test_an_interrupt_in_the_making_lets_what_is_in_flight_end(kind):
    """And is given back, not raised; all results are heard of."""
    heard = []
    begun = threading.Event()

    def jobs():
        yield 0
        begun.wait(10)
        raise kind

    def do(job):
        begun.set()
        return job

    crew, stop = crew_of(do, lambda finished: heard.append(finished.result))
    assert isinstance(crew.work(jobs()), kind)
    assert stop.is_set()
    assert heard == [0]


def test_an_exception_of_the_listener_stops_the_crew():
    """A journal that cannot be written, for example; the result is heard of once more."""
    calls = []

    def hear(finished):
        calls.append(finished.number)
        if len(calls) == 1:
            raise OSError

    crew, _ = crew_of(lambda job: job, hear, concurrency=1)
    assert isinstance(crew.work(range(1000)), OSError)
    assert calls[:2] == [0, 0]
    assert len(calls) < 10


def test_what_does_not_end_in_time_is_abandoned():
    """Its thread is a daemon and keeps no process alive."""
    release = threading.Event()

    def jobs():
        yield 0
        raise KeyboardInterrupt

    heard = []
    crew, _ = crew_of(lambda _: release.wait(30), heard.append, drain_s=0.1)
    assert isinstance(crew.work(jobs()), KeyboardInterrupt)
    assert heard == []
    release.set()


def test_a_second_interrupt_abandons_what_is_in_flight():
    """Whoever presses Ctrl-C twice does not want to wait; the first one is given back."""
    release, calls = threading.Event(), []

    def jobs():
        yield 0
        yield 1
        raise KeyboardInterrupt("first")

    def do(job):
        if job:
            release.wait(30)

    def hear(finished):
        calls.append(finished.number)
        raise KeyboardInterrupt("later")

    crew, _ = crew_of(do, hear, drain_s=30)
    assert isinstance(crew.work(jobs()), KeyboardInterrupt)
    assert set(calls) == {0}
    release.set()
