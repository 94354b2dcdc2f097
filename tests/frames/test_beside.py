"""A file that is written is whole, or the older one is as it was."""

import gc
import os
import resource
import signal
import stat
import warnings
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from occtoo_frames._cli.files import WRITERS, write
from occtoo_frames._frames.beside import beside, from_elsewhere
from occtoo_frames._read.changes import ReadCursor
from occtoo_frames.exceptions import FileMissingError, FileNotWrittenError

LONG = pl.DataFrame({"id": [f"{number:x}" for number in range(0, 2**33, 2**18)]})
CURSOR = ReadCursor("http://127.0.0.1/x", None, "2026-01-01T00:00:00Z", pl.DataFrame({"id": ["a"]}))


@contextmanager
def no_room(size: int = 4_000):
    """No file becomes longer than ``size``: the system refuses to write, as it does on a full disk."""
    with _no_room(size), warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # xlsxwriter forgets its own files then
        yield
        gc.collect()


@contextmanager
def _no_room(size):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.parametrize("ending", WRITERS)
def test_without_room_the_older_file_stays(tmp_path, ending):
    """And nothing lies beside it, whatever its format."""
    path = tmp_path / f"read{ending}"
    write(LONG.head(2), path)
    before = path.read_bytes()
    with no_room(), pytest.raises(FileNotWrittenError, match=f"read{ending} cannot be written: .*[Ff]ile too large"):
        write(LONG, path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_cursor_is_not_lost_for_a_newer_one(tmp_path):
    """It is the only copy of where a series of reads stands."""
    path = tmp_path / "cursor.parquet"
    CURSOR.save(path)
    before = path.read_bytes()
    with no_room(), pytest.raises(FileNotWrittenError, match=r"cursor\.parquet cannot be written"):
        ReadCursor(CURSOR.url, None, CURSOR.since, LONG).save(path)
    assert path.read_bytes() == before
    with pytest.raises(FileMissingError, match="there is no file"):
        ReadCursor.load(tmp_path / "none.parquet")


def test_what_is_interrupted_changes_nothing(tmp_path):
    """Whatever ends the writing."""
    path = tmp_path / "x"
    path.write_text("old")

    def interrupted():
        with beside(path) as part:
            part.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert (path.read_text(), [file.name for file in tmp_path.iterdir()]) == ("old", ["x"])


def test_links_and_permissions_stay(tmp_path):
    """What a link leads to is replaced, and is as open to others as it was."""
    path, link = tmp_path / "x", tmp_path / "link"
    path.touch(mode=0o600)
    link.symlink_to(path)
    with beside(link) as part:
        part.write_text("new")
    assert (link.is_symlink(), path.read_text(), stat.S_IMODE(path.stat().st_mode)) == (True, "new", 0o600)


@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [
        ("none/x", FileMissingError, "there is no folder for the file: '.*none/x'"),
        ("x" * 300, FileNotWrittenError, "x cannot be written: File name too long"),
        (".", FileNotWrittenError, "cannot be written: Is a directory"),
    ],
)
def test_where_no_file_can_be_is_said(tmp_path, path, kind, words):
    """By the path that was given."""
    with pytest.raises(kind, match=words), beside(tmp_path / path) as part:
        part.write_text("new")


def test_what_is_no_file_is_written_to():
    """A device is not replaced."""
    with beside("/dev/null") as part:
        part.write_text("new")
    assert not Path("/dev/null").is_file()


def test_a_pipe_is_written_to_by_any_of_its_names():
    """What its link leads to is the name of no file."""
    ours, theirs = os.pipe()
    with beside(f"/dev/fd/{theirs}") as part:
        part.write_text("new")
    assert os.read(ours, 9) == b"new"
    os.close(ours)
    os.close(theirs)


def test_a_failure_of_what_is_written_is_no_failure_of_the_file(tmp_path):
    """It is told as what it is, and the older file stays."""
    path = tmp_path / "x"
    path.write_text("old")
    error = FileNotFoundError(2, "No such file or directory", "lookup.json")

    def parts():
        yield "half"
        raise error

    with pytest.raises(FileNotFoundError) as told, beside(path) as part:  # noqa: PT012 - the loop is what fails
        for text in from_elsewhere(parts()):
            part.write_text(text)
    assert told.value is error
    assert (path.read_text(), [file.name for file in tmp_path.iterdir()]) == ("old", ["x"])


def test_a_file_that_may_not_be_written_to_is_not_replaced(tmp_path, monkeypatch):
    """Nor one in a folder that takes no new file; both are said."""
    path = tmp_path / "x"
    path.write_text("old")
    refused = PermissionError(13, "Permission denied")
    for name, words in [("open", "x cannot be written: Permission"), ("touch", "no file can be made in its folder")]:
        with monkeypatch.context() as patch:
            patch.setattr(Path, name, lambda *_: (_ for _ in ()).throw(refused))
            with pytest.raises(FileNotWrittenError, match=words), beside(path):
                pass
    assert path.read_text() == "old"
