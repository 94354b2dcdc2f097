"""Growth: what a plan and its encoding take as tables get longer, wider and more multilingual.

    python benchmarks/growth.py [--rows 100000]

Each point is a process of its own, so that its peak of memory is its own. Time is told in nanoseconds for each cell,
and memory in megabytes at its peak beyond that of a process that has planned the table's first rows alone. A curve is
linear where the first does not grow; memory is bounded where the second does not.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from string import ascii_uppercase

from _measure import Figure, of_rounds, parser, tell

PLAIN = ["en", "sv", "de", "fr", "es", "it", "nl", "da", "nb", "fi"]
LANGUAGES = [*PLAIN, *(f"{language}-{letter}X" for language in ("en", "sv") for letter in ascii_uppercase)]
SHORTEST, CELLS, FIRST = 10_000, 3_000_000, 10


def points(rows: int) -> list[tuple[str, int, int, int]]:
    """Each point: its curve, and how many rows, plain columns and languages."""
    lengths = [SHORTEST * 10**power for power in range(8) if SHORTEST * 10**power <= rows]
    cells = min(CELLS, rows * 30)
    return [
        *(("rows", length, 12, 0) for length in lengths),
        *(("columns", max(cells // width, 100), width, 0) for width in (10, 100, 1_000, 3_000)),
        *(("languages", max(cells // (4 * count + 2), 100), 2, count) for count in (1, 10, 50)),
    ]


def measured(point: tuple[str, int, int, int]) -> dict[str, float]:
    """What one point takes, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "table.parquet")
        for words in ("make", "measure"):
            command = [sys.executable, __file__, "--point", words, path, *map(str, point[1:])]
            ran = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own script
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def make(path: str, rows: int, columns: int, languages: int) -> None:
    """A table of short texts and numbers."""
    import polars as pl

    number = pl.int_range(rows)
    plain = [
        (number * 7919 + position if position % 3 else pl.format("value {} of {}", number % 977, position)).alias(
            f"p{position}"
        )
        for position in range(columns)
    ]
    localised = [
        pl.format("text {} in {}", number % 991, pl.lit(language)).alias(f"{name}_{language}")
        for name in ("name", "title", "body", "note")
        for language in LANGUAGES[:languages]
    ]
    pl.select(pl.format("sku-{}", number).alias("sku"), *plain, *localised).write_parquet(path, row_group_size=50_000)


def measure(path: str, rows: int, columns: int, languages: int) -> None:
    """Plans and encodes the table at ``path``, and prints what that took."""
    import polars as pl

    import occtoo_frames as of

    few = dict.fromkeys(("name", "title", "body", "note"), LANGUAGES[:languages]) if languages else None
    list(of.plan(pl.scan_parquet(path).head(FIRST), "sku", few).bodies())  # everything is loaded now
    before = peak()
    started = time.perf_counter()
    plan = of.plan(Path(path), "sku", few)
    planned = time.perf_counter()
    size = sum(len(batch.body) for batch in plan.batches())
    encoded = time.perf_counter()
    assert size == plan.counts["bytes"]
    cells = rows * (columns + 4 * languages + 1)
    print(
        json.dumps(
            {
                "plan": (planned - started) / cells * 1e9,
                "encode": (encoded - planned) / cells * 1e9,
                "memory": peak() - before,
            }
        )
    )


def peak() -> float:
    """The most memory that this process ever had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def figures(rows: int = 100_000, rounds: int = 1) -> list[Figure]:
    """Nanoseconds a cell and megabytes of each point."""
    found = []
    for point in points(rows):
        _, height, columns, languages = point
        name = f"{height:,} rows x {columns + 4 * languages:,} columns" + (
            f", {languages} languages" if languages else ""
        )
        runs = [measured(point) for _ in range(rounds)]
        for what, unit in (("plan", "ns a cell"), ("encode", "ns a cell"), ("memory", "MB more")):
            found.append(of_rounds(f"{name}: {what}, {unit}", [run[what] for run in runs]))
    return found


if __name__ == "__main__":
    if sys.argv[1:2] == ["--point"]:
        work = make if sys.argv[2] == "make" else measure
        work(sys.argv[3], *map(int, sys.argv[4:]))
    else:
        arguments = parser(__doc__, rows=100_000, rounds=1).parse_args()
        tell(figures(arguments.rows, arguments.rounds), arguments)
