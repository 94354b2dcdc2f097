"""Many workers before one server, played on a virtual clock without threads: only the rules act."""

import heapq
import itertools
import random

import pytest

from occtoo_frames._session.asking import Close, Pause, Try, ask
from occtoo_frames._session.retry import Budget, Gate, RetryPolicy
from occtoo_frames.protocol.http import Failure, Response

LATENCY_S = 0.04


class Crowd:
    """Workers that ask again and again until something is fatal; the server is a function of time."""

    def __init__(self, server, *, workers, until, seed=0):
        self.server, self.until = server, until
        self.chance = random.Random(seed).random  # noqa: S311 - repeatable, not secret
        self.budget, self.gate = Budget(500), Gate()
        self.sent, self.ended, self.closed = [], [], []
        self._events, self._order = [], itertools.count()
        for _ in range(workers):
            self._at(0.0, self._begin)

    def play(self):
        """Runs until the end of time, or until nobody has anything to do."""
        while self._events and self._events[0][0] < self.until:
            moment, _, act = heapq.heappop(self._events)
            act(moment)
        return self

    def _at(self, moment, act):
        heapq.heappush(self._events, (moment, next(self._order), act))

    def _begin(self, now):
        options = {"idempotent": True, "authorised": False, "chance": self.chance, "wall": lambda: 0.0}
        steps = ask(RetryPolicy(), self.budget, **options)
        self._do(steps, next(steps), now)

    def _go_on(self, steps, reply, now):
        try:
            step = steps.send(reply)
        except StopIteration as end:
            self.ended.append((now, end.value))
            if end.value.fatal is None:
                self._begin(now)
        else:
            self._do(steps, step, now)

    def _do(self, steps, step, now):
        if isinstance(step, Pause):
            self._at(now + step.seconds, lambda later: self._go_on(steps, None, later))
        elif isinstance(step, Close):
            self.gate.close(now, step.seconds)
            self.closed.append((now, now + step.seconds))
            self._go_on(steps, None, now)
        elif isinstance(step, Try):
            wait = self.gate.wait(now)
            if wait > 0:
                self._at(now + wait, lambda later: self._do(steps, step, later))
            else:
                event = self.server(now)
                self.sent.append((now, event))
                self._at(now + LATENCY_S * (0.5 + self.chance()), lambda later: self._answer(steps, event, later))

    def _answer(self, steps, event, now):
        if isinstance(event, Response) and event.ok:
            self.gate.succeed(now)
        self._go_on(steps, event, now)

    def rate(self, start, stop):
        """Requests a second that the server took."""
        taken = [now for now, event in self.sent if isinstance(event, Response) and event.ok and start <= now < stop]
        return len(taken) / (stop - start)


def bucket(rate, headers):
    """A server that takes ``rate`` requests a second, with some to begin with."""
    state = {"then": 0.0, "left": float(rate)}

    def serve(now):
        state["left"] = min(rate, state["left"] + (now - state["then"]) * rate)
        state["then"] = now
        if state["left"] < 1:
            return Response(429, headers)
        state["left"] -= 1
        return Response(202)

    return serve


def window(rate, headers):
    """A server that takes ``rate`` requests in each second of its clock."""
    state = {"second": -1, "taken": 0}

    def serve(now):
        if int(now) != state["second"]:
            state.update(second=int(now), taken=0)
        state["taken"] += 1
        return Response(202) if state["taken"] <= rate else Response(429, headers)

    return serve


@pytest.mark.parametrize("workers", [4, 16])
@pytest.mark.parametrize("headers", [{}, {"retry-after": "1"}], ids=["silent", "retry-after"])
@pytest.mark.parametrize("kind", [bucket, window])
def test_the_rate_settles_near_a_limit_of_ten_a_second_within_30_s(kind, headers, workers):
    """Within a fifth, with no request given up."""
    for seed in range(3):
        crowd = Crowd(kind(10, headers), workers=workers, until=60, seed=seed).play()
        assert 8 <= crowd.rate(30, 60) <= 12
        assert all(asked.event.ok for _, asked in crowd.ended)


def test_no_worker_sends_before_the_time_that_a_429_names():
    """Of sixteen, whoever was told."""
    before = [Response(202)] * 20
    answers = itertools.chain(before, [Response(429, {"retry-after": "5"})], itertools.repeat(Response(202)))
    crowd = Crowd(lambda _: next(answers), workers=16, until=20).play()
    ((told, until),) = crowd.closed
    assert until == told + 5
    assert [now for now, _ in crowd.sent if told < now < until] == []
    assert any(now >= until for now, _ in crowd.sent)


@pytest.mark.parametrize("event", [Failure("refused", sent=False), Failure("reset", sent=True), Response(503)])
def test_an_outage_ends_within_seconds_and_35_retries(event):
    """Whatever the kind, however many workers."""
    crowd = Crowd(lambda _: event, workers=16, until=1_000).play()
    retries = len(crowd.sent) - len(crowd.ended)
    assert max(now for now, _ in crowd.ended) < 5
    assert retries <= 35
    assert any("budget" in (asked.fatal or "") for _, asked in crowd.ended)
