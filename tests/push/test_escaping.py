"""What is known of escapes without escaping: sizes, whether few cells need it or all do; and how slices are cut."""

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from occtoo_frames._push.encoder import slice_count
from occtoo_frames._push.escaping import FullText, Text
from occtoo_frames._push.plan import _morsels

_CELLS = st.none() | st.text('"\\\x00\x07\n\x1f\x7f aåж🪑', max_size=9) | st.text('" a', max_size=200)


def _escaped(cell):
    return None if cell is None else json.dumps(cell, ensure_ascii=False)[1:-1]


@given(st.lists(st.tuples(_CELLS, _CELLS), min_size=1, max_size=90), st.booleans())
def test_sizes_and_escapes_are_those_of_json(rows, alike):
    """However many bytes are escaped: they are counted 64 at a time, and some take five bytes more."""
    columns = [[row[0] for row in rows], [row[alike] for row in rows]]
    cells = pl.Series([*columns[0], *columns[1]], dtype=pl.String)
    expected = [[_escaped(cell) for cell in column] for column in columns]
    sizes = [sum(len((cell or "").encode()) for cell in row) for row in zip(*expected, strict=True)]
    assert Text(cells).sizes(2, len(rows)).tolist() == sizes
    assert FullText(cells).sizes(2, len(rows)).tolist() == sizes
    flat = [*expected[0], *expected[1]]
    if any("\\" in (cell or "") for cell in flat):
        assert FullText(cells).escaped().to_list() == flat


def test_more_text_than_is_looked_at_at_once():
    """Cells on both sides of the pieces in which bytes are looked for, and across their edges."""
    rng = np.random.default_rng(1)
    cells = pl.Series(["".join(rng.choice(list('ab"'), 700)) for _ in range(4_000)])
    expected = [_escaped(cell) for cell in cells]
    assert FullText(cells).escaped().to_list() == expected
    assert FullText(cells).sizes(1, len(cells)).tolist() == Text(cells).sizes(1, len(cells)).tolist()
    rare = cells.str.replace_many(["ab"], ["\x01"])
    assert FullText(rare).sizes(1, len(rare)).tolist() == [len(_escaped(cell)) for cell in rare]


@pytest.mark.parametrize(
    ("asked", "count"), [(0, 1), (0.2, 1), (1, 1), (1.1, 2), (2.5, 2), (2.6, 4), (3.1, 4), (4.2, 4), (5, 6)]
)
def test_two_threads_share_slices_evenly(asked, count):
    """One alone is not cut; of more there are as many for one thread as for the other."""
    assert slice_count(asked) == count


@given(st.lists(st.tuples(st.integers(1, 1_000), st.integers(1, 3_000_000)), max_size=120), st.integers(1, 400))
def test_every_body_is_encoded_once(bodies, width):
    """Whatever their sizes are: none is left out and none stands in two slices."""
    cuts = np.append(0, np.cumsum([entries for entries, _ in bodies])).astype(np.int64)
    edges = _morsels(cuts, np.array([size for _, size in bodies], np.int64), width)
    assert edges == sorted(set(edges))
    assert (edges[0], edges[-1]) == (0, len(bodies))
