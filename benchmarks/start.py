"""Starting: what the import costs beyond pandas and polars, and what the first page of the command line costs.

    python benchmarks/start.py [--rounds 10]

Every start is a process of its own, the ways in turn in each round; a first round that fills the file cache does not
count. The import loads names when they are first looked at, so what a push needs is measured too: it is not saved, but
paid where it is used.
"""

import argparse
import subprocess
import sys
from functools import partial

from _measure import interleaved, median

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


def ratios(rounds: int = 10) -> list[tuple[str, float, tuple[float, float]]]:
    """Each start as a share of ``import pandas, polars``: its name, the median of the rounds, their least and most."""
    return _ratios(measured(rounds))


def _ratios(times: dict[str, list[float]]) -> list[tuple[str, float, tuple[float, float]]]:
    found = []
    for name in list(STARTS)[1:]:
        each = [ours / theirs for ours, theirs in zip(times[name], times[TABLES], strict=True)]
        found.append((name, median(each), (min(each), max(each))))
    return found


def main() -> None:
    """Prints what each start takes, and its share of importing pandas and polars."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=0, help="not used: taken so that all benchmarks start alike")
    parser.add_argument("--rounds", type=int, default=10)
    times = measured(parser.parse_args().rounds)
    print(f"{TABLES:<48} least {min(times[TABLES]):6.3f} s, median {median(times[TABLES]):6.3f} s")
    for name, ratio, (least, most) in _ratios(times):
        said = f"least {min(times[name]):6.3f} s, median {median(times[name]):6.3f} s"
        print(f"{name:<48} {said}   {ratio:5.2f} x   ({least:.2f} to {most:.2f})")


if __name__ == "__main__":
    main()
