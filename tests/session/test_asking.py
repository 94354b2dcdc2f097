import pytest

from occtoo_frames._session.asking import Close, Pause, Renew, Try, Unsent, ask
from occtoo_frames._session.retry import Budget, RetryPolicy
from occtoo_frames.protocol.http import Failure, Response
from occtoo_frames.protocol.meaning import Meaning

OK = Response(202)
REFUSED = Failure("refused", sent=False)
RESET = Failure("reset", sent=True)


def run(*events, policy=None, budget=None, idempotent=True, authorised=True, better=True):
    """The steps of one request that gets ``events``, and what came of it."""
    policy = policy or RetryPolicy()
    steps = ask(
        policy,
        budget or Budget(policy.budget),
        idempotent=idempotent,
        authorised=authorised,
        chance=lambda: 0.5,
        wall=lambda: 0.0,
    )
    waiting, seen, reply = list(events), [], None
    try:
        while True:
            step = steps.send(reply)
            seen.append(step)
            reply = waiting.pop(0) if isinstance(step, Try) else better if isinstance(step, Renew) else None
    except StopIteration as end:
        assert not waiting
        return seen, end.value


def test_a_2xx_is_asked_for_once():
    """Never again, whatever it says."""
    steps, asked = run(OK)
    assert steps == [Try()]
    assert (asked.event, asked.attempts, asked.unsure, asked.fatal) == (OK, 1, False, None)


@pytest.mark.parametrize("status", [301, 400, 404, 409, 413, 418, 422])
def test_an_answer_that_will_not_change_is_not_asked_for_again(status):
    """Refusals, redirects and unknown addresses end it at once."""
    steps, asked = run(Response(status))
    assert steps == [Try()]
    assert asked.event.status == status


def test_a_passing_failure_is_tried_again_with_growing_jittered_pauses():
    """Half of 50 ms, half of 100 ms; the third attempt is the last."""
    steps, asked = run(Response(500), Response(502), Response(503))
    assert steps == [Try(), Pause(0.025), Try(), Pause(0.05), Try()]
    assert (asked.meaning, asked.attempts, asked.unsure) == (Meaning.SERVER_ERROR, 3, True)


def test_a_broken_connection_before_the_body_leaves_no_doubt():
    """Nothing can have been stored."""
    _, asked = run(REFUSED, REFUSED, REFUSED)
    assert (asked.meaning, asked.unsure) == (Meaning.UNREACHABLE, False)


def test_an_answer_after_a_lost_one_is_marked():
    """The first attempt may have been carried out."""
    _, asked = run(RESET, OK)
    assert (asked.event, asked.attempts, asked.unsure) == (OK, 2, True)


def test_what_must_not_happen_twice_is_not_sent_twice():
    """Unless the server has certainly not seen it."""
    steps, _ = run(RESET, idempotent=False)
    assert steps == [Try()]
    _, asked = run(REFUSED, OK, idempotent=False)
    assert asked.event is OK
    _, asked = run(Response(429), OK, idempotent=False)
    assert asked.event is OK


def test_a_429_closes_the_gate_for_what_it_asks():
    """For everybody, not for this request alone."""
    steps, _ = run(Response(429, {"retry-after": "5"}), OK)
    assert steps == [Try(), Close(5.0), Try()]


def test_a_server_that_fails_and_asks_for_patience_may_have_done_it():
    """A 503 waits like a 429, but its rows are not called unsent; a 429 leaves no doubt."""
    _, asked = run(*[Response(503, {"retry-after": "1"})] * 3)
    assert (asked.meaning, asked.unsure) == (Meaning.THROTTLED, True)
    _, asked = run(*[Response(429, {"retry-after": "1"})] * 3)
    assert (asked.meaning, asked.unsure) == (Meaning.THROTTLED, False)


@pytest.mark.parametrize("headers", [{}, {"retry-after": "soon"}])
def test_a_429_without_a_wait_gets_one_of_ours(headers):
    """Half of one second, half of two."""
    steps, _ = run(Response(429, headers), Response(429, headers), OK)
    assert steps == [Try(), Close(0.5), Try(), Close(1.0), Try()]


def test_a_429_counts_as_an_attempt_while_the_server_takes_nothing_from_anybody():
    """Then three are enough."""
    steps, asked = run(Response(429), Response(429), Response(429))
    assert steps.count(Try()) == 3
    assert (asked.meaning, asked.fatal) == (Meaning.THROTTLED, None)


def test_a_429_does_not_count_while_others_get_through():
    """The server lives and takes turns; the budget and the patience still have ends."""
    budget = Budget(500)

    def throttled():
        for _ in range(125):
            budget.earn(0)
            yield Response(429)

    _, asked = run(*[Response(429)] * 3, budget=budget)
    assert asked.attempts == 3
    budget = Budget(500)
    steps = ask(RetryPolicy(), budget, idempotent=True, authorised=False, chance=lambda: 0.0, wall=lambda: 0.0)
    answers, reply, asked = throttled(), None, None
    while asked is None:
        try:
            reply = next(answers) if isinstance(steps.send(reply), Try) else None
        except StopIteration as end:
            asked = end.value
    assert asked.attempts == 125
    assert "budget" in asked.fatal


@pytest.mark.parametrize("wait", ["121", "1000000000"])
def test_a_wait_beyond_patience_ends_the_run_and_is_named(wait):
    """Nobody sleeps for thirty years."""
    steps, asked = run(Response(429, {"retry-after": wait}))
    assert steps == [Try()]
    assert f"{int(wait):,} s, longer than max_wait_s=120" in asked.fatal


def test_waits_that_add_up_beyond_patience_end_it_too():
    """A server cannot ask for a minute for ever."""
    events = [Response(429, {"retry-after": "50"})] * 3
    _, asked = run(*events, policy=RetryPolicy(attempts=10))
    assert "150 s" in asked.fatal


def test_an_empty_budget_ends_the_run():
    """And says what is spent."""
    steps, asked = run(Response(500), policy=RetryPolicy(budget=13))
    assert steps == [Try()]
    assert "budget of 13" in asked.fatal


def test_a_401_renews_the_token_once_and_replays_once():
    """The second 401 is final."""
    steps, asked = run(Response(401), OK)
    assert steps == [Try(), Renew(certain=True), Try()]
    steps, asked = run(Response(401), Response(401))
    assert steps == [Try(), Renew(certain=True), Try()]
    assert asked.meaning is Meaning.EXPIRED


def test_a_403_asks_only_whether_the_token_may_be_gone():
    """With a young token nothing is sent again."""
    steps, asked = run(Response(403), better=False)
    assert steps == [Try(), Renew(certain=False)]
    assert asked.meaning is Meaning.FORBIDDEN


def test_a_request_without_token_takes_a_401_as_it_is():
    """There is nothing to renew."""
    steps, _ = run(Response(401), authorised=False)
    assert steps == [Try()]


def test_what_was_not_sent_is_not_counted():
    """A stopped run, or no token: the reason and the exception stay."""
    error = ValueError("x")
    _, asked = run(RESET, Unsent("stopped", error))
    assert (asked.attempts, asked.unsure, asked.fatal, asked.error) == (1, True, "stopped", error)
    assert asked.event == Failure("stopped", sent=False, final=True)
