"""What a text says, as a value of a dtype: takes texts, gives a Series; null where the dtype holds no such value.

One rule for every dtype: the value says the same as the text, every digit of it, or there is none. A number may be
spelled in any way (``1.0`` and ``1e3`` are integers); of floats, the text is digits of that float, rounded at no place
but its own last. A time of day is no part of a date, nor a finer fraction of a second part of a coarser unit.
"""

from collections.abc import Callable
from decimal import Context, Decimal, InvalidOperation
from functools import partial
from math import isfinite

import polars as pl

from occtoo_frames._push.rendering import rendering_for
from occtoo_frames.carecloud.moments import moments

_NUMERAL = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
_SURE_DIGITS: dict[pl.DataType, int] = {pl.Float64(): 15, pl.Float32(): 6, pl.Float16(): 3}
"""How many digits a float of each kind gives back, whatever they are."""

Read = Callable[[str, object], object]


def scalar(text: pl.Series, dtype: pl.DataType) -> pl.Series:
    """The values of ``dtype`` that ``text`` says."""
    if dtype.is_numeric():
        return _numbers(text, dtype)
    if dtype.is_temporal():
        return moments(text, dtype)
    if isinstance(dtype, pl.Boolean):
        lower = text.str.to_lowercase()
        return (lower == "true").set(~lower.is_in(["true", "false"]).fill_null(value=True), None)
    if isinstance(dtype, pl.Enum):
        known = text.is_in(dtype.categories.implode())
        return text.set(~known.fill_null(value=True), None).cast(dtype)
    return text.cast(dtype, strict=False)


def numerals(text: pl.Series) -> pl.Series:
    """The texts that spell a number; null for the others, ``inf`` and ``nan`` among them."""
    return text.set(~text.str.contains(_NUMERAL).fill_null(value=True), None)


def bare(text: pl.Series) -> pl.Series:
    """A number without its plus, and without zeros that say nothing."""
    trimmed = text.str.replace(r"^\+", "").str.replace(r"(\.\d*?)0+$", "$1").str.strip_suffix(".")
    whole = trimmed.str.replace(r"^(-?)0+(\d)", "$1$2").str.replace(r"^(-?)\.", "${1}0.")
    return whole.replace("-0", "0")


def _numbers(text: pl.Series, dtype: pl.DataType) -> pl.Series:
    """The engine reads them all; those that it may have rounded, or knows no such spelling of, are read one by one."""
    said = numerals(text)
    values = said.cast(dtype, strict=False)
    rest = (said.is_not_null() & ~_surely(values, said)).arg_true()
    if not len(rest):
        return values
    read = _reader(dtype)
    exact = [read(each, value) for each, value in zip(said.gather(rest), values.gather(rest), strict=True)]
    ranks = pl.repeat(None, len(text), dtype=pl.UInt32, eager=True).scatter(rest, range(len(rest)))
    return values.zip_with(ranks.is_null(), pl.Series(exact, dtype=dtype).gather(ranks)).alias(text.name)


def _surely(values: pl.Series, said: pl.Series) -> pl.Series:
    """Which values are known to be exact."""
    dtype = values.dtype
    if dtype.is_integer():
        return values.is_not_null()
    if dtype.is_float():
        few = (said.str.len_bytes() <= _SURE_DIGITS[dtype]) & ~said.str.contains("[eE]")
        if few.all():
            return few
    rendering = rendering_for(dtype, ",")
    assert rendering is not None  # noqa: S101 - every number has one
    return (bare(rendering.render(values)) == bare(said)).fill_null(value=False)


def _reader(dtype: pl.DataType) -> Read:
    if dtype.is_integer():
        low, high = pl.select(dtype.min().alias("low"), dtype.max().alias("high")).row(0)  # type: ignore[attr-defined]
        return partial(_integer, low=low, high=high)
    if isinstance(dtype, pl.Decimal):
        return partial(_decimal, unit=Decimal(1).scaleb(-dtype.scale), room=Context(prec=dtype.precision or 38))
    return _float


def _integer(text: str, _value: object, *, low: int, high: int) -> int | None:
    number = _exact(text)
    if number is None or not low <= number <= high or number != number.to_integral_value():
        return None
    return int(number)


def _decimal(text: str, _value: object, *, unit: Decimal, room: Context) -> Decimal | None:
    number = _exact(text)
    try:
        held = None if number is None else number.quantize(unit, context=room)
    except InvalidOperation:
        return None
    return held if held == number else None


def _float(text: str, value: object) -> float | None:
    number = _exact(text)
    if number is None or not isinstance(value, float) or not isfinite(value):
        return None
    digits = "".join(map(str, number.as_tuple().digits)).rstrip("0")
    return value if Context(prec=len(digits) or 1).plus(Decimal(value)) == number else None


def _exact(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
