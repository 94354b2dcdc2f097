"""What stands in the cells that name files: every one is sent, or said to be none; none is taken for an empty one."""

from decimal import Decimal
from pathlib import Path
from uuid import UUID

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import xlsxwriter

import occtoo_frames as of


def _objects(cells: list[object]) -> pd.DataFrame:
    return pd.DataFrame({"file": pd.Series(cells, dtype=object)})


def _problems(frame, **options):
    """Row, column, rule and value of each problem; nothing may have been sent."""
    with pytest.raises(of.InvalidRowsError) as caught:
        of.push_media(frame, **options)
    found = pl.DataFrame(caught.value.problems)
    assert found.select("message", "hint").null_count().row(0) == (0, 0)
    return found.select("row", "column", "rule", "value").rows()


@pytest.mark.parametrize(
    "case",
    [
        (["{0}", 5], [(0, "{0}"), (1, "5")]),
        (["{0}", "{1}", 5], [(2, "5")]),
        (["{0}", "\udcff.png", None], [(1, "\\udcff.png")]),
        ([["{0}", 5], ["{1}"]], [(0, "['{0}', 5]")]),
        ([None, b"abc", "{0}"], [(1, "b'abc'"), (2, "{0}")]),
    ],
)
@pytest.mark.parametrize("kind", ["link", "path"])
def test_a_cell_that_cannot_be_read_is_no_empty_one(box, web, folder, case, kind):
    """It has its problem before anything is sent; the others go up if only they are wanted."""
    cells, refused = case
    where, rule = (web, "media-link") if kind == "link" else (folder, "media-file")
    names = [f"{where}/chair.png", f"{where}/table.png"]

    def filled(cell):
        if isinstance(cell, list):
            return list(map(filled, cell))
        return cell.format(*names) if isinstance(cell, str) else cell

    frame = _objects(list(map(filled, cells)))
    before = sum(box.requests_seen.values())
    found = _problems(frame, **{kind: "file"})
    assert sum(box.requests_seen.values()) == before
    told = [(row, "file", rule, value.format(*names)) for row, value in refused]
    assert [row for row in found if row[2] == rule] == told
    report = of.push_media(frame, on_invalid="skip", **{kind: "file"})
    states = dict(report.row_table.select("row", "state").rows())
    assert not report.ok
    assert [row for row, state in states.items() if state == "failed"] == [row for row, _ in refused]
    assert report.counts["failed"] == len(refused)
    skipped = [row for row, cell in enumerate(cells) if cell is None]
    assert [row for row, state in states.items() if state == "skipped"] == skipped
    assert report.failed()["reason"].str.contains("cannot be read").all()


def test_a_name_or_identifier_that_cannot_be_read_is_not_left_out(box, folder, name):
    """Another one would be found in its place."""
    files = [str(folder / "chair.png"), str(folder / "table.png"), str(folder / "chair.png"), None]
    odd = pd.Series([name(), name(), 5, 6], dtype=object)
    frame = pd.DataFrame({"file": files, "odd": odd, "sku": [name(), name(), name(), name()]})
    frame["odd"] = frame["odd"].mask(frame.index == 3, None)
    assert _problems(frame, path="file", filename="odd") == [(2, "file", "media-filename", "5")]
    assert _problems(frame, path="file", unique_identifier="odd") == [(2, "file", "media-identifier", "5")]
    report = of.push_media(frame, path="file", filename="odd", on_invalid="skip")
    assert report.row_table["state"].to_list() == ["uploaded", "uploaded", "failed", "skipped"]


def test_files_behind_a_cell_that_cannot_be_read_wait_for_it(box, folder, name):
    """They are numbered within their row, and mended it may hold several: theirs would be another identifier."""
    chair, table = str(folder / "chair.png"), str(folder / "table.png")
    frame = pd.DataFrame({
        "sku": [name(), name()],
        "files": pd.Series([[chair], [chair, 5]], dtype=object),
        "more": [table, table],
    })  # fmt: skip
    columns = {"path": ["files", "more"], "unique_identifier": "sku"}
    found = _problems(frame, **columns)
    assert [row[:3] for row in found] == [(1, "files", "media-file"), (1, "more", "media-identifier")]
    report = of.push_media(frame, on_invalid="skip", **columns)
    assert report.row_table["state"].to_list() == ["uploaded", "uploaded", "failed", "failed"]


