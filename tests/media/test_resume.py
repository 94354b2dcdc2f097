"""A process that was killed: the next one goes on with its files."""

import os
import signal
import subprocess
import sys
import time

import polars as pl
import pytest
from media_box import digest_at, digest_of

import occtoo_frames as of
from occtoo_frames._api.media_journal import Journal

_CHILD = """
import sys, polars as pl, occtoo_frames as of
frame = pl.DataFrame({"id": sys.argv[1::2], "file": sys.argv[2::2]})
of.push_media(frame, path="file", unique_identifier="id", progress=False, concurrency=2)
"""
_PATCH = "PATCH /media/uploads/files/{fileId}"


@pytest.fixture
def state(tmp_path, monkeypatch):
    """A state folder of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "occtoo-frames" / "media"


def _child(box: of.Sandbox, frame: pl.DataFrame) -> subprocess.Popen:
    """Another process that pushes the frame's files."""
    said = {
        "OCCTOO_PROVIDER_ID": box.connection.provider_id,
        "OCCTOO_PROVIDER_SECRET": box.connection.provider_secret.reveal(),
        "OCCTOO_INGEST_URL": box.url,
    }
    words = [word for row in frame.rows() for word in row]
    return subprocess.Popen([sys.executable, "-c", _CHILD, *words], env={**os.environ, **said})  # noqa: S603 - our own code


def _until(child: subprocess.Popen, there) -> None:
    for _ in range(1500):
        if there() or child.poll() is not None:
            return
        time.sleep(0.02)
    raise TimeoutError


def test_a_killed_process_resumes_its_files(box, state, tmp_path, name):
    """What the platform has is not sent again; every byte is there once, under one identifier."""
    content = os.urandom(9_000_000)
    (tmp_path / "a.bin").write_bytes(content)
    frame = pl.DataFrame({"id": [name()], "file": [str(tmp_path / "a.bin")]})
    box.faults("slow", on="PATCH", after=1, delay_s=600)
    seen = box.requests_seen[_PATCH]
    child = _child(box, frame)
    try:
        _until(child, lambda: box.requests_seen[_PATCH] >= seen + 2)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert len(list(state.glob("*.json"))) == 1
    box.clear_faults()
    begun = box.requests_seen["POST /media/uploads/files"]
    report = of.push_media(frame, path="file", unique_identifier="id")
    assert report.counts["uploaded"] == 1
    assert report.bytes_sent < 6_000_000
    assert box.requests_seen["POST /media/uploads/files"] == begun
    assert digest_at(report.row_table["public_url"].item()) == digest_of(content)
    assert list(state.iterdir()) == []


def test_other_bytes_are_another_upload(box, state, tmp_path, name):
    """A file that was changed after the kill is not put behind what was sent of the old one."""
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * 5_000_000)
    frame = pl.DataFrame({"file": [str(path)]})
    box.faults("status", on="PATCH", after=1, times=None, status=400)
    assert of.push_media(frame, path="file").counts["failed"] == 1
    assert len(list(state.iterdir())) == 1
    box.clear_faults()
    path.write_bytes(b"y" * 5_000_000)
    report = of.push_media(frame, path="file")
    assert digest_at(report.row_table["public_url"].item()) == digest_of(b"y" * 5_000_000)


def test_a_slip_is_private_and_survives_nonsense(tmp_path):
    """Only its owner reads it; a damaged one is an upload from the start, a full disk costs nothing but that."""
    slip = Journal("https://i", "p", tmp_path).slip("id", "a.png")
    assert slip.recall() is None
    slip.note("f1")
    (path,) = tmp_path.iterdir()
    assert path.stat().st_mode & 0o077 == 0
    assert Journal("https://i", "p", tmp_path).slip("id", "a.png").recall() == "f1"
    for nonsense in ("", "{", "[]", '{"file_id": 5}', "\0"):
        path.write_text(nonsense)
        assert slip.recall() is None
    slip.forget()
    slip.forget()
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    Journal("https://i", "p", blocked).slip("id").note("f1")


@pytest.mark.parametrize("owner", [("https://j", "p"), ("https://i", "q")])
def test_a_slip_is_of_one_platform_and_one_provider(tmp_path, owner):
    """Nobody goes on with the upload of another tenant."""
    Journal("https://i", "p", tmp_path).slip("id").note("f1")
    assert Journal(*owner, tmp_path).slip("id").recall() is None


def test_old_slips_go(tmp_path):
    """After two weeks the platform has forgotten, too."""
    Journal("https://i", "p", tmp_path).slip("id").note("f1")
    (path,) = tmp_path.iterdir()
    os.utime(path, (0, 0))
    Journal("https://i", "p", tmp_path)
    assert not path.exists()


@pytest.mark.soak
def test_kills_at_any_moment_lose_nothing(box, state, tmp_path, name):
    """Twenty kills while twelve files go up; then one run ends them all, each file once."""
    contents = {name(): os.urandom(200_000 + 700_000 * number) for number in range(12)}
    for key, content in contents.items():
        (tmp_path / key).write_bytes(content)
    frame = pl.DataFrame({"id": list(contents), "file": [str(tmp_path / key) for key in contents]})
    box.faults("slow", on="/media/uploads/files", times=None, probability=0.5, delay_s=0.2)
    for kill in range(20):
        child = _child(box, frame)
        seen = sum(box.requests_seen.values())
        _until(child, lambda seen=seen, kill=kill: sum(box.requests_seen.values()) > seen + 2 + kill % 7)
        child.kill()
        child.wait()
    box.clear_faults()
    report = of.push_media(frame, path="file", unique_identifier="id")
    assert report.ok, report.rows
    found = dict(of.read_media(list(contents), frame="polars").select("unique_identifier", "public_url").iter_rows())
    assert {key: digest_at(found[key]) for key in contents} == {key: digest_of(it) for key, it in contents.items()}
