"""Every kind of table comes in whole, and what the engine cannot hold is named."""

import datetime as dt
import gc
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import occtoo_frames as of
from occtoo_frames._frames.door import open_frame

_UTC = dt.UTC


def _objects(*values):
    return pd.DataFrame({"k": [f"k{number}" for number in range(len(values))], "v": pd.Series(values, dtype=object)})


def _values(frame, **options):
    entries = of.to_entries(frame, "k", **options)
    table = open_frame(entries).whole()
    return dict(zip(table["key"], table["value"], strict=True))


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (("a", None, float("nan")), ("a", None, None)),
        ((1, 2.5, None), ("1.0", "2.5", None)),
        ((True, None, np.bool_(False)), ("true", None, "false")),
        ((2**70, -1, None), (str(2**70), "-1", None)),
        ((np.int64(3), 4, pd.NA), ("3", "4", None)),
        ((Decimal("1.5"), Decimal("2.25"), Decimal("NaN")), ("1.5", "2.25", None)),
        ((dt.date(2026, 1, 2), None, pd.NaT), ("2026-01-02", None, None)),
        (
            (dt.datetime(2026, 1, 2, 3), pd.Timestamp("2026-01-03"), None),
            ("2026-01-02T03:00:00", "2026-01-03T00:00:00", None),
        ),
        ((dt.time(1, 2), None, None), ("01:02:00", None, None)),
        ((dt.timedelta(hours=1), None, None), ("PT1H", None, None)),
        ((["a", "b"], [], None), ("a|b", "", None)),
        ((np.array([1, 2]), None, None), ("1|2", None, None)),
        ((None, None, None), (None, None, None)),
    ],
)
def test_object_columns_are_read_by_what_they_hold(values, texts):
    """Missing values are missing whatever they are called."""
    assert _values(_objects(*values)) == {f"k{at}": text for at, text in enumerate(texts)}


@pytest.mark.parametrize(
    ("values", "row"),
    [
        (("a", 1, "b"), 1),
        ((1, "n/a", 2), 1),
        ((dt.date(2026, 1, 1), dt.date(2026, 1, 2), dt.datetime(2026, 1, 2, 5)), 2),
        ((dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 1, tzinfo=_UTC), dt.datetime(2026, 1, 1)), 1),
        ((1, True, 2), 1),
        (("a", b"b", "c"), 1),
        ((10**40, 1, 2), 0),
        ((2**53 + 1, 0.5, 1.5), 0),
    ],
)
def test_an_odd_object_is_a_problem_of_its_row(values, row):
    """Arrow would bend some of them without a word; the others are still written."""
    plan = of.plan(_objects(*values), "k")
    assert plan.problems[["row", "key", "column", "rule"]].to_numpy().tolist() == [[row, f"k{row}", "v", "value-type"]]
    assert plan.counts["entries"] == len(values) - 1


@pytest.mark.parametrize("values", [({"a": 1}, {"a": 2}), (b"a", b"b"), ([[1]], [[2]]), (1 + 2j, 2j)], ids=str)
def test_a_column_that_has_no_text_form_is_one_problem(values):
    """It concerns the whole column, and so every row."""
    plan = of.plan(_objects(*values), "k")
    (problem,) = plan.problems.to_dict("records")
    assert (problem["column"], problem["rule"]) == ("v", "value-type")
    assert pd.isna(problem["row"])
    assert plan.counts["invalid"] == len(values)


def test_lone_surrogates_are_problems():
    """No UTF-8 can hold half a pair; the rest of the column is fine."""
    plan = of.plan(_objects("a", "b\ud800", None), "k")
    assert plan.problems[["row", "rule", "value"]].to_numpy().tolist() == [[1, "value-surrogate", "b\\ud800"]]
    assert _values(_objects("a", "b\ud800", None)) == {"k0": "a", "k2": None}


def test_a_name_that_no_utf_8_can_hold_is_refused_by_name():
    """Of a column, or of the index."""
    frame = pd.DataFrame([["a", "b"]], columns=pd.Index(["k", "x\ud800"], dtype=object))
    for table in (frame, frame.set_index("x\ud800")):
        with pytest.raises(of.UnsupportedFrameError, match=r"column 'x\\ud800': its name holds half"):
            of.plan(table, "k")