def test_the_error_of_a_formula_is_no_empty_cell(box, folder, tmp_path):
    """As in every other table of a spreadsheet."""
    with xlsxwriter.Workbook(tmp_path / "media.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_column(0, 0, ["file", str(folder / "chair.png")])
        sheet.write_formula(2, 0, "=NA()", None, "#N/A")
    (problem,) = _problems(tmp_path / "media.xlsx", path="file")
    assert problem[:3] == (1, "file", "media-file")


@pytest.mark.parametrize(
    "frame",
    [
        _objects([UUID(int=1)]),
        pd.DataFrame({"file": pd.Series([1j])}),
        pa.table({"file": pa.array([Decimal(1)], pa.decimal256(50, 1))}),
    ],
)
@pytest.mark.parametrize("kind", ["link", "path"])
def test_a_column_that_cannot_be_read_is_a_frame_error(box, frame, kind):
    """As one of numbers is."""
    with pytest.raises(of.PlanError, match="column 'file' cannot be read"):
        of.push_media(frame, **{kind: "file"})


def test_a_column_that_is_not_looked_at_may_be_anything(box, folder):
    """Only what names files is read."""
    frame = _objects([str(folder / "chair.png")]).assign(more=[UUID(int=1)])
    assert of.push_media(frame, path="file").ok


@pytest.mark.parametrize("of_cells", [list, tuple, np.array])
def test_paths_of_pathlib_are_paths(box, folder, of_cells):
    """Alone, in lists, and among texts; what failed comes back as it came."""
    chair, table, gone = folder / "chair.png", folder / "table.png", folder / "gone.png"
    report = of.push_media(_objects([chair, str(table), None, gone]), path="file", on_invalid="skip")
    assert report.row_table["state"].to_list() == ["uploaded", "uploaded", "skipped", "failed"]
    assert report.row_table["name"].to_list() == ["chair.png", "table.png", None, "gone.png"]
    assert report.failed()["file"].tolist() == [gone]
    lists = _objects([of_cells([chair]), of_cells([str(table), chair]), None])
    states = of.push_media(lists, path="file").row_table.select("row", "state").rows()
    assert states == [(0, "uploaded"), (1, "uploaded"), (1, "uploaded"), (2, "skipped")]
    named = pd.DataFrame([[1, chair]], columns=["sku", 0])
    named.columns = pd.Index([0, "file"], dtype=object)
    assert of.push_media(named, path="file").ok
    assert _problems(_objects([chair, chair, 5]), path="file") == [(2, "file", "media-file", "5")]
    assert _problems(_objects([chair, Path("\udcff")]), path="file") == [(1, "file", "media-file", "\\udcff")]


@pytest.mark.parametrize("lazy", [False, True])
def test_paths_of_pathlib_stand_in_polars_too(box, folder, lazy):
    """In a column of objects."""
    frame = pl.DataFrame({"sku": [1, 2], "file": pl.Series([folder / "chair.png", None], dtype=pl.Object)})
    report = of.push_media(frame.lazy() if lazy else frame, path="file")
    assert report.row_table["state"].to_list() == ["uploaded", "skipped"]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_categories_are_text(box, folder, name, make):
    """In every column that is looked at."""
    texts = {"file": [str(folder / "chair.png")], "sku": [name()], "name": ["a.png"]}
    if make is pd.DataFrame:
        frames = [pd.DataFrame(texts).astype("category")]
    else:
        enums = {column: pl.Enum(values) for column, values in texts.items()}
        frames = [pl.DataFrame(texts).cast(pl.Categorical), pl.DataFrame(texts, schema=enums)]
    for frame in frames:
        report = of.push_media(frame, path="file", unique_identifier="sku", filename="name")
        assert report.row_table.select("unique_identifier", "name").row(0) == (texts["sku"][0], "a.png")
        assert report.ok


@pytest.mark.parametrize("called", ["named", "identified", "values", "row", "within", "held", "link"])
def test_a_column_may_be_called_anything(box, folder, called):
    """Also what a column of ours is called."""
    assert of.push_media(pl.DataFrame({called: [str(folder / "chair.png")]}), path=called).counts["uploaded"] == 1


def test_a_table_of_arrow_keeps_what_only_arrow_can_hold(box, folder):
    """The ids stand beside the columns that it had."""
    wide = pa.array([Decimal(1)], pa.decimal256(50, 1))
    table = pa.table({"file": [str(folder / "chair.png")], "wide": wide})
    report = of.push_media(table, path="file")
    linked = of.link_media(table, report, "ids")
    assert linked.drop_columns("ids").equals(table)
    assert linked["ids"].to_pylist() == report.row_table["file_id"].to_list()
