"""``occtoo-frames datatile``: what it says, and how it ends."""

import json

import polars as pl
import pytest
from typer.testing import CliRunner

import occtoo_frames as of
from occtoo_frames_command.commands import app


@pytest.fixture
def run(box, monkeypatch, tmp_path):
    """Runs a command of DATATILE with the sandbox in the environment, in a folder with a good and a dirty table."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATATILE_URL", box.url)
    monkeypatch.setenv("DATATILE_TOKEN", box.connection.datatile_token.reveal())
    pl.DataFrame({"id": [1, 2], "town": ["Åmål", "Bo"]}).write_parquet("good.parquet")
    pl.DataFrame({"id nr": [1, 2], "town": ["x", None]}).write_parquet("dirty.parquet")
    pl.DataFrame({"column": ["id"], "label": ["Number"]}).write_csv("book.csv")

    def runs(*words: str):
        return CliRunner().invoke(app, ["datatile", *map(str, words)])

    return runs


def test_a_table_is_uploaded_with_its_labels(run, box):
    """It ends with 0, and says the database."""
    ended = run("upload", "good.parquet", box.datatile_folder, "--labels", "book.csv", "--json")
    document = json.loads(ended.stdout)
    assert (ended.exit_code, document["outcome"], document["counts"]["accepted"]) == (0, "done", 2)
    stored = box.collector.dataset(document["database"])
    assert (stored.name, stored.labels) == ("good", {"id": "Number"})


def test_people_see_the_states(run, box):
    """In the order in which they came."""
    ended = run("upload", "good.parquet", box.datatile_folder)
    assert ended.exit_code == 0
    assert [word for word in ("QUEUED", "PROCESSING", "DONE") if word in ended.stdout] == [
        "QUEUED",
        "PROCESSING",
        "DONE",
    ]


def test_problems_end_with_1_and_nothing_is_sent(run, box):
    """They are shown; allowed and renamed, the table goes."""
    ended = run("upload", "dirty.parquet", box.datatile_folder)
    assert ended.exit_code == 1
    assert "null-text" in ended.stdout
    assert not box.requests_seen
    assert run("upload", "dirty.parquet", box.datatile_folder, "--allow", "null-text", "--names", "safe").exit_code == 0


def test_a_check_touches_no_network(run, box):
    """0 without problems, 1 with."""
    assert run("check", "good.parquet").exit_code == 0
    ended = run("check", "dirty.parquet", "--json")
    rules = [problem["rule"] for problem in json.loads(ended.stdout)["problems"]]
    assert (ended.exit_code, rules) == (1, ["variable-name", "null-text"])
    assert run("check", "dirty.parquet", "--format", "csv", "--names", "safe").exit_code == 0
    assert not box.requests_seen


def test_a_file_is_written(run, tmp_path):
    """In the format of its ending."""
    assert run("write", "good.parquet", "out.sav", "--json").exit_code == 0
    assert of.datatile.read_file(tmp_path / "out.sav", frame="polars").frame["town"].to_list() == ["Åmål", "Bo"]


def test_a_failed_job_ends_with_1_an_unknown_one_with_3_a_refusal_with_2(run, box, tmp_path):
    """Each says why."""
    (tmp_path / "broken.sav").write_bytes(b"$FL2")
    assert run("upload", "broken.sav", box.datatile_folder).exit_code == 1
    box.faults("cut_after", on="POST /api/v2/upload/create")
    unknown = run("upload", "good.parquet", box.datatile_folder)
    assert (unknown.exit_code, "look into the folder" in unknown.stdout) == (3, True)
    refused = run("upload", "good.parquet", "nowhere")
    assert (refused.exit_code, "hash of a folder" in refused.stderr) == (2, True)


def test_a_job_can_be_asked_for_later(run, box):
    """By its id; nobody waiting for its end is no failure."""
    box.collector.pause()
    begun = run("upload", "good.parquet", box.datatile_folder, "--no-wait", "--json")
    assert (begun.exit_code, json.loads(begun.stdout)["outcome"]) == (0, "pending")
    box.collector.resume()
    ended = run("job", json.loads(begun.stdout)["job_id"], "--wait", "--json")
    assert (ended.exit_code, json.loads(ended.stdout)["outcome"]) == (0, "done")