def test_infinities_of_pandas_are_problems_and_nan_is_missing():
    """One rule for missing values."""
    plan = of.plan(pd.DataFrame({"k": ["a", "b", "c"], "v": [1.5, np.nan, np.inf]}), "k")
    assert plan.problems[["row", "rule", "value"]].to_numpy().tolist() == [[2, "value-not-finite", "inf"]]


@pytest.mark.parametrize("dtype", ["float64[pyarrow]", "Float32", "float16"])
def test_infinities_and_nan_of_any_backend_are_told_apart(dtype):
    """Even where they follow one another, and where Arrow keeps the one as it was."""
    floats = np.array([np.inf, np.nan, -np.inf, 2.0], dtype.removesuffix("[pyarrow]").lower())
    column = pd.Series(pa.array(floats), dtype=dtype) if "pyarrow" in dtype else pd.Series(floats, dtype=dtype)
    plan = of.plan(pd.DataFrame({"k": ["a", "b", "c", "d"], "v": column}), "k")
    assert plan.problems[["row", "rule"]].to_numpy().tolist() == [[0, "value-not-finite"], [2, "value-not-finite"]]


@pytest.mark.parametrize("kind", ["pandas", "pyarrow"])
def test_large_tables_keep_their_columns_apart(kind):
    """Two threads take them in; columns, values and flaws stand where they stood."""
    odd = pa.array([b"ok", b"\xff"] * 20_000).view(pa.string())
    table = pa.table({f"c{n}": odd if n % 5 == 0 else pa.array([str(n), None] * 20_000) for n in range(20)})
    source = open_frame(table.to_pandas(types_mapper=pd.ArrowDtype) if kind == "pandas" else table)
    frame = source.with_nulls
    assert frame.columns == table.column_names
    assert [column[0] for column in frame] == ["ok" if n % 5 == 0 else str(n) for n in range(20)]
    assert set(frame.null_count().row(0)) == {20_000}
    assert [(flaw.column, len(flaw.rows)) for flaw in source.flaws] == [(f"c{n}", 20_000) for n in (0, 5, 10, 15)]


def test_nan_of_polars_is_a_problem():
    """There it is a number that is none, not a missing one."""
    plan = of.plan(pl.DataFrame({"k": ["a", "b"], "v": [1.5, float("nan")]}), "k")
    assert plan.problems.select("row", "rule").rows() == [(1, "value-not-finite")]


@pytest.mark.parametrize("dtype", ["Int64", "int64[pyarrow]", "UInt8", "int32"])
def test_integers_of_any_backend_are_digits(dtype):
    """Nullable, Arrow-backed, numpy."""
    assert _values(pd.DataFrame({"k": ["a"], "v": pd.array([7], dtype=dtype)})) == {"a": "7"}


def test_the_whole_float_trap_is_told():
    """An integer column with a missing value is float in numpy-pandas."""
    plan = of.plan(pd.DataFrame({"k": ["a", "b"], "v": [1.0, None]}), "k")
    assert _values(pd.DataFrame({"k": ["a", "b"], "v": [1.0, None]})) == {"a": "1.0", "b": None}
    assert "'v'" in plan.warnings[0]
    assert "astype('Int64')" in plan.warnings[0]


def test_a_whole_float_key_is_written_as_integers():
    """What was 4711 is not 4711.0."""
    plan = of.plan(pd.DataFrame({"k": [4711.0, None, 4712.0]}), "k")
    assert plan.problems["rule"].to_list() == ["key-missing"]
    assert plan.entries()["key"].to_list() == ["4711", "4712"]


def test_a_float_key_of_polars_is_refused():
    """There a float is meant as one."""
    assert of.plan(pl.DataFrame({"k": [1.0]}), "k").problems["rule"].to_list() == ["key-characters"]


@pytest.mark.parametrize(
    "index", [[10, 20], ["x", "x"], pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])], ids=["ints", "twice", "levels"]
)
def test_any_index_will_do(index):
    """Rows are counted, labels are given back."""
    frame = pd.DataFrame({"k": ["ok", "not ok"], "v": [1, 2]}, index=index)
    before = frame.copy()
    plan = of.plan(frame, "k")
    assert plan.problems["row"].to_list() == [1]
    pd.testing.assert_frame_equal(frame, before)


def test_the_index_can_be_the_key():
    """Its levels joined like key columns."""
    frame = pd.DataFrame({"v": [1, 2]}, index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]))
    assert of.plan(frame, of.INDEX).entries()["key"].to_list() == ["a-1", "b-2"]
    with pytest.raises(of.ConfigurationError, match="pandas"):
        of.plan(pl.DataFrame({"k": ["a"]}), of.INDEX)


