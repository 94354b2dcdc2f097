"""Who holds a lock is told to those who come too late, also in the instant in which it is taken."""

import os
import signal
import time
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest

from occtoo_frames._sync import lock as lock_module
from occtoo_frames._sync.lock import HeldError, Lock

fcntl = pytest.importorskip("fcntl")


def test_a_holder_without_a_name_is_not_given_one(tmp_path):
    """On a full disk it has none; it may be a thread of this very process."""
    path = tmp_path / "lock"
    with path.open("w") as taken:
        fcntl.flock(taken, fcntl.LOCK_EX)
        with pytest.raises(HeldError, match=r"^held by another process or thread$"):
            Lock(path)


@pytest.mark.filterwarnings("ignore:.*fork")
def test_a_process_forked_while_a_lock_is_taken_keeps_nobody_waiting(tmp_path, monkeypatch):
    """It has inherited what the turn to take one is kept by."""
    children = []

    def fork_first():
        child = os.fork()
        if not child:
            time.sleep(60)
            os._exit(0)
        children.append(child)
        return "who"

    monkeypatch.setattr(lock_module, "_who", fork_first)
    with Lock(tmp_path / "one"):
        monkeypatch.undo()
        with Lock(tmp_path / "two"), pytest.raises(HeldError, match=r"^held by who$"):
            Lock(tmp_path / "one")
    os.kill(children[0], signal.SIGKILL)
    os.waitpid(children[0], 0)


def test_a_turn_that_does_not_end_keeps_nobody_waiting(tmp_path):
    """Its process may have been stopped in it; others are still told who holds what."""
    stopped = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(stopped, fcntl.LOCK_EX)
    try:
        with Lock(tmp_path / "one"), pytest.raises(HeldError, match=rf"^held by process {os.getpid()} "):
            Lock(tmp_path / "one")
    finally:
        os.close(stopped)


def test_who_waits_for_a_turn_leaves_the_processor_to_others(tmp_path, monkeypatch):
    """He asks now and then, and not a hundred thousand times a second."""
    asked, real = [], fcntl.flock

    def flock(file, how):
        asked.append(how)
        real(file, how)

    stopped = os.open(tmp_path, os.O_RDONLY)
    real(stopped, fcntl.LOCK_EX)
    try:
        monkeypatch.setattr(fcntl, "flock", flock)
        Lock(tmp_path / "one").release()
    finally:
        os.close(stopped)
    assert len(asked) < 250


def test_an_interrupt_in_the_wait_for_a_turn_leaves_nothing_behind(tmp_path, monkeypatch):
    """Neither a file that stays open nor a turn that nobody else gets."""
    stopped, before = os.open(tmp_path, os.O_RDONLY), len(list(Path("/dev/fd").iterdir()))
    fcntl.flock(stopped, fcntl.LOCK_EX)

    class Interrupted(Event):
        def wait(self, _seconds):
            raise KeyboardInterrupt

    monkeypatch.setattr(lock_module, "Event", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        Lock(tmp_path / "one")
    assert len(list(Path("/dev/fd").iterdir())) == before
    os.close(stopped)
    turn = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(turn)


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
