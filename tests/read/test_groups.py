"""Pages decoded together while others come: the same table, the same errors, and nothing asked for in vain."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, get_ident
from typing import Any

import polars as pl
import pytest
from scripted import URL, Scripted, connect, keyed, page, read

from occtoo_frames._api.decoding import decoded
from occtoo_frames._api.pages import pages
from occtoo_frames._api.scan import scan_destination
from occtoo_frames._read.groups import groups
from occtoo_frames._read.page import Page, open_page
from occtoo_frames._read.paging import Walk
from occtoo_frames.exceptions import OcctooError, ProtocolError, ServerError
from occtoo_frames.protocol.destination import Query
from occtoo_frames.protocol.http import Response

ENTRIES: dict[str, dict[str, Any]] = {f"k{n:03}": {"stock": n, "price": n + 0.25} for n in range(90)}


def opened(count: int, error: Exception | None = None) -> Iterator[Page]:
    """Pages with one entry each, and then the error, if there is one."""
    for number in range(count):
        yield open_page(json.dumps({"results": [{"id": str(number)}]}).encode(), number)
    if error is not None:
        raise error


def numbers(group: list[Page]) -> list[int]:
    """Which pages these are."""
    return [one.number for one in group]


def test_groups_grow_and_keep_the_order() -> None:
    """One page, then four, then sixteen; what is left is the last one."""
    assert [numbers(group) for group in groups(opened(8))] == [[0], [1, 2, 3, 4], [5, 6, 7]]
    assert [len(group) for group in groups(opened(25))] == [1, 4, 16, 4]
    assert list(groups(opened(0))) == []


def test_a_group_is_no_larger_than_it_takes() -> None:
    """It ends with the page that brings it to so many bytes."""
    size = len(next(opened(1)).body)
    assert [len(group) for group in groups(opened(9), 3 * size)] == [1, 3, 3, 2]
    assert [len(group) for group in groups(opened(3), 1)] == [1, 1, 1]


def test_what_is_broken_comes_after_what_was_read_before_it() -> None:
    """Also when it is decoded in threads."""
    error = ProtocolError("broken", status=200)
    for parts in (groups(opened(7, error)), (group for group, _ in decoded(opened(7, error), len))):
        assert [numbers(next(parts)) for _ in range(3)] == [[0], [1, 2, 3, 4], [5, 6]]
        with pytest.raises(ProtocolError, match="broken"):
            next(parts)


def test_work_on_groups_keeps_their_order_and_raises_the_first_error() -> None:
    """However long each takes; an error of a later page does not hide it."""
    slow = Event()

    def work(group: list[Page]) -> int:
        if group[0].number == 0:
            slow.wait(0.2)
        else:
            slow.set()
        if group[0].number == 5:
            raise ProtocolError("the third group", status=200)
        return len(group)

    parts = decoded(opened(30, ServerError("later", status=500)), work)
    assert [next(parts)[1], next(parts)[1]] == [1, 4]
    with pytest.raises(ProtocolError, match="the third group"):
        list(parts)


def test_work_that_nobody_waits_for_any_more_can_be_closed_in_its_own_thread() -> None:
    """As garbage is, wherever it is collected."""
    begun, go, closed = Event(), Event(), Event()

    def work(group: list[Page]) -> None:
        if group[0].number == 0:
            begun.wait(10)
            return
        begun.set()
        go.wait(10)
        parts.close()
        closed.set()

    parts = decoded(opened(3), work)
    next(parts)
    go.set()
    assert closed.wait(10)


def test_threads_are_kept() -> None:
    """The next pages are decoded in the threads that decoded those before them."""
    used = {thread for _ in range(5) for _, thread in decoded(opened(30), lambda _: get_ident())}
    assert len(used) <= 2
    assert get_ident() not in used


def test_work_that_nobody_asks_for_any_more_never_begins() -> None:
    """Only what had begun is done: the threads are free for others."""
    begun, go = [], Event()

    def work(group: list[Page]) -> None:
        begun.append(group[0].number)
        if group[0].number:
            go.wait(10)

    parts = decoded(opened(1_000), work)
    next(parts)
    parts.close()
    go.set()
    assert [first for _, first in decoded(opened(2), lambda group: group[0].number)] == [0, 1]
    assert len(begun) <= 3


@pytest.mark.parametrize("page_size", [1, 7, 89, 90, 91])
def test_a_table_is_the_same_however_it_is_cut_into_pages(page_size: int) -> None:
    """Read and scanned."""
    expected = read(keyed(ENTRIES, 90))
    assert read(keyed(ENTRIES, 90), page_size=page_size).equals(expected)
    script = connect(Scripted(keyed(ENTRIES, 90), "swashbuckle_30"))
    assert scan_destination(URL, page_size=page_size, connection=script).collect().equals(expected)


def test_a_page_that_breaks_the_schema_is_the_error_although_a_later_one_does_not_come() -> None:
    """As if one page were read after the other."""
    entries = ENTRIES | {"k004": {"stock": 1.5}}

    def answer(query: dict[str, Any]) -> Response:
        return Response(500, {}, b"") if query.get("after", [""])[0] >= "k010" else keyed(entries)(query)

    with pytest.raises(ProtocolError, match=r"page 3 .* property 'stock' of entry 'k004' holds 1\.5"):
        read(answer, page_size=2)
    with pytest.raises(OcctooError, match=r"page 3 .* property 'stock' of entry 'k004' holds 1\.5"):
        scan_destination(URL, page_size=2, connection=connect(Scripted(answer, "swashbuckle_30"))).collect()


def test_a_value_that_only_the_careful_way_reads_is_read_among_many_pages() -> None:
    """An exact decimal with more zeros than its type has places."""
    bodies = [page([{"id": key} | values]).body for key, values in ENTRIES.items()]
    bodies[40] = b'{"results":[{"id":"k040","stock":40,"price":40.25000000000000000000000}]}'

    def answer(query: dict[str, Any]) -> Response:
        after = query.get("after")
        number = 0 if after is None else int(after[0][1:]) + 1
        return Response(200, {}, bodies[number] if number < len(bodies) else b'{"results":[]}')

    assert read(answer, page_size=1).equals(read(keyed(ENTRIES)))


@pytest.mark.parametrize(("rows", "asked"), [(1, 1), (10, 1), (11, 2), (30, 3), (31, 4)])
def test_a_head_asks_for_no_page_that_it_does_not_need(rows: int, asked: int) -> None:
    """However far ahead pages are asked for."""
    script = Scripted(keyed(ENTRIES, 90), "swashbuckle_30")
    frame = scan_destination(URL, page_size=10, connection=connect(script)).head(rows).collect()
    assert frame["id"].to_list() == list(ENTRIES)[:rows]
    assert len(script.asked) == asked


def test_nothing_is_asked_after_the_last_page() -> None:
    """Pages asked for ahead end where the pages end."""
    script = Scripted(keyed(ENTRIES, 90), "swashbuckle_30")
    assert scan_destination(URL, page_size=20, connection=connect(script)).select(pl.len()).collect().item() == 90
    assert len(script.asked) == 5


def test_pages_that_grow_do_not_fill_the_memory_while_nobody_takes_them() -> None:
    """It was by a small one that many were asked for; however long nobody takes them, all come in the end."""
    large, count, came, held = "x" * 8_000_000, 20, Event(), [0]
    answered = taken = 0

    def answer(query: dict[str, Any]) -> Response:
        nonlocal answered
        number = int(query["after"][0]) + 1 if "after" in query else 0
        found = page([{"id": str(number), "text": large if number else ""}] if number < count else [])
        answered += len(found.body)
        held.append(answered - taken)
        if number == count:
            came.set()
        return found

    session = connect(Scripted(answer, "swashbuckle_30")).session
    numbers = []
    for one in pages(session, Walk(URL, Query(), page_size=1), None):
        taken += len(one.body)
        numbers.append(one.number)
        if one.number == 0:
            came.wait(0.5)
    assert numbers == list(range(count + 1))
    assert max(held) <= 64_000_000 + 3 * len(large)


_LEFT = """
from typing import Any
from scripted import URL, Scripted, connect, page
from occtoo_frames._api.pages import pages
from occtoo_frames._read.paging import Walk
from occtoo_frames.protocol.destination import Query

def answer(query):
    number = int(query["after"][0]) + 1 if "after" in query else 0
    return page([{"id": str(number), "text": "x" * 40_000_000 if number else ""}])

session = connect(Scripted(answer, "swashbuckle_30")).session
read = pages(session, Walk(URL, Query(), page_size=1), None)
print(next(read).number)
"""


def test_a_process_may_end_while_pages_wait_that_nobody_takes() -> None:
    """The thread that asks for them waits for nobody."""
    ended = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", _LEFT], cwd=Path(__file__).parent, capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout == "0\n"
