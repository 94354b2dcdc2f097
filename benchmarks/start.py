"""Starting: what the import costs beyond pandas and polars, and what the first page of the command line costs.

    python benchmarks/start.py [--rounds 10]

Every start is a process of its own, the ways in turn in each round; a first round that fills the file cache does not
count. The import loads names when they are first looked at, so what a push needs is measured too: it is not saved, but
paid where it is used.
"""

import subprocess
import sys
from functools import partial

from _measure import Figure, figure, interleaved, of_rounds, parser, tell

TABLES = "import pandas, polars"
STARTS = {
    TABLES: (TABLES,),
    "import occtoo_frames": ("import pandas, polars, occtoo_frames",),
    "import occtoo_frames, and all that push needs": (
        "import pandas, polars, occtoo_frames as of; of.push, of.connect",
    ),
    "occtoo-frames --help": ("from occtoo_frames_command import main; main()", "--help"),
    "occtoo-frames push --help": ("from occtoo_frames_command import main; main()", "push", "--help"),
}


def start(words: tuple[str, ...]) -> None:
    """A new interpreter has run ``words``; nothing of the current folder stands in its way."""
    subprocess.run([sys.executable, "-P", "-c", *words], check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own words


def measured(rounds: int) -> dict[str, list[float]]:
    """Seconds of each start in each round."""
    return interleaved({name: partial(start, words) for name, words in STARTS.items()}, rounds)


def figures(rounds: int = 10) -> list[Figure]:
    """Each start as a share of ``import pandas, polars``, and the milliseconds that the import adds to it."""
    times = measured(rounds)
    asked = {"occtoo-frames --help": "≤ 1.2"}
    added = [(ours - theirs) * 1_000 for ours, theirs in zip(times["import occtoo_frames"], times[TABLES], strict=True)]
    return [
        of_rounds("import occtoo_frames, milliseconds beyond pandas and polars", added, "≤ 60"),
        *(
            figure(f"{name}, time ÷ importing pandas and polars", times[name], times[TABLES], asked.get(name, ""))
            for name in list(STARTS)[1:]
        ),
    ]


if __name__ == "__main__":
    arguments = parser(__doc__, rows=0, rounds=10).parse_args()
    tell(figures(arguments.rounds), arguments)
