"""The catalogue that ships is the one that the script makes, and it is what the demo says it is."""

import datetime as dt
from contextlib import closing
from importlib.resources import files

import openpyxl
import pytest
from build import TARGET, Row, catalogue, write

from occtoo_frames.protocol.rules import is_id


def _cells(path) -> list[tuple]:
    with closing(openpyxl.load_workbook(path, read_only=True)) as book:
        return list(book.active.iter_rows(values_only=True))


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """The table that the script makes."""
    return catalogue()


def test_the_file_that_ships_is_what_the_script_makes(rows, tmp_path):
    """Written again, every cell has the same value and type."""
    write(tmp_path / "again.xlsx", rows)
    assert _cells(TARGET) == _cells(tmp_path / "again.xlsx")


def test_the_catalogue_is_found_in_the_package():
    """The sheet is package data, and small enough to ship."""
    assert 0 < len(files("occtoo_frames._cli").joinpath("sample/catalogue.xlsx").read_bytes()) < 200_000


def test_it_holds_five_hundred_products_and_every_kind_of_cell(rows):
    """Texts, numbers, dates, times, booleans and joined lists all occur."""
    assert len(rows) >= 500
    assert {type(value) for row in rows for value in row.values()} == {
        str, int, float, bool, dt.date, dt.datetime, type(None),
    }  # fmt: skip
    assert any("|" in row["tags"] for row in rows)


def test_five_rows_cannot_be_pushed(rows):
    """A missing key, a space, an at sign, and both rows of a duplicate; every other key is legal and unique."""
    keys = [row["sku"] for row in rows]
    bad = [key for key in keys if key is None or not is_id(key) or keys.count(key) > 1]
    assert sorted(bad, key=str) == [
        "CSH-WOO GRN-45", "MUG@STO-BLU-9", None, "RUG-WOO-GRY-170", "RUG-WOO-GRY-170",
    ]  # fmt: skip


def test_related_products_exist(rows):
    """Every key in ``related`` stands in the sheet, but for those spoiled afterwards."""
    keys = {row["sku"] for row in rows} | {"CSH-WOO-GRN-45", "MUG-STO-BLU-9", "BEN-STE-BRU-110"}
    assert {key for row in rows if row["related"] for key in row["related"].split("|")} <= keys


def test_names_are_unique_in_every_language(rows):
    """No two products read alike, but for the duplicate."""
    for language in ("en", "sv", "de"):
        names = [row[f"name_{language}"] for row in rows[:-1] if row[f"name_{language}"]]
        assert len(set(names)) == len(names)
