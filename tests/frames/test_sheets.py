"""A cell of a spreadsheet is read as what it is, whatever stands around it."""

import datetime as dt
import zipfile

import numpy as np
import polars as pl
import pytest

import occtoo_frames as of
from occtoo_frames._frames import formulas
from occtoo_frames._frames.door import open_frame
from occtoo_frames._frames.files import from_path

xlsxwriter = pytest.importorskip("xlsxwriter")

_FORMATS = {dt.date: "yyyy-mm-dd", dt.datetime: "yyyy-mm-dd hh:mm:ss", dt.time: "hh:mm", dt.timedelta: "[h]:mm:ss"}
_NA = object()


@pytest.fixture
def sheet(tmp_path):
    """Writes rows into an .xlsx file; _NA is a formula's error, None an empty cell."""

    def write(*rows, **options):
        file = tmp_path / "t.xlsx"
        with xlsxwriter.Workbook(file, options) as book:
            page = book.add_worksheet()
            formats = {kind: book.add_format({"num_format": shown}) for kind, shown in _FORMATS.items()}
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell is _NA:
                        page.write_formula(at, column, "=NA()", None, "#N/A")
                    elif isinstance(cell, str):
                        page.write_string(at, column, cell)
                    elif cell is not None:
                        page.write(at, column, cell, formats.get(type(cell)))
        return file

    return write


def _sent(file):
    table = open_frame(of.to_entries(file, "k")).whole().drop_nulls("value")
    return table["value"].to_list()


def test_errors_are_told_of_the_column_where_they_stand(sheet):
    """A nameless empty column before them is left out; it moves nothing."""
    file = sheet(["k", None, "v", "w"], ["a", None, _NA, 1], ["b", None, 2, _NA], ["c", None, 3, 3])
    plan = of.plan(file, "k")
    assert plan.problems[["row", "key", "column", "rule"]].to_numpy().tolist() == [
        [0, "a", "v", "value-type"],
        [1, "b", "w", "value-type"],
    ]


@pytest.mark.parametrize("row", [[_NA, _NA], [None, _NA], [_NA, None]])
def test_a_row_of_errors_is_not_empty(sheet, row):
    """Also if it is the last one."""
    plan = of.plan(sheet(["k", "v"], ["a", 1], row), "k")
    assert plan.counts["rows"] == 2
    assert plan.counts["entries"] == 1
    assert {"value-type"} <= set(plan.problems["rule"])


def test_a_nameless_column_with_an_error_is_not_empty(sheet):
    """Somebody meant something there."""
    with pytest.raises(of.UnsupportedFrameError, match="column B has values but no name"):
        of.plan(sheet(["k", None], ["a", _NA]), "k")


@pytest.mark.parametrize(("left", "letter"), [(0, "B"), (1, "C"), (24, "Z"), (25, "AA"), (26, "AB"), (701, "AAA")])
@pytest.mark.parametrize("cell", [5, _NA, "=2"], ids=["value", "error", "never calculated"])
def test_a_nameless_column_is_called_as_its_sheet_calls_it(tmp_path, left, letter, cell):
    """Wherever the table begins, and whatever stands there."""
    file = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet()
        page.write(0, left, "k")
        page.write(1, left, "a")
        if isinstance(cell, int):
            page.write(1, left + 1, cell)
        else:
            page.write_formula(1, left + 1, "=NA()", None, "#N/A" if cell is _NA else "")
    with pytest.raises(of.UnsupportedFrameError, match=rf"column {letter} has values but no name"):
        of.plan(file, "k")


def test_what_stands_alone_keeps_its_type(sheet):
    """A time is no datetime of 1899."""
    moment, length = dt.datetime(2026, 3, 1, 8, 30, 0, 500_000), dt.timedelta(hours=30)
    file = sheet(
        ["time", "date", "moment", "length", "whole", "float", "truth", "text", "empty"],
        [dt.time(8, 30), dt.date(2026, 3, 1), moment, length, 5, 0.5, True, "007", None],
        [dt.time(0, 0), None, dt.datetime(2026, 3, 1), length, 6, 1, False, "1", None],
        [None, None, None, None, 2**53 + 2, None, None, "2026-03-01 00:00:00", None],
    )
    frame = from_path(file).whole()
    assert frame.select(pl.exclude("empty")).rows() == [
        (dt.time(8, 30), dt.date(2026, 3, 1), moment, length, 5, 0.5, True, "007"),
        (dt.time(0, 0), None, dt.datetime(2026, 3, 1), length, 6, 1.0, False, "1"),
        (None, None, None, None, 2**53 + 2, None, None, "2026-03-01 00:00:00"),
    ]