@pytest.mark.parametrize(
    ("series", "text"),
    [
        (pd.Series(["a"], dtype="category"), "a"),
        (pd.Series([3], dtype="category"), "3"),
        (pd.Series(pd.to_datetime(["2026-07-01"])).dt.tz_localize("Europe/Stockholm"), "2026-07-01T00:00:00+02:00"),
        (pd.Series(pd.arrays.SparseArray([7])), "7"),
        (pd.Series(["a"], dtype="string[python]"), "a"),
        (pd.Series(["a"], dtype="str"), "a"),
        (pd.Series([True], dtype="boolean"), "true"),
    ],
)
def test_pandas_dtypes_are_written_by_the_table(series, text):
    """Categories as text, zones with their offset."""
    assert _values(pd.DataFrame({"k": ["a"], "v": series})) == {"a": text}


def test_two_columns_of_one_name_are_refused():
    """Nobody could say which is meant."""
    with pytest.raises(of.UnsupportedFrameError, match="'v'"):
        of.plan(pd.DataFrame([["a", 1, 2]], columns=["k", "v", "v"]), "k")


@pytest.mark.parametrize("thing", [[{"k": "a"}], {"k": ["a"]}, 3, None, pd.Series(["a"]), pl.Series(["a"])], ids=repr)
def test_what_is_no_table_is_refused(thing):
    """With the list of what would do."""
    with pytest.raises(of.UnsupportedFrameError, match="__arrow_c_stream__"):
        of.plan(thing, "k")


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.Table], ids=repr)
def test_a_class_is_no_table(kind):
    """Though it has all that its objects have."""
    with pytest.raises(of.UnsupportedFrameError, match="is a class, not a table"):
        of.plan(kind, "k")


class _Failing:
    """Something whose stream cannot be had."""

    def __init__(self, *words):
        self._words = words

    def __arrow_c_stream__(self, requested_schema=None):
        raise RuntimeError(*self._words)


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (pa.chunked_array([["a"]]), "ChunkedArray gives no table: .*non-struct"),
        (_Failing("the line went dead\nmore"), "_Failing gives no table: the line went dead$"),
        (_Failing(), "_Failing gives no table: RuntimeError$"),
    ],
    ids=["column", "words", "silence"],
)
def test_a_stream_that_gives_no_table_is_told_in_words(thing, words):
    """Whatever its maker raises."""
    with pytest.raises(of.UnsupportedFrameError, match=words):
        of.plan(thing, "k")


class _Stream:
    """Something that can be read once, and is neither polars nor pyarrow."""

    def __init__(self, table):
        self._table = table

    def __arrow_c_stream__(self, requested_schema=None):
        table, self._table = self._table, None
        return table.__arrow_c_stream__(requested_schema)


def test_a_stream_is_read_once_and_goes_with_its_plan():
    """It is laid down in a file, checked, sent, and the file is gone with the plan."""
    plan = of.plan(_Stream(pa.table({"k": ["a", "b"], "v": pa.array([1, 2], pa.duration("us"))})), "k")
    file = Path(plan.source.with_nulls.explain().split("[")[1].split("]")[0].split(",")[0])
    assert file.is_file()
    assert len(list(plan.bodies())) == len(list(plan.bodies())) == 1
    assert plan.entries().column("value").to_pylist() == ["PT0.000001S", "PT0.000002S"]
    del plan
    gc.collect()
    assert not file.exists()


@pytest.mark.parametrize("stream", [False, True])
def test_an_arrow_column_that_the_engine_cannot_hold_is_a_problem_of_that_column_alone(stream):
    """It is named, and does not matter where it is left out."""
    wide = pa.array([Decimal(1), None], pa.decimal256(50, 2))
    table = pa.table({"k": ["a", "b"], "wide": wide, "name": ["x", "y"]})
    plans = [of.plan(table.to_reader() if stream else table, "k", properties=names) for names in (None, ["name"])]
    assert plans[0].problems["column"].to_pylist() == ["wide"]
    assert "decimal256(50, 2)" in plans[0].problems["message"][0].as_py()
    assert plans[1].ok
    assert plans[1].entries().column("value").to_pylist() == ["x", "y"]


