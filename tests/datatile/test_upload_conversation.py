"""One upload's conversation, event by event, without a wire or a clock."""

import json

import pytest

from occtoo_frames.datatile.conversation import Fate, Order, Outcome, Send, Tell, follow, upload
from occtoo_frames.protocol.conversing import Patience, Pause
from occtoo_frames.protocol.datatile import Job
from occtoo_frames.protocol.http import Failure, Request, Response
from occtoo_frames.protocol.meaning import Asked

SERVER = "https://collector.test"
CUT = Asked(Failure("no answer in time", sent=True), unsure=True)


class Clock:
    """A clock that only pauses and slow answers move on."""

    now = 0.0

    def patience(self, total_s=3_600.0) -> Patience:
        """Patience by this clock."""
        return Patience(total_s, lambda: self.now)


def order(action="create", *, clock=None, wait=True, turn=False, total_s=3_600.0) -> Order:
    """One upload."""
    patience = (clock or CLOCK).patience(total_s)
    return Order(SERVER, action, "f0", None, "multipart/form-data", wait=wait, turn=turn, patience=patience)


CLOCK = Clock()


def said(status=200, document=None, **more):
    """What came of a request that was answered."""
    body = b"" if document is None else json.dumps(document).encode()
    return Asked(Response(status, {"content-type": "application/json"}, body), **more)


TAKEN = said(202, {"id": "j1"})
DONE = said(200, {"id": "j1", "status": "DONE", "result": {"database": "d1", "rows": 3, "variables": 2}})


def play(steps, *answers, clock=CLOCK, answer_s=0.0) -> tuple[Fate, list]:
    """The fate that a conversation comes to with these answers, each after ``answer_s``, and its steps."""
    waiting, taken, back = list(answers), [], None
    try:
        while True:
            step = steps.send(back)
            taken.append(step)
            clock.now += step.seconds if isinstance(step, Pause) else answer_s
            back = waiting.pop(0) if isinstance(step, Send) else None
    except StopIteration as end:
        assert not waiting
        return end.value, taken


def test_an_upload_is_posted_and_its_job_followed_to_its_end():
    """One POST, then GETs with growing pauses between."""
    running = said(200, {"id": "j1", "status": "PROCESSING"})
    fate, steps = play(upload(order()), TAKEN, running, running, DONE)
    assert (fate.outcome, fate.job.result.rows) == (Outcome.DONE, 3)
    sent = [
        f"{step.request.method} {step.request.url.removeprefix(SERVER)}" for step in steps if isinstance(step, Send)
    ]
    assert sent == ["POST /api/v2/upload/create/f0"] + ["GET /api/v2/upload/jobs/j1"] * 3
    assert [step.seconds for step in steps if isinstance(step, Pause)] == pytest.approx([0.05, 0.08])
    assert [step.job.status for step in steps if isinstance(step, Tell)] == ["QUEUED", "PROCESSING", "DONE"]


@pytest.mark.parametrize(
    "document", [{"id": "j"}, {"jobId": "j"}, {"job_id": "j"}, {"job": {"id": "j"}}, {"data": {"id": "j"}}, {"ID": "j"}]
)
@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_job_is_found_wherever_the_answer_names_it(status, document):
    """Any success, any of the spellings."""
    fate, _ = play(upload(order(wait=False)), said(status, document))
    assert (fate.outcome, fate.job.id) == (Outcome.PENDING, "j")


@pytest.mark.parametrize("action", ["create", "append", "reload"])
@pytest.mark.parametrize("asked", [CUT, said(502, unsure=True), said(503, unsure=True)], ids=["cut", "502", "503"])
def test_nobody_knows_what_a_server_did_that_did_not_say_it(action, asked):
    """And what to look at is told."""
    fate, steps = play(upload(order(action)), asked)
    assert fate.outcome is Outcome.UNKNOWN
    assert fate.check
    assert steps[0].idempotent == (action == "reload")


def test_a_success_that_names_no_job_is_unknown():
    """It was taken, and there is nothing to follow."""
    fate, _ = play(upload(order()), said(200, {"ok": True}))
    assert (fate.outcome, fate.reason) == (Outcome.UNKNOWN, "the server took it and named no job")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 415, 429])
def test_a_refusal_is_one(status):
    """Nothing was done, and the server's words are kept."""
    fate, _ = play(upload(order()), said(status, {"error": {"code": "x", "message": "no thanks"}}))
    assert (fate.outcome, fate.check) == (Outcome.REFUSED, None)
    assert fate.reason == f"the server answered {status}: no thanks"


def test_a_failure_before_the_body_is_a_refusal():
    """Nothing was sent."""
    fate, _ = play(upload(order()), Asked(Failure("the connection was refused", sent=False)))
    assert fate.outcome is Outcome.REFUSED


