"""What changed since the last time."""

import math
import random
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
import polars as pl
import pytest
from reading_box import Box

from occtoo_frames._api.changes import read_changes
from occtoo_frames._api.read import read_destination
from occtoo_frames._read.changes import ReadCursor, moment
from occtoo_frames._read.fingerprints import fingerprints
from occtoo_frames.exceptions import ConfigurationError
from occtoo_frames.protocol.http import Response


@pytest.fixture
def place(box: Box) -> tuple[str, str]:
    """A source and the address of what it publishes."""
    source = box.source()
    box.put(source, {key: [("x", "1", None)] for key in "abc"})
    return source, box.platform.publish(source, "things", source=source, languages=["en"], types={"x": "Integer"})


def told(frame: pl.DataFrame) -> list[tuple[str, str, int | None]]:
    """A frame of changes as rows."""
    return frame.select("id", "change", "x").rows()


def test_changes_are_created_updated_and_deleted_entries(box: Box, place: tuple[str, str], tmp_path: Path) -> None:
    """Each is told of once; the cursor survives being saved."""
    source, url = place
    first, cursor = read_changes(url, frame="polars", connection=box.connection)
    assert told(first) == [(key, "created", 1) for key in "abc"]
    box.put(source, {"b": [("x", "2", None)], "d": [("x", "4", None)]}, delete=["c"])
    cursor.save(tmp_path / "cursor.parquet")
    loaded = ReadCursor.load(tmp_path / "cursor.parquet")
    second, cursor = read_changes(url, loaded, frame="polars", connection=box.connection)
    assert told(second) == [("b", "updated", 2), ("c", "deleted", None), ("d", "created", 4)]
    assert second.schema == first.schema
    third, _ = read_changes(url, cursor, frame="polars", connection=box.connection)
    assert told(third) == []


@pytest.mark.parametrize("others", [["change_property"], ["change_property", "change_property_property"], []])
def test_a_property_called_change_stands_beside_the_change(box: Box, others: list[str]) -> None:
    """Under a name that none of the others has."""
    source, names = box.source(), [*others, "change", "json", "fingerprint"]
    box.put(source, {"a": [(name, name, None) for name in names]})
    url = box.platform.publish(source, "things", source=source, languages=["en"])
    frame, _ = read_changes(url, frame="polars", connection=box.connection)
    moved = "change" + "_property" * (len(others) + 1)
    expected = {"id": "a", "change": "created", moved: "change"} | {name: name for name in names if name != "change"}
    assert frame.row(0, named=True) == expected


def test_what_is_no_cursor_or_another_ones_is_refused(
    box: Box, place: tuple[str, str], shop: str, tmp_path: Path
) -> None:
    """A cursor belongs to an endpoint and a language."""
    _, cursor = read_changes(place[1], connection=box.connection)
    with pytest.raises(ConfigurationError, match="the cursor is of"):
        read_changes(shop, cursor, connection=box.connection)
    with pytest.raises(ConfigurationError, match="the cursor is of"):
        read_changes(place[1], cursor, language="en", connection=box.connection)
    with pytest.raises(ConfigurationError, match="read_changes has one language"):
        read_changes(place[1], language=["en"], connection=box.connection)  # type: ignore[arg-type]
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "other.parquet")
    (tmp_path / "text.parquet").write_text("no parquet at all")
    (tmp_path / "empty.parquet").touch()
    for name in ("other", "text", "empty"):
        with pytest.raises(ConfigurationError, match="no cursor"):
            ReadCursor.load(tmp_path / f"{name}.parquet")
    with pytest.raises(FileNotFoundError):
        ReadCursor.load(tmp_path / "none.parquet")


