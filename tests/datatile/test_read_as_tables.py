"""Files that are sent as they are, and those that are read as tables because somebody says how."""

import polars as pl
import pytest
import xlsxwriter

import occtoo_frames as of


@pytest.fixture
def answers(tmp_path):
    """A workbook with its table on the second sheet."""
    path = tmp_path / "answers.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("notes").write(0, 0, "about the answers")
        sheet = book.add_worksheet("answers")
        sheet.write_row(0, 0, ["id", "town"])
        sheet.write_row(1, 0, [1, "Bo"])
    return path


def test_the_sheet_of_a_table_can_be_said(box, answers, tmp_path):
    """To all verbs that take a table."""
    said = {"read_options": {"sheet": "answers"}}
    assert not of.datatile.check(answers).empty
    assert of.datatile.check(answers, **said).empty
    assert of.datatile.write_file(answers, tmp_path / "a.sav", **said).columns["column"].tolist() == ["id", "town"]
    report = of.datatile.upload(answers, target=box.datatile_folder, format="csv", **said)
    assert (report.ok, report.rows) == (True, 1)
    assert box.collector.dataset(report.database).frame.columns == ["id", "town"]


def test_an_spss_file_is_not_read(box, tmp_path):
    """So that nothing can be said of how; nor of a table in memory."""
    (tmp_path / "x.zsav").write_bytes(b"junk")
    with pytest.raises(of.ConfigurationError, match="leave out read_options"):
        of.datatile.upload(tmp_path / "x.zsav", target=box.datatile_folder, read_options={"sheet": 2})
    with pytest.raises(of.ConfigurationError, match="read_options are for paths"):
        of.datatile.check(pl.DataFrame({"a": [1]}), read_options={"sheet": 2})
