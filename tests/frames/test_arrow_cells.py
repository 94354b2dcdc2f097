"""Cells that Arrow hands over although their type does not allow them are problems of their rows, and never sent."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import occtoo_frames as of
from occtoo_frames._frames.door import open_frame
from occtoo_frames._frames.utf8 import misspelt

_CELLS = [b"ok", b"\xc3", b"\xa5", None, b"\xed\xa0\x80", b"long enough for a buffer of its own \xff", b"\xc3\xa5", b""]
_ODD = [1, 2, 4, 5]
_KINDS = [pa.string(), pa.large_string(), pa.string_view()]


def _text(cells, kind):
    """An Arrow column of text that holds whatever bytes it is given, as a driver would fill it."""
    if kind == pa.string_view():
        return pa.array(cells, pa.binary_view()).view(kind)
    return pa.array(cells, pa.binary() if kind == pa.string() else pa.large_binary()).view(kind)


def _as(kind, numbers):
    return pa.array(numbers, pa.int32() if kind.bit_width == 32 else pa.int64()).view(kind)


@pytest.fixture(params=["table", "batches", "stream", "pandas"])
def handed_over(request):
    """The ways in which a caller hands over an Arrow column ``v``, beside a key."""

    def hand_over(column, keys=None):
        table = pa.table({"k": keys or [f"k{number}" for number in range(len(column))], "v": column})
        ways = {
            "table": lambda: table,
            "batches": lambda: pa.Table.from_batches(table.to_batches(max_chunksize=3)),
            "stream": lambda: pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=3)),
            "pandas": lambda: table.to_pandas(types_mapper=pd.ArrowDtype),
        }
        return ways[request.param]()

    return hand_over


def _told(plan):
    """Row, rule and value of each problem; the bodies must be what they should."""
    for body in plan.bodies():
        json.loads(bytes(body).decode())
    return plan.found.select("row", "rule", "value").rows()


@pytest.mark.parametrize("kind", _KINDS, ids=str)
def test_bytes_that_are_no_text_are_problems_of_their_cells(handed_over, kind):
    """Also where two of them together would be a character; they are shown as escapes."""
    plan = of.plan(handed_over(_text(_CELLS, kind)), "k")
    shown = ["\\xc3", "\\xa5", "\\xed\\xa0\\x80", "long enough for a buffer of its own \\xff"]
    assert _told(plan) == [(row, "value-surrogate", value) for row, value in zip(_ODD, shown, strict=True)]
    assert plan.entry_table()["value"].to_list() == ["ok", None, "å", ""]


def test_bytes_that_are_no_text_are_no_key(handed_over):
    """Nor is the key missing."""
    keys = _text([b"a", b"\xff", b"b\xc3"], pa.string())
    plan = of.plan(handed_over(pa.array([1, 2, 3]), keys), "k")
    assert _told(plan) == [(1, "value-surrogate", "\\xff"), (2, "value-surrogate", "b\\xc3")]
    assert plan.entry_table()["key"].to_list() == ["a"]


def test_what_pandas_calls_text_is_looked_into():
    """Its own type keeps text in Arrow."""
    frame = pa.table({"k": ["a", "b"], "v": _text([b"fine", b"\xff"], pa.large_string())}).to_pandas()
    assert str(frame["v"].dtype) == "str"
    assert _told(of.plan(frame, "k")) == [(1, "value-surrogate", "\\xff")]


def test_a_category_that_is_no_text_is_a_problem_of_the_cells_that_have_it(handed_over):
    """However many do, and of none if nobody does."""
    categories = _text([b"a", b"\xff", b"\xfe"], pa.string())
    plan = of.plan(handed_over(pa.DictionaryArray.from_arrays(pa.array([1, 0, None, 1]), categories)), "k")
    assert _told(plan) == [(0, "value-surrogate", "\\xff"), (3, "value-surrogate", "\\xff")]
    assert plan.entry_table()["value"].to_list() == ["a", None]
    assert of.plan(handed_over(pa.DictionaryArray.from_arrays(pa.array([0, None]), categories)), "k").ok


@pytest.mark.parametrize("categories", [False, True], ids=["plain", "categories"])
def test_a_list_with_an_element_that_is_no_text_is_a_problem(handed_over, categories):
    """The other lists of the column are sent; what stands in a list that is null does not matter."""
    elements = _text([b"a", b"b", b"\xff", b"c", b"d", b"\xfe"], pa.string())
    if categories:
        elements = pa.DictionaryArray.from_arrays(pa.array(range(6)), elements)
    offsets = pa.array([0, 2, 3, 3, 5, 6], pa.int32())
    lists = pa.ListArray.from_arrays(offsets, elements, mask=pa.array([False, True, False, False, False]))
    plan = of.plan(handed_over(lists), "k")
    assert _told(plan) == [(4, "value-surrogate", "['\\\\xfe']")]
    assert plan.entry_table()["value"].to_list() == ["a|b", None, "", "c|d"]


@pytest.mark.parametrize("make", ["struct", "map"])
def test_what_has_no_text_form_may_hold_what_is_no_text(handed_over, make):
    """Its rows can be looked at all the same."""
    texts = _text([b"a", b"\xff"], pa.string())
    column = {
        "struct": lambda: pa.StructArray.from_arrays([texts], ["x"]),
        "map": lambda: pa.MapArray.from_arrays(pa.array([0, 1, 2], pa.int32()), pa.array(["x", "y"]), texts),
    }[make]()
    with of.sandbox() as box:
        box.add_source("s")
        report = of.push(handed_over(column), "s", "k", on_invalid="skip")
        assert len(report.failed()) == 2


_MOST = 2**63 - 1


@pytest.mark.parametrize(
    ("kind", "counted", "odd", "texts"),
    [
        (pa.timestamp("s"), [0, _MOST, None, 2**62, -_MOST], [1, 3, 4], ["1970-01-01T00:00:00", None]),
        (pa.timestamp("s", "UTC"), [0, _MOST], [1], ["1970-01-01T00:00:00+00:00"]),
        (pa.timestamp("s", "+05:30"), [0, _MOST], [1], ["1970-01-01T05:30:00+05:30"]),
        (pa.duration("s"), [1, _MOST, None, 2**62, -_MOST], [1, 3, 4], ["PT1S", None]),
        (pa.date64(), [86_400_000, 1, None, 86_400_000 * 2**33], [1, 3], ["1970-01-02", None]),
        (pa.time32("s"), [1, 86_400, None, -1], [1, 3], ["00:00:01", None]),
        (pa.time32("ms"), [1_000, 86_400_000], [1], ["00:00:01"]),
        (pa.time64("us"), [1_000_000, 86_400_000_000], [1], ["00:00:01"]),
        (pa.time64("ns"), [1_000_000_000, 86_400_000_000_000, None, -1], [1, 3], ["00:00:01", None]),
    ],
    ids=str,
)
def test_moments_that_their_type_does_not_allow_are_problems_of_their_cells(handed_over, kind, counted, odd, texts):
    """The engine would make other moments of them, or nothing at all; they are shown as they are counted."""
    plan = of.plan(handed_over(_as(kind, counted)), "k")
    assert _told(plan) == [(row, "value-type", str(counted[row])) for row in odd]
    assert plan.entry_table()["value"].to_list() == texts


@pytest.mark.parametrize("kind", [pa.time64("ns"), pa.time32("ms"), pa.duration("s")], ids=str)
@pytest.mark.parametrize("listed", [False, True], ids=["plain", "lists"])
def test_moments_of_a_file_that_would_be_bent_are_problems_of_their_cells(tmp_path, kind, listed):
    """The engine reads files by itself, and says nothing."""
    odd = -1 if pa.types.is_time(kind) else _MOST
    column = _as(kind, [0, odd, 0])
    column = pa.ListArray.from_arrays(pa.array([0, 1, 2, 3], pa.int32()), column) if listed else column
    for part, rows in ((column, [1]), (column.slice(0, 1), [])):
        pq.write_table(pa.table({"k": [f"k{row}" for row in range(len(part))], "v": part}), tmp_path / "t.parquet")
        assert [row for row, *_ in _told(of.plan(tmp_path / "t.parquet", "k"))] == rows


class _Named(pa.ExtensionType):
    """A type of somebody's own, which has no hash."""

    def __init__(self):
        super().__init__(pa.string(), "tests.named")

    def __arrow_ext_serialize__(self):
        return b""

    @classmethod
    def __arrow_ext_deserialize__(cls, storage_type, serialized):
        return cls()

    __hash__ = None