def test_a_property_that_comes_changes_only_the_entries_that_have_it(box: Box, place: tuple[str, str]) -> None:
    """The others get it as null, which they were before."""
    source, url = place
    _, cursor = read_changes(url, frame="polars", connection=box.connection)
    box.put(source, {"c": [("another", "q", None)]})
    changed, cursor = read_changes(url, cursor, frame="polars", connection=box.connection)
    assert told(changed) == [("c", "updated", 1)]
    assert read_changes(url, cursor, frame="polars", connection=box.connection)[0].height == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('{"id":"a","x":null,"y":1}', '{ "y": 1, "id": "a"}', True),
        ('{"y":[{"b":1,"a":null}]}', '{"y": [ {"b": 1}]}', True),
        ('{"y":{"b":{"c":null}}}', '{"y":{"b":{}}}', True),
        ('{"y":null}', '{"y":""}', False),
        ('{"y":[null]}', '{"y":[]}', False),
        ('{"y":[1,2]}', '{"y":[2,1]}', False),
        ('{"y":1.10}', '{"y":1.1}', False),
        ('{"y":9007199254740993}', '{"y":9007199254740992}', False),
        ('{"y":"null"}', '{"y":null}', False),
        ('{"x":1}', '{"y":1}', False),
    ],
)
def test_entries_are_as_they_were_where_the_same_members_hold_the_same(one: str, other: str, *, same: bool) -> None:
    """Whatever their order; no number is rounded for it."""
    first, second = fingerprints([one, other])
    assert (first == second) is same


@pytest.mark.parametrize("since", ["2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC), 5, False])
def test_a_moment_is_no_cursor(box: Box, shop: str, since: Any) -> None:
    """The message says what reads from a moment on."""
    with pytest.raises(ConfigurationError, match=r"ReadCursor .* read_destination\(changed_since=\)"):
        read_changes(shop, since, connection=box.connection)


@pytest.mark.filterwarnings("ignore:read .* entries")
def test_changes_add_up_to_the_whole_while_others_write(box: Box, place: tuple[str, str]) -> None:
    """Applied one after the other they give exactly what a full read gives in the end."""
    source, url = place
    done, chance = Event(), random.Random(7)  # noqa: S311 - no secret

    def write() -> None:
        for turn in range(12):
            keys = chance.sample([f"k{number}" for number in range(40)], 12)
            box.put(source, {key: [("x", str(turn), None)] for key in keys[:8]}, delete=keys[8:])
        done.set()

    held: dict[str, int] = {}
    cursor = None
    writer = Thread(target=write)
    writer.start()
    finished = False
    while not finished:
        finished = done.is_set()
        changed, cursor = read_changes(url, cursor, page_size=7, frame="polars", connection=box.connection)
        for key, change, value in told(changed):
            if change == "deleted":
                del held[key]
            else:
                assert (key in held) == (change == "updated")
                held[key] = value or 0
    writer.join()
    whole = read_destination(url, frame="polars", connection=box.connection)
    assert held == dict(whole.select("id", "x").rows())


@pytest.mark.parametrize("spare_s", [-5, -0.1, math.nan, math.inf, "5", None, True, np.timedelta64(300, "ms")])
def test_seconds_to_spare_that_are_none_are_refused_before_anything_is_asked(spare_s: Any) -> None:
    """Fewer than none would ask from a moment that is still to come, and never hear of what happens until then."""
    with pytest.raises(ConfigurationError, match="spare_s must be a number of seconds ≥ 0"):
        read_changes("https://g.test/acme/shop/v1/products", spare_s=spare_s)


@pytest.mark.parametrize(
    ("date", "spare_s", "since"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 300, "1994-11-06T08:44:37Z"),
        ("Sun, 06 Nov 1994 09:49:37 +0100", 0, "1994-11-06T08:49:37Z"),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 1e300, "0001-01-01T00:00:00Z"),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 1e11, "0001-01-01T00:00:00Z"),
    ],
)
def test_the_next_read_asks_from_the_servers_moment_less_the_spare_seconds(
    date: str, spare_s: float, since: str
) -> None:
    """However many they are."""
    assert moment(Response(200, {"date": date}), spare_s) == since


@pytest.mark.parametrize("date", ["", "x", "Fri, 31 Dec 9999 23:59:59 -1200"])
def test_a_server_without_a_moment_is_asked_from_ours(date: str) -> None:
    """No date, or one beyond any calendar."""
    asked = datetime.fromisoformat(moment(Response(200, {"date": date}), 0))
    assert abs((datetime.now(UTC) - asked).total_seconds()) < 60
