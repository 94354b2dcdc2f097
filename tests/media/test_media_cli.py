"""``occtoo-frames media``: push, read and delete from a terminal."""

import json

import polars as pl
import pytest
from typer.testing import CliRunner

import occtoo_frames as of
from occtoo_frames_command.commands import app


@pytest.fixture
def run(box):
    """Runs ``occtoo-frames media`` with the given words against the sandbox."""

    def runs(*words: object, **more: object):
        ended = CliRunner().invoke(app, ["media", *(str(word) for word in words)], **more)
        if ended.exception is not None and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        return ended

    return runs


@pytest.fixture
def table(links, tmp_path):
    """The links as a csv file."""
    links.write_csv(tmp_path / "links.csv")
    return tmp_path / "links.csv"


def test_links_of_a_file_are_pushed(run, table, links, tmp_path):
    """The state of each is shown, and written where asked."""
    ended = run("push", table, "--link", "image", "--identifier", "sku", "--out", tmp_path / "out.csv")
    assert ended.exit_code == 0, ended.output
    assert "2 uploaded" in ended.stdout
    assert pl.read_csv(tmp_path / "out.csv")["unique_identifier"].to_list() == links["sku"].to_list()


def test_programs_get_one_document(run, table):
    """With the row of each file."""
    document = json.loads(run("push", table, "--link", "image", "--identifier", "sku", "--json").stdout)
    assert document["counts"]["uploaded"] == 2
    assert [row["state"] for row in document["rows"]] == ["uploaded", "uploaded"]


def test_a_dead_link_ends_with_1(run, web, tmp_path):
    """The reason is shown."""
    pl.DataFrame({"image": [f"{web}/none.png"]}).write_csv(tmp_path / "dead.csv")
    ended = run("push", tmp_path / "dead.csv", "--link", "image")
    assert ended.exit_code == 1
    assert "answered 404" in " ".join(ended.stdout.split())


def test_a_problem_ends_with_1_and_usage_with_2(run, tmp_path):
    """Nothing is sent."""
    pl.DataFrame({"image": ["ftp://x"]}).write_csv(tmp_path / "bad.csv")
    assert run("push", tmp_path / "bad.csv", "--link", "image").exit_code == 1
    assert run("push", tmp_path / "bad.csv").exit_code == 2
    assert run("push", tmp_path / "bad.csv", "--link", "no").exit_code == 2


def test_files_are_read_and_deleted(run, links):
    """By identifier and id; a deletion asks first."""
    ids = of.push_media(links, link="image", unique_identifier="sku").row_table["file_id"].to_list()
    assert "ready" in run("read", "--identifier", links["sku"][0], "--id", ids[1]).stdout
    document = json.loads(run("read", "--identifier", "nobody", "--json").stdout)
    assert document["rows"][0]["state"] == "missing"
    assert run("delete", *ids, input="n\n").exit_code == 3
    assert run("delete", *ids, "--json", input="y\n").exit_code == 2
    assert json.loads(run("delete", *ids, "--yes", "--json").stdout)["counts"]["deleted"] == 2