def test_a_type_of_somebodys_own_is_one_problem_of_its_column(handed_over):
    """Whatever it can and cannot do."""
    plan = of.plan(handed_over(pa.ExtensionArray.from_storage(_Named(), pa.array(["a", None]))), "k")
    assert _told(plan) == [(None, "value-type", None)]


def test_seconds_as_far_as_they_can_be_held_are_refused_as_all_far_dates_are(handed_over):
    """The last that can be multiplied, and the first that cannot."""
    last = _MOST // 1_000
    plan = of.plan(handed_over(_as(pa.timestamp("s"), [last, last + 1, -last, -last - 1])), "k")
    assert [rule for _, rule, _ in _told(plan)] == ["value-type"] * 4
    plan = of.plan(handed_over(_as(pa.duration("s"), [last, last + 1, -last, -last - 1])), "k")
    assert [row for row, _, _ in _told(plan)] == [1, 3]


def test_a_list_of_far_seconds_is_one_problem(handed_over):
    """Of its cell."""
    lists = pa.ListArray.from_arrays(pa.array([0, 1, 3], pa.int32()), _as(pa.timestamp("s"), [0, 1, _MOST]))
    plan = of.plan(handed_over(lists), "k")
    assert _told(plan) == [(1, "value-type", f"[1, {_MOST}]")]


