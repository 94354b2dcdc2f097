"""How deep results are nested, from their bytes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occtoo_frames._read.depth import depth_of, is_deeper, may_be_deeper
from occtoo_frames._read.page import Page, open_page
from occtoo_frames.exceptions import ProtocolError

TEXTS = st.text('ab\\"[]{}\n')
VALUES = st.recursive(
    st.none() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
)


def deepest(value: Any) -> int:
    """The depth of a value, by walking it."""
    if isinstance(value, dict):
        return 1 + max(map(deepest, value.values()), default=0)
    return 1 + max(map(deepest, value), default=0) if isinstance(value, list) else 0


@given(st.lists(st.dictionaries(TEXTS, VALUES, max_size=4), max_size=5), st.integers(0, 9))
def test_the_depth_of_bytes_is_the_depth_of_values(rows: list[dict[str, Any]], cap: int) -> None:
    """Brackets, quotes and backslashes in texts count for nothing."""
    lines = "\n".join(map(json.dumps, rows)).encode()
    depth = max(map(deepest, rows), default=0)
    assert depth_of(lines) == depth
    assert is_deeper(lines, cap) is (depth > cap)


@given(st.lists(st.dictionaries(TEXTS, VALUES, max_size=4), max_size=5), st.integers(0, 9))
def test_a_page_is_deeper_where_a_result_is(rows: list[dict[str, Any]], cap: int) -> None:
    """Whatever stands around the results; the first look never says no where the second one says yes."""
    page = open_page(json.dumps({"language": "en", "results": rows, "facets": [[[[1]]]]}, indent=1).encode())
    deep = max(map(deepest, rows), default=0) > cap
    assert page.is_deeper(cap) is deep
    assert may_be_deeper(page.body, max(map(len, page.rows), default=0), cap) >= deep


def test_a_page_too_deep_to_be_taken_apart_is_named() -> None:
    """Where there is less room to do it than there was when it was opened."""
    body = b'{"results":[' + b"[" * 100_000 + b"]" * 100_000 + b"]}"
    with pytest.raises(ProtocolError, match=r"page 3 .* deeper than any page"):
        _ = Page(2, body, 1, 200_000, b"").rows