def test_a_refusal_after_an_attempt_that_was_cut_is_unknown():
    """The first may have been taken."""
    fate, _ = play(upload(order("reload")), said(429, unsure=True))
    assert fate.outcome is Outcome.UNKNOWN


def test_a_busy_target_is_waited_for_when_that_was_asked_for():
    """The same request again after a pause."""
    busy = said(409)
    fate, steps = play(upload(order(turn=True)), busy, busy, TAKEN, DONE)
    assert fate.outcome is Outcome.DONE
    assert steps[0] == steps[2] == steps[4]


def test_a_reload_waits_for_what_may_be_its_own_first_attempt():
    """Its connection was cut, and now the target is busy."""
    fate, _ = play(upload(order("reload")), said(409, unsure=True), TAKEN, DONE)
    assert fate.outcome is Outcome.DONE


def test_patience_with_a_busy_target_ends():
    """With the refusal."""
    fate, steps = play(upload(order(turn=True, total_s=0.2)), *[said(409)] * 4)
    assert fate.outcome is Outcome.REFUSED
    assert sum(step.seconds for step in steps if isinstance(step, Pause)) == pytest.approx(0.2)


def test_the_turn_and_the_job_share_one_patience():
    """What has gone by for the one is not waited again for the other."""
    busy, running = said(409), said(200, {"id": "j1", "status": "PROCESSING"})
    clock = Clock()
    fate, steps = play(
        upload(order(turn=True, total_s=2.0, clock=clock)), *[busy] * 6, TAKEN, *[running] * 2, clock=clock
    )
    assert fate.outcome is Outcome.PENDING
    assert clock.now == pytest.approx(2.0)
    assert sum(step.seconds for step in steps if isinstance(step, Pause)) == pytest.approx(2.0)


def test_slow_answers_take_of_patience():
    """Five seconds are five seconds, however few pauses are among them."""
    clock = Clock()
    running = said(200, {"id": "j1", "status": "PROCESSING"})
    fate, steps = play(
        follow(SERVER, Job("j1", "QUEUED"), clock.patience(5.0)), *[running] * 4, clock=clock, answer_s=2.0
    )
    assert fate.outcome is Outcome.PENDING
    assert len([step for step in steps if isinstance(step, Send)]) == 4


def test_only_what_is_repeated_goes_over_a_connection_that_lay_idle():
    """A create that is lost on one looks as if it had arrived."""
    for action, fresh in (("create", True), ("append", True), ("reload", False)):
        _, steps = play(upload(order(action)), TAKEN, DONE)
        assert [step.request.fresh for step in steps if isinstance(step, Send)] == [fresh, False]


def test_a_failed_job_says_why():
    """Its code and its message."""
    failed = said(200, {"id": "j1", "status": "failed", "error": {"code": "unreadable", "message": "no SPSS"}})
    fate, _ = play(upload(order()), TAKEN, failed)
    assert (fate.outcome, fate.reason) == (Outcome.FAILED, "unreadable: no SPSS")


def test_an_unknown_state_counts_as_not_ended():
    """However often it is seen, and known again once it changes."""
    fate, steps = play(upload(order()), TAKEN, *[said(200, {"id": "j1", "status": "Reticulating"})] * 9, DONE)
    assert fate.outcome is Outcome.DONE
    assert len([step for step in steps if isinstance(step, Tell)]) == 3


def test_patience_with_a_job_ends():
    """It is pending, and its last state is told."""
    job = Job("j1", "QUEUED")
    running = said(200, {"id": "j1", "status": "PROCESSING"})
    fate, _ = play(follow(SERVER, job, CLOCK.patience(0.3)), *[running] * 5)
    assert (fate.outcome, fate.job.status) == (Outcome.PENDING, "PROCESSING")
    assert "PROCESSING when patience ended" in fate.reason


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_job_that_may_not_be_asked_for_is_pending(status):
    """Asking again would not help."""
    fate, _ = play(upload(order()), TAKEN, said(status))
    assert fate.outcome is Outcome.PENDING
    assert str(status) in fate.reason


def test_answers_that_help_nobody_are_borne_for_a_while():
    """Four in a row, then a good one; five end it."""
    lost = [said(502), said(200, {"what": 1}), said(200), Asked(Failure("no answer in time", sent=True))]
    assert play(upload(order()), TAKEN, *lost, DONE)[0].outcome is Outcome.DONE
    fate, _ = play(upload(order()), TAKEN, *lost, said(500))
    assert (fate.outcome, fate.job.id) == (Outcome.PENDING, "j1")


def test_the_requests_hold_no_token():
    """It is put on where the wire is."""
    _, steps = play(upload(order()), TAKEN, DONE)
    requests: list[Request] = [step.request for step in steps if isinstance(step, Send)]
    assert all("token" not in request.headers for request in requests)
