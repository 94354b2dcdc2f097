"""Something goes wrong at the N-th request, for every N: the source ends as without it, and no row is lied about."""

import random
from functools import cache

import polars as pl
import pytest
from source_model import FRAME, MISHAPS, REQUESTS, STOP_AT_TOKEN, Model, check, mend, push, without_faults

ALL = [(name, at) for name in MISHAPS for at in range(REQUESTS)]
SAMPLE = [case for number, name in enumerate(MISHAPS) for case in ((name, 0), (name, 1 + number % (REQUESTS - 1)))]
REFUSALS = {"400", "413"}
"""A row that was refused is not sent again by a run that goes on."""

wanted = cache(without_faults)


def once(name, at, *, concurrency=4, times=1):
    """The mishap strikes at this request, and at so many less one that follow."""
    model = Model(lambda number: MISHAPS[name] if at <= number < at + times else None)
    report = push(FRAME, model, concurrency=concurrency)
    check(report, model)
    return model, report


def survive(name, at, concurrency):
    """One mishap, one run and what follows it."""
    model, report = once(name, at, concurrency=concurrency)
    assert report.ok == (not MISHAPS[name].stops and not (at == 0 and name in STOP_AT_TOKEN))
    assert not set(report.rows.filter(pl.col("outcome") == "rejected")["key"]) & model.stored
    mend(report, model, resume=at % 2 == 0 and name not in REFUSALS)
    assert model.entries == wanted()


@pytest.mark.parametrize(("name", "at"), SAMPLE)
def test_a_mishap_at_one_request_costs_nothing(name, at):
    """Of these a sample."""
    survive(name, at, 4)


@pytest.mark.soak
@pytest.mark.parametrize("concurrency", [1, 4, 16])
@pytest.mark.parametrize(("name", "at"), ALL)
def test_a_mishap_at_any_request_costs_nothing(name, at, concurrency):
    """All of them."""
    survive(name, at, concurrency)


@pytest.mark.parametrize("times", [3, 1_000, *(pytest.param(times, marks=pytest.mark.soak) for times in (2, 6, 40))])
@pytest.mark.parametrize("name", MISHAPS)
def test_a_mishap_that_lasts_loses_no_row(name, times):
    """Some rows may have to be pushed again, and then everything is there."""
    model, report = once(name, 5, times=times)
    mend(report, model, resume=name not in REFUSALS)
    assert model.entries == wanted()


def storm(seed, probability):
    """Mishaps of every kind, at random; what failed is pushed until all is there."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    names = sorted(MISHAPS)

    def fate(_):
        return MISHAPS[chance.choice(names)] if chance.random() < probability else None

    model, frame = Model(fate), FRAME
    for _ in range(20):
        model.requests.clear()
        model.stored.clear()
        report = push(frame, model, concurrency=chance.choice([1, 2, 4, 16]))
        check(report, model, frame)
        if report.ok:
            break
        frame = report.failed().select(FRAME.columns)
    mend(report, model, resume=False)
    assert model.entries == wanted()


@pytest.mark.parametrize("seed", range(16))
def test_a_storm_of_mishaps_loses_no_row(seed):
    """Each run tells the truth, and the last leaves the source as without faults."""
    storm(seed, probability=(seed % 8) / 10)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1_000, 3_000))
def test_two_thousand_storms_lose_no_row(seed):
    """Each of another kind."""
    storm(seed, probability=(seed % 8) / 10)
