import json
import random
import sqlite3

import pytest
from polars.testing import assert_frame_equal

from occtoo_frames._sandbox import store as room
from occtoo_frames._sandbox.snapshot import CHANGED, KEY, Snapshots
from occtoo_frames._sandbox.store import Store
from occtoo_frames._sandbox.store_inbox import Arrival, put, take

VALUES = ["", "7", "1.5", "true", "2024-02-29", 'a "quoted"\nline', "å", "long enough to be no part of a view"]


@pytest.fixture
def store(tmp_path, monkeypatch):
    """One whose entries are read in pieces of seven."""
    monkeypatch.setattr(room, "_PIECE", 7)
    opened = Store(tmp_path / "box.sqlite", durable=False)
    yield opened
    opened.close()


def fold(store, source, entries, moment):
    """The changes that these entries made; None deletes one."""
    columns = dict.fromkeys(column for document in entries.values() for column in document or ())
    put(store, [Arrival(source, json.dumps(list(entries.items())), tuple(columns))])
    return take(store, 16, moment)


def some(chance, columns):
    """Entries that come, change and go."""
    keys = chance.sample([f"k-{number}" for number in range(60)], chance.randint(1, 25))
    return {
        key: None
        if chance.random() < 0.25
        else {column: chance.choice(VALUES) for column in columns if chance.random() < 0.5}
        for key in keys
    }


@pytest.mark.parametrize("seed", range(8))
def test_an_amended_snapshot_is_what_a_new_one_would_be(store, seed):
    """Whatever came, changed and went, amending gives what reading everything anew gives."""
    chance = random.Random(seed)  # noqa: S311 - the same at each run
    source, amended = store.add_source("s"), Snapshots(store)
    for moment in range(20):
        columns = ["a", "b", "c:en", "c:sv", "d", "e"][: 1 + moment // 3]
        for change in fold(store, source, some(chance, columns), moment):
            amended.mark(change)
        held, whole = amended.of(source), Snapshots(store).of(source)
        assert_frame_equal(held.frame, whole.frame)
        assert held.frame[KEY].to_list() == sorted(set(held.frame[KEY].to_list()))


def test_entries_that_only_change_keep_their_rows(store):
    """Where no key comes or goes, only columns and rows that changed are others."""
    source, amended = store.add_source("s"), Snapshots(store)
    fold(store, source, {f"k-{number:02}": {"a": "1", "b": "x"} for number in range(30)}, 1)
    before = amended.of(source).frame
    for change in fold(store, source, {"k-03": {"b": "y"}, "k-29": {"b": "x"}, "k-11": {"b": "z"}}, 2):
        amended.mark(change)
    after = amended.of(source).frame
    assert after.with_columns(before["b"], before[CHANGED]).equals(before)
    assert after.filter(after["b"] != "x").select(KEY, "b", CHANGED).rows() == [("k-03", "y", 2), ("k-11", "z", 2)]


def test_entries_of_no_columns_have_rows(store):
    """An entry without a value is one."""
    source = store.add_source("s")
    assert Snapshots(store).of(source).frame.shape == (0, 2)
    fold(store, source, {"b": {}, "a": {}}, 1)
    assert Snapshots(store).of(source).frame.rows() == [("a", 1), ("b", 1)]


def test_entries_that_are_longer_together_than_a_text_may_be_are_read(store, monkeypatch):
    """Entries too long to be joined by the database are read one by one."""
    source = store.add_source("s")
    entries = {f"k-{number}": {"text": f"{number}" * 500} for number in range(20)}
    fold(store, source, entries, 1)
    usual = Snapshots(store).of(source).frame

    def narrow(path):
        connection = opened(path)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 2_000)
        return connection

    opened = room._open
    monkeypatch.setattr(room, "_open", narrow)
    assert_frame_equal(Snapshots(store).of(source).frame, usual)


def test_the_entries_of_a_moment_are_read_while_others_come(store):
    """An entry that goes and comes again meanwhile is not read twice."""
    source = store.add_source("s")
    fold(store, source, {f"k-{number:02}": {"a": "1"} for number in range(30)}, 1)
    pieces = store.all_documents(source)
    keys = next(pieces).keys
    fold(store, source, {"k-00": None, "k-29": None}, 2)
    fold(store, source, {"k-00": {"a": "2"}}, 3)
    assert sorted([*keys, *(key for piece in pieces for key in piece.keys)]) == [f"k-{n:02}" for n in range(30)]


def test_reading_ends_when_the_store_is_closed(tmp_path, monkeypatch):
    """Closing does not wait for a long read."""
    monkeypatch.setattr(room, "_PIECE", 7)
    store = Store(tmp_path / "box.sqlite", durable=False)
    source = store.add_source("s")
    fold(store, source, {f"k-{number:02}": {"a": "1"} for number in range(30)}, 1)
    pieces = store.all_documents(source)
    next(pieces)
    store.close()
    with pytest.raises(RuntimeError, match="stopping"):
        next(pieces)
