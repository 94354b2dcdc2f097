"""Tables into the sandbox's collector over real HTTP: one outcome each, whatever goes wrong on the way."""

import json
import logging
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import occtoo_frames as of

FRAME = pl.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
SECOND = of.RetryPolicy(max_wait_s=0.5)


@pytest.fixture
def database(box):
    """The hash of a database of three rows."""
    return of.datatile.upload(FRAME, target=box.datatile_folder).database


def back(box, database, tmp_path) -> of.datatile.Dataset:
    """What the collector has, as a file that it wrote."""
    box.collector.export(database, tmp_path / "back.zsav")
    return of.datatile.read_file(tmp_path / "back.zsav", frame="polars")


def posts(box) -> int:
    """How many uploads the collector was asked for."""
    return sum(count for route, count in box.requests_seen.items() if route.startswith("POST /api/v2/upload"))


@pytest.mark.parametrize("fmt", ["zsav", "sav"])
def test_values_types_and_labels_come_back_from_the_collector(box, people, tmp_path, fmt):
    """There and back, every type."""
    labels, values = {"id": "Number", "name": "Namn på personen"}, {"id": {1: "the first"}}
    report = of.datatile.upload(people, target=box.datatile_folder, format=fmt, labels=labels, value_labels=values)
    assert report.ok
    assert report.counts == {"accepted": 3, "rejected": 0, "pending": 0, "unknown": 0}
    read = back(box, report.database, tmp_path)
    assert_frame_equal(read.frame, people.with_columns(pl.col("price").cast(pl.Float64)))
    assert read.labels == labels
    assert read.value_labels["id"] == values["id"]
    assert read.value_labels["size"] == {1: "S", 2: "M", 3: "L"}


@pytest.mark.parametrize("fmt", ["xlsx", "csv"])
def test_numbers_and_texts_come_back_from_the_other_formats(box, fmt):
    """As the collector takes them: numbers, and texts."""
    report = of.datatile.upload(FRAME, target=box.datatile_folder, format=fmt, name="my table")
    stored = box.collector.dataset(report.database)
    assert (stored.name, stored.frame.to_dict(as_series=False)) == ("my table", FRAME.to_dict(as_series=False))


def test_a_reload_replaces_and_an_append_adds(box, database):
    """The database keeps its hash."""
    added = of.datatile.upload(FRAME, target=database, mode="append")
    assert (added.ok, added.database, added.rows, added.database_rows) == (True, database, 3, 6)
    replaced = of.datatile.upload(FRAME.head(1), target=database, mode="reload")
    assert (replaced.database, replaced.database_rows) == (database, 1)
    assert box.collector.databases() == {database: 1}


def test_a_history_of_states_is_told(box):
    """Each with its moment, in the caller's kind of frame."""
    assert isinstance(of.datatile.upload(FRAME, target=box.datatile_folder).history, pl.DataFrame)
    report = of.datatile.upload(pd.DataFrame({"a": [1]}), target=box.datatile_folder)
    assert report.history["status"].tolist() == ["QUEUED", "PROCESSING", "DONE"]
    assert report.to_dict()["history"][0]["at"] == report.history["at"][0]
    json.dumps(report.to_dict())
    assert "done" in repr(report)
    assert "QUEUED" in report._repr_html_()


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


@pytest.mark.parametrize("ending", ["zsav", "sav", "xlsx", "csv"])
def test_a_file_is_sent_as_it_is(box, tmp_path, ending):
    """Byte for byte; it names the database."""
    of.datatile.write_file(FRAME, tmp_path / f"people.{ending}")
    report = of.datatile.upload(tmp_path / f"people.{ending}", target=box.datatile_folder)
    assert (report.ok, report.rows, report.columns) == (True, 3, None)
    assert report.size == (tmp_path / f"people.{ending}").stat().st_size
    assert box.collector.dataset(report.database).name == "people"


def test_a_file_is_written_anew_when_labels_ask_for_it(box, tmp_path):
    """A csv becomes a zsav with labels."""
    of.datatile.write_file(FRAME, tmp_path / "people.csv")
    report = of.datatile.upload(tmp_path / "people.csv", target=box.datatile_folder, labels={"a": "First"})
    assert box.collector.dataset(report.database).labels == {"a": "First"}


def test_a_csv_with_columns_that_no_variable_may_have_is_not_sent(box, tmp_path):
    """Its header is looked at."""
    (tmp_path / "a.csv").write_text("a b,ALL\n1,2\n")
    with pytest.raises(of.InvalidRowsError, match="2 columns") as caught:
        of.datatile.upload(tmp_path / "a.csv", target=box.datatile_folder)
    assert caught.value.problems["column"].tolist() == ["a b", "ALL"]
    assert posts(box) == 0
    assert of.datatile.upload(tmp_path / "a.csv", target=box.datatile_folder, names="safe").ok


def test_an_empty_csv_says_so(box, tmp_path):
    """It has no header."""
    (tmp_path / "a.csv").write_bytes(b"")
    with pytest.raises(of.UnsupportedFrameError, match=r"a\.csv"):
        of.datatile.upload(tmp_path / "a.csv", target=box.datatile_folder)


