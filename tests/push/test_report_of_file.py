"""What a report tells of a file that was mended, or is gone, since it was pushed: of other rows never anything."""

import polars as pl
import pytest

import occtoo_frames as of
from occtoo_frames._push import report as reports

FRAME = pl.DataFrame({"k": ["good-1", "bad 2", "good-3"], "v": ["1", "2", "3"]})
MENDED = pl.DataFrame({"k": ["bad-2", "good-1", "good-3"], "v": ["2", "1", "3"]})
WRITERS = {".csv": pl.DataFrame.write_csv, ".parquet": pl.DataFrame.write_parquet, ".xlsx": pl.DataFrame.write_excel}


@pytest.fixture(scope="module")
def box():
    """One sandbox for the tests of this file."""
    with of.sandbox() as running:
        running.add_source("s")
        yield running


@pytest.fixture(params=[".csv", ".parquet", ".xlsx"])
def file(request, tmp_path):
    """A table with a bad key in a file of each kind."""
    path = tmp_path / f"t{request.param}"
    WRITERS[request.param](FRAME, path)
    return path


def _mend(file):
    WRITERS[file.suffix](MENDED, file)


def _remove(file):
    file.unlink()


def _shorten(file):
    WRITERS[file.suffix](pl.DataFrame({"other": ["x"]}), file)


@pytest.mark.parametrize("change", [_mend, _remove, _shorten])
@pytest.mark.parametrize("dry_run", [False, True])
def test_failed_rows_are_those_that_were_pushed(box, file, change, dry_run):
    """They are kept; all that needs no file is told as before."""
    report = of.push(file, "s", "k", on_invalid="skip", dry_run=dry_run)
    change(file)
    failed = report.failed()
    assert failed[["k", "v", "outcome", "rule"]].values.tolist() == [["bad 2", "2", "rejected", "key-characters"]]
    assert report.failed_table["key"].to_list() == ["bad 2"]
    with pytest.raises(of.InvalidRowsError) as caught:
        report.raise_for_failures()
    assert caught.value.problems["k"].to_list() == ["bad 2"]
    assert (report.counts["rejected"], report.plan.problems["key"].to_list()) == (1, ["bad 2"])
    assert "bad 2" in report._repr_html_() or dry_run


@pytest.mark.parametrize("change", [_mend, _remove, _shorten])
def test_the_other_rows_are_not_looked_for_in_another_file(box, file, change):
    """They stand no more where they stood; those of a spreadsheet were held."""
    report, url = of.push(file, "s", "k", on_invalid="skip"), box.publish("d", "e", source="s", languages=["en"])
    change(file)
    if file.suffix == ".xlsx":
        assert report.rows["key"].to_list() == FRAME["k"].to_list()
        return
    with pytest.raises(of.PlanError, match="the file has changed since it was pushed"):
        _ = report.rows
    with pytest.raises(of.PlanError, match="the file has changed since it was pushed"):
        report.verify(url)


@pytest.mark.parametrize("change", [_mend, _remove, _shorten])
def test_rows_that_are_not_kept_are_not_told_of_another_file(box, tmp_path, monkeypatch, change):
    """Too many failed, or the push was interrupted; the report is shown all the same."""
    file = tmp_path / "t.csv"
    FRAME.write_csv(file)
    with pytest.raises(of.PushInterruptedError) as caught:
        of.push(file, "nowhere", "k", on_invalid="skip")
    monkeypatch.setattr(reports, "_MOST_KEPT", 1)
    for report in (caught.value.report, of.push(file, "s", "k", on_invalid="skip")):
        before = file.read_bytes()
        change(file)
        with pytest.raises(of.PlanError, match="the file has changed since it was pushed"):
            report.failed()
        assert "the file has changed" in report._repr_html_()
        assert sum(report.counts.values()) == FRAME.height
        file.write_bytes(before)