def test_many_batches_with_such_cells_are_one_flaw_of_a_stream():
    """Each flaw looks its keys up; their rows are counted from the first batch."""
    batch = pa.record_batch({"k": ["a", "b"], "v": _text([b"fine", b"\xff"], pa.string())})
    reader = pa.RecordBatchReader.from_batches(batch.schema, [batch] * 50)
    (flaw,) = open_frame(reader).flaws
    assert flaw.rows is not None
    assert flaw.rows.tolist() == list(range(1, 100, 2))
    assert len(flaw.values) == len(flaw.rows)


_BYTES = st.one_of(st.none(), st.text(max_size=4).map(str.encode), st.binary(max_size=4))


@given(st.lists(_BYTES, max_size=40), st.sampled_from(_KINDS), st.integers(0, 5), st.integers(0, 1_200))
def test_what_is_no_text_is_what_python_cannot_decode(cells, kind, start, ahead):
    """In a part of an array as well, and behind many that are fine."""
    expected = [row for row, cell in enumerate(cells) if cell is not None and not _decodes(cell)]
    texts = _text([b"\xff"] * start + ["å".encode()] * ahead + cells, kind).slice(start)
    assert misspelt(texts).tolist() == [row + ahead for row in expected]


def test_bytes_under_a_null_do_not_matter():
    """Whoever filled the column may have left anything there."""
    data = pa.py_buffer(b"a\xffb")
    offsets = pa.py_buffer(np.array([0, 1, 2, 3], np.int32))
    texts = pa.Array.from_buffers(pa.string(), 3, [pa.py_buffer(b"\x05"), offsets, data])
    assert texts.to_pylist() == ["a", None, "b"]
    assert not len(misspelt(texts))


def _decodes(cell):
    try:
        cell.decode()
    except UnicodeDecodeError:
        return False
    return True
