"""Walks from page to page, against lists of answers."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occtoo_frames._read.limits import ReadLimits
from occtoo_frames._read.paging import Walk
from occtoo_frames.exceptions import ProtocolError, ReadLimitError
from occtoo_frames.protocol.destination import Query
from occtoo_frames.protocol.http import Request, Response

URL = "https://g.test/a/b/v1/c"
WALK = Walk(URL, Query(), 2)


def page(*ids: str, total: int | None = None) -> Response:
    """An answer with entries of these ids."""
    return Response(200, {}, json.dumps({"results": [{"id": key} for key in ids], "total": total}).encode())


def asked(request: Request) -> dict[str, object]:
    """What a request asks."""
    return dict(json.loads(bytes(request.body or b"")))


def test_the_first_page_asks_for_the_total_and_sorts_by_key() -> None:
    """As it is known to work."""
    request = WALK.request()
    assert (request.method, request.url) == ("POST", URL)
    assert asked(request) == {"top": 2, "sortAsc": ["id"], "includeTotals": True}


def test_each_page_begins_after_the_last_id_of_the_one_before() -> None:
    """And keeps what was asked."""
    _, after = replace(WALK, query=Query(language="sv")).step(page("a", "b", total=9))
    assert after is not None
    assert asked(after.request()) == {"top": 2, "sortAsc": ["id"], "after": ["b"], "language": "sv"}
    assert (after.number, after.seen, after.total) == (1, 2, 9)


def test_a_short_page_is_the_last_one() -> None:
    """Also an empty one."""
    assert WALK.step(page("a"))[1] is None
    assert WALK.step(page())[1] is None


def test_a_short_page_is_not_the_last_one_where_the_total_says_there_are_more() -> None:
    """A server may give less than it is asked for."""
    _, after = WALK.step(page("a", total=2))
    assert after is not None
    assert after.step(page("b"))[1] is None


def test_a_walk_in_the_querys_own_order_has_one_page() -> None:
    """Its sort is the query's."""
    walk = replace(WALK, query=Query(sort_desc=("price", "id")), keyset=False)
    assert asked(walk.request()) == {"top": 2, "sortDesc": ["price", "id"], "includeTotals": True}
    assert walk.step(page("b", "a"))[1] is None


def test_a_paging_that_goes_round_in_a_circle_is_an_error() -> None:
    """A server that ignores ``after`` does not keep the read going for ever."""
    _, after = WALK.step(page("a", "b"))
    assert after is not None
    _, again = after.step(page("c", "d"))
    assert again is not None
    with pytest.raises(ProtocolError, match="circle: it ends with 'b' once more"):
        again.step(page("a", "b"))


@pytest.mark.parametrize("body", [b'{"results":[{"id":"a"},{}]}', b'{"results":[{"id":"a"},{"id":7}]}'])
def test_a_last_entry_without_an_id_is_an_error(body: bytes) -> None:
    """There is no way on from it."""
    with pytest.raises(ProtocolError, match="no id that is text"):
        WALK.step(Response(200, {}, body))


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (ReadLimits(max_inflated_bytes=10), "max_inflated_bytes is 10"),
        (ReadLimits(max_depth=0), "deeper than 0, its max_depth"),
        (ReadLimits(max_rows=2), "max_rows is 2"),
        (ReadLimits(max_pages=1), "max_pages is 1"),
    ],
)
def test_each_limit_names_itself(limits: ReadLimits, words: str) -> None:
    """And stops the read, whose next page is not asked for."""

    def go_on() -> object:
        _, after = replace(WALK, limits=limits).step(page("a", "b"))
        return after and after.request()

    with pytest.raises(ReadLimitError, match=words):
        go_on()


def test_a_limit_that_is_just_reached_stops_nothing() -> None:
    """At the end there is nothing more to come."""
    limits = ReadLimits(max_rows=1, max_pages=1)
    assert replace(WALK, limits=limits).step(page("a"))[1] is None


def test_more_to_come_is_said_only_where_it_is_known() -> None:
    """A last page that is full is no proof of more entries, and as many as are allowed are not too many."""
    rows, pages = (replace(WALK, limits=one) for one in (ReadLimits(max_rows=2), ReadLimits(max_pages=1)))
    told = {
        (rows, None): "2 entries, and perhaps more; max_rows is 2",
        (rows, 3): "2 entries and more to come; max_rows is 2",
        (pages, None): "1 pages, and perhaps more; max_pages is 1",
        (pages, 3): "1 pages and more to come; max_pages is 1",
    }
    for (walk, total), words in told.items():
        after = walk.step(page("a", "b", total=total))[1]
        assert after is not None
        with pytest.raises(ReadLimitError, match=f"^{words}$"):
            after.request()
    after = rows.step(page("a", "b", total=2))[1]
    assert after is not None
    assert asked(after.request())["after"] == ["b"]
    assert after.step(page())[1] is None
    with pytest.raises(ReadLimitError, match=r"^3 entries; max_rows is 2$"):
        after.step(page("c"))


def test_the_last_page_asks_for_no_more_than_are_wanted() -> None:
    """Where more are needed all the same, since some were left out, the pages are whole ones again."""
    walk: Walk | None = replace(WALK, wanted=3)
    tops = []
    for keys in ("ab", "c", "de"):
        assert walk is not None
        tops.append(asked(walk.request())["top"])
        walk = walk.step(page(*keys))[1]
    assert tops == [2, 1, 2]


def test_ids_alone_are_paged_by_themselves() -> None:
    """A page of bare ids."""
    walk = replace(WALK, query=Query(list_ids=True))
    first, after = walk.step(Response(200, {}, b'{"results":["a","b"]}'))
    assert first.ids() == ["a", "b"]
    assert after is not None
    assert asked(after.request())["after"] == ["b"]
    with pytest.raises(ProtocolError, match="something else"):
        walk.step(page("a", "b"))


@given(
    st.sets(st.text("abc", min_size=1, max_size=3), max_size=25),
    st.integers(1, 9),
    st.lists(st.tuples(st.booleans(), st.text("abc", min_size=1, max_size=3)), max_size=12),
)
def test_entries_that_come_and_go_during_a_read_hide_and_double_no_other(
    keys: set[str], size: int, changes: list[tuple[bool, str]]
) -> None:
    """Each page is cut from what stands there at that moment; what was there all the time is seen exactly once."""
    stable = keys - {key for _, key in changes}
    standing, seen, pending = set(keys), list[str](), list(changes)
    walk: Walk | None = Walk(URL, Query(), size)
    while walk is not None:
        question = asked(walk.request())
        after = question.get("after")
        low = after[0] if isinstance(after, list) else ""
        found = sorted(key for key in standing if key > low)[:size]
        opened, walk = walk.step(page(*found, total=len(standing) if "includeTotals" in question else None))
        seen += [json.loads(bytes(row))["id"] for row in opened.rows]
        if pending:
            comes, key = pending.pop()
            (standing.add if comes else standing.discard)(key)
    assert len(seen) == len(set(seen))
    assert stable <= set(seen)
