"""Uploads while the network and the collector fail: each is done once, or is known not to be."""

import pytest
from collector_uploads import FRAME, posts

import occtoo_frames as of


@pytest.mark.parametrize("mode", ["create", "append"])
@pytest.mark.parametrize(
    "fault",
    [{"kind": "cut_after"}, {"kind": "status", "status": 502}, {"kind": "html", "status": 504},
     {"kind": "status", "status": 503, "retry_after": "0"}, {"kind": "cut_answer"}],
    ids=lambda fault: " ".join(map(str, fault.values())),
)  # fmt: skip
def test_what_cannot_be_done_twice_is_sent_once(box, database, mode, fault):
    """Whatever came back, it was posted once, and nobody says that it landed or did not."""
    box.faults(on=f"POST /api/v2/upload/{mode}", **fault)
    before = posts(box)
    report = of.datatile.upload(FRAME, target=box.datatile_folder if mode == "create" else database, mode=mode)
    assert posts(box) - before == 1
    assert (report.outcome, report.ok, report.counts["unknown"]) == ("unknown", False, 3)
    assert "before" in report.check
    with pytest.raises(of.exceptions.UploadFailedError, match="before") as caught:
        report.raise_for_failures()
    assert caught.value.report is report


@pytest.mark.parametrize(
    "fault",
    [{"kind": "cut_after"}, {"kind": "status", "status": 502}, {"kind": "cut"}, {"kind": "html", "status": 504}],
    ids=lambda fault: fault["kind"],
)  # fmt: skip
def test_a_reload_is_repeated_until_it_is_known_to_be_done(box, database, fault):
    """Even if its first attempt still runs."""
    box.faults(on="POST /api/v2/upload/reload", **fault)
    report = of.datatile.upload(FRAME.head(2), target=database, mode="reload")
    assert (report.outcome, report.retries > 0) == ("done", True)
    assert box.collector.databases() == {database: 2}


@pytest.mark.parametrize("mode", ["create", "append"])
def test_patience_is_no_repetition(box, database, mode):
    """A 429 was not taken, so that the file is sent again when the server says so; the body is whole each time."""
    box.faults("status", status=429, retry_after="0", on=f"POST /api/v2/upload/{mode}", times=2)
    target = box.datatile_folder if mode == "create" else database
    report = of.datatile.upload(FRAME, target=target, mode=mode)
    assert (report.outcome, report.retries) == ("done", 2)
    assert report.bytes_sent > 3 * report.size


def test_under_faults_of_every_kind_each_append_has_one_outcome_that_is_true(box, database):
    """Done means once, unknown at most once, and a refusal not at all: the rows of the database say so."""
    for kind, status in (("cut_after", None), ("status", 502), ("html", 504), ("cut", None), ("cut_answer", None)):
        box.faults(kind, times=None, probability=0.1, status=status)
    told = [of.datatile.upload(FRAME.head(1), target=database, mode="append", when_busy="wait") for _ in range(25)]
    box.clear_faults()
    box.collector.settle(timeout_s=30)
    outcomes = [report.outcome for report in told]
    for report in told:
        if report.outcome == "pending":
            assert of.datatile.job(report.job_id, wait=True).ok
    landed = box.collector.databases()[database] - 3
    sure = outcomes.count("done") + outcomes.count("pending")
    assert sure <= landed <= sure + outcomes.count("unknown")
    assert {"done", "unknown"} <= set(outcomes) <= {"done", "unknown", "pending"}


def test_a_connection_that_was_never_made_is_tried_again_and_then_told(people):
    """Nothing was sent, so that it is an exception."""
    nowhere = of.Connection(datatile_url="http://127.0.0.1:9", datatile_token="t", retry=of.RetryPolicy(attempts=2))
    with pytest.raises(of.ConnectionFailedError, match="2 attempts"):
        of.datatile.upload(people, target="f", connection=nowhere)


def test_polling_survives_bad_answers(box):
    """A page, a broken answer, a server that is down for a moment."""
    for kind in ("html", "cut_answer", "cut", "status"):
        box.faults(kind, on="GET /api/v2/upload/jobs")
    assert of.datatile.upload(FRAME, target=box.datatile_folder).ok


def test_a_job_that_nobody_waits_for_is_pending_and_can_be_asked_for(box):
    """By its id."""
    box.collector.pause()
    report = of.datatile.upload(FRAME, target=box.datatile_folder, wait=False)
    assert (report.outcome, report.counts["pending"], report.database) == ("pending", 3, None)
    assert of.datatile.job(report.job_id).outcome == "pending"
    box.collector.resume()
    ended = of.datatile.job(report.job_id, wait=True)
    assert (ended.outcome, ended.mode, ended.database_rows) == ("done", "create", 3)


def test_waiting_has_an_end(box):
    """The job goes on without whoever waited."""
    box.collector.pause()
    report = of.datatile.upload(FRAME, target=box.datatile_folder, max_wait_s=0.3)
    assert report.outcome == "pending"
    assert "QUEUED when patience ended" in report.reason
