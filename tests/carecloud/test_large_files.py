"""A gigabyte through the portal in bounded memory, the sandbox in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest

ROWS, PIECE = 4_400_000, 50_000
LIMIT = 150_000_000
SANDBOX = """
import json, sys
import occtoo_frames as of
with of.sandbox() as box:
    held = box.connection
    print(json.dumps({"carecloud_url": box.url, "carecloud_api_key": held.carecloud_api_key.reveal(),
                      "carecloud_workspace": held.carecloud_workspace, "carecloud_bucket": held.carecloud_bucket}))
    sys.stdout.flush()
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A sync file of a gigabyte, and what writing it took."""
    folder = tmp_path_factory.mktemp("large")
    _make(folder / "notes.parquet")
    return folder / "notes.cc5txt", _measured("write", folder / "notes.parquet", folder / "notes.cc5txt")


def _make(path: Path) -> None:
    rng = np.random.default_rng(0)
    writer = None
    for start in range(0, ROWS, PIECE):
        texts = {f"text{n}": pl.Series(rng.integers(0, 10**9, PIECE)).cast(pl.String) + " words " * 6 for n in range(4)}
        keys = pl.Series(range(start, start + PIECE)).cast(pl.String)
        table = pl.DataFrame({"id": keys, **texts, "weight": rng.random(PIECE)}).to_arrow()
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    writer.close()


def _measured(*words: object) -> dict:
    script = Path(__file__).with_name("measured.py")
    ran = subprocess.run([sys.executable, script, *map(str, words)], check=True, capture_output=True, text=True)  # noqa: S603 - our own
    return json.loads(ran.stdout)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_a_gigabyte_is_written_in_bounded_memory(large):
    """A slice of the table is in memory at a time."""
    path, measured = large
    assert path.stat().st_size > 1_000_000_000
    assert measured["counts"]["upserts"] == ROWS
    assert measured["above"] < LIMIT


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_a_gigabyte_is_imported_in_bounded_memory(large):
    """The file is read while it is sent."""
    words = [sys.executable, "-c", SANDBOX]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sandbox:  # noqa: S603 - our own
        measured = _measured("import", large[0], sandbox.stdout.readline())
        sandbox.stdin.close()
    assert measured["counts"]["accepted"] == ROWS
    assert measured["above"] < LIMIT
