"""Work that is done ahead: in order, and ended by whoever lets go of it."""

import gc
import os
import sys
from multiprocessing import get_context
from threading import Event, get_ident

import polars as pl
import pytest

from occtoo_frames._push.ahead import ahead


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_results_come_in_the_order_of_their_arguments(monkeypatch, threads):
    """However many threads there are."""
    monkeypatch.setattr(pl, "thread_pool_size", lambda: threads)
    for count in (0, 1, 2, 20):
        assert list(ahead(lambda number: number * 2, range(count))) == [number * 2 for number in range(count)]


def test_a_worker_may_collect_what_it_works_for(monkeypatch):
    """Nobody waits for himself there."""
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 2)
    unraised, let_go, collected = [], Event(), Event()
    monkeypatch.setattr(sys, "unraisablehook", unraised.append)

    def work(number):
        if number == 2:
            let_go.wait(5)
            gc.collect()
            collected.set()
        return number

    cycle = [ahead(work, range(10))]
    cycle.append(cycle)
    assert next(cycle[0]) == 0
    gc.disable()
    try:
        del cycle
        let_go.set()
        assert collected.wait(5)
    finally:
        gc.enable()
    assert not unraised


def test_nothing_runs_any_more_once_it_is_let_go(monkeypatch):
    """What had begun is done, what had not never begins."""
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 2)
    begun, ended, go = [], [], Event()

    def work(number):
        begun.append(number)
        if number:
            go.wait(5)
        ended.append(number)
        return number

    results = ahead(work, range(100))
    assert next(results) == 0
    go.set()
    results.close()
    assert sorted(begun) == sorted(ended)
    assert len(begun) < 100


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("wrong", [0, 3, 4, 6])
def test_an_error_stands_where_its_result_would(monkeypatch, threads, wrong):
    """What comes before it is had."""
    monkeypatch.setattr(pl, "thread_pool_size", lambda: threads)

    results = ahead(lambda number: 1 / (wrong - number), range(10))
    assert [next(results) for _ in range(wrong)] == [1 / (wrong - number) for number in range(wrong)]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_one_processor_makes_some_in_a_row_and_then_they_are_used_in_a_row(monkeypatch):
    """No more than two processors would have at a time."""
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 1)
    made = []
    used = [(number, len(made)) for number in ahead(lambda number: made.append(number) or number, range(10))]
    assert used == [(number, 10 if number > 7 else 8 if number > 3 else 4) for number in range(10)]


def test_an_interrupt_waits_for_nothing(monkeypatch):
    """Neither is it held back until what was made before it has been used."""
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 1)

    def work(number):
        if number == 2:
            raise KeyboardInterrupt
        return number

    with pytest.raises(KeyboardInterrupt):
        next(ahead(work, range(10)))


def test_threads_are_kept(monkeypatch):
    """The next sequence runs on the threads of the one before."""
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 2)
    used = {thread for _ in range(5) for thread in ahead(lambda _: get_ident(), range(20))}
    assert len(used) <= 2
    assert get_ident() not in used


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_forked_child_has_threads_of_its_own(monkeypatch):
    """Those of its parent are not there, and would never answer."""
    monkeypatch.setattr(pl, "thread_pool_size", lambda: 2)
    assert list(ahead(str, range(3))) == ["0", "1", "2"]
    child = get_context("fork").Process(target=lambda: list(ahead(str, range(3))))
    child.start()
    child.join(30)
    child.kill()
    assert child.exitcode == 0
