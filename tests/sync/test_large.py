"""A million entries: what changes of them take, in requests and in memory."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

GROWTH = 1.10
"""How much more memory a million entries may take than 200,000."""

CHILD = Path(__file__).with_name("large_child.py")


def _table(rows, *, dearer):
    number = pl.int_range(rows)
    return pl.select(
        sku=pl.format("sku-{}", number),
        name_en=pl.format("Blue chair number {}", number),
        name_sv=pl.format("Blå stol nummer {}", number),
        price=number / 4 + pl.when(number % 100 == 0).then(dearer).otherwise(0),
        stock=number % 1000,
    )


def _push(rows, folder, *, dearer):
    path = folder / f"{rows}-{dearer}.parquet"
    _table(rows, dearer=dearer).write_parquet(path, row_group_size=50_000)
    words = [sys.executable, str(CHILD), str(path), f"products-{rows}", str(folder)]
    ran = subprocess.run(words, check=True, capture_output=True, text=True)  # noqa: S603 - our own code
    return json.loads(ran.stdout)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_hundredth_of_a_million_entries_takes_few_requests(tmp_path):
    """At most 12 of them; from 200,000 entries to a million, memory hardly grows."""
    peaks = {}
    for rows in (200_000, 1_000_000):
        first = _push(rows, tmp_path, dearer=0)
        assert first["counts"]["accepted"] == rows
        again = _push(rows, tmp_path, dearer=1)
        assert (again["counts"]["accepted"], again["counts"]["unchanged"]) == (rows // 100, rows - rows // 100)
        assert again["requests"] <= 12
        peaks[rows] = (first["peak_kib"], again["peak_kib"])
    for small, large in zip(peaks[200_000], peaks[1_000_000], strict=True):
        assert large <= GROWTH * small, peaks
