import math
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from occtoo_frames._session.retry import TRANSIENT_COST, Budget, Gate, RetryPolicy, backoff_s, retry_after_s
from occtoo_frames.exceptions import ConfigurationError

MONDAY = 784_111_777.0  # Sun, 06 Nov 1994 08:49:37 GMT


@pytest.mark.parametrize(
    "options",
    [
        {"attempts": 0},
        {"attempts": True},
        {"attempts": 1.5},
        {"budget": -1},
        {"max_wait_s": math.nan},
        {"budget": "500"},
        {"attempts": np.float64(2)},
        {"attempts": np.int64(0)},
        {"max_wait_s": np.timedelta64(500, "ms")},
    ],
)
def test_a_policy_without_sense_is_refused(options):
    """And the message names the option."""
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        RetryPolicy(**options)


def test_a_policy_takes_any_kind_of_number():
    """And is the same as one of Python's own."""
    policy = RetryPolicy(attempts=np.int64(5), budget=np.uint16(14), max_wait_s=np.float32(2.5))
    assert repr(policy) == "RetryPolicy(attempts=5, budget=14, max_wait_s=2.5)"
    assert RetryPolicy(max_wait_s=math.inf).max_wait_s == math.inf


def test_the_default_policy_is_the_documented_one():
    """Three attempts, 500, two minutes."""
    assert RetryPolicy() == RetryPolicy(attempts=3, budget=500, max_wait_s=120)


def test_a_budget_of_500_pays_for_35_retries_and_no_more():
    """However many workers ask at once."""
    budget = Budget(500)
    paid = []

    def worker():
        paid.extend(budget.spend(TRANSIENT_COST) for _ in range(20))

    threads = [threading.Thread(target=worker) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(paid) == 35


def test_success_pays_back_what_its_retries_cost_and_never_more_than_the_size():
    """A single success without retries pays 1."""
    budget = Budget(14)
    assert budget.spend(14)
    budget.earn(0)
    assert not budget.spend(2)
    budget.earn(100)
    assert budget.spend(14)
    assert not budget.spend(1)
    assert budget.successes == 2


def test_an_untroubled_gate_lets_everything_pass():
    """No pacing without a complaint."""
    gate = Gate()
    assert [gate.wait(0.0) for _ in range(100)] == [0.0] * 100
    assert gate.rate == math.inf


def test_nobody_passes_a_closed_gate_before_its_time():
    """Neither early nor by asking often; a shorter complaint does not open it."""
    gate = Gate()
    gate.close(10.0, 5.0)
    gate.close(11.0, 1.0)
    assert gate.wait(12.0) == pytest.approx(3.0)
    assert gate.wait(14.999) > 0
    assert gate.wait(15.0) == 0.0


def test_a_burst_of_complaints_halves_the_rate_once():
    """Half of what the server took; then it recovers additively, and one day stands open again."""
    gate = Gate()
    for tenth in range(21):
        gate.wait(tenth / 10)
        gate.succeed(tenth / 10)
    for late in (2.0, 2.01, 2.02):
        gate.close(late, 1.0)
    assert gate.rate == pytest.approx(5.25, abs=0.3)
    assert gate.wait(3.02) == 0.0
    assert 0 < gate.wait(3.02) < 0.25
    moment = 3.02
    rates = []
    for _ in range(40):
        moment += gate.wait(moment)
        gate.wait(moment)
        rates.append(gate.rate)
    assert rates == sorted(rates)
    assert rates[-1] < 11
    assert gate.wait(70.0) == 0.0
    assert gate.rate == math.inf


def test_a_server_that_took_nothing_yet_is_approached_slowly():
    """Without a measured rate a careful guess holds."""
    gate = Gate()
    gate.close(0.0, 1.0)
    assert gate.rate == 5.0


@given(st.integers(1, 200), st.floats(0, 1, exclude_max=True))
def test_backoff_is_jittered_within_a_bound(retry, chance):
    """Full jitter between zero and the doubling wait, never above 20 s."""
    assert 0 <= backoff_s(0.05, retry, chance) <= min(20.0, 0.05 * 2 ** min(retry - 1, 30))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5", 5.0),
        (" 0 ", 0.0),
        ("1000000000", 1e9),
        ("9" * 400, 999_999_999_999_999_999.0),
        ("Sun, 06 Nov 1994 08:49:47 GMT", 10.0),
        ("Sun, 06 Nov 1994 08:49:27 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        ("٣", None),
        ("Sun, 99 Nov 1994 08:49:27 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_nonsense_is_passed_over(text, seconds):
    """A date in the past asks for no wait."""
    assert retry_after_s({"retry-after": text}, MONDAY) == seconds


def test_no_retry_after_asks_for_nothing():
    """The header may be absent."""
    assert retry_after_s({}, MONDAY) is None
