"""Ways of doing one thing, measured in turn in one run, so that a busy machine is busy for all of them."""

import argparse
import gc
import json
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple


class Figure(NamedTuple):
    """One line of the table: what was measured, the median of the rounds, their least and most, and what was asked."""

    name: str
    value: float
    spread: tuple[float, float]
    asked: str = ""


def interleaved(ways: Mapping[str, Callable[[], object]], rounds: int, least_s: float = 0) -> dict[str, list[float]]:
    """Seconds of each way in each round, after one that does not count.

    What takes less than ``least_s`` is done again within the round until it has, and its seconds are the mean: a short
    way is then disturbed as a long one is.
    """
    times: dict[str, list[float]] = {name: [] for name in ways}
    for counted in (False, *[True] * rounds):
        for name, way in ways.items():
            gc.collect()
            started, taken, done = time.perf_counter(), 0.0, 0
            while not done or taken < least_s:
                way()
                taken, done = time.perf_counter() - started, done + 1
            if counted:
                times[name].append(taken / done)
    return times


def median(values: list[float]) -> float:
    """The middle of ``values``."""
    return statistics.median(values)


def figure(name: str, above: list[float], below: list[float], asked: str = "") -> Figure:
    """The Figure of how often ``below`` goes into ``above``, round by round."""
    return of_rounds(name, [a / b for a, b in zip(above, below, strict=True)], asked)


def of_rounds(name: str, values: list[float], asked: str = "") -> Figure:
    """The Figure of one value for each round."""
    return Figure(name, median(values), (min(values), max(values)), asked)


def shown(figures: Iterable[Figure]) -> str:
    """The figures as lines."""
    return "\n".join(
        f"{each.name:<66}{each.value:10.2f}   {f'({each.spread[0]:.2f} to {each.spread[1]:.2f})':<24}{each.asked}"
        for each in figures
    )


def parser(doc: str | None, rows: int, rounds: int) -> argparse.ArgumentParser:
    """The arguments that every script takes."""
    made = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--rows", type=int, default=rows)
    made.add_argument("--rounds", type=int, default=rounds)
    made.add_argument("--json", type=Path, help="write the figures there, too")
    return made


def tell(figures: list[Figure], arguments: argparse.Namespace) -> None:
    """Prints the figures, and writes them as JSON if that was asked for."""
    print(shown(figures))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps([each._asdict() for each in figures]))
