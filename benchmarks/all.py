"""Every benchmark, one after the other: one table of ratios, and the same as JSON.

    python benchmarks/all.py [--rows 20000] [--json ratios.json]

Each script is a process of its own. A ratio is the median of its rounds, with the least and the most of them; what was
asked of it stands at the end of the line, and a figure that is not reached stays in the table.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from _measure import Figure, parser, shown

HERE = Path(__file__).parent
SCRIPTS = (
    ("start.py",),
    ("frames.py",),
    ("encode.py", "--threads", "2"),
    ("encode.py", "--threads", "1"),
    ("push.py",),
    ("push.py", "--all-cores"),
    ("link.py",),
    ("read.py",),
    ("sandbox.py",),
    ("growth.py",),
)


def measured(script: tuple[str, ...], rows: int) -> list[Figure]:
    """The figures of one script."""
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "figures.json"
        name, *options = script
        command = [sys.executable, str(HERE / name), *options, "--rows", str(rows), "--json", str(found)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own script
        return [Figure(**each) for each in json.loads(found.read_text())]


if __name__ == "__main__":
    arguments = parser(__doc__, rows=20_000, rounds=0).parse_args()
    table: dict[str, list[Figure]] = {}
    for script in SCRIPTS:
        title = " ".join(script)
        print(f"== {title}", flush=True)
        table[title] = measured(script, arguments.rows)
        print(shown(table[title]), flush=True)
    if arguments.json is not None:
        written = {title: [each._asdict() for each in figures] for title, figures in table.items()}
        arguments.json.write_text(json.dumps(written, indent=1))
