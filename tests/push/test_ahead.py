"""Work that is done ahead: in order, and ended by whoever lets go of it."""

import gc
import sys
from threading import Event

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
