"""What files would change without a word is found before: each rule, and that the loss is real."""

import datetime as dt
from decimal import Decimal

import pandas as pd
import polars as pl
import pyreadstat
import pytest

import occtoo_frames as of

UTC = dt.timezone.utc  # noqa: UP017 - the name that the table below has room for

CELLS = [
    ("zsav", "value-not-finite", pl.Series([1.0, float("nan")])),
    ("zsav", "value-not-finite", pl.Series([1.0, float("-inf")])),
    ("csv", "value-not-finite", pl.Series([1.0, float("inf")])),
    ("zsav", "value-not-finite", pl.Series([1.0, -1.7976931348623157e308])),
    ("zsav", "value-precision", pl.Series([2**53, 2**53 + 1])),
    ("sav", "value-precision", pl.Series([-(2**53), -(2**53) - 1])),
    ("xlsx", "value-precision", pl.Series([0, 2**60])),
    ("zsav", "value-precision", pl.Series([0, 2**63 + 1], dtype=pl.UInt64)),
    ("zsav", "value-precision", pl.Series([0, -(2**100)], dtype=pl.Int128)),
    ("zsav", "value-precision", pl.Series([Decimal("0.1"), Decimal("12345678901234567890.1")])),
    ("zsav", "value-precision", pl.Series([dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 1, 0, 0, 0, 1)])),
    ("zsav", "value-precision", pl.Series([0, 1_500], dtype=pl.Int64).cast(pl.Time)),
    ("xlsx", "value-precision", pl.Series([dt.time(1), dt.time(1, 0, 0, 10)])),
    ("zsav", "null-text", pl.Series(["", None])),
    ("xlsx", "empty-text", pl.Series(["x", ""])),
    ("zsav", "value-trailing-space", pl.Series([" x", "x "])),
    ("zsav", "value-characters", pl.Series(["x", "a\0b"])),
    ("xlsx", "value-characters", pl.Series(["a\nb", "a\rb"])),
    ("xlsx", "value-characters", pl.Series(["_x41_", "_x0041_"])),
    ("zsav", "value-length", pl.Series(["å" * 16_383, "å" * 16_384])),
    ("xlsx", "value-length", pl.Series(["x" * 32_767, "😀" * 16_384])),
    ("xlsx", "value-range", pl.Series([dt.date(1900, 3, 1), dt.date(1900, 2, 28)])),
]


@pytest.mark.parametrize(
    ("fmt", "rule", "column"), CELLS, ids=[f"{fmt} {rule} {n}" for n, (fmt, rule, _) in enumerate(CELLS)]
)
def test_a_cell_that_would_change_is_a_problem(fmt, rule, column):
    """The second cell of each column is one, the first is not."""
    found = of.datatile.check(pl.DataFrame({"v": column}), format=fmt)
    assert found.select("row", "column", "rule").rows() == [(1, "v", rule)]


@pytest.mark.parametrize("column", [column for fmt, _, column in CELLS if fmt == "zsav"])
def test_most_of_it_is_no_loss_in_a_csv(column):
    """Text holds it, but for numbers that are none."""
    found = of.datatile.check(pl.DataFrame({"v": column, "w": 1}), format="csv")
    assert set(found["rule"]) <= {"value-not-finite"}


def test_a_missing_value_alone_on_its_line_is_a_problem_in_a_csv():
    """Most readers would skip the row."""
    frame = pl.DataFrame({"v": ["x", None, ""]})
    assert of.datatile.check(frame, format="csv").select("row", "rule").rows() == [(1, "empty-line")]


@pytest.mark.parametrize(
    "dtype", [pl.List(pl.Int64), pl.Struct({"a": pl.Int64}), pl.Binary, pl.Duration, pl.Array(pl.Int8, 2)]
)
@pytest.mark.parametrize("fmt", ["zsav", "csv"])
def test_a_column_that_no_variable_holds_is_a_problem(dtype, fmt):
    """Of the column, not of its rows."""
    found = of.datatile.check(pl.DataFrame(schema={"v": dtype}), format=fmt)
    assert found.select("row", "column", "rule").rows() == [(None, "v", "value-type")]


