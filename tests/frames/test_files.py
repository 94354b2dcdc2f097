"""A path to a file is a table, too."""

from pathlib import Path

import polars as pl
import pytest

import occtoo_frames as of
from occtoo_frames._frames.door import open_frame
from occtoo_frames._push.cells import Renderer


def _values(frame, **options):
    entries = of.to_entries(frame, "k", **options)
    table = open_frame(entries).whole()
    return dict(zip(table["key"], table["value"], strict=True))


def test_a_csv_stays_text(tmp_path):
    """Leading zeros, exponents, and the difference of nothing and empty survive."""
    file = tmp_path / "t.csv"
    file.write_bytes('sku;färg;n\n007;röd;1e5\n008;;\n009;"";x\n'.encode("cp1252"))
    plan = of.plan(file, "sku", ids="camel")
    assert [tuple(row) for row in plan.entries()[["key", "property", "value"]].fillna("-").to_numpy()] == [
        ("007", "farg", "röd"),
        ("007", "n", "1e5"),
        ("008", "-", "-"),
        ("009", "farg", ""),
        ("009", "n", "x"),
    ]
    assert "cp1252" in plan.warnings[0]
    assert "';'" in plan.warnings[1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_csv_says_its_encoding_by_its_bytes(tmp_path, encoding):
    """UTF-8 with and without a mark, and Excel's Unicode text."""
    file = tmp_path / "t.csv"
    file.write_text("k,v\na,ü漢\n", encoding=encoding)
    assert _values(file) == {"a": "ü漢"}


def test_read_options_override_what_was_found(tmp_path):
    """For files that fool the search."""
    file = tmp_path / "t.csv"
    file.write_text("k|v\na|x,y\n", encoding="utf-8")
    assert _values(file, read_options={"separator": "|"}) == {"a": "x,y"}
    with pytest.raises(of.ConfigurationError, match="sheet"):
        of.plan(file, "k", read_options={"sheet": "x"})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"separator": "::"}, "separator='::': columns are separated by one character"),
        ({"separator": "§"}, "of ASCII"),
        ({"separator": '"'}, "by no quote or line break"),
        ({"separator": 5}, "separator=5"),
        ({"encoding": "klingon"}, "encoding='klingon': Python knows no encoding of text of that name"),
        ({"encoding": "base64"}, "encoding='base64'"),
        ({"encoding": 7}, "encoding=7"),
    ],
)
def test_a_read_option_that_cannot_be_is_refused(tmp_path, options, words):
    """Naming the option, its rule and what to do; without one, or with an empty one, it is found."""
    file = tmp_path / "t.csv"
    file.write_text("k;v\na;x\n", encoding="utf-8")
    with pytest.raises(of.ConfigurationError, match=words):
        of.plan(file, "k", read_options=options)
    assert _values(file, read_options=dict.fromkeys(options)) == {"a": "x"}


@pytest.mark.parametrize("sheet", [0, -1, True, 1.5, None])
def test_a_sheet_is_a_name_or_a_number_from_one(tmp_path, sheet):
    """Zero would mean all of them to the reader."""
    file = tmp_path / "t.xlsx"
    pl.DataFrame({"k": ["a"], "v": ["x"]}).write_excel(file)
    with pytest.raises(of.ConfigurationError, match="give the sheet's name, or its number, from 1"):
        of.plan(file, "k", read_options={"sheet": sheet})


def test_a_parquet_file_streams(tmp_path):
    """It is never whole in memory."""
    file = tmp_path / "t.parquet"
    pl.DataFrame({"k": [f"k{at}" for at in range(200_000)], "v": range(200_000)}).write_parquet(file)
    plan = of.plan(file, "k")
    assert isinstance(plan.source.with_nulls, pl.LazyFrame)
    assert sum(len(batch) for batch in plan.batches()) == 200_000


def test_an_xlsx_file_is_read(tmp_path):
    """By number or name of its sheet; mixed columns as text."""
    file = tmp_path / "t.xlsx"
    sheets = {"one": pl.DataFrame({"k": ["a"], "v": [1]}), "two": pl.DataFrame({"k": ["b"], "v": [2]})}
    import xlsxwriter

    with xlsxwriter.Workbook(file) as book:
        for name, frame in sheets.items():
            frame.write_excel(book, name)
    assert _values(file) == {"a": "1"}
    assert _values(file, read_options={"sheet": "two"}) == {"b": "2"}
    assert _values(file, read_options={"sheet": 2}) == {"b": "2"}