def test_a_lazy_table_that_changes_is_seen():
    """Even when every size stays the same."""
    calls = []

    def changing(frame):
        calls.append(1)
        return frame.with_columns(v=pl.lit("abc"[len(calls) % 3]))

    lazy = pl.LazyFrame({"k": ["a"]}).map_batches(changing, schema={"k": pl.String, "v": pl.String})
    plan = of.plan(lazy, "k")
    with pytest.raises(of.PlanError, match="changed"):
        list(plan.bodies())


def test_a_pandas_frame_changed_after_planning_does_not_change_the_plan():
    """The plan sends what it showed."""
    frame = pd.DataFrame({"k": ["a", "b"], "v": [1, 2]})
    plan = of.plan(frame, "k")
    frame.loc[0, "v"] = 9
    assert plan.entries()["value"].to_list() == ["1", "2"]


def test_the_index_that_pandas_leaves_in_arrow_is_not_a_column():
    """It was none in pandas."""
    table = pa.Table.from_pandas(pd.DataFrame({"k": ["a"], "v": [1]}, index=[7]))
    assert [column.property for column in of.plan(table, "k").sent_as] == ["v"]


def test_a_nameless_column_is_a_problem_of_every_kind_of_frame():
    """Nothing invents a name for it."""
    for frame in (
        pd.DataFrame({"k": ["a"], "": [1]}),
        pl.DataFrame({"k": ["a"], "": [1]}),
        pa.table({"k": ["a"], "": [1]}),
    ):
        assert of.plan(frame, "k").found["rule"].to_list() == ["property-id"]


def test_a_key_may_be_a_columns_number():
    """As pandas names columns."""
    assert of.plan(pd.DataFrame([["a", 1]]), 0).found["column"].to_list() == []


def test_a_stream_of_nothing_that_can_be_read_keeps_its_rows():
    """None is gone; what cannot be read is no key."""
    table = pa.table({"k": pa.array([Decimal(1), Decimal(2)], pa.decimal256(50, 0))})
    assert sum(part.height for part in open_frame(table.to_reader()).slices(["k"])) == 2
    with pytest.raises(of.PlanError, match="key column 'k'"):
        of.plan(table.to_reader(), "k")


def test_a_query_of_unknown_length_is_counted_like_the_table_that_it_gives():
    """What is kept of every row grows past its first room."""
    table = pl.DataFrame({"k": [f"k{number}" for number in range(150_000)], "v": range(150_000)})
    query = table.lazy().filter(pl.col("v") >= 0)
    assert of.plan(query, "k").counts == of.plan(table, "k").counts


@pytest.mark.parametrize(
    ("kind", "words"), [("polrs", "did you mean 'polars'?"), ("dask", "got 'dask'"), (None, "None")]
)
@pytest.mark.parametrize(
    "ask",
    [
        lambda **said: of.read_destination("https://nobody.invalid/a/b/c/d", **said),
        lambda **said: of.read_facets("https://nobody.invalid/a/b/c/d", **said),
        lambda **said: of.read_changes("https://nobody.invalid/a/b/c/d", **said),
        lambda **said: of.read_media(["a"], **said),
        lambda **said: of.delete_media(["a"], **said),
        lambda **said: of.carecloud.query("family_member", **said),
    ],
)
def test_an_unknown_kind_of_frame_is_refused_before_anybody_is_asked(monkeypatch, ask, kind, words):
    """It is not pandas; a deletion would have been done by then."""
    asked = []
    nobody = of.Connection(global_url="https://nobody.invalid", ingest_url="https://nobody.invalid")
    monkeypatch.setattr(type(nobody.session), "call", lambda *_, **__: asked.append(1))
    with pytest.raises(of.ConfigurationError, match="frame must be one of 'pandas', 'polars', 'pyarrow'") as caught:
        ask(frame=kind, connection=nobody)
    assert words in str(caught.value)
    assert not asked


@pytest.mark.parametrize(
    "column",
    [
        pd.array([4711.0, None], dtype="Float64"),
        pd.array([4711.0, None], dtype="float64[pyarrow]"),
        pd.Series([4711.0, None], dtype=object),
        np.array([4711.0, None], dtype=np.float32),
    ],
    ids=["nullable", "arrow", "objects", "half as long"],
)
def test_the_whole_float_trap_is_seen_in_every_dtype(column):
    """It has the same cause in each."""
    plan = of.plan(pd.DataFrame({"k": column, "v": column}).iloc[:1], "k")
    assert plan.entries()[["key", "value"]].to_numpy().tolist() == [["4711", "4711.0"]]
    plan = of.plan(pd.DataFrame({"k": ["a", "b"], "v": list(column)}).astype({"v": column.dtype}), "k")
    assert "astype('Int64')" in plan.warnings[0]


