"""What JSON says is held whole, however deep, or the row is a problem; held against a plain reading of it."""

import json
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nested_tables import DOCUMENTS, LEAVES, NUMERALS, columns
from polars.testing import assert_frame_equal, assert_series_equal

import occtoo_frames as of
from occtoo_frames.carecloud.cells import parsed
from occtoo_frames.carecloud.querying import _frame

HEAD = "00|||20260101000000|\n01|wks_note|||cc-note|\n02|entityId\n03|entityId|v:{kind}\n"


@pytest.fixture
def file(tmp_path):
    """Makes a file of one field."""

    def made(kind, *cells):
        path = tmp_path / "v.cc5txt"
        rows = "".join(f"10|k{row}|{cell}|\n" for row, cell in enumerate(cells))
        path.write_text(f"{HEAD.format(kind=kind)}{rows}99|{len(cells)}\n")
        return path

    return made


class Numeral(str):
    """A number as it was spelled."""

    __slots__ = ()


class Document:
    """JSON as text, equal to every spelling of it."""

    def __init__(self, value):
        self._value = value

    def __eq__(self, other):
        return _loaded(other) == self._value

    __hash__ = None


class LostError(Exception):
    """The dtype has no value that says the same."""


def _loaded(cell):
    return json.loads(cell, parse_int=Numeral, parse_float=Numeral)


def _plainly(value, dtype):
    """What ``value`` is as ``dtype``, by the book."""
    if value is None:
        return None
    if isinstance(dtype, pl.Struct):
        names = [field.name for field in dtype.fields]
        if not isinstance(value, dict) or any(value[name] is not None for name in value.keys() - names):
            raise LostError
        return {field.name: _plainly(value.get(field.name), field.dtype) for field in dtype.fields}
    if isinstance(dtype, pl.List | pl.Array):
        if not isinstance(value, list) or (isinstance(dtype, pl.Array) and len(value) != dtype.size):
            raise LostError
        return [_plainly(each, dtype.inner) for each in value]
    if isinstance(value, list | dict):
        return Document(value) if dtype == pl.String else _lose()
    return _scalar(str(value).lower() if isinstance(value, bool) else str(value), dtype)


def _scalar(text, dtype):
    if dtype == pl.String:
        return text
    if dtype == pl.Boolean:
        return {"true": True, "false": False}[text.lower()] if text.lower() in {"true", "false"} else _lose()
    if dtype == pl.Date:
        return _day(text)
    if not text.isascii() or "_" in text or "/" in text or text != text.strip():
        raise LostError
    try:
        return _number(text, Fraction(text), dtype)
    except ValueError:
        raise LostError from None


def _day(text):
    for pattern in ("%Y%m%d", "%Y%m%d%H%M%S", "%Y-%m-%d"):
        try:
            moment = datetime.strptime(text, pattern)  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
        if moment.strftime(pattern) == text and moment == datetime.combine(moment.date(), datetime.min.time()):
            return moment.date()
    raise LostError


def _number(text, number, dtype):
    if dtype.is_integer():
        low, high = pl.select(dtype.min(), dtype.max().alias("high")).row(0)
        return int(number) if number.denominator == 1 and low <= number <= high else _lose()
    if dtype.is_float():
        with np.errstate(over="ignore"):
            value = float(np.dtype(str(dtype).lower()).type(text))
        digits = text.lower().partition("e")[0].lstrip("+-").replace(".", "").strip("0")
        if not isfinite(value) or Fraction(f"{value:.{max(len(digits), 1) - 1}e}") != number:
            raise LostError
        return value
    if isinstance(dtype, pl.Decimal):
        scaled = number * 10**dtype.scale
        return number if scaled.denominator == 1 and abs(scaled) < 10**dtype.precision else _lose()
    raise AssertionError(dtype)


def _lose():
    raise LostError


_PLAIN = [leaf for leaf, _ in LEAVES if leaf.is_integer() or leaf in {pl.String, pl.Boolean, pl.Date, pl.Float64}]
_PLAIN += [pl.Float32()]
_DTYPES = st.recursive(
    st.sampled_from(_PLAIN),
    lambda inner: (
        inner.map(pl.List)
        | inner.map(lambda dtype: pl.Array(dtype, 2))
        | st.lists(inner, max_size=2).map(lambda of: pl.Struct({f"f {i}": dtype for i, dtype in enumerate(of)}))
    ),
    max_leaves=3,
)


