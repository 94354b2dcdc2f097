"""The sandbox's collector itself: hostile files, restarts, and databases that change all at once or not at all."""

import zipfile

import openpyxl
import polars as pl
import pyreadstat
import pytest
import requests

import occtoo_frames as of
from occtoo_frames._sandbox.collector_files import UnreadableError, parse

FRAME = pl.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})


def post(box, files, action="create", target=None, headers=None, **data):
    """What the collector answers to a form of another library's making."""
    url = f"{box.url}/api/v2/upload/{action}/{target or box.datatile_folder}"
    token = {"token": box.connection.datatile_token.reveal()} if headers is None else headers
    return requests.post(url, files=files, data=data, headers=token, timeout=10)


def test_another_clients_form_is_taken(box):
    """The part is called dataset, and the answer names a job."""
    answer = post(box, {"dataset": ("t.csv", b"a,b\n1,x\n")})
    assert answer.status_code == 202
    report = of.datatile.job(answer.json()["id"], wait=True)
    assert (report.outcome, report.database_rows) == ("done", 1)


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ({"dataset": ("t.exe", b"MZ")}, 415),
        ({"dataset": ("t", b"a\n1\n")}, 415),
        ({"other": ("t.csv", b"a\n1\n")}, 400),
        ({"dataset": ("t.csv", b"a\n1\n"), "more": ("u.csv", b"")}, 400),
    ],
)
def test_a_form_that_is_none_of_the_collectors_is_refused(box, files, status):
    """And its target is free again."""
    answer = post(box, files)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
    assert of.datatile.upload(FRAME, target=box.datatile_folder).ok


def test_a_body_that_is_no_form_is_refused(box):
    """415, since it is another kind."""
    url = f"{box.url}/api/v2/upload/create/{box.datatile_folder}"
    headers = {"token": box.connection.datatile_token.reveal(), "content-type": "text/csv"}
    assert requests.post(url, b"a\n1\n", headers=headers, timeout=10).status_code == 415


@pytest.mark.parametrize("headers", [{}, {"token": ""}, {"token": "x"}, {"authorization": "Bearer x"}])
def test_only_the_header_called_token_counts(box, headers):
    """For uploads and jobs alike."""
    assert post(box, {"dataset": ("t.csv", b"a\n1\n")}, headers=headers).status_code == 401
    assert requests.get(f"{box.url}/api/v2/upload/jobs/x", headers=headers, timeout=10).status_code == 401


def test_an_unknown_action_is_not_found(box):
    """There are three."""
    assert post(box, {"dataset": ("t.csv", b"a\n1\n")}, action="replace").status_code == 404


BROKEN = [
    ("t.csv", b"a,b\n1,2,3,4\n", "unreadable"),
    ("t.csv", b"a,b\n1,\xff\xfe\n", "unreadable"),
    ("t.csv", b"", "unreadable"),
    ("t.csv", b"a,A\n1,2\n", "variable-name"),
    ("t.csv", b"a b\n1\n", "variable-name"),
    ("t.sav", b"$FL2", "unreadable"),
    ("t.zsav", b"PK\x03\x04", "unreadable"),
    ("t.xlsx", b"$FL2", "unreadable"),
    ("t.xlsx", b"PK\x03\x04 broken", "unreadable"),
]


@pytest.mark.parametrize(("name", "content", "code"), BROKEN)
def test_content_that_cannot_be_read_is_taken_and_then_fails(box, name, content, code):
    """202 first, FAILED afterwards, and no database."""
    answer = post(box, {"dataset": (name, content)})
    assert answer.status_code == 202
    report = of.datatile.job(answer.json()["id"], wait=True)
    assert (report.outcome, report.fate.job.error.code) == ("failed", code)
    assert box.collector.databases() == {}


def test_a_workbook_that_unpacks_to_gigabytes_is_not_unpacked(tmp_path):
    """Its members say how large they are."""
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    with pytest.raises(UnreadableError, match="unpacked"):
        parse(tmp_path / "bomb.xlsx", "xlsx", tmp_path / "out.parquet", 1_000)


