"""Arrow's types come in exactly, or are refused in words, in tables, streams, files and pandas columns alike."""

import datetime as dt
import re
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import occtoo_frames as of
from occtoo_frames._frames.door import open_frame

_NANOSECONDS = [0, 1_772_366_400_500_000_000, -1, None]

_NOT_IN_PARQUET = re.compile("Unhandled type|not yet supported|Decimal logical type")


def _as_pandas(table):
    return table.to_pandas(types_mapper=pd.ArrowDtype)


@pytest.fixture(params=["table", "stream", "parquet", "pandas"])
def handed_over(request, tmp_path):
    """The ways in which a caller hands over an Arrow column ``v``, beside a key."""

    def hand_over(column):
        table = pa.table({"k": [f"k{number}" for number in range(len(column))], "v": column})
        if request.param == "parquet":
            try:
                pq.write_table(table, tmp_path / "t.parquet")
            except (pa.ArrowNotImplementedError, OSError) as error:
                if not _NOT_IN_PARQUET.search(str(error)):  # a full disk is no type
                    raise
                pytest.skip(f"parquet has no such type: {error}")
        ways = {
            "table": lambda: table,
            "stream": table.to_reader,
            "parquet": lambda: tmp_path / "t.parquet",
            "pandas": lambda: _as_pandas(table),
        }
        return ways[request.param]()

    return hand_over


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("+05:30", "1970-01-01T05:30:00+05:30"),
        ("-03:30", "1969-12-31T20:30:00-03:30"),
        ("+0545", "1970-01-01T05:45:00+05:45"),
        ("+01:00", "1970-01-01T01:00:00+01:00"),
        ("Z", "1970-01-01T00:00:00+00:00"),
    ],
)
def test_datetimes_of_any_constant_offset_are_written_with_it(handed_over, zone, first):
    """The engine has zones for whole hours only."""
    values = of.plan(handed_over(pa.array(_NANOSECONDS, pa.timestamp("ns", zone))), "k").entry_table()["value"]
    assert values[0] == first
    offset = dt.datetime.fromisoformat(first).tzinfo
    for text, moment in zip(values, _NANOSECONDS, strict=True):
        assert (text is None) == (moment is None)
        if moment is not None:
            assert dt.datetime.fromisoformat(text).tzinfo == offset
            assert pd.Timestamp(text).as_unit("ns").value == moment
    assert values[1].partition(".")[2][:2] in {"5+", "5-"}


def test_a_constant_offset_is_written_like_a_zone_that_has_it():
    """The same bytes from every library."""
    moments = pl.Series("v", [0, 1, 1_772_366_400_000_000], dtype=pl.Datetime("us", "UTC"))
    zoned = pl.DataFrame({"k": ["a", "b", "c"], "v": moments.dt.convert_time_zone("Asia/Kathmandu")})
    offset = pa.table({"k": ["c"], "v": moments[2:].to_arrow().cast(pa.timestamp("us", "+05:45"))})
    assert of.plan(zoned, "k").entry_table().rows()[2:] == of.plan(offset, "k").entry_table().rows()
    frame = pd.DataFrame({"k": ["c"], "v": pd.to_datetime(["2026-03-01T17:45:00+05:45"])})
    assert of.plan(frame, "k").entry_table().rows() == of.plan(offset, "k").entry_table().rows()


def test_moments_without_a_text_at_their_offset_are_problems_of_their_rows(handed_over):
    """Counted from the beginning, however many batches there are."""
    column = pa.chunked_array([pa.array(part, pa.timestamp("us", "+05:30")) for part in ([0, 1], [2**62, 2, None])])
    plan = of.plan(handed_over(column), "k")
    assert plan.found.select("row", "key", "rule").rows() == [(2, "k2", "value-type")]
    assert plan.counts["entries"] == 4


def test_dates_in_milliseconds_are_dates(handed_over):
    """They are days, however Arrow counts them."""
    column = pa.array([dt.date(2026, 3, 1), None], pa.date64())
    assert of.plan(handed_over(column), "k").entry_table()["value"].to_list() == ["2026-03-01", None]
    lists = pa.array([[dt.date(2026, 3, 1)]], pa.list_(pa.date64()))
    assert of.plan(handed_over(lists), "k").entry_table()["value"].to_list() == ["2026-03-01"]


def test_decimals_of_negative_scale_are_exact(handed_over):
    """All digits, no exponent."""
    column = pa.array([Decimal("1E+3"), None], pa.decimal128(5, -3))
    assert of.plan(handed_over(column), "k").entry_table()["value"].to_list() == ["1000", None]


def test_a_category_may_stand_for_null(handed_over):
    """It is null then."""
    column = pa.DictionaryArray.from_arrays([0, 1, None], pa.array(["a", None]))
    assert of.plan(handed_over(column), "k").entry_table()["value"].to_list() == ["a", None, None]


def test_categories_may_be_lists(handed_over):
    """They are written like lists."""
    column = pa.DictionaryArray.from_arrays([1, 0, None], pa.array([["a", "b"], ["c"]]))
    assert of.plan(handed_over(column), "k").entry_table()["value"].to_list() == ["c", "a|b", None]


