"""An independent reader opens the files: GNU PSPP sees the same values, types and labels.

It is looked for on the path; on Debian it is else unpacked from the distribution's packages into a folder of its own.
"""

import contextlib
import csv
import os
import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest

import occtoo_frames as of

_PACKAGES = ("pspp", "libgsl27", "libgslcblas0")


@pytest.fixture(scope="session")
def pspp(tmp_path_factory, request):
    """Runs PSPP on a syntax, and gives what it says."""
    program, library = shutil.which("pspp"), None
    if program is None:
        root = unpacked(request.config.cache.mkdir("pspp"), tmp_path_factory.mktemp("pspp"))
        program = str(root / "usr/bin/pspp")
        library = ":".join(sorted({str(path.parent) for path in root.rglob("*.so*")}))
    env = os.environ | {"LC_ALL": "C.UTF-8"} | ({} if library is None else {"LD_LIBRARY_PATH": library})

    def run(syntax: str, folder: Path) -> str:
        (folder / "job.sps").write_text(f"{syntax}\n", encoding="utf-8")
        command = [program, "-o", "out.txt", "job.sps"]
        ran = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own words
        said = (folder / "out.txt").read_text(encoding="utf-8") if (folder / "out.txt").exists() else ""
        assert ran.returncode == 0, ran.stderr + ran.stdout + said
        return said

    try:
        run("SHOW VERSION.", tmp_path_factory.mktemp("try"))
    except (OSError, AssertionError) as error:
        pytest.skip(f"PSPP, the independent reader of SPSS files, cannot be had here: {error}")
    return run


def unpacked(kept: Path, folder: Path) -> Path:
    """The root of PSPP's packages, unpacked once; skips where they cannot be had."""
    if (kept / "root").exists():
        return kept / "root"
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        pytest.skip("PSPP, the independent reader of SPSS files, is not installed: apt-get install pspp")
    for package in _PACKAGES:
        subprocess.run(["apt-get", "download", package], cwd=folder, capture_output=True, timeout=60, check=False)  # noqa: S603, S607 - names of ours
    if not list(folder.glob("pspp_*.deb")):
        pytest.skip("PSPP, the independent reader of SPSS files, is not installed and cannot be downloaded")
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg", "-x", package, "root"], cwd=folder, check=True, timeout=60)  # noqa: S603, S607 - just downloaded
    with contextlib.suppress(OSError):  # another worker was faster
        shutil.copytree(folder / "root", kept / f"{folder.name}-{os.getpid()}", symlinks=True).rename(kept / "root")
    return kept / "root"


def rows(path: Path) -> list[dict[str, str]]:
    """A csv file, its cells without the spaces that PSPP puts around them."""
    with path.open(encoding="utf-8", newline="") as stream:
        return [{name: cell.strip() for name, cell in row.items()} for row in csv.DictReader(stream)]


LABELS = {"id": "Nummer på personen", "colour": "Färg"}


@pytest.mark.parametrize("fmt", ["zsav", "sav"])
def test_pspp_reads_the_same_values_and_labels(pspp, people, tmp_path, fmt):
    """Numbers, texts of any script, dates, times, missing values, labels of variables and of values."""
    of.datatile.write_file(people, tmp_path / f"t.{fmt}", labels=LABELS, value_labels={"id": {1: "den första"}})
    said = pspp(
        f"GET FILE='t.{fmt}'.\n"
        "DISPLAY DICTIONARY.\n"
        "SAVE TRANSLATE /OUTFILE='t.csv' /TYPE=CSV /FIELDNAMES /CELLS=VALUES /REPLACE.\n"
        "SAVE TRANSLATE /OUTFILE='l.csv' /TYPE=CSV /FIELDNAMES /CELLS=LABELS /REPLACE.",
        tmp_path,
    )
    for text in (*LABELS.values(), "den första", "false", "true", "red", "blue", "S", "M", "L", "Ordinal"):
        assert text in said
    values, labels = rows(tmp_path / "t.csv"), rows(tmp_path / "l.csv")
    assert [float(row["id"]) for row in values] == people["id"].to_list()
    assert [row["name"] for row in values] == people["name"].to_list()
    assert [row["colour"] for row in labels] == ["red", "", "blue"]
    assert [row["size"] for row in labels] == ["S", "L", ""]
    assert [row["member"] for row in labels] == ["true", "", "false"]
    assert [float(row["score"]) if row["score"] else None for row in values] == people["score"].to_list()
    assert [float(row["price"]) if row["price"] else None for row in values] == [1.1, None, -99999999.99]
    assert [row["born"] for row in values] == ["02/28/1963", "", "02/29/2024"]
    assert values[0]["seen"].startswith("02/29/2024 23:59:59")
    assert values[0]["at"].startswith("23:59:59")


def test_pspp_reads_long_texts_and_safe_names(pspp, tmp_path):
    """The longest text there may be, in a column whose name had to change."""
    frame = pl.DataFrame({"A long text": ["å" * 16_383, "x"]})
    of.datatile.write_file(frame, tmp_path / "t.zsav", names="safe")
    said = pspp(
        "GET FILE='t.zsav'.\nDISPLAY DICTIONARY.\nCOMPUTE size = LENGTH(RTRIM(A_long_text)).\n"
        "SAVE TRANSLATE /OUTFILE='t.csv' /TYPE=CSV /KEEP=size /CELLS=VALUES /REPLACE.",
        tmp_path,
    )
    assert "A_long_text" in said
    assert [int(float(line)) for line in (tmp_path / "t.csv").read_text().split()] == [32_766, 1]