@settings(max_examples=500)
@given(st.data(), _DTYPES.filter(lambda dtype: dtype.is_nested()))
def test_json_is_read_as_a_plain_reader_reads_it(data, dtype):
    """Value for value, and row for row where there is none."""
    cells = data.draw(st.lists(DOCUMENTS, max_size=4))
    told = parsed(pl.Series(cells, dtype=pl.String), "object", dtype)
    assert told.values.dtype == dtype
    for cell, value, lost in zip(cells, told.values.to_list(), told.lost, strict=True):
        try:
            expected = _plainly(_loaded(cell), dtype)
        except LostError:
            assert lost, (cell, dtype)
        else:
            assert (value, lost) == (expected, False), (cell, dtype)


_NUMBERS = [leaf for leaf, _ in LEAVES if leaf.is_numeric()] + [pl.Decimal(5, 2), pl.UInt8(), pl.Int32()]


@settings(max_examples=500)
@given(st.lists(NUMERALS, min_size=1, max_size=6), st.sampled_from(_NUMBERS))
def test_a_number_is_read_by_any_dtype_that_holds_it_and_by_no_other(numerals, dtype):
    """Whichever way it is spelled: in JSON, and in a cell of its own."""
    plain = []
    for numeral in numerals:
        try:
            plain.append(_scalar(numeral, dtype))
        except LostError:
            plain.append(None)
    cells = pl.Series(numerals)
    for kind, told in (
        ("list", parsed("[" + cells + "]", "list", pl.List(dtype))),
        ("number", parsed(cells, "number", dtype)),
    ):
        values = told.values.explode() if kind == "list" else told.values
        assert values.to_list() == plain
        assert told.lost.tolist() == [value is None for value in plain]


@settings(max_examples=300)
@given(columns())
def test_a_column_of_any_dtype_comes_back_with_its_own_schema(column):
    """Or it, or some of its values, are problems."""
    table = pl.DataFrame([pl.Series("key", range(len(column)), dtype=pl.Int64), column])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.cc5txt"
        try:
            written = of.carecloud.write_sync_file(table, path, entity="note", key="key", on_invalid="skip")
        except of.InvalidRowsError:
            return
        read = of.carecloud.read_sync_file(path, schema=table.schema, frame="polars")
    good = table.with_row_index("row").join(
        written.found.select(pl.col("row").cast(pl.UInt32)), on="row", how="anti", maintain_order="left"
    )
    expected = good["value"]
    if expected.dtype in {pl.String, pl.Categorical, pl.List(pl.String), pl.List(pl.Categorical)}:
        return
    assert_series_equal(read["value"], expected, check_exact=True, categorical_as_str=True)


@pytest.mark.parametrize(
    ("kind", "cell", "dtype"),
    [
        ("object", '{"a":1.5}', pl.Struct({"a": pl.Int64})),
        ("object", '{"a":9223372036854775808}', pl.Struct({"a": pl.Int64})),
        ("object", '{"a":300}', pl.Struct({"a": pl.Int8})),
        ("object", '{"a":1.005}', pl.Struct({"a": pl.Decimal(38, 2)})),
        ("object", '{"a":12345678901234567.89}', pl.Struct({"a": pl.Float64})),
        ("object", '{"a":1,"b":2}', pl.Struct({"a": pl.Int64})),
        ("object", '{"a":"2020-01-02T03:04:05.000001"}', pl.Struct({"a": pl.Datetime("ms")})),
        ("object", "{oops}", pl.Struct({"a": pl.Int64})),
        ("object", "[1]", pl.Struct({"a": pl.Int64})),
        ("list", "[1,2.5]", pl.List(pl.Int64)),
        ("list", "[1]", pl.Array(pl.Int64, 2)),
        ("array", "1,x,2.5", pl.List(pl.Int64)),
        ("array", "true,yes", pl.List(pl.Boolean)),
        ("array", "1,2", pl.List(pl.List(pl.Int64))),
        ("date", "20200102083000", pl.Date),
        ("date", "00010101", pl.Datetime("ns")),
        ("number", "1e400", pl.Float64),
        ("number", "1e999999999", pl.Int64),
        ("string", "PT0.0000001S", pl.Duration("us")),
    ],
)
def test_a_value_that_its_dtype_does_not_hold_is_a_problem(file, kind, cell, dtype):
    """Of its own row, and the value is not shown."""
    path = file(kind, "", cell)
    with pytest.raises(of.InvalidRowsError) as caught:
        of.carecloud.read_sync_file(path, schema={"v": dtype}, frame="polars")
    assert caught.value.problems.select("row", "column", "value").rows() == [(1, "v", None)]


