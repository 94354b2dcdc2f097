"""Files of variables written and read back: values, types and labels are those of the table."""

import datetime as dt

import openpyxl
import pandas as pd
import polars as pl
import pyreadstat
import pytest
import xlsxwriter
from hypothesis import assume, given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import occtoo_frames as of

WHOLE = st.integers(-(2**53), 2**53)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
COLUMNS = {
    pl.Int64(): WHOLE,
    pl.Int8(): st.integers(-128, 127),
    pl.UInt64(): st.integers(0, 2**53),
    pl.Float64(): st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: abs(x) < 1.79e308),
    pl.Boolean(): st.booleans(),
    pl.String(): TEXT,
    pl.Date(): st.dates(),
    pl.Datetime("us"): st.datetimes().map(lambda t: t.replace(microsecond=t.microsecond // 1000 * 1000)),
    pl.Time(): st.times(),
    pl.Enum(["a", "ö", "c d"]): st.sampled_from(["a", "ö", "c d"]),
}
READ_AS = {pl.Int8(): pl.Int64(), pl.UInt64(): pl.Int64()}


@st.composite
def tables(draw):
    """A table of up to five columns and eight rows; texts have no nulls and no space at their end."""
    dtypes = draw(st.lists(st.sampled_from(list(COLUMNS)), min_size=1, max_size=5))
    height = draw(st.integers(0, 8))
    columns = []
    for number, dtype in enumerate(dtypes):
        cells = COLUMNS[dtype].map(lambda text: text.rstrip(" ")) if dtype == pl.String else st.none() | COLUMNS[dtype]
        values = draw(st.lists(cells, min_size=height, max_size=height))
        columns.append(pl.Series(f"v{number}", values, dtype=dtype))
    return pl.DataFrame(columns)


@given(tables(), st.sampled_from(["zsav", "sav"]))
def test_what_has_no_problems_comes_back_from_spss_as_it_was(tmp_path_factory, frame, fmt):
    """Random tables; narrow integers come back as wide ones."""
    assert of.datatile.check(frame, format=fmt).is_empty()
    path = tmp_path_factory.mktemp("spss") / f"t.{fmt}"
    of.datatile.write_file(frame, path)
    read = of.datatile.read_file(path, frame="polars").frame
    assert_frame_equal(read, frame.cast({name: READ_AS[d] for name, d in frame.schema.items() if d in READ_AS}))


@given(tables().map(lambda frame: frame.cast({pl.Enum: pl.String})))
def test_a_csv_holds_every_value_as_text(tmp_path_factory, frame):
    """Read with the types of the table, it is the table; missing and empty text stay apart."""
    assume(of.datatile.check(frame, format="csv").is_empty())
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    of.datatile.write_file(frame, path)
    read = pl.read_csv(path, schema=frame.schema)
    assert_frame_equal(read, frame)


def test_every_type_comes_back_from_spss(people, tmp_path):
    """Decimals as the doubles that they are exactly; a category as a category, an enum with its order."""
    of.datatile.write_file(people, tmp_path / "p.zsav")
    read = of.datatile.read_file(tmp_path / "p.zsav", frame="polars").frame
    assert_frame_equal(read, people.with_columns(pl.col("price").cast(pl.Float64)))
    assert read.schema["size"] == pl.Enum(["S", "M", "L"])


@pytest.mark.parametrize("kind", ["pandas", "pyarrow"])
def test_any_kind_of_table_writes_the_same_file(people, tmp_path, kind):
    """But for what the kind cannot say: an enum is a plain category in Arrow."""
    plain = people.with_columns(pl.col("size").cast(pl.Categorical))
    frames = {"pandas": plain.to_pandas(use_pyarrow_extension_array=True), "pyarrow": plain.to_arrow()}
    of.datatile.write_file(frames[kind], tmp_path / "a.zsav", allow=["null-text"])
    read = of.datatile.read_file(tmp_path / "a.zsav", frame="polars").frame
    assert_frame_equal(
        read.cast({pl.Enum: pl.String, pl.Categorical: pl.String}),
        plain.with_columns(pl.col("price").cast(pl.Float64)).cast({pl.Categorical: pl.String}),
    )


def test_a_file_is_read_into_the_kind_that_was_asked_for(people, tmp_path):
    """Pandas if nothing was."""
    of.datatile.write_file(people, tmp_path / "p.sav")
    assert isinstance(of.datatile.read_file(tmp_path / "p.sav").frame, pd.DataFrame)


def test_a_workbook_holds_texts_as_texts(tmp_path):
    """Nothing becomes a formula, a link or a number; dates are dates."""
    cells = ["=1+1", "007", "https://example.com", "@x", "+1", " x ", "1e5"]
    frame = pl.DataFrame({"t": cells, "d": [dt.date(2024, 2, 29)] * 7, "n": [2**53, None, 1, 2, 3, 4, 5]})
    of.datatile.write_file(frame, tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    assert [cell.value for cell in sheet["A"][1:]] == cells
    assert {cell.data_type for cell in sheet["A"]} == {"s"}
    assert sheet["B2"].value == dt.datetime(2024, 2, 29)
    assert [cell.value for cell in sheet["C"][1:]] == frame["n"].to_list()
    assert not sheet["A4"].hyperlink


SHEET = {
    "text": TEXT.filter(bool),
    "float": COLUMNS[pl.Float64()],
    "int": WHOLE,
    "bool": st.booleans(),
    "time": st.datetimes(min_value=dt.datetime(1900, 3, 1)).map(lambda t: t.replace(microsecond=0)),
}


@given(st.sampled_from(list(SHEET)).flatmap(lambda kind: st.lists(SHEET[kind], min_size=1, max_size=4)))
def test_a_workbook_holds_every_value_exactly(tmp_path_factory, values):
    """To the last digit, as another library reads it."""
    frame = pl.DataFrame({"v": values})
    assume(of.datatile.check(frame, format="xlsx").is_empty())
    path = tmp_path_factory.mktemp("xlsx") / "t.xlsx"
    of.datatile.write_file(frame, path)
    book = openpyxl.load_workbook(path)
    assert [cell.value for cell in book.active["A"][1:]] == values


def foreign(path, cells, **said):
    """What is read of one column that another program wrote."""
    pyreadstat.write_sav(pd.DataFrame({"v": cells}), path, **said)
    return of.datatile.read_file(path, frame="polars").frame["v"]


def test_times_that_no_clock_shows_are_durations(tmp_path):
    """SPSS has one format for both."""
    path, shown = tmp_path / "t.sav", {"variable_format": {"v": "TIME8"}}
    hours = [dt.timedelta(hours=30), None, dt.timedelta(minutes=-1)]
    assert foreign(path, [108_000.0, None, -60.0], **shown).to_list() == hours
    assert foreign(path, [86_399.0, None, 0.0], **shown).to_list() == [dt.time(23, 59, 59), None, dt.time(0)]
    assert foreign(path, [86_400.0], **shown).to_list() == [dt.timedelta(days=1)]


def test_dates_with_a_time_of_day_are_datetimes(tmp_path):
    """Whatever their format shows of it."""
    path, day = tmp_path / "t.sav", 13_923_446_400.0
    shown = {"variable_format": {"v": "DATE11"}}
    assert foreign(path, [day, None], **shown).to_list() == [dt.date(2024, 1, 1), None]
    assert foreign(path, [day, day + 3_600], **shown).to_list() == [dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 1, 1)]


@pytest.mark.parametrize("shown", ["DATE11", "DATETIME20", "TIME8"])
@pytest.mark.parametrize("seconds", [1e15, -1e15, 1e300])
def test_dates_that_no_calendar_has_are_told(tmp_path, shown, seconds):
    """By file and column."""
    with pytest.raises(of.UnsupportedFrameError, match=r"t\.sav: column 'v' holds"):
        foreign(tmp_path / "t.sav", [seconds, 13_923_446_400.0], variable_format={"v": shown})


def test_a_code_between_two_codes_keeps_its_own_label(tmp_path):
    """It is none of theirs."""
    said = {"variable_measure": {"v": "ordinal"}, "variable_format": {"v": "F8.0"}}
    labels = {"variable_value_labels": {"v": {1: "x", 1.5: "y", 2: "z"}}}
    read = foreign(tmp_path / "t.sav", [1.0, 2.0, None], **said, **labels)
    assert read.to_list() == ["x", "z", None]
    assert read.dtype == pl.Enum(["x", "y", "z"])


def test_the_earliest_dates_of_a_workbook_come_back(tmp_path):
    """As dates, and not as nothing."""
    frame = pl.DataFrame({"d": [dt.date(1900, 3, 1), None, dt.date(2024, 1, 1)], "e": [dt.date(1904, 1, 1)] * 3})
    of.datatile.write_file(frame, tmp_path / "t.xlsx")
    assert_frame_equal(of.datatile.read_file(tmp_path / "t.xlsx", frame="polars").frame, frame)


def test_a_cell_that_is_no_value_ends_reading(tmp_path):
    """It would be null otherwise, without a word."""
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_column(0, 0, ["k", "a", "b"])
        sheet.write_column(0, 1, ["v", 1])
        sheet.write_formula(2, 1, "=NA()", None, "#N/A")
    with pytest.raises(of.InvalidRowsError, match=r"t\.xlsx: 1 of its cells .*row 1, v") as caught:
        of.datatile.read_file(tmp_path / "t.xlsx")
    assert caught.value.problems["value"].to_list() == ["#NA"]


def test_the_colours_of_a_category_are_text_in_a_workbook(people, tmp_path):
    """And read as such."""
    of.datatile.write_file(people.select("colour", "size"), tmp_path / "t.xlsx")
    read = of.datatile.read_file(tmp_path / "t.xlsx", frame="polars").frame
    assert_frame_equal(read, people.select("colour", "size").cast(pl.String))


def test_a_lazy_table_is_written_to_csv_a_slice_at_a_time(tmp_path):
    """With one header."""
    pl.LazyFrame({"a": range(200_000)}).sink_parquet(tmp_path / "a.parquet")
    written = of.datatile.write_file(tmp_path / "a.parquet", tmp_path / "a.csv")
    assert written.rows == 200_000
    assert pl.read_csv(tmp_path / "a.csv")["a"].to_list() == list(range(200_000))


def test_what_was_written_is_told(people, tmp_path):
    """Path, rows, size and what each column became."""
    written = of.datatile.write_file(people, tmp_path / "p.zsav", labels={"id": "Number"})
    assert (written.path, written.format, written.rows) == (tmp_path / "p.zsav", "zsav", 3)
    assert written.size == (tmp_path / "p.zsav").stat().st_size
    assert written.columns.row(0) == ("id", "id", "Int64", "Number")
    assert written.losses.is_empty()


@pytest.mark.parametrize("name", ["broken.sav", "broken.xlsx"])
def test_a_file_that_is_none_says_so(tmp_path, name):
    """Its name, not its folder."""
    (tmp_path / name).write_bytes(b"$FL2 and then nothing")
    with pytest.raises(of.UnsupportedFrameError, match=name):
        of.datatile.read_file(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        of.datatile.read_file(tmp_path / "missing.sav")


@pytest.mark.parametrize("fmt", ["zsav", "xlsx", "csv"])
def test_a_place_where_no_file_can_be_is_named(tmp_path, fmt):
    """Whatever the library that writes would have said."""
    target = tmp_path / "nowhere" / f"x.{fmt}"
    with pytest.raises(FileNotFoundError) as caught:
        of.datatile.write_file(pl.DataFrame({"a": [1]}), target)
    assert caught.value.filename == str(target)


@pytest.mark.parametrize("path", [None, 5, "a\0b.zsav"])
def test_what_is_no_path_is_an_option_that_is_none(path):
    """In the words of the package."""
    with pytest.raises(of.ConfigurationError, match="path="):
        of.datatile.write_file(pl.DataFrame({"a": [1]}), path, format="csv")
