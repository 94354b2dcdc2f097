"""Who holds a lock is told to those who come too late, also in the instant in which it is taken."""

import os
from threading import Barrier, Thread

import pytest

from occtoo_frames._sync import lock as lock_module
from occtoo_frames._sync.lock import HeldError, Lock

fcntl = pytest.importorskip("fcntl")


def test_who_has_just_taken_it_is_told(tmp_path, monkeypatch):
    """Its name is written after the lock is taken, over that of the holder before."""
    path = tmp_path / "lock"
    path.write_text("\nprocess 1 (before)")
    steps = iter([lambda: path.write_text(""), lambda: path.write_text("\nprocess 2 (now)"), lambda: None])
    monkeypatch.setattr(lock_module, "sleep", lambda _: next(steps)())
    with path.open("r+") as taken:
        fcntl.flock(taken, fcntl.LOCK_EX)
        with pytest.raises(HeldError, match=r"^held by process 2 \(now\)$"):
            Lock(path)


def test_a_holder_without_a_name_is_not_waited_for_long(tmp_path, monkeypatch):
    """On a full disk it has none; it may be a thread of this very process."""
    path, waits = tmp_path / "lock", []
    monkeypatch.setattr(lock_module, "sleep", waits.append)
    with path.open("w") as taken:
        fcntl.flock(taken, fcntl.LOCK_EX)
        with pytest.raises(HeldError, match=r"^held by another process or thread$"):
            Lock(path)
    assert 0 < sum(waits) < 1


def test_threads_that_begin_together_are_told_who_was_first(tmp_path):
    """One has it, the others hear the number of this process."""
    told: list[str] = []

    def take(barrier, held):
        barrier.wait()
        try:
            held.append(Lock(tmp_path / "lock"))
        except HeldError as error:
            told.append(str(error))

    for _ in range(10):
        held: list[Lock] = []
        barrier = Barrier(4)
        threads = [Thread(target=take, args=(barrier, held)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (one,) = held
        one.release()
    assert len(told) == 30
    assert {words.partition(" (")[0] for words in told} == {f"held by process {os.getpid()}"}