def test_early_dates_among_dates_are_dates(sheet):
    """In a column of nothing else, whichever day the workbook counts from."""
    early, late = dt.date(1900, 3, 1), dt.date(1904, 1, 1)
    moments = [dt.datetime(1904, 1, 1), dt.datetime(1904, 1, 1, 8), dt.datetime(1909, 5, 1), dt.datetime(2024, 1, 1)]
    columns = [[early, dt.date(2024, 1, 1), None, early], [late, late, dt.date(1906, 5, 1), None], moments]
    file = sheet(["k", "v", "w", "m"], *zip("abcd", *columns, strict=True))
    assert [from_path(file).whole()[name].to_list() for name in "vwm"] == columns
    assert of.plan(file, "k").ok
    of_1904 = [dt.date(1904, 3, 1), dt.date(2024, 1, 1)]
    file = sheet(["v"], *([day] for day in of_1904), date_1904=True)
    assert from_path(file).whole()["v"].to_list() == of_1904


def test_times_of_a_workbook_that_counts_from_1904_are_times(sheet):
    """As those that count from 1900."""
    file = sheet(["k", "v"], ["a", dt.time(8, 30)], ["b", dt.time(9, 15)], date_1904=True)
    assert from_path(file).whole()["v"].to_list() == [dt.time(8, 30), dt.time(9, 15)]


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        ((dt.date(2026, 3, 1), "TBD"), ["2026-03-01", "TBD"]),
        ((dt.datetime(2026, 3, 1, 8, 30), "TBD"), ["2026-03-01T08:30:00", "TBD"]),
        ((dt.datetime(2026, 3, 1, 8, 30, 0, 500_000), "TBD"), ["2026-03-01T08:30:00.5", "TBD"]),
        ((dt.time(8, 30), "closed", dt.time(0, 0)), ["08:30:00", "closed", "00:00:00"]),
        ((dt.time(8, 30), dt.datetime(2026, 3, 1, 9)), ["08:30:00", "2026-03-01T09:00:00"]),
        ((dt.date(2026, 3, 1), 46082.5, 3), ["2026-03-01", "46082.5", "3"]),
        ((True, 0, 1.5, 1), ["true", "0", "1.5", "1"]),
        ((True, "x", 0), ["true", "x", "0"]),
        ((5, "n/a", 0.5, "nan", "<NA>", "#N/A"), ["5", "n/a", "0.5", "nan", "<NA>", "#N/A"]),
        ((5, "NA", True, "None"), ["5", "NA", "true", "None"]),
        ((True, "NA", False, "NaN", "null"), ["true", "NA", "false", "NaN", "null"]),
        ((dt.date(2026, 3, 1), "NULL"), ["2026-03-01", "NULL"]),
        ((dt.time(8, 30), "n/a"), ["08:30:00", "n/a"]),
        (("2026-03-01 00:00:00", dt.date(2026, 3, 1)), ["2026-03-01 00:00:00", "2026-03-01"]),
        (
            ("A-1", 4711, 0.000000012345678, -1e-15, 1e20, "0.10", "1e5"),
            ["A-1", "4711", "0.000000012345678", "-0.000000000000001", "1" + 20 * "0", "0.10", "1e5"],
        ),
    ],
)
def test_among_others_each_cell_is_written_as_its_own_kind(sheet, cells, texts):
    """Nothing is rounded, and nothing becomes another's kind."""
    assert _sent(sheet(["k", "v"], *([f"k{at}", cell] for at, cell in enumerate(cells)))) == texts


@pytest.mark.parametrize("cell", [dt.timedelta(hours=30), dt.timedelta(days=400), dt.date(1901, 1, 1)])
def test_what_may_be_a_date_or_a_duration_is_a_problem_among_others(sheet, cell):
    """Its column does not tell which of them."""
    plan = of.plan(sheet(["k", "v"], ["a", "x"], ["b", cell], ["c", 2]), "k")
    assert plan.problems[["row", "column", "rule"]].to_numpy().tolist() == [[1, "v", "value-type"]]
    assert "date" in plan.problems["message"][0]


def test_day_zero_among_dates_is_no_midnight(sheet):
    """It is what a formula makes of an empty cell."""
    plan = of.plan(sheet(["k", "v"], ["a", dt.date(2026, 3, 1)], ["b", dt.date(1899, 12, 31)]), "k")
    assert plan.problems[["row", "column", "rule"]].to_numpy().tolist() == [[1, "v", "value-type"]]
    assert plan.entries()["value"].to_list() == ["2026-03-01"]


def test_numbers_among_texts_are_exact(sheet):
    """They are the ones that a column of numbers would have."""
    chosen = np.random.default_rng(4)
    numbers = (chosen.uniform(-1, 1, 500) * 10.0 ** chosen.integers(-12, 13, 500)).tolist()
    file = sheet(
        ["k", "alone", "mixed"], *([f"k{at}", number, number] for at, number in enumerate(numbers)), ["x", None, "x"]
    )
    frame = from_path(file).whole().head(-1)
    assert frame["mixed"].cast(pl.Float64).to_list() == frame["alone"].to_list()
    assert not frame["mixed"].str.contains("e").any()