_WIDE = pa.decimal256(50, 2)


@pytest.mark.parametrize(
    "kind",
    [
        _WIDE,
        pa.list_(_WIDE),
        pa.struct([("a", _WIDE)]),
        pa.dictionary(pa.int32(), _WIDE),
        pa.month_day_nano_interval(),
        pa.list_(pa.month_day_nano_interval()),
        pa.list_view(pa.int32()),
        pa.large_list(pa.list_view(pa.int32())),
        pa.run_end_encoded(pa.int32(), pa.int64()),
        pa.dense_union([pa.field("a", pa.int8())]),
        pa.timestamp("us", "Nowhere/Land"),
        pa.list_(pa.timestamp("us", "+05:30")),
        pa.dictionary(pa.int8(), pa.list_(_WIDE)),
        pa.map_(pa.string(), pa.date64()),
        pa.list_(pa.string(), 0),
        pa.list_(pa.list_(pa.string(), 0)),
    ],
    ids=str,
)
def test_a_type_that_cannot_be_held_is_one_problem_of_its_column(handed_over, kind):
    """However deep it lies; the engine would panic, or fail without naming the column."""
    plan = of.plan(handed_over(pa.nulls(2, kind)), "k")
    (problem,) = plan.found.rows(named=True)
    assert (problem["row"], problem["column"], problem["rule"]) == (None, "v", "value-type")
    assert plan.counts["invalid"] == 2


def test_a_type_that_stands_for_another_is_one_problem(handed_over):
    """Nobody knows what it means as text."""
    plan = of.plan(handed_over(pa.FixedShapeTensorArray.from_numpy_ndarray(np.ones((2, 2)))), "k")
    assert plan.found.select("row", "column", "rule").rows() == [(None, "v", "value-type")]


def test_a_batch_that_cannot_be_taken_is_one_problem_of_its_column(monkeypatch):
    """The other columns of the stream are read to their end."""

    def failing(name, column):
        if name == "v" and len(column) == 1:
            message = "no such thing"
            raise pa.ArrowInvalid(message)
        return column, ()

    monkeypatch.setattr("occtoo_frames._frames.spool.mend", failing)
    batches = [pa.record_batch({"k": keys, "v": keys, "w": keys}) for keys in (["a", "b"], ["c"], ["d", "e"])]
    plan = of.plan(pa.RecordBatchReader.from_batches(batches[0].schema, batches), "k")
    (problem,) = plan.found.rows(named=True)
    assert (problem["row"], problem["column"]) == (None, "v")
    assert "(no such thing)" in problem["message"]
    others = of.plan(pa.RecordBatchReader.from_batches(batches[0].schema, batches), "k", properties=["w"])
    assert others.entry_table()["value"].to_list() == ["a", "b", "c", "d", "e"]


def test_a_file_with_such_types_is_watched_like_any_other(tmp_path):
    """Though what is sent stands in another file."""
    file = tmp_path / "t.parquet"
    table = pa.table({"k": ["a"], "v": pa.array([0], pa.date64())})
    pq.write_table(table, file)
    plan = of.plan(file, "k")
    pq.write_table(pa.concat_tables([table, table]), file)
    with pytest.raises(of.PlanError, match="changed"):
        list(plan.bodies())


def test_a_stream_that_fails_is_told_in_words_and_leaves_nothing(tmp_path, monkeypatch):
    """In the words of its reader, without its traceback."""

    def batches():
        yield pa.record_batch({"k": ["a"]})
        message = "the line went dead"
        raise ValueError(message)

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    reader = pa.RecordBatchReader.from_batches(pa.schema([("k", pa.string())]), batches())
    with pytest.raises(of.UnsupportedFrameError, match=r"cannot be read: .*the line went dead$"):
        of.plan(reader, "k")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_texts_come_in_alike_however_many_there_are(kind):
    """Of many Arrow makes the engine's views, of few the engine."""
    texts = ["a", None, "longer than what a view holds by itself", "", "åäö"] * 2_000
    whole = pa.array(texts, kind)
    for column in (whole, whole.slice(3), pa.chunked_array([whole.slice(1, 7), whole.slice(8)])):
        frame = open_frame(pa.table({"v": column})).with_nulls
        assert frame["v"].to_list() == column.to_pylist()


def test_texts_behind_two_gibibytes_come_in():
    """Where Arrow makes no views; the bytes before them are never touched, so that they take no memory."""
    rows, far = 5_000, 2**31
    data = np.zeros(far + 14 * rows, np.uint8)
    data[far:] = ord("x")
    ends = pa.py_buffer(np.arange(rows + 1, dtype=np.int64) * 14 + far)
    column = pa.Array.from_buffers(pa.large_string(), rows, [None, ends, pa.py_buffer(data)])
    frame = open_frame(pa.table({"v": column})).with_nulls
    assert frame["v"].unique().to_list() == ["x" * 14]
    assert frame.height == rows