def test_a_time_zone_is_a_problem_or_becomes_utc(tmp_path):
    """The moment stays what it is."""
    moment = dt.datetime(2024, 7, 1, 12, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    frame = pl.DataFrame({"at": [moment]}).with_columns(pl.col("at").dt.convert_time_zone("Europe/Stockholm"))
    assert of.datatile.check(frame)["rule"].to_list() == ["time-zone"]
    of.datatile.write_file(frame, tmp_path / "t.zsav", allow=["time-zone"])
    assert of.datatile.read_file(tmp_path / "t.zsav", frame="polars").frame["at"].to_list() == [
        dt.datetime(2024, 7, 1, 10)
    ]
    assert of.datatile.check(frame, format="csv").is_empty()


LOSSY = [
    ({"v": ["", None]}, {}),
    ({"v": ["x "]}, {}),
    ({"v": [2**53 + 1]}, {}),
    ({"v": [1]}, {"labels": {"v": "å" * 200}}),
    ({"v": [1]}, {"value_labels": {"v": {1: "å" * 100}}}),
]


@pytest.mark.parametrize(("data", "said"), LOSSY)
def test_the_library_loses_what_is_a_problem(data, said, tmp_path):
    """Written without a check, it comes back as something else and nothing is said: the checks are needed."""
    frame = pl.DataFrame(data, schema={"v": pl.String if isinstance(data["v"][0], str) else pl.Int64})
    assert of.datatile.check(frame, **said).height == 1
    pyreadstat.write_sav(
        frame,
        str(tmp_path / "v.sav"),
        column_labels=said.get("labels"),
        variable_value_labels=said.get("value_labels"),
    )
    read = of.datatile.read_file(tmp_path / "v.sav", frame="polars")
    same = read.frame["v"].to_list() == frame["v"].to_list()
    assert (same, dict(read.labels), dict(read.value_labels)) != (
        True,
        said.get("labels", {}),
        said.get("value_labels", {}),
    )


@pytest.mark.parametrize(("data", "said"), LOSSY)
def test_a_loss_that_is_allowed_is_written_and_told(data, said, tmp_path):
    """Labels are cut between characters."""
    frame = pl.DataFrame(data, schema={"v": pl.String if isinstance(data["v"][0], str) else pl.Int64})
    (rule,) = set(of.datatile.check(frame, **said)["rule"])
    written = of.datatile.write_file(frame, tmp_path / "v.zsav", allow=[rule], **said)
    assert written.losses["rule"].to_list() == [rule]
    read = of.datatile.read_file(tmp_path / "v.zsav", frame="polars")
    assert all("�" not in label and len(label.encode()) in {120, 256} for label in read.labels.values())
    assert all(len(label.encode()) == 120 for labels in read.value_labels.values() for label in labels.values())


def test_problems_keep_the_file_from_being_written(tmp_path):
    """They are in the exception, as a frame of the caller's kind; an older file stays."""
    (tmp_path / "old.zsav").write_bytes(b"old")
    with pytest.raises(of.InvalidRowsError, match=r"null-text 1(?s:.)*row \d, column '.+allow=") as caught:
        of.datatile.write_file(pd.DataFrame({"a": ["x", None]}), tmp_path / "old.zsav")
    assert isinstance(caught.value.problems, pd.DataFrame)
    assert caught.value.problems["row"].tolist() == [1]
    assert [path.name for path in tmp_path.iterdir()] == ["old.zsav"]
    assert (tmp_path / "old.zsav").read_bytes() == b"old"


def test_only_losses_can_be_allowed():
    """A list has no place in a file, whatever is allowed."""
    with pytest.raises(of.ConfigurationError, match="value-type"):
        of.datatile.write_file(pl.DataFrame({"a": [1]}), "x.zsav", allow=["value-type"])


def test_rows_of_problems_count_over_slices():
    """The position is that of the table, not of a slice."""
    frame = pl.LazyFrame({"a": ["x"] * 70_000 + ["y "]})
    assert of.datatile.check(frame)["row"].to_list() == [70_000]


def test_what_the_door_cannot_hold_is_told_too():
    """A column of mixed Python objects."""
    found = of.datatile.check(pd.DataFrame({"a": pd.Series([1, "x", {}], dtype=object)}))
    assert set(found["rule"]) == {"value-type"}


def test_a_table_without_columns_is_a_problem():
    """A file of no variables is none."""
    assert of.datatile.check(pl.DataFrame())["rule"].to_list() == ["file-size"]


def test_an_unknown_format_is_refused(tmp_path):
    """There are four."""
    with pytest.raises(of.ConfigurationError, match="zsav, sav, xlsx, csv"):
        of.datatile.write_file(pl.DataFrame({"a": [1]}), tmp_path / "x.dta")


@pytest.mark.parametrize("fmt", ["zsav", "xlsx", "csv"])
def test_an_index_that_has_a_name_is_a_problem(tmp_path, fmt):
    """The ids of respondents stand there as often as not; no file holds it, unless it is a column as well."""
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}, index=pd.Index(["k", "l"], name="respondent"))
    found = of.datatile.check(frame, format=fmt)
    assert found[["column", "rule"]].to_numpy().tolist() == [["respondent", "index"]]
    assert "reset_index()" in found["hint"][0]
    assert of.datatile.check(frame.reset_index(), format=fmt).empty
    assert of.datatile.check(frame.rename_axis(None), format=fmt).empty
    assert of.datatile.check(frame.set_index("a", drop=False), format=fmt).empty
    with pytest.raises(of.InvalidRowsError, match="index 1"):
        of.datatile.write_file(frame, tmp_path / f"t.{fmt}")
    written = of.datatile.write_file(frame, tmp_path / f"t.{fmt}", allow=["index"])
    assert written.losses["rule"].tolist() == ["index"]


def test_each_named_level_of_an_index_is_a_problem():
    """And none that has no name."""
    levels = pd.MultiIndex.from_tuples([(1, 2, 3)], names=["year", None, "town"])
    found = of.datatile.check(pd.DataFrame({"a": [1]}, index=levels))
    assert found["column"].tolist() == ["year", "town"]