@pytest.mark.parametrize("fmt", ["zsav", "csv", "xlsx"])
def test_more_rows_than_the_quota_fail(box, fmt):
    """In every format, and an append that would exceed it too."""
    box.collector.limits.max_rows = 2
    report = of.datatile.upload(FRAME, target=box.datatile_folder, format=fmt)
    assert (report.outcome, report.fate.job.error.code) == ("failed", "quota")
    database = of.datatile.upload(FRAME.head(2), target=box.datatile_folder, format=fmt).database
    assert of.datatile.upload(FRAME.head(1), target=database, mode="append", format=fmt).outcome == "failed"
    assert box.collector.databases() == {database: 2}


def test_a_workbooks_cells_keep_their_kinds(box, tmp_path):
    """Numbers, booleans, dates, and texts where they are mixed."""
    import datetime as dt

    book = openpyxl.Workbook()
    for row in (["n", "b", "d", "m"], [1, True, dt.datetime(2024, 1, 2), 1], [None, False, None, "x"], [2.5]):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    database = of.datatile.upload(tmp_path / "t.xlsx", target=box.datatile_folder).database
    stored = box.collector.dataset(database).frame
    assert stored.to_dict(as_series=False) == {
        "n": [1.0, None, 2.5],
        "b": [True, False, None],
        "d": [dt.datetime(2024, 1, 2), None, None],
        "m": ["1", "x", None],
    }


def test_a_csv_column_is_numbers_only_if_every_value_is_one(box):
    """A leading zero makes it text."""
    frame = pl.DataFrame({"n": ["1", "-2.5"], "t": ["1", "007"], "e": ["", None]})
    database = of.datatile.upload(frame, target=box.datatile_folder, format="csv").database
    assert box.collector.dataset(database).frame.to_dict(as_series=False) == {
        "n": [1.0, -2.5],
        "t": ["1", "007"],
        "e": ["", None],
    }


def test_an_append_joins_labels_and_lets_columns_come_in_another_order(box):
    """What differs stays as the database has it, and is a warning."""
    first = of.datatile.upload(FRAME, target=box.datatile_folder, value_labels={"a": {1: "one", 2: "two"}})
    more = FRAME.select("b", "a").with_columns(a=pl.lit(None, pl.Int64))
    added = of.datatile.upload(more, target=first.database, mode="append", value_labels={"a": {2: "zwei", 3: "three"}})
    assert added.warnings == ("a: the labels of 1 values differ, and those of the database stay",)
    stored = box.collector.dataset(first.database)
    assert stored.value_labels == {"a": {1: "one", 2: "two", 3: "three"}}
    assert stored.frame["a"].to_list() == [1, 2, 3, None, None, None]


def test_everything_taken_survives_a_restart(tmp_path):
    """Token, folder, databases and jobs; a job that waited is done afterwards."""
    path = tmp_path / "box.sqlite"
    with of.sandbox(path) as box:
        folder, token = box.datatile_folder, box.connection.datatile_token
        done = of.datatile.upload(FRAME, target=folder, value_labels={"a": {1: "one"}})
        box.collector.pause()
        waiting = of.datatile.upload(FRAME, target=done.database, mode="append", wait=False)
    with of.sandbox(path) as box:
        assert (box.datatile_folder, box.connection.datatile_token) == (folder, token)
        assert of.datatile.job(waiting.job_id, wait=True).database_rows == 6
        assert of.datatile.job(done.job_id).ok
        assert box.collector.dataset(done.database).value_labels == {"a": {1: "one"}}


def test_a_reload_leaves_no_files_behind(tmp_path):
    """The old rows and the uploads go."""
    path = tmp_path / "box.sqlite"
    with of.sandbox(path) as box:
        database = of.datatile.upload(FRAME, target=box.datatile_folder).database
        for _ in range(3):
            of.datatile.upload(FRAME, target=database, mode="reload")
        kept = sorted(file.suffix for file in (tmp_path / "box.sqlite.collector").iterdir())
    assert kept == [".json", ".parquet"]


def test_a_file_of_another_program_is_read(box, tmp_path):
    """Written by the library itself, with what it makes of types."""
    pyreadstat.write_sav(FRAME.with_columns(c=pl.lit(None, pl.Float64)).to_pandas(), str(tmp_path / "t.sav"), "a label")
    database = of.datatile.upload(tmp_path / "t.sav", target=box.datatile_folder).database
    assert box.collector.dataset(database).frame["a"].to_list() == [1, 2, 3]
