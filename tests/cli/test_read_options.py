"""A csv whose separator cannot be found, and a second sheet: said to every command that reads a table's file."""

import shlex
from pathlib import Path

import pytest
import xlsxwriter

from occtoo_frames_command.commands import app, loaded

OPTIONS = {"csv_separator", "csv_encoding", "sheet", "sheet_number"}


def at_tildes(folder: Path) -> tuple[str, ...]:
    """A csv of two rows with its columns at tildes, and how that is said."""
    (folder / "tildes.csv").write_text("sku~n\na~1\nb~2\n")
    return str(folder / "tildes.csv"), "--csv-separator", "~"


def on_the_second_sheet(folder: Path) -> tuple[str, ...]:
    """The same rows in a workbook that begins with notes, and how that is said."""
    with xlsxwriter.Workbook(folder / "book.xlsx") as made:
        made.add_worksheet("notes").write_column(0, 0, ["said", "nothing"])
        sheet = made.add_worksheet("table")
        for row, cells in enumerate([["sku", "n"], ["a", 1], ["b", 2]]):
            sheet.write_row(row, 0, cells)
    return str(folder / "book.xlsx"), "--sheet", "table"


@pytest.fixture(params=[at_tildes, on_the_second_sheet])
def told(request, tmp_path):
    """A file, and the words that say where its columns are."""
    return request.param(tmp_path)


def commands():
    """Every command with its words."""
    for name in (command.name for command in app.registered_commands):
        command = loaded(name)
        below = getattr(command, "commands", {"": command})
        yield from (((name, word), one) for word, one in below.items())


def test_every_command_that_reads_a_tables_file_is_told_how():
    """One without the options could not follow the advice of its own errors."""
    reads, takes = set(), set()
    for words, command in commands():
        told = [getattr(param, "help", None) or "" for param in command.params if param.param_type_name == "argument"]
        reads |= {words} if any(".csv" in help_ and "to write" not in help_ for help_ in told) else set()
        takes |= {words} if {param.name for param in command.params} >= OPTIONS else set()
    assert {("push", ""), ("carecloud", "import")} <= reads == takes


def test_carecloud_takes_the_columns_that_were_meant(run, box, told, tmp_path):
    """Written or imported."""
    file, *how = told
    words = (file, "--entity", "note", "--key", "sku", "--json")
    assert run("carecloud", "import", *words).code == 2
    assert run("carecloud", "write", *words, tmp_path / "o.cc5txt", *how).document["counts"]["upserts"] == 2
    assert run("carecloud", "import", *words, *how).document["counts"]["accepted"] == 2


def test_datatile_takes_the_columns_that_were_meant(run, box, told, tmp_path):
    """Checked, written, or uploaded as the table that is read in this way."""
    file, *how = told
    assert run("datatile", "check", file, *how).code == 0
    assert run("datatile", "write", file, tmp_path / "o.sav", *how, "--json").document["rows"] == 2
    uploaded = run("datatile", "upload", file, box.datatile_folder, *how, "--json").document
    assert box.collector.dataset(uploaded["database"]).frame.columns == ["sku", "n"]


def test_media_are_found_in_the_column_that_was_meant(run, box, told):
    """The files that it names are not there, which is another matter."""
    file, *how = told
    words = ("media", "push", file, "--path", "sku")
    assert "ColumnNotFoundError" in run(*words).err
    assert "ColumnNotFoundError" not in run(*words, *how).err


def test_a_demo_takes_the_columns_that_were_meant_and_says_it_again(run, told):
    """In the command that brings the sandbox back."""
    file, *how = told
    ended = run("demo", file, "--key", "sku", *how)
    assert ended.code == 0
    assert "0 differences" in ended.out
    said = " ".join(ended.out.split("To bring it back:")[1].replace("│", " ").split())
    assert f"--key sku {shlex.join(how)} --keep" in said
