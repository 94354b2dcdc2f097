"""Whose rows a report counts: the upload's, never those that were in the database before."""

import polars as pl
import pytest

import occtoo_frames as of

FRAME = pl.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})


@pytest.mark.parametrize("ending", ["sav", "csv"])
def test_nobody_counts_the_rows_of_a_file_that_is_appended(box, tmp_path, ending):
    """The server tells those of the whole database: they are not the upload's, whoever asks."""
    database = of.datatile.upload(FRAME, target=box.datatile_folder).database
    of.datatile.write_file(FRAME, tmp_path / f"people.{ending}")
    report = of.datatile.upload(tmp_path / f"people.{ending}", target=database, mode="append")
    for told in (report, of.datatile.job(report.job_id)):
        assert (told.outcome, told.rows, told.database_rows) == ("done", None, 6)
        assert set(told.counts.values()) == {0}
    reloaded = of.datatile.upload(tmp_path / f"people.{ending}", target=database, mode="reload")
    assert (reloaded.rows, of.datatile.job(reloaded.job_id).counts["accepted"]) == (3, 3)
