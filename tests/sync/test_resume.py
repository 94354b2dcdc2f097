"""Pushes that were interrupted at any moment and go on: nothing lost, nothing skipped that should not be."""

import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing

import polars as pl
import pytest
from sync_source import (
    ORIGIN,
    REFUSED,
    RESET,
    SIZE,
    Source,
    answer,
    connection_to,
    expected,
    planned,
    push_and_die,
    table,
)

import occtoo_frames as of
from occtoo_frames._push import plan as plan_module
from occtoo_frames._sync import store as store_module
from occtoo_frames._sync.place import Owner
from occtoo_frames._sync.store import Store

FRAME = table()
BATCHES = -(-FRAME.height // SIZE)
CONCURRENCY = 2
WINDOW = CONCURRENCY + 1
OWNER = (ORIGIN, "p", "products")
HOLD = """
import pathlib, sys
from occtoo_frames._sync.lock import Lock
lock = Lock(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def push(connection):
    """Pushes a table."""

    def run(frame=FRAME, **options):
        return planned(frame).push("products", connection=connection, concurrency=CONCURRENCY, **options)

    return run


@pytest.fixture
def journal(tmp_path):
    """The path of the journal."""
    return Owner(*OWNER).path(str(tmp_path))


def interrupt(source, push, at=5):
    """Pushes until the source is gone from import number ``at`` on."""
    source.fail(REFUSED, after=at)
    with pytest.raises(of.PushInterruptedError) as caught:
        push()
    source.heal()
    return caught.value.report


@pytest.mark.parametrize("odd", [{"concurrency": 0}, {"concurrency": True}, {"source": ""}, {"correlation_id": "mine"}])
def test_a_run_that_never_began_leaves_what_was_interrupted(source, connection, push, odd):
    """A wrong option is refused before the journal is begun anew."""
    interrupt(source, push)
    with pytest.raises(of.ConfigurationError):
        planned(FRAME).push(**{"source": "products", "connection": connection} | odd)
    report = push(resume=True)
    assert report.ok
    assert report.requests < BATCHES


def test_a_push_goes_on_where_it_was_interrupted(source, push):
    """What was accepted is not sent again and counts as accepted, with its request's id."""
    report = interrupt(source, push)
    assert report.counts["accepted"] == 5 * SIZE
    before = len(source.imports)
    resumed = push(resume=True)
    assert source.entries == expected(FRAME)
    assert resumed.counts["accepted"] == FRAME.height
    assert len(source.imports) - before == BATCHES - 5
    assert resumed.requests == BATCHES - 5
    assert resumed.rows["request_id"].null_count() == 0


def test_without_resume_everything_is_sent_again(source, push):
    """And that is a push of its own, which can be resumed."""
    interrupt(source, push)
    before = len(source.imports)
    assert push().ok
    assert len(source.imports) - before == BATCHES


def test_resuming_without_an_earlier_push_begins_at_the_start(source, push):
    """As if it were not asked for."""
    assert push(resume=True).counts["accepted"] == FRAME.height
    assert source.entries == expected(FRAME)


def test_a_push_that_was_completed_is_not_sent_again(source, push):
    """Its process may have died before anybody heard of it; other tables are pushed from the start."""
    push()
    before = len(source.imports)
    assert push(resume=True).counts["accepted"] == FRAME.height
    assert len(source.imports) == before
    other = FRAME.with_columns(price=pl.col("price") + 1)
    assert push(other, resume=True).counts["accepted"] == FRAME.height
    assert len(source.imports) == before + BATCHES
    assert source.entries == expected(other)


def test_rejected_rows_stay_rejected(source, push):
    """The batch of a refused row has its fate: it is not tried again, and its row says why."""
    source.fail(answer(400, {"errors": [{"message": "no s9"}]}), key="s9")
    first = push()
    assert first.counts["rejected"] == 1
    again = push(resume=True)
    assert again.requests == 0
    (row,) = again.rows.filter(pl.col("outcome") == "rejected").to_dicts()
    assert (row["key"], row["reason"]) == ("s9", "no s9")


def changed(frame):
    """The table with one value of the same length changed in an early batch."""
    return frame.with_columns(name_en=pl.col("name_en").str.replace("Chair 3$", "Chair 7"))


@pytest.mark.parametrize("other", [changed(FRAME), FRAME.head(30), FRAME.rename({"price": "prise"})])
def test_a_journal_of_another_plan_is_refused_untouched(source, push, journal, other):
    """With words, before anything is sent, even if only one value differs and not its length."""
    interrupt(source, push)
    before, sent = journal.read_bytes(), len(source.imports)
    with pytest.raises(of.PlanError, match=r"another plan.*5 of 11 batches.*resume=True"):
        push(other, resume=True)
    assert (journal.read_bytes(), len(source.imports)) == (before, sent)
    assert push(resume=True).ok


def test_a_journal_of_a_newer_version_is_refused_untouched(source, push, journal):
    """Whether it is asked for or not: the snapshot in it must not go stale."""
    push()
    with sqlite3.connect(journal) as db:
        db.execute(f"PRAGMA user_version = {store_module.FORMAT + 1}")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    before, sent = journal.read_bytes(), len(source.imports)
    for options in ({}, {"resume": True}, {"changed_only": True}, {"dry_run": True}):
        with pytest.raises(of.ConfigurationError, match="newer version"):
            push(**options)
    assert (journal.read_bytes(), len(source.imports)) == (before, sent)


@pytest.mark.parametrize("damage", ["no database", "cut", "scribbled", "empty"])
def test_a_damaged_journal_is_refused_untouched(source, push, journal, damage, connection):
    """With words that say how to begin anew; that works."""
    push()
    whole = journal.read_bytes()
    broken = {
        "no database": b"what is this?" * 1000,
        "cut": whole[: len(whole) // 2],
        "scribbled": whole[:4096] + bytes(len(whole) - 4096),
        "empty": b"",
    }[damage]
    journal.write_bytes(broken)
    sent = len(source.imports)
    for options in ({}, {"resume": True}, {"changed_only": True}):
        with pytest.raises(of.ConfigurationError, match=r"cannot be (opened|read).*of\.forget"):
            push(**options)
    assert (journal.read_bytes(), len(source.imports)) == (broken, sent)
    assert of.forget("products", connection=connection)
    assert push(resume=True).counts["accepted"] == FRAME.height


@pytest.mark.parametrize("together", [1, 3, BATCHES])
def test_a_process_killed_at_any_write_of_the_journal_loses_nothing(tmp_path, monkeypatch, together):
    """At every single write: the next push goes on, the source ends as without it, and only a window is sent twice."""
    monkeypatch.setattr(plan_module, "slice_rows", lambda _: SIZE * together)
    writes = 0
    while True:
        source, home = Source(), tmp_path / str(writes)

        def push(source=source, home=home, **options):
            connection = connection_to(source, home)
            return planned(FRAME).push("products", connection=connection, concurrency=CONCURRENCY, **options)

        died = push_and_die(monkeypatch, writes, push)
        report = push(resume=True)
        assert report.counts["accepted"] == FRAME.height
        assert source.entries == expected(FRAME)
        assert len(source.imports) <= BATCHES + WINDOW
        if not died:
            break
        writes += 1
    assert writes > BATCHES / together


@pytest.mark.parametrize("together", [1, 3, BATCHES])
def test_at_every_moment_only_a_window_would_be_sent_twice(source, push, journal, monkeypatch, together):
    """Whatever is sent was written down before, and no more than a window of it is without a durable fate."""
    monkeypatch.setattr(plan_module, "slice_rows", lambda _: SIZE * together)
    seen, answered = [], source.send

    def send(request, *, timeout_s):
        if not request.url.endswith("/tokens"):
            with lock, closing(sqlite3.connect(f"{journal.as_uri()}?mode=ro", uri=True)) as db:
                begun, durable = db.execute("SELECT count(*), count(marks) FROM batch").fetchone()
                seen.append((begun, durable, len(seen) + 1))
        return answered(request, timeout_s=timeout_s)

    lock = threading.Lock()
    monkeypatch.setattr(source, "send", send)
    assert push(table(200)).ok
    assert len(seen) == 50
    assert all(durable + WINDOW >= sent and begun >= sent for begun, durable, sent in seen)


def test_a_full_disk_at_any_page_is_told_and_can_be_mended(tmp_path, monkeypatch):
    """A push that needs its journal ends with words and a report, and goes on once there is room."""
    pages, told = 8, 0
    frame = table(400)
    while True:
        source, home = Source(), tmp_path / str(pages)
        connection = connection_to(source, home)
        with monkeypatch.context() as patch:
            patch.setattr(store_module, "MOST_PAGES", pages)
            try:
                report = planned(frame).push("products", connection=connection, resume=True)
            except (of.ConfigurationError, of.PushInterruptedError) as error:
                assert "full" in str(error)  # noqa: PT017 - both kinds are fine
                told += 1
                report = None
        again = planned(frame).push("products", connection=connection, resume=True)
        assert again.counts["accepted"] == frame.height
        assert source.entries == expected(frame)
        if report is not None:
            break
        pages += 3
    assert told >= 3


def test_a_log_cut_at_any_frame_is_a_journal_of_less(source, push, journal, tmp_path):
    """What a power failure leaves of the newest writes is an older journal, never a wrong one."""
    copy = tmp_path / "copy"
    copy.mkdir()
    kept = Store.close

    def close(self):
        for part in (journal, journal.with_name(journal.name + "-wal")):
            shutil.copy(part, copy / part.name)
        kept(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "close", close)
        interrupt(source, push, at=7)
    held = dict(source.entries)
    log = (copy / (journal.name + "-wal")).read_bytes()
    frame = 4096 + 24
    frames = (len(log) - 32) // frame
    assert frames > 10
    for count in range(0, frames + 1, 1 + frames // 25):
        shutil.copy(copy / journal.name, journal)
        journal.with_name(journal.name + "-wal").write_bytes(log[: 32 + count * frame + count % 2 * 100])
        source.entries, source.imports = dict(held), []
        report = push(resume=True)
        assert sum(report.counts.values()) == report.counts["accepted"] == FRAME.height
        assert source.entries == expected(FRAME)


def test_who_holds_the_journal_is_told(source, push, journal, connection):
    """The second of two processes is refused with the first one's number; nothing of it is sent."""
    push()
    sent = len(source.imports)
    code = (
        "import sys, time, pathlib; from occtoo_frames._sync.lock import Lock; lock = Lock(pathlib.Path(sys.argv[1]));\
            print('held', flush=True); sys.stdin.read()"
    )
    words = [sys.executable, "-c", code, f"{journal}.lock"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:  # noqa: S603 - our own code
        assert holder.stdout.readline() == "held\n"
        for options in ({"resume": True}, {"changed_only": True}, {"mirror": True}):
            with pytest.raises(of.ConfigurationError, match=f"held by process {holder.pid} "):
                push(**options)
        with pytest.raises(of.ConfigurationError, match="held by process"):
            of.forget("products", connection=connection)
        holder.kill()
    assert len(source.imports) == sent
    assert push(resume=True).ok


def test_a_push_beside_another_one_leaves_no_lie(source, push, journal):
    """It has no journal, and what it sent is in doubt for both."""
    push()
    other = FRAME.with_columns(price=pl.col("price") + 1).head(8)
    with Store(journal, OWNER):
        assert push(other).counts["accepted"] == 8
    report = push(changed_only=True)
    assert (report.counts["accepted"], report.counts["unchanged"]) == (8, FRAME.height - 8)
    assert source.entries == expected(FRAME)


def test_nobody_else_may_read_the_journal(push, journal):
    """Neither the file nor its folder."""
    push()
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.with_name(journal.name + ".lock").stat().st_mode) == 0o600


def test_a_push_needs_no_place_for_a_journal(source, tmp_path, caplog):
    """Where none can be made it goes on without, and says so; asked to resume, it refuses."""
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    connection = connection_to(source, blocked / "state")
    assert planned(FRAME).push("products", connection=connection).ok
    assert "cannot be resumed" in caplog.text
    with pytest.raises(of.ConfigurationError, match="cannot be opened"):
        planned(FRAME).push("products", connection=connection, resume=True)


@pytest.mark.parametrize(
    "owner", [("https://other.test", "p", "products"), (ORIGIN, "q", "products"), (ORIGIN, "p", "s")]
)
def test_another_tenants_journal_is_another_file(owner, tmp_path):
    """Origin, data provider and source each make a difference; the spelling of the origin does not."""
    assert Owner(*owner).path(str(tmp_path)) != Owner(*OWNER).path(str(tmp_path))
    assert Owner(f"{ORIGIN.upper()}/", *OWNER[1:]).path(None) == Owner(*OWNER).path(None)


def test_a_sandbox_without_a_path_keeps_nothing():
    """Its journals go with it."""
    with of.sandbox() as box:
        box.add_source("s")
        assert of.push(FRAME, "s", "sku").ok
        path = Owner(box.url, box.connection.provider_id, "s").path(box.connection.state_dir)
        assert path.exists()
    assert not path.parent.exists()


def test_what_nobody_could_tell_stays_in_doubt_however_often_it_is_resumed(source, tmp_path, monkeypatch):
    """A batch that is begun again and then not sent does not take the doubt of its first attempt away."""
    monkeypatch.setattr("occtoo_frames._sync.journal.FEW_CELLS", 0)
    connection = connection_to(source, tmp_path, retry=of.RetryPolicy(attempts=1))

    def push(frame, **options):
        return planned(frame).push("products", connection=connection, concurrency=CONCURRENCY, **options)

    push(FRAME)
    other = FRAME.with_columns(price=pl.col("price") + 1)
    source.fail(RESET, after=BATCHES, stored=True)
    with pytest.raises(of.PushInterruptedError):
        push(other)
    source.fail(REFUSED)
    for _ in range(2):
        with pytest.raises(of.PushInterruptedError):
            push(other, resume=True)
    source.heal()
    push(FRAME, changed_only=True)
    assert source.entries == expected(FRAME)
