"""The options of reliable pushes on the command line."""

import json

import pytest
from sync_source import table
from typer.testing import CliRunner

import occtoo_frames as of
from occtoo_frames_command.commands import app

PUSH = ("push", "--key", "sku", "--auto", "--json")


@pytest.fixture
def run(tmp_path):
    """Runs a command on a table; gives its exit code and its document."""
    with of.sandbox() as box:
        box.add_source("products")

        def runs(frame, *words):
            path = tmp_path / "products.parquet"
            frame.write_parquet(path)
            ended = CliRunner().invoke(app, [*words, str(path), "products"])
            return ended.exit_code, json.loads(ended.stdout)

        runs.box = box
        yield runs


def test_changes_and_mirrors_and_dry_runs_have_options(run):
    """With the exit codes of any push."""
    frame = table(30)
    code, said = run(frame, *PUSH, "--dry-run")
    assert (code, said["dry_run"], said["counts"]["creates"]) == (0, True, 30)
    assert not any("/import/" in route for route in run.box.requests_seen)
    assert run(frame, *PUSH, "--resume")[1]["counts"]["accepted"] == 30
    code, said = run(frame.tail(29), *PUSH, "--changed-only", "--mirror")
    assert (code, said["counts"]["unchanged"], said["counts"]["deleted"]) == (0, 29, 1)
    code, said = run(frame.tail(9), *PUSH, "--mirror", "--max-delete", "0.5")
    assert (code, said["error"]) == (2, "PlanError")


def test_a_deletion_can_be_tried_first(run):
    """It asks nothing and deletes nothing."""
    run(table(3), *PUSH)
    code, said = run(table(3), "delete", "--key", "sku", "--json", "--dry-run")
    assert (code, said["counts"]["deletes"]) == (0, 3)
    run.box.settle()
    assert len(run.box.entries("products")) == 3
