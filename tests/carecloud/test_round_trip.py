"""What goes into a sync file comes out of it, or is a problem."""

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from carecloud_frames import as_read, tables
from hypothesis import given
from polars.testing import assert_frame_equal

import occtoo_frames as of


@given(tables())
def test_a_row_comes_back_equal_or_is_a_problem(table):
    """With the table's own dtypes as the schema, nothing is different in the rows that were written."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.cc5txt"
        written = of.carecloud.write_sync_file(table, path, entity="note", key="key", on_invalid="skip")
        read = of.carecloud.read_sync_file(path, schema={**table.schema, "entityId": pl.String}, frame="polars")
    left_out = written.found["row"].unique()
    good = table.with_row_index("row").filter(~pl.col("row").cast(pl.Int64).is_in(left_out.implode())).drop("row")
    assert_frame_equal(read.rename({"entityId": "key"}), as_read(good))
    assert written.counts["upserts"] == good.height == table.height - written.counts["invalid"]


@given(tables())
def test_without_a_schema_the_same_values_come_as_the_files_own_types(table):
    """Numbers are equal in value, whatever type they come as; no row is lost."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.cc5txt"
        written = of.carecloud.write_sync_file(table, path, entity="note", key="key", on_invalid="skip")
        read = of.carecloud.read_sync_file(path, frame="polars")
    assert read.height == written.counts["upserts"]
    left_out = written.found["row"].unique()
    good = table.with_row_index("row").filter(~pl.col("row").cast(pl.Int64).is_in(left_out.implode()))
    for name in {"int", "unsigned", "float", "decimal"} & set(table.columns):
        assert _exact(read[name]) == _exact(good[name])
    for name in {"bool", "day"} & set(table.columns):
        assert read[name].to_list() == good[name].to_list()


def _exact(numbers):
    return [None if number is None else Decimal(str(number)) for number in numbers]
