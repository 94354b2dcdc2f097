"""Ways of doing one thing, measured in turn in one run, so that a busy machine is busy for all of them."""

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple


def interleaved(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each way in each round, after one that does not count."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for counted in (False, *[True] * rounds):
        for name, way in ways.items():
            gc.collect()
            started = time.perf_counter()
            way()
            if counted:
                times[name].append(time.perf_counter() - started)
    return times


def median(values: list[float]) -> float:
    """The middle of ``values``."""
    return statistics.median(values)


def ratio(of: list[float], to: list[float]) -> str:
    """How many times faster ``of`` is than ``to``: median of the rounds' ratios, with the least and the greatest."""
    each = [slow / fast for fast, slow in zip(of, to, strict=True)]
    return f"{median(each):6.1f} x   ({min(each):.1f} to {max(each):.1f})"


class Figure(NamedTuple):
    """One line of the table: what was measured, the median of the rounds, their least and most, and what was asked."""

    name: str
    value: float
    spread: tuple[float, float]
    asked: str = ""


def figure(name: str, above: list[float], below: list[float], asked: str = "") -> Figure:
    """The Figure of how often ``below`` goes into ``above``, round by round."""
    each = [a / b for a, b in zip(above, below, strict=True)]
    return Figure(name, median(each), (min(each), max(each)), asked)


def shown(figures: Iterable[Figure]) -> str:
    """The figures as lines."""
    return "\n".join(
        f"{each.name:<64}{each.value:9.2f}   ({each.spread[0]:.2f} to {each.spread[1]:.2f})   {each.asked}"
        for each in figures
    )
