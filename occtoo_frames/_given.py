"""What was given in an option: one value or several, texts, numbers. Knows no option, no table and no connection."""

import os
from collections.abc import Iterable, Mapping
from math import inf
from numbers import Integral, Real
from pathlib import Path
from typing import Any, TypeGuard

from occtoo_frames.exceptions import ConfigurationError


def is_list(value: object) -> TypeGuard[Iterable[Any]]:
    """True for whatever lists values, in Python or a table library; a text and a dict are one value.

    So is an array of numpy without a dimension, which cannot be iterated, though ``Iterable`` says so of every array.
    """
    return (
        isinstance(value, Iterable)
        and not isinstance(value, str | bytes | Mapping)
        and getattr(value, "ndim", None) != 0
    )


def to_texts(value: object, option: str) -> tuple[str, ...]:
    """The texts that an option says: one, or several; none for None.

    Raises:
        ConfigurationError: It says something else.
    """
    listed = () if value is None else tuple(value) if is_list(value) else (value,)
    if not all(isinstance(one, str) for one in listed):
        raise ConfigurationError(f"{option} must be a text or a list of texts, got {value!r}")
    return tuple(map(str, listed))  # as they are, and not numpy's, which no encoder knows


def must_be_texts(what: str, **options: object) -> None:
    """Nothing, if each of the options is a text or None.

    Args:
        what: What they say, for the message.
        options: By their names.

    Raises:
        ConfigurationError: One is something else.
    """
    for option, value in options.items():
        if value is not None and not isinstance(value, str):
            raise ConfigurationError(f"{option}={value!r}: it is {what}, a text")


def to_path(value: object, option: str = "path") -> Path:
    """The path of a file that an option says.

    Raises:
        ConfigurationError: It is none, or none that a file can have.
    """
    if not isinstance(value, str | os.PathLike) or "\0" in str(value):
        raise ConfigurationError(f"{option}={value!r}: it is the path of a file")
    return Path(value)


def to_number(value: object) -> int | float | None:
    """The number, numpy's among them, as Python has it; None if it is none.

    True is none, and neither is a duration of numpy, which calls itself an integer and has a unit of its own.
    """
    lasts = getattr(getattr(value, "dtype", None), "kind", "") == "m"
    if not isinstance(value, Real) or isinstance(value, bool) or lasts:
        return None
    return int(value) if isinstance(value, Integral) else float(value)


def to_count(value: object, name: str, least: int, most: float = inf) -> int:
    """The whole number.

    Raises:
        ConfigurationError: It is none, or not from ``least`` to ``most``.
    """
    number = to_number(value)
    if not isinstance(number, int) or not least <= number <= most:
        wanted = f"≥ {least}" if most == inf else f"from {least} to {most}"
        raise ConfigurationError(f"{name} must be a whole number {wanted}, got {value!r}")
    return number


def to_seconds(value: object, name: str) -> float:
    """The number of seconds.

    Raises:
        ConfigurationError: It is none, or less than 0.
    """
    number = to_number(value)
    if number is None or not 0 <= number < inf:
        raise ConfigurationError(f"{name} must be a number of seconds ≥ 0, got {value!r}")
    return float(number)


def must_be_patience(value: object, name: str) -> None:
    """Nothing, if ``value`` is a number of seconds, or infinite, which is to wait for ever.

    Raises:
        ConfigurationError: It is neither.
    """
    if value != inf:
        to_seconds(value, name)
