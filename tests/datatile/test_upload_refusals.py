"""Uploads that are refused, here or by the collector, with words that say what to do."""

import threading

import polars as pl
import pytest
from collector_uploads import FRAME, posts

import occtoo_frames as of

SECOND = of.RetryPolicy(max_wait_s=0.5)


def test_a_job_that_does_not_exist_is_not_found(box):
    """As any other address."""
    with pytest.raises(of.NotFoundError, match="no such job"):
        of.datatile.job("nothing")


def test_a_busy_target_is_a_conflict_or_waited_for(box, database):
    """As asked."""
    box.collector.pause()
    first = of.datatile.upload(FRAME, target=database, mode="append", wait=False)
    with pytest.raises(of.ConflictError, match="when_busy='wait'"):
        of.datatile.upload(FRAME, target=database, mode="append")
    threading.Timer(0.2, box.collector.resume).start()
    second = of.datatile.upload(FRAME, target=database, mode="append", when_busy="wait")
    assert (second.ok, second.database_rows) == (True, 9)
    assert of.datatile.job(first.job_id).ok


REFUSALS = [
    (401, of.AuthenticationError, "a new token ends the one before it"),
    (403, of.AuthenticationError, "role"),
    (404, of.NotFoundError, "hash of a folder"),
    (413, of.RejectedError, "larger than the collector takes"),
    (415, of.RejectedError, "zsav, sav, xlsx and csv"),
    (429, of.RateLimitedError, "max_wait_s"),
]


@pytest.mark.parametrize(("status", "error", "words"), REFUSALS)
def test_a_refusal_says_what_to_do(box, status, error, words):
    """In words, and with the server's own; nothing was done."""
    box.faults("status", status=status, on="POST /api/v2/upload", times=None, retry_after="3600")
    with pytest.raises(error, match=words) as caught:
        of.datatile.upload(FRAME, target=box.datatile_folder)
    assert caught.value.status == status


def test_the_collectors_own_refusals_are_met(box, database, tmp_path):
    """Token, role, hash, size, rate and kind, without any fault."""
    limits = box.collector.limits
    locked = box.collector.add_folder(writable=False)
    with pytest.raises(of.AuthenticationError, match="may not upload here"):
        of.datatile.upload(FRAME, target=locked)
    with pytest.raises(of.NotFoundError, match="no folder"):
        of.datatile.upload(FRAME, target=database)
    with pytest.raises(of.NotFoundError, match="no database"):
        of.datatile.upload(FRAME, target=box.datatile_folder, mode="append")
    limits.max_file_bytes = 1_000
    (tmp_path / "big.csv").write_text("a\n" + "1\n" * 100_000)
    with pytest.raises(of.RejectedError, match="larger than 1,000 bytes"):
        of.datatile.upload(tmp_path / "big.csv", target=box.datatile_folder)
    limits.max_file_bytes, limits.uploads_a_minute = 10**9, 0
    with pytest.raises(of.RateLimitedError, match="60 s"):
        of.datatile.upload(FRAME, target=box.datatile_folder, connection=impatient(box))
    box.collector.renew_token()
    with pytest.raises(of.AuthenticationError, match="not taken any more"):
        of.datatile.upload(FRAME, target=box.datatile_folder)


def impatient(box) -> of.Connection:
    """A connection that does not wait."""
    token = box.connection.datatile_token
    return of.Connection(datatile_url=box.url, datatile_token=token, retry=SECOND)


def test_a_failed_job_fails_its_rows_and_says_why(box, database, tmp_path):
    """A file that is not what it is called; the database stays as it was."""
    (tmp_path / "broken.zsav").write_bytes(b"$FL3 and then nothing")
    report = of.datatile.upload(tmp_path / "broken.zsav", target=database, mode="reload")
    assert (report.outcome, report.rows) == ("failed", None)
    assert "unreadable" in report.reason
    assert box.collector.databases() == {database: 3}
    other = of.datatile.upload(FRAME.rename({"b": "c"}), target=database, mode="append")
    assert (other.outcome, other.counts["rejected"]) == ("failed", 3)
    assert "B, C" in other.reason
    assert box.collector.dataset(database).frame.height == 3


def test_problems_are_found_before_anything_is_sent(box):
    """No request was made."""
    with pytest.raises(of.InvalidRowsError, match="null-text"):
        of.datatile.upload(pl.DataFrame({"a": ["x", None]}), target=box.datatile_folder)
    assert not box.requests_seen
    allowed = of.datatile.upload(pl.DataFrame({"a": ["x", None]}), target=box.datatile_folder, allow=["null-text"])
    assert (allowed.ok, allowed.losses["rule"].to_list()) == (True, ["null-text"])


def test_without_address_or_token_nothing_is_written_or_sent():
    """The message names where they can be set."""
    with pytest.raises(of.ConfigurationError, match="DATATILE_TOKEN"):
        of.datatile.upload(FRAME, target="f", connection=of.Connection())
    with pytest.raises(of.ConfigurationError, match="DATATILE_URL"):
        of.datatile.upload(FRAME, target="f", connection=of.Connection(datatile_token="t"))


@pytest.mark.parametrize(
    "option", [{"mode": "replace"}, {"format": "dta"}, {"names": "loose"}, {"when_busy": "x"}, {"name": "a/b"}]
)
def test_an_option_that_is_none_is_refused(box, option):
    """Before anything is sent."""
    with pytest.raises(of.ConfigurationError):
        of.datatile.upload(FRAME, target=box.datatile_folder, **option)
    assert not box.requests_seen


@pytest.mark.parametrize(
    "address", ["http://example.com/", "https://127.0.0.1/", "http://10.0.0.1/", "http://a@127.0.0.1/", "x"]
)
def test_a_callback_that_is_not_of_this_machine_is_refused(box, address):
    """The sandbox calls nobody else."""
    with pytest.raises(of.RejectedError, match="callback"):
        of.datatile.upload(FRAME, target=box.datatile_folder, callback=address)


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": None},
        {"target": ""},
        {"target": " "},
        {"callback": 5},
        {"name": None},
        {"name": "a\0b"},
        {"max_wait_s": "5"},
        {"max_wait_s": float("nan")},
        {"max_wait_s": -1},
        {"value_labels": {"a": ["one"]}},
        {"allow": 5},
    ],
)
def test_an_option_that_means_nothing_is_refused_before_the_upload(box, wrong):
    """Not after it, when there would be a database and no report."""
    with pytest.raises(of.ConfigurationError, match=next(iter(wrong))):
        of.datatile.upload(FRAME, **{"target": box.datatile_folder, **wrong})
    with pytest.raises(of.ConfigurationError, match="max_wait_s"):
        of.datatile.job("j", max_wait_s="5")
    with pytest.raises(of.ConfigurationError, match="job_id"):
        of.datatile.job(None)
    assert not posts(box)


def test_a_wait_may_be_without_end(box):
    """It ends with the job."""
    assert of.datatile.upload(FRAME, target=box.datatile_folder, max_wait_s=float("inf")).ok