def test_one_number_may_be_spelled_in_many_ways(file):
    """As long as it is the same."""
    path = file("list", '[1.0, 1e2, "7", 0.30e1]', "[]", "null")
    read = of.carecloud.read_sync_file(path, schema={"v": pl.List(pl.Int8)}, frame="polars")
    assert read["v"].to_list() == [[1, 100, 7, 3], [], None]


def test_the_portals_values_are_held_whole_or_refused(box):
    """As those of a file are, with a schema and without one."""
    table = pl.DataFrame(
        {"id": ["a"], "s": [{"a": 1.5}], "l": [[[1.5]]], "d": [{"a": Decimal("12345678901234567.89")}]}
    )
    of.carecloud.import_file(table, entity="note", key="id")
    for name, dtype in {"s": pl.Struct({"a": pl.Int64}), "l": pl.List(pl.List(pl.Int64)), "d": pl.Struct([])}.items():
        with pytest.raises(of.ProtocolError, match=f"1 values of '{name}'"):
            of.carecloud.query("note", schema={name: dtype})
    schema = {name: dtype for name, dtype in table.schema.items() if name != "id"}
    assert_frame_equal(of.carecloud.query("note", schema=schema, frame="polars").drop("entityId"), table.drop("id"))


def test_a_schema_reads_what_no_dtype_is_found_for():
    """Values of several kinds in one field, and numbers beyond any float."""
    records = [
        msgspec.Raw(b'{"k":"a","v":1.10,"w":1}'),
        msgspec.Raw(b'{"k":"b","v":true}'),
        msgspec.Raw(b'{"v":1e400}'),
    ]
    read = _frame(records, {"v": pl.String()})
    assert read.to_dict(as_series=False) == {
        "k": ["a", "b", None], "v": ["1.10", "true", "1e400"], "w": [1, None, None],
    }  # fmt: skip
    assert _frame(records[:1], {name: pl.String() for name in "kvw"}).row(0) == ("a", "1.10", "1")
    exact = _frame([msgspec.Raw(b'{"s":{"a":12345678901234567.89}}')], {})
    assert exact["s"].to_list() == ['{"a":12345678901234567.89}']


def test_what_is_asked_wrongly_is_said(file):
    """Before the file is read."""
    path = file("date", "20200101")
    for wrong in ({"v": "date"}, 5, {"v": pl.Object}, {"v": pl.List(pl.Object)}, {"v": pl.DataType}):
        with pytest.raises(of.ConfigurationError, match="schema"):
            of.carecloud.read_sync_file(path, schema=wrong)
    for name in ("v", "entityId"):
        with pytest.raises(of.ConfigurationError, match="delete"):
            of.carecloud.read_sync_file(path, delete=name)
    with pytest.raises(of.FileMissingError, match="nowhere"):
        of.carecloud.read_sync_file(path.with_name("nowhere.cc5txt"))


def test_leaves_that_have_no_text_are_problems(tmp_path):
    """Also those that the engine panics at, or writes as other values."""
    uneven = pl.Series([datetime(1890, 1, 1)]).dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Oslo")
    for series in (uneven, pl.Series([2**31 - 1], dtype=pl.Int32).cast(pl.Date), pl.Series([float("nan")])):
        table = pl.DataFrame({"id": ["a"], "v": pl.DataFrame({"a": series}).to_struct()})
        written = of.carecloud.write_sync_file(table, tmp_path / "v.cc5txt", entity="note", key="id", on_invalid="skip")
        assert written.found.select("row", "column").rows() == [(0, "v")]