def test_problems_are_found_before_anything_is_sent(box):
    """No request was made."""
    with pytest.raises(of.InvalidRowsError, match="null-text"):
        of.datatile.upload(pl.DataFrame({"a": ["x", None]}), target=box.datatile_folder)
    assert not box.requests_seen
    allowed = of.datatile.upload(pl.DataFrame({"a": ["x", None]}), target=box.datatile_folder, allow=["null-text"])
    assert (allowed.ok, allowed.losses["rule"].to_list()) == (True, ["null-text"])


def test_the_token_goes_to_the_collector_and_nowhere_else(box, caplog, monkeypatch):
    """It is in no log, no message and no repr; the header is literally token."""
    caplog.set_level(logging.DEBUG, logger="occtoo_frames")
    seen = []
    transport = box.connection.session._transport
    send = transport.send
    monkeypatch.setattr(transport, "send", lambda request, **more: (seen.append(request), send(request, **more))[1])
    report = of.datatile.upload(FRAME, target=box.datatile_folder)
    token = box.connection.datatile_token.reveal()
    assert {request.headers["token"] for request in seen} == {token}
    assert all(request.url.startswith(f"{box.url}/") for request in seen)
    assert token not in caplog.text + repr(seen) + repr(report) + str(report.to_dict())


def test_a_collector_that_repeats_the_token_is_shown_without_it(box, monkeypatch):
    """In the report of a job that fails."""
    token = box.connection.datatile_token.reveal()
    transport = box.connection.session._transport
    send = transport.send

    def answer(request, **more):
        event = send(request, **more)
        failed = {"id": "j", "status": "FAILED", "error": {"code": token, "message": f"{token} is wrong"}}
        return replace(event, body=json.dumps(failed).encode()) if request.method == "GET" else event

    monkeypatch.setattr(transport, "send", answer)
    report = of.datatile.upload(FRAME, target=box.datatile_folder)
    assert report.reason == "***: *** is wrong"
    assert token not in repr(report) + str(report.to_dict())


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


def test_ctrl_c_leaves_a_report(box, monkeypatch):
    """Before the answer nobody knows; afterwards the job goes on."""
    clock = box.connection.session.clock

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(box.connection.session, "clock", type(clock)(wait=interrupt))
    box.collector.pause()
    with pytest.raises(of.PushInterruptedError, match="pending") as caught:
        of.datatile.upload(FRAME, target=box.datatile_folder)
    assert caught.value.report.job_id
    monkeypatch.setattr(box.connection.session._transport, "send", interrupt)
    with pytest.raises(of.PushInterruptedError, match="unknown"):
        of.datatile.upload(FRAME, target=box.datatile_folder)


class Listener(BaseHTTPRequestHandler):
    """Keeps what is posted to it."""

    def do_POST(self):
        """Takes a notice."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.notices.append((self.path, json.loads(body)))
        self.server.heard.release()
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        """Says nothing."""


@pytest.fixture
def listener():
    """A server on this machine that is told about jobs."""
    server = HTTPServer(("127.0.0.1", 0), Listener)
    server.notices, server.heard = [], threading.Semaphore(0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_callback_is_told_of_every_state(box, listener):
    """Possibly twice: a hint, while the job is asked for all the same."""
    box.collector.notices_each = 2
    address = f"http://127.0.0.1:{listener.server_port}/hook?x=1"
    report = of.datatile.upload(FRAME, target=box.datatile_folder, callback=address)
    assert all(listener.heard.acquire(timeout=10) for _ in range(6))
    told = [notice for _, notice in listener.notices]
    assert [notice["status"] for notice in told[::2]] == ["QUEUED", "PROCESSING", "DONE"]
    assert told[::2] == told[1::2]
    assert told[-1]["jobId"] == report.job_id
    assert told[-1]["result"]["database"] == report.database
    assert {path for path, _ in listener.notices} == {"/hook?x=1"}


@pytest.mark.parametrize(
    "address", ["http://example.com/", "https://127.0.0.1/", "http://10.0.0.1/", "http://a@127.0.0.1/", "x"]
)
def test_a_callback_that_is_not_of_this_machine_is_refused(box, address):
    """The sandbox calls nobody else."""
    with pytest.raises(of.RejectedError, match="callback"):
        of.datatile.upload(FRAME, target=box.datatile_folder, callback=address)


def test_a_count_that_is_not_what_was_sent_is_a_warning(box, monkeypatch):
    """The server says how many rows there are."""
    report = of.datatile.upload(FRAME, target=box.datatile_folder)
    assert report.warnings == ()
    object.__setattr__(report, "sent_rows", 4)
    assert report.warnings == ("4 rows were sent and the database has 3",)


def test_an_spss_file_takes_nothing_that_asks_for_another_one(box, tmp_path):
    """It is sent as it is or not at all; one that is not there is not there, whatever else was said."""
    (tmp_path / "x.zsav").write_bytes(b"junk")
    for said in ({"labels": {"a": "x"}}, {"allow": ["null-text"]}, {"names": "safe"}):
        with pytest.raises(of.ConfigurationError, match=f"sent as it is: leave out {next(iter(said))}"):
            of.datatile.upload(tmp_path / "x.zsav", target=box.datatile_folder, **said)
        with pytest.raises(FileNotFoundError, match="there is no file"):
            of.datatile.upload(tmp_path / "y.sav", target=box.datatile_folder, **said)


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": None},
        {"target": ""},
        {"target": " "},
        {"callback": 5},
        {"name": None},
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
