"""Tables into the sandbox's collector over real HTTP, and what is told of them."""

import json
import logging
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pandas as pd
import polars as pl
import pytest
from collector_uploads import FRAME, posts
from polars.testing import assert_frame_equal

import occtoo_frames as of


def back(box, database, tmp_path) -> of.datatile.Dataset:
    """What the collector has, as a file that it wrote."""
    box.collector.export(database, tmp_path / "back.zsav")
    return of.datatile.read_file(tmp_path / "back.zsav", frame="polars")


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
