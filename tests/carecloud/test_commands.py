"""The commands of CareCloud: exit codes, JSON, and what they show."""

import json

import polars as pl
import pytest
from typer.testing import CliRunner

from occtoo_frames._cli.local import variables
from occtoo_frames_command.commands import app


@pytest.fixture
def run(box, monkeypatch):
    """Runs ``occtoo-frames carecloud`` with credentials from the environment."""
    for name, value in variables(box.connection).items():
        monkeypatch.setenv(name, value)
    return lambda *words: CliRunner().invoke(app, ["carecloud", *map(str, words)])


@pytest.fixture
def table(tmp_path):
    """A csv file of two members."""
    path = tmp_path / "members.csv"
    path.write_text("id,name,born\nm-1,Ann,19900102\nm-2,Bo,19851231\n")
    return path


def test_a_table_becomes_a_file_and_is_imported(run, table, tmp_path):
    """And is there, as csv in a pipe and as JSON for programs."""
    out = tmp_path / "m.cc5txt"
    said = ("--entity", "family_member", "--key", "id", "--type", "born=date")
    written = run("write", table, out, *said, "--json")
    assert (written.exit_code, json.loads(written.stdout)["counts"]["upserts"]) == (0, 2)
    imported = run("import", out, "--entity", "family_member", "--json")
    document = json.loads(imported.stdout)
    assert (imported.exit_code, document["counts"]["accepted"]) == (0, 2)
    status = run("status", document["file_id"], "--json")
    assert (status.exit_code, json.loads(status.stdout)["outcome"]) == (0, "accepted")
    asked = run("query", "family_member", "--where", "name=Ann")
    assert asked.stdout == "entityId,name,born\nm-1,Ann,19900102\n"
    assert json.loads(run("read", out, "--json").stdout)["count"] == 2
    assert run("import", table, *said, "--mode", "sync").exit_code == 0


def test_nested_values_stand_as_json_in_csv(run, tmp_path):
    """Whatever they hold."""
    path = tmp_path / "m.parquet"
    pl.DataFrame({"id": ["a"], "n": [[1, 2]], "s": [{"x": 1}]}).write_parquet(path)
    assert run("import", path, "--entity", "note", "--key", "id").exit_code == 0
    assert run("query", "note").stdout == 'entityId,n,s\na,"[""1"",""2""]","{""x"":1}"\n'


def test_bad_rows_end_with_1_and_bad_words_with_2(run, table, tmp_path):
    """The problem is shown, without the value."""
    table.write_text('id,name\nm-1,"secret#/#"\n')
    ended = run("write", table, tmp_path / "m.cc5txt", "--entity", "note", "--key", "id")
    assert ended.exit_code == 1
    assert "value-escape" in ended.stdout
    assert "secret" not in ended.output
    assert run("import", table, "--entity", "note", "--key", "id", "--on-invalid", "skip").exit_code == 1
    assert run("import", table, "--entity", "order", "--key", "id").exit_code == 2
    assert run("write", table, "m.cc5txt", "--entity", "note", "--key", "id", "--type", "name").exit_code == 2
    assert run("import", tmp_path / "nowhere.cc5txt", "--entity", "note").exit_code == 2


def test_rows_that_were_left_out_are_told(run, table, tmp_path):
    """Which ones and why, without their values: in the document and as a table."""
    table.write_text('id,name\nm-1,"secret#/#"\nm-2,Bo\n')
    words = ("import", table, "--entity", "note", "--key", "id", "--on-invalid", "skip")
    (failed,) = json.loads(run(*words, "--json").stdout)["failed"]
    assert (failed["row"], failed["key"], failed["outcome"], failed["rule"]) == (0, "m-1", "rejected", "value-escape")
    assert "left out of the file: name: " in failed["reason"]
    shown = run(*words).stdout
    assert ("Not arrived" in shown, "m-1" in shown, "secret" in shown) == (True, True, False)
    written = run("write", table, tmp_path / "m.cc5txt", *words[2:], "--json")
    assert [found["rule"] for found in json.loads(written.stdout)["problems"]] == ["value-escape"]


def test_what_nobody_can_tell_ends_with_3(run, box, table):
    """And says how to ask again."""
    box.faults("import_hangs")
    ended = run("import", table, "--entity", "note", "--key", "id", "--max-wait", "0.1", "--json")
    assert (ended.exit_code, json.loads(ended.stdout)["counts"]["unknown"]) == (3, 2)
    assert run("import", table, "--entity", "note", "--key", "id", "--no-wait").exit_code == 0


def test_an_error_is_one_json_document(run, box, table):
    """With ``--json``, whatever the command."""
    box.faults("bad_key")
    ended = run("import", table, "--entity", "note", "--key", "id", "--json")
    assert (ended.exit_code, json.loads(ended.stdout)["error"]) == (2, "AuthenticationError")


def test_a_value_is_found_as_text_number_and_boolean(run, tmp_path):
    """A command line has texts alone, and nothing tells the type of a field."""
    path = tmp_path / "c.parquet"
    table = {"id": [1, 2], "visits": [3, 4], "paid": [1.5, 2.0], "ok": [True, False], "code": ["3", "true"]}
    pl.DataFrame(table).write_parquet(path)
    assert run("import", path, "--entity", "claim", "--key", "id").exit_code == 0
    for said, keys in {
        "entityId=1": [1], "visits=3": [1], "visits=+4": [2], "paid=1.50": [1], "paid=2": [2], "ok=true": [1],
        "ok=false": [2], "code=3": [1], "code=true": [2], "visits=x": [], "visits=1e999": [],
        "visits=003": [1], f"visits={'0' * 5_000}3": [1], f"visits=+{'9' * 5_000}": [], "visits=-0": [],
    }.items():  # fmt: skip
        rows = json.loads(run("query", "claim", "--where", said, "--json").stdout)["rows"]
        assert [row["entityId"] for row in rows] == keys, said
    rows = json.loads(run("query", "claim", "--where", "visits=3", "--where", "visits=4", "--json").stdout)["rows"]
    assert len(rows) == len(table["id"])


def test_options_of_a_table_are_refused_beside_a_sync_file(run, table, tmp_path):
    """Whoever says which rows are deletions must not get all of them imported."""
    out = tmp_path / "m.cc5txt"
    assert run("write", table, out, "--entity", "family_member", "--key", "id").exit_code == 0
    for said in (("--key", "id"), ("--delete-column", "gone"), ("--type", "born=date"), ("--empty-text", "null")):
        ended = run("import", out, "--entity", "family_member", *said)
        assert (ended.exit_code, "leave out" in ended.output) == (2, True)
