"""What the tests of DATATILE share: a sandbox, a table of every type, answers in place of a wire."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from collector_uploads import FRAME

import occtoo_frames as of


@pytest.fixture
def box():
    """A sandbox; while open, the default connection."""
    with of.sandbox() as opened:
        yield opened


@pytest.fixture
def database(box):
    """The hash of a database of three rows."""
    return of.datatile.upload(FRAME, target=box.datatile_folder).database


@pytest.fixture
def people() -> pl.DataFrame:
    """A table with a column of each type that a file of variables holds."""
    return pl.DataFrame({
        "id": [1, 2, 2**53],
        "score": [0.1, None, -1.5e300],
        "price": [Decimal("1.10"), None, Decimal("-99999999.99")],
        "member": [True, None, False],
        "name": ["Åsa", "", "日本"],
        "born": [dt.date(1963, 2, 28), None, dt.date(2024, 2, 29)],
        "seen": [dt.datetime(2024, 2, 29, 23, 59, 59, 999000), None, dt.datetime(1968, 10, 24, 20, 7, 45, 818000)],
        "at": [dt.time(23, 59, 59, 999000), None, dt.time(0)],
        "colour": ["red", None, "blue"],
        "size": ["S", "L", None],
    }).with_columns(pl.col("colour").cast(pl.Categorical), pl.col("size").cast(pl.Enum(["S", "M", "L"])))  # fmt: skip
