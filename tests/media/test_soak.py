"""A thousand links and two hundred files against a server that fails one request in twenty."""

import hashlib
import random
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from media_box import digest_at, pictures

import occtoo_frames as of

_FAULTS = ("status", "html", "cut", "cut_after", "cut_answer")
_MOST_MB = 150


def _write(path: Path, size: int, seed: int) -> str:
    """A file of that many random bytes, and its digest."""
    source, digest = random.Random(seed), hashlib.sha256()  # noqa: S311 - the same bytes again
    with path.open("wb") as file:
        for start in range(0, size, 1 << 20):
            piece = source.randbytes(min(1 << 20, size - start))
            file.write(piece)
            digest.update(piece)
    return digest.hexdigest()


def push_under_faults(folder: Path, links: int, files: int, largest: int) -> float:
    """By how many MB this process grew while all of it went up, every byte of it.

    Raises:
        AssertionError: A row failed, or a byte is wrong.
    """
    source = random.Random(links)  # noqa: S311 - the same sizes again
    sizes = [1, largest, *(int(2 ** source.uniform(0, largest.bit_length() - 1)) for _ in range(files - 2))]
    digests = {f"file-{n}.bin": _write(folder / f"file-{n}.bin", size, n) for n, size in enumerate(sizes)}
    digests |= {f"link-{n}.bin": _write(folder / f"link-{n}.bin", 1 + n % 20_000, -1 - n) for n in range(links)}
    with pictures(folder) as web, of.sandbox(media_hosts=["127.0.0.1"]) as box:
        table = pl.DataFrame({"id": list(digests)}).with_columns(
            link=pl.when(pl.col("id").str.starts_with("link")).then(f"{web}/" + pl.col("id")),
            file=pl.when(pl.col("id").str.starts_with("file")).then(f"{folder}/" + pl.col("id")),
        )
        for kind in _FAULTS:
            box.faults(kind, on="/media/", times=None, probability=0.01)
        before = _megabytes("VmHWM")
        report = of.push_media(table, link="link", path="file", unique_identifier="id")
        grown = _megabytes("VmHWM") - before
        assert sum(box.faults_met.values()) > len(digests) // 40
        box.clear_faults()
        assert report.ok, report.failed()
        assert report.counts == {"uploaded": len(digests), "skipped": 0, "failed": 0, "pending": 0}
        found = report.row_table.select("unique_identifier", "public_url").rows()
        assert {key: digest_at(url) for key, url in found} == digests
    return grown


def _megabytes(name: str) -> float:
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name)]
    return int(line.split()[1]) / 1024


def test_a_sample_of_it_goes_up_whole(tmp_path):
    """Sixty links and eight files."""
    push_under_faults(tmp_path, 60, 8, 6_000_000)


@pytest.mark.soak
def test_all_of_it_goes_up_whole_in_little_memory(tmp_path):
    """1,000 links, 200 files of 1 byte to 64 MiB; client and sandbox together, in a process of their own."""
    code = f"from test_soak import *; print(push_under_faults(Path({str(tmp_path)!r}), 1000, 200, 64 << 20))"
    ran = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], cwd=Path(__file__).parent, check=True, capture_output=True, text=True
    )
    assert float(ran.stdout) < _MOST_MB