def test_nothing_is_told_to_the_terminal(sheet, capfd, caplog):
    """Of a column that is empty, or holds errors alone."""
    from_path(sheet(["k", "empty", None, "wrong"], ["a", None, None, _NA]))
    assert capfd.readouterr() == ("", "")
    assert not caplog.records


def _never_calculated(file, *rows, name="t"):
    """As programs write it that cannot calculate: here, what xlsxwriter gives as its value is taken out again."""
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet("first & foremost").write(0, 0, "k")
        page = book.add_worksheet(name)
        for at, row in rows:
            for column, cell in enumerate(row, 1):
                page.write(at, column, cell, *([None, ""] if str(cell).startswith("=") else []))
    return file


def test_a_formula_that_was_never_calculated_is_a_problem_and_not_an_empty_cell(tmp_path):
    """Programs that write spreadsheets without one leave it so."""
    rows = [(2, ["k", "v", "w"]), (3, ["a", '=IF(B2<"&",1,2)', 3]), (5, ["b", 5, "=1+1"]), (6, ["=1", "=2", "=3"])]
    file = _never_calculated(tmp_path / "t.xlsx", *rows, name="<'2'>")
    plan = of.plan(file, "k", read_options={"sheet": np.int64(2)})
    found = plan.problems[plan.problems["rule"] == "value-type"][["row", "column", "value"]].to_numpy().tolist()
    assert sorted(found) == [
        [0, "v", '=IF(B2<"&",1,2)'],
        [2, "w", "=1+1"],
        [3, "k", "=1"],
        [3, "v", "=2"],
        [3, "w", "=3"],
    ]
    assert "never calculated" in plan.problems["message"][0]
    assert from_path(file, {"sheet": "<'2'>"}).with_nulls.height == 4


@pytest.mark.parametrize(
    ("rows", "column"),
    [
        (((0, [None, "k", "v"]), (1, ["=1", "a", "b"])), "B"),
        (((0, ["=A9", "k", "v"]), (1, ["=1", "a", "b"])), "B"),
        (((0, ["k", "v"]), (1, ["a", "b", "=3"])), "D"),
    ],
    ids=["before", "header", "behind"],
)
def test_formulas_that_were_never_calculated_need_a_name_for_their_column_as_values_do(tmp_path, rows, column):
    """Though the reader knows nothing of such a column."""
    file = _never_calculated(tmp_path / "t.xlsx", *rows)
    with pytest.raises(of.UnsupportedFrameError, match=rf"column {column} has values but no name"):
        of.plan(file, "k", read_options={"sheet": "t"})


def test_formulas_alone_that_were_never_calculated_are_rows(tmp_path):
    """Below a header there may be nothing else."""
    file = _never_calculated(tmp_path / "t.xlsx", (0, ["k", "v"]), (1, ["=1", "=2"]), (2, ["=3", "=4"]))
    plan = of.plan(file, "k", read_options={"sheet": 2})
    assert plan.counts["rows"] == 2
    assert not plan.counts["entries"]


def test_formulas_are_found_wherever_a_sheet_is_cut(tmp_path, monkeypatch):
    """It is read in pieces; empty texts of formulas are values, and other prefixes of its tags the same tags."""
    cells = [
        '<x:c r="B2" s="1"><x:f t="shared" ref="B2:B3" si="0">A2&amp;"x"</x:f></x:c>',
        '<x:c r="AA2" t="str"><x:f>""</x:f><x:v></x:v></x:c><x:c r="C2"><x:f>1</x:f><x:v>0</x:v></x:c>',
        '<x:c r="B3"><x:f t="shared" si="0"/><x:v /></x:c><x:c r="AB3"><x:f/><x:v> </x:v></x:c>',
    ]
    file = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet("s")
    with zipfile.ZipFile(file) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts["xl/worksheets/sheet1.xml"] = f"<x:worksheet><x:sheetData>{''.join(cells)}</x:sheetData>".encode()
    with zipfile.ZipFile(file, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)
    for size in [30, 31, 47, 100, 10_000]:
        monkeypatch.setattr(formulas, "_CHUNK", size)
        assert formulas.uncalculated(file, "s") == [(1, 1, '=A2&"x"'), (2, 1, "="), (2, 27, "=")]


def test_a_sheet_may_begin_anywhere_and_hold_only_a_header(sheet):
    """Its first row that is not empty is the header; empty rows behind it are rows."""
    frame = from_path(sheet([], [], [None, "k", "v"], [], [None, "a", 1])).whole()
    assert frame.rows() == [(None, None), ("a", 1)]
    assert from_path(sheet(["k", "v"])).whole().shape == (0, 2)
    with pytest.raises(of.UnsupportedFrameError, match="the sheet is empty"):
        from_path(sheet())