def test_a_column_called_none_is_a_nameless_one():
    """Pandas makes NaN of it, which nobody called it."""
    assert of.plan(pd.DataFrame({"k": ["a"], None: [1]}), "k").found.select("column", "rule").rows() == [
        ("", "property-id")
    ]


@pytest.mark.parametrize(
    ("names", "shown"), [([None], ["the index"]), (["sku"], ["sku"]), (["sku", None], ["sku", "level 1 of the index"])]
)
def test_problems_name_an_index_as_people_do(names, shown):
    """By its name, or as the index; and so does the table of columns."""
    index = pd.MultiIndex.from_tuples([("a", Decimal("NaN")), ("b", Decimal(10) ** 40)])
    index = index.set_names(names) if len(names) > 1 else pd.Index(["not ok", "b"], name=names[0])
    plan = of.plan(pd.DataFrame({"v": [1, 2]}, index=index), of.INDEX)
    assert set(plan.problems["column"].dropna()) == {shown[-1]}
    assert plan.columns["column"].to_list() == [*shown, "v"]


def test_an_index_may_hold_whatever_a_column_may():
    """Its columns have names that no foreign library takes."""
    moments = pd.MultiIndex.from_arrays([["a"], pd.to_datetime(["2026-03-01T12:00+05:30"])])
    assert of.plan(pd.DataFrame({"v": [1]}, index=moments), of.INDEX).problems["key"].to_list() == [
        "a-2026-03-01T12:00:00+05:30"
    ]
    lists = pd.DataFrame({"v": [1]}, index=pd.Index([(1, 2)], tupleize_cols=False))
    with pytest.raises(of.PlanError, match=r"'the index' is .* cannot be written as a key"):
        of.plan(lists, of.INDEX)


def test_a_polars_frame_changed_after_planning_does_not_change_the_plan():
    """It shows what it showed before, and sends nothing that was not checked."""
    frame = pl.DataFrame({"k": ["k1", "k2"], "v": ["a", "b"]})
    plan = of.plan(frame, "k")
    frame[0, "k"], frame[0, "v"] = "k2", "Z"
    frame.drop_in_place("v")
    assert plan.entries().select("key", "value").rows() == [("k1", "a"), ("k2", "b")]
    with pytest.raises(of.PlanError, match="changed since it was planned"):
        next(plan.bodies())


def test_a_column_of_objects_in_polars_is_one_problem():
    """Not one of the door and one of the table of values."""
    frame = pl.DataFrame({"k": ["a"], "v": pl.Series([object()], dtype=pl.Object)})
    assert of.plan(frame, "k").found.select("row", "column", "rule").rows() == [(None, "v", "value-type")]


@pytest.mark.parametrize("dtype", ["float64", "float32", "Float64", pd.ArrowDtype(pa.float64())])
@pytest.mark.parametrize(
    ("last", "whole"), [(7.0, True), (0.5, False), (2.0**53, False), (np.inf, False), (np.nan, True)]
)
def test_whole_numbers_among_many_floats_are_known(dtype, last, whole):
    """By all of them, however late one is not."""
    numbers = pd.Series([1.0, np.nan, -0.0, -3.0] * 1_000 + [last]).astype(dtype)
    source = open_frame(pd.DataFrame({"v": numbers}))
    assert ("v" in source.whole_floats) is whole
    assert source.with_nulls["v"].null_count() == 1_000 + np.isnan(last)
    assert not source.with_nulls["v"].is_nan().any()


def test_the_whole_of_a_table_has_every_cell_or_none():
    """Which the engine cannot hold is said; cells of other columns do not matter."""
    source = open_frame(pd.DataFrame({"k": ["a"] * 9, "v": pd.Series([*range(8), "x"], dtype=object)}))
    assert source.whole("it", ["k"]).height == 9
    with pytest.raises(of.PlanError, match=r"^it: cells of column 'v' cannot be read \(row 8: 'x'\)"):
        source.whole("it")
    assert source.with_nulls["v"].null_count() == 1
