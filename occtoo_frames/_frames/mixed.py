"""Columns of a spreadsheet whose cells are of several kinds, as text: each cell as a column of its kind would be.

Takes the text that the reader shows of each cell, and what the cells are as numbers, booleans and moments; gives text,
and says which cells have none. A moment is a number of days since the spreadsheet's first one: below 1 it is a time,
but 0 among dates is what a formula makes of an empty cell. Whether a later one was meant as a date or as a duration, a
column of several kinds does not tell, so those that are likely to be either are refused. The reader takes a column of
dates and durations for none, so one of nothing but moments beyond the first sixty days, which no clock shows, is of
dates.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl

_MOMENT = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$"
_ROUNDED = r"^-?\d+\.\d+$|^-?0$"
"""What the reader shows of numbers that have a fraction, of which it drops all after the ninth digit."""

_DAY_ZERO, _DAY, _MARCH = timedelta(0), timedelta(days=1), timedelta(days=60)
_SURELY_A_DATE = datetime(1910, 1, 1)  # noqa: DTZ001 - a spreadsheet has no zones
_FIRST_DAYS = datetime(1905, 1, 1)  # noqa: DTZ001 - as above
"""Later than the first day of any spreadsheet: it is in 1899, or in 1904."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """One column read thrice.

    Attributes:
        floats: Numbers, also of booleans and of texts that are one; else null.
        booleans: True and false, also of numbers; else null.
        days: Moments as durations since the first day; else null.
    """

    floats: pl.Series
    booleans: pl.Series
    days: pl.Series


def may_be_typed(shown: pl.Series) -> bool:
    """False for an empty column, and for one in which only some cells look like moments."""
    moments, filled = shown.str.contains(_MOMENT).sum(), len(shown) - shown.null_count()
    return filled > 0 and moments in {0, filled}


def may_be_mixed(typed: pl.Series, shown: pl.Series) -> bool:
    """True if the type that the reader found for a column may bend some of its cells, or leave them out."""
    if (typed.is_null() & shown.is_not_null()).any():  # texts such as n/a, which the reader takes for nothing
        return True
    if typed.dtype.is_float():
        return bool((_is_boolean(shown) | typed.is_nan()).any())  # a cell of a spreadsheet is no nan, but says so
    if isinstance(typed.dtype, pl.Datetime):
        return bool((typed < _FIRST_DAYS).any())
    return typed.dtype == pl.String and bool(shown.str.contains(f"{_MOMENT}|{_ROUNDED}").any())


def only_times(kinds: Kinds, shown: pl.Series) -> bool:
    """True if every cell that is not empty is a time."""
    return bool((_is_time(kinds) | shown.is_null()).all())


def only_dates(kinds: Kinds, shown: pl.Series) -> bool:
    """True if every cell that is not empty is a date, or a date and time; none of the first sixty days."""
    return bool(((kinds.days >= _MARCH).fill_null(value=False) | shown.is_null()).all())


def as_text(kinds: Kinds, shown: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The text of each cell, and which cells have none, because nobody can say what they are."""
    moments = kinds.days.is_not_null()
    numbers = kinds.booleans.is_not_null() & ~_is_boolean(shown)
    fractions = numbers & (kinds.floats != kinds.floats.floor())
    when = shown.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False)
    times = _is_time(kinds) & ~((kinds.days == _DAY_ZERO) & (kinds.days >= _DAY).any())
    refused = moments & ~times & (when < _SURELY_A_DATE).fill_null(value=True)
    text = shown.zip_with(
        ~fractions, _digits(kinds.floats.zip_with(fractions, pl.repeat(None, len(shown), eager=True)))
    )
    text = text.zip_with(~moments, _iso(shown, when, times))
    return text.zip_with(~refused, pl.Series([None], dtype=pl.String)), refused


def _digits(numbers: pl.Series) -> pl.Series:
    """Numbers without an exponent."""
    text = numbers.cast(pl.String)
    tiny = text.str.contains("e", literal=True).fill_null(value=False).arg_true()
    return text.scatter(tiny, [format(Decimal(number), "f") for number in text.gather(tiny)])


def _iso(shown: pl.Series, when: pl.Series, times: pl.Series) -> pl.Series:
    """Moments as a column of times, of dates, or of datetimes would have them."""
    cell = (
        pl.when(pl.col("shown").str.contains(".", literal=True))
        .then(pl.col("shown").str.strip_chars_end("0").str.strip_chars_end("."))
        .otherwise("shown")
    )
    date, time = cell.str.head(10), cell.str.slice(11)
    midnight = pl.col("when") == pl.col("when").dt.truncate("1d")
    text = pl.when("times").then(time).when(midnight).then(date).otherwise(pl.concat_str(date, pl.lit("T"), time))
    return pl.DataFrame({"shown": shown, "when": when, "times": times}).select(text.alias("text")).to_series()


def _is_time(kinds: Kinds) -> pl.Series:
    return ((kinds.days >= _DAY_ZERO) & (kinds.days < _DAY)).fill_null(value=False)


def _is_boolean(shown: pl.Series) -> pl.Series:
    return shown.is_in(["true", "false"]).fill_null(value=False)
