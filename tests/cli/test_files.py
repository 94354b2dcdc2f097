"""What stands in the files that reading writes is what was read, or something is said."""

import datetime as dt
from decimal import Decimal

import openpyxl
import polars as pl
import pytest

import occtoo_frames as of
from occtoo_frames._cli.files import WRITERS, flat

READ = pl.DataFrame(
    {
        "id": ["a", "b"],
        "price": ["165", "19.99"],
        "exact": ["12345678901234567890.5", "1.10"],
        "big": [2**63 - 1, 1],
        "count": [1, None],
        "seen": [dt.datetime(2026, 3, 1, 8, 30, 0, 1500, tzinfo=dt.UTC), None],
        "link": [f"https://cdn.test/{'x' * 3_000}", None],
        "tags": [["x", "y"], []],
        "images": [[{"id": "m1", "url": "u"}], None],
    }
).with_columns(pl.col("price", "exact").cast(pl.Decimal(38, 18)), pl.col("seen").dt.convert_time_zone("UTC"))


def test_a_csv_spells_values_as_a_push_does():
    """No zeros that say nothing, an offset with its colon."""
    told = flat(READ)
    assert told["price"].to_list() == ["165", "19.99"]
    assert told["exact"].to_list() == ["12345678901234567890.5", "1.1"]
    assert told["seen"].to_list() == ["2026-03-01T08:30:00.0015+00:00", None]
    assert told["tags"].to_list() == ["x|y", ""]


def test_lists_are_spelled_as_a_push_does_whatever_is_in_them():
    """And what is no list of values is JSON."""
    frame = pl.DataFrame(
        {
            "n": [[1, 20], []],
            "b": [[True, False], None],
            "d": [[Decimal("1.50"), Decimal("100.00")], [Decimal("0.10")]],
            "s": [[{"a": 1}, None], []],
            "l": [[[1], [None]], None],
        }
    )
    assert flat(frame).rows() == [
        ("1|20", "true|false", "1.5|100", '[{"a":1},null]', "[[1],[null]]"),
        ("", None, "0.1", "[]", None),
    ]


@pytest.mark.parametrize("odd", [["a", None, "b"], ["a|b"], [""]])
@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_list_that_would_be_another_one_is_refused(tmp_path, odd, ending):
    """Before a file is there."""
    frame = pl.DataFrame({"id": ["x", "y"], "tags": [["a"], odd]})
    with pytest.raises(of.InvalidRowsError, match=r"row 1, tags.*\.parquet"):
        WRITERS[ending](frame, tmp_path / f"x{ending}")
    assert not list(tmp_path.iterdir())


def test_a_missing_value_in_a_csv_of_one_column_is_refused(run, box, tmp_path):
    """It would be an empty line, which readers skip; into a pipe, too."""
    of.push(pl.DataFrame({"sku": ["a", "b"], "name": ["x", None]}), "products", "sku")
    url = box.publish("shop", "products", source="products")
    box.settle()
    for out in ([], ["--out", tmp_path / "x.csv"]):
        ended = run("read", url, "--column", "name", *out)
        assert ended.code == 1
        assert "empty line" in ended.err
        assert not ended.out
    assert not list(tmp_path.iterdir())
    assert run("read", url, "--column", "id", "--column", "name", "--out", tmp_path / "x.csv").code == 0


def test_a_spreadsheet_holds_every_value(tmp_path):
    """Numbers as numbers where it keeps them, and as text where it would round them; times with their zone."""
    notes = WRITERS[".xlsx"](READ, tmp_path / "x.xlsx")
    back = pl.read_excel(tmp_path / "x.xlsx", sheet_name="entries")
    assert back["price"].to_list() == [165.0, 19.99]
    assert back["exact"].to_list() == ["12345678901234567890.5", "1.1"]
    assert back["big"].to_list() == ["9223372036854775807", "1"]
    assert back["count"].to_list() == [1, None]
    assert back["seen"].to_list() == ["2026-03-01T08:30:00.0015+00:00", None]
    assert back["link"].to_list() == READ["link"].to_list()
    assert [note for note in notes if "exact, big" in note or "big, exact" in note]
    assert any(note.startswith("tags: empty texts") for note in notes)


def test_what_a_spreadsheet_cannot_hold_is_refused(tmp_path):
    """Before a file is there; the message says where and what else would do."""
    frame = pl.DataFrame({"id": ["a"], "text": ["x" * 40_000]})
    with pytest.raises(of.InvalidRowsError, match=r"32,767.*row 0, text.*\.parquet") as caught:
        WRITERS[".xlsx"](frame, tmp_path / "x.xlsx")
    assert caught.value.problems["rule"].to_list() == ["value-length"]
    assert not (tmp_path / "x.xlsx").exists()


def test_times_of_an_endpoint_are_written_into_a_spreadsheet(run, box, tmp_path):
    """As the command, from the sandbox."""
    of.push(pl.DataFrame({"sku": ["a"], "at": ["2026-03-01T08:30:00Z"]}), "products", "sku")
    url = box.publish("shop", "products", source="products", types={"at": "Timestamp"})
    box.settle()
    ended = run("read", url, "--out", tmp_path / "x.xlsx", "--json")
    assert (ended.code, ended.document["rows"]) == (0, 1)
    assert pl.read_excel(tmp_path / "x.xlsx")["at"].to_list() == ["2026-03-01T08:30:00+00:00"]


def test_prices_that_are_read_can_be_sent_as_a_spreadsheet(tmp_path):
    """A decimal of eighteen places with few digits is exact in a double."""
    frame = pl.DataFrame({"price": [Decimal("1234.57"), Decimal("12345678.12")]}, schema={"price": pl.Decimal(38, 18)})
    assert of.datatile.check(frame, format="xlsx").is_empty()


@pytest.mark.parametrize("ending", WRITERS)
def test_a_folder_that_is_not_there_is_an_error_of_the_system(tmp_path, ending):
    """Which ends the command with 2."""
    with pytest.raises(FileNotFoundError):
        WRITERS[ending](READ, tmp_path / "nowhere" / f"x{ending}")


def test_a_spreadsheet_has_columns_of_any_name(tmp_path):
    """Also such as an Excel table has no room for: it would have left the sheet empty, or the file broken."""
    frame = pl.DataFrame({"Name": ["x", "y"], "name": [1, 2], "n" * 300: ["l", "m"], "": ["e", "f"], "=1": ["g", "h"]})
    WRITERS[".xlsx"](frame, tmp_path / "x.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "x.xlsx").active.iter_rows(values_only=True))
    assert rows == [("Name", "name", "n" * 300, None, "=1"), *frame.rows()]


def test_a_text_that_looks_like_the_files_own_markup_stays_text(tmp_path):
    """As a column's name, too."""
    frame = pl.DataFrame({"<r>&</r>": ["<r>a & b</r>", "<r></r>", "<r>"]})
    WRITERS[".xlsx"](frame, tmp_path / "x.xlsx")
    assert pl.read_excel(tmp_path / "x.xlsx").equals(frame)
