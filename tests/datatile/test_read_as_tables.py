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


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_a_csv_without_commas_is_refused_with_what_reads_it(box, tmp_path, separator, encoding):
    """It would have one variable with a name of all; renaming it would spoil the file."""
    path = tmp_path / "answers.csv"
    path.write_text("id,town,note\n1,Åmål,a\n2,Bo,b\n".replace(",", separator), encoding=encoding)
    with pytest.raises(of.InvalidRowsError, match="separated by") as caught:
        of.datatile.upload(path, target=box.datatile_folder)
    found = caught.value.problems
    assert found["rule"].tolist() == ["variable-name"]
    assert f"read_options={{'separator': {separator!r}}}" in found["hint"][0]
    assert "rename" not in str(caught.value)
    assert not box.requests_seen
    report = of.datatile.upload(path, target=box.datatile_folder, read_options={"separator": separator})
    assert box.collector.dataset(report.database).frame["town"].to_list() == ["Åmål", "Bo"]
