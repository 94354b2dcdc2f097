"""Instructions a row, where time is too noisy: counted by valgrind, which must be installed.

    python benchmarks/instructions.py [--rows 4000]

Each way runs in a process of its own, once with ``--rows`` rows of the base table and once with half as many: what is
loaded and made beforehand is the same in both, so that the difference is the work of half the rows. One thread. Some
ten times fifty seconds. Instructions are not time: a gather waits for memory where a parser computes.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from _measure import Figure, of_rounds, parser, tell

WAYS = {
    "plan": "of.plan(frame, 'sku', 'auto')",
    "encode": "plan = of.plan(frame, 'sku', 'auto'); [None for batch in plan.batches()]",
    "write_ndjson": "frame.write_ndjson(io.BytesIO())",
    "to_dict + json": "naive(pandas.to_dict('records'))",
}
_CHILD = """
import io, os, sys
os.environ["POLARS_MAX_THREADS"] = "1"
sys.path.insert(0, {here!r})
import polars as pl
from _tables import base
from _encoding import naive
import occtoo_frames as of
whole = base({most})
pandas = whole.with_columns(pl.col("category").cast(pl.String)).to_pandas().head({rows})
of.plan(whole.head(10), "sku", "auto")
frame = whole.head({rows})
{work}
"""


def counted(work: str, rows: int, most: int) -> int:
    """The instructions of a process that does ``work`` on ``rows`` rows."""
    code = _CHILD.format(here=str(Path(__file__).parent), most=most, rows=rows, work=work)
    command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    ran = subprocess.run([*command, sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603 - our own code
    found = re.search(r"I\s+refs:\s+([\d,]+)", ran.stderr)
    assert found is not None, ran.stderr
    return int(found[1].replace(",", ""))


def figures(rows: int) -> list[Figure]:
    """Instructions a row of each way, and how many times those of encoding they are."""
    each = {
        name: (counted(work, rows, rows) - counted(work, rows // 2, rows)) / (rows - rows // 2)
        for name, work in WAYS.items()
    }
    each["encode"] -= each["plan"]
    found = [of_rounds(f"{name}, instructions a row", [count]) for name, count in each.items()]
    return [
        *found,
        *(
            of_rounds(f"{name} ÷ encode, instructions", [each[name] / each["encode"]])
            for name in WAYS
            if name != "encode"
        ),
    ]


if __name__ == "__main__":
    arguments = parser(__doc__, rows=4_000, rounds=1).parse_args()
    if shutil.which("valgrind") is None:
        sys.exit("valgrind is not installed: on Debian and Ubuntu it is the package of that name")
    tell(figures(arguments.rows), arguments)