@pytest.mark.parametrize("name", ["t.txt", "t.parquet", "t.xlsx"])
def test_a_file_that_is_not_what_it_says_is_refused(tmp_path, name):
    """With its name."""
    file = tmp_path / name
    file.write_bytes(b"no table")
    with pytest.raises(of.UnsupportedFrameError, match=name):
        of.plan(file, "k")


def test_a_missing_file_is_missing():
    """As Python says it, and as everything that goes wrong here."""
    for kind in (FileNotFoundError, of.FrameError):
        with pytest.raises(kind, match=r"there is no file nowhere\.csv"):
            of.plan("nowhere.csv", "k")


@pytest.mark.parametrize("address", ["https://x.example/t.csv", "s3://bucket/t.parquet?x=1", "https://x.example/t"])
@pytest.mark.parametrize("kind", [str, Path])
def test_an_address_is_no_path(address, kind):
    """A path that is made of one loses a slash, which is not what is wrong with it."""
    with pytest.raises(of.FileMissingError, match="is an address, and only files are read"):
        of.plan(kind(address), "k")


def test_a_file_changed_behind_a_plan_is_seen(tmp_path):
    """Before anything is sent."""
    file = tmp_path / "t.csv"
    file.write_text("k,v\na,1\n", encoding="utf-8")
    plan = of.plan(file, "k")
    file.write_text("k,v\na,222\n", encoding="utf-8")
    with pytest.raises(of.PlanError, match="changed"):
        list(plan.bodies())


def test_headers_that_repeat_or_are_empty_are_refused(tmp_path):
    """In csv and xlsx as in frames; an empty column without a name is nothing."""
    import xlsxwriter

    twice, nameless = tmp_path / "twice.csv", tmp_path / "nameless.xlsx"
    twice.write_text("k,x,x\na,1,2\n", encoding="utf-8")
    with pytest.raises(of.UnsupportedFrameError, match="'x'"):
        of.plan(twice, "k")
    with xlsxwriter.Workbook(nameless) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["k", "v"])
        sheet.write_row(1, 0, ["a", 1, "lost"])
    with pytest.raises(of.UnsupportedFrameError, match="column C"):
        of.plan(nameless, "k")


def test_errors_of_excel_are_problems_and_rows_keep_their_place(tmp_path):
    """#N/A is no empty cell; a blank row in the middle is a row."""
    import xlsxwriter

    file = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["k", "v"])
        sheet.write_row(1, 0, ["a", 1])
        sheet.write_string(2, 0, "b")
        sheet.write_formula(2, 1, "=NA()", None, "#N/A")
        sheet.write_row(4, 0, ["c", 3])
    plan = of.plan(file, "k")
    assert plan.problems[["row", "rule"]].to_numpy().tolist() == [[1, "value-type"], [2, "key-missing"]]
    assert plan.counts["rows"] == 4


def test_a_malformed_csv_is_told_in_words(tmp_path):
    """Not as an error of the engine."""
    file = tmp_path / "t.csv"
    file.write_text("k,v\na,1,2,3\n", encoding="utf-8")
    with pytest.raises(of.UnsupportedFrameError, match="cannot be read"):
        of.plan(file, "k")


def test_a_file_comes_as_a_known_kind_of_frame_only(tmp_path):
    """Also where no server is asked."""
    (tmp_path / "a.csv").write_text("a\n1\n")
    with pytest.raises(of.ConfigurationError, match="frame must be one of"):
        of.datatile.read_file(tmp_path / "a.csv", frame="pd")


def test_a_file_of_known_height_is_cut_into_slices_of_one_size(tmp_path, monkeypatch):
    """As a table in memory is: two threads that share them end together."""
    heights, look = [], Renderer.look

    def noting(renderer, frame):
        heights.append(frame.height)
        return look(renderer, frame)

    monkeypatch.setattr(Renderer, "look", noting)
    table = pl.DataFrame({"k": [f"k{number}" for number in range(100_001)], "v": range(100_001)})
    table.write_parquet(tmp_path / "t.parquet")
    plan = of.plan(tmp_path / "t.parquet", "k")
    assert sorted(heights) == [24_998, 25_001, 25_001, 25_001]
    assert b"".join(plan.bodies()) == b"".join(of.plan(table, "k").bodies())
