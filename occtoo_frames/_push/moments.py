"""How dates, datetimes, times and durations are written: ISO 8601, an offset where a zone is known, no idle zeros.

Takes polars Series, gives the text of each value; nulls stay null, and so does what has no text: what no calendar of
the engine reaches, and what has an offset with seconds, which ISO 8601 has not and hardly anybody reads.
"""

from functools import cache

import polars as pl

_DAYS = (-96_465_291, 95_026_235)
"""The first and the last day that the engine can write, less one for offsets; it panics at others."""

_FIRST_DAY, _LAST_DAY = -25_567, 47_481
"""1900-01-01 and 2099-12-31, in days since 1970: a table of their texts takes a megabyte."""


def is_writable(series: pl.Series) -> pl.Series:
    """Which dates or datetimes lie between the years -262,143 and 262,142; null for null."""
    a_day = _UNITS[series.dtype.time_unit] * _A_DAY if isinstance(series.dtype, pl.Datetime) else 1
    low, high = max(_DAYS[0] * a_day, -(1 << 63)), min((_DAYS[1] + 1) * a_day - 1, (1 << 63) - 1)
    return series.to_physical().is_between(low, high)


def _writable(series: pl.Series) -> pl.Series:
    """``series`` with null for what cannot be written."""
    written = is_writable(series)
    return series if written.all() else pl.select(pl.when(written).then(series)).to_series()


def dates(series: pl.Series) -> pl.Series:
    """Looked up in a table where there is one for all of them, since few dates are written often."""
    days = series.to_physical()
    if _have_texts(days):
        return _texts_of_days()[(days - _FIRST_DAY).cast(pl.UInt32)].alias(series.name)
    return _writable(series).dt.to_string("iso")


def _have_texts(days: pl.Series) -> bool:
    """True if each of ``days`` since 1970 stands in the table of their texts."""
    return not ((days < _FIRST_DAY) | (days > _LAST_DAY)).any()


@cache
def _texts_of_days() -> pl.Series:
    return pl.Series(range(_FIRST_DAY, _LAST_DAY + 1), dtype=pl.Int32).cast(pl.Date).dt.to_string("iso")


_A_DAY = 86_400
_SECONDS = "%Y-%m-%dT%H:%M:%S"
_NO_OFFSET = frozenset({"UTC", "Etc/UTC", "GMT"})
_UNITS = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def datetimes(series: pl.Series) -> pl.Series:
    """A fraction only where it is not zero, and an offset where there is a zone; text, of several zones, as it is."""
    dtype = series.dtype
    if dtype == pl.String:
        return series
    assert isinstance(dtype, pl.Datetime)  # noqa: S101 - for the type checker
    utc = dtype.time_zone in _NO_OFFSET
    if dtype.time_zone is None or utc:
        found = _looked_up(series.to_physical(), _UNITS[dtype.time_unit], "+00:00" if utc else "")
        if found is not None:
            return found.alias(series.name)
    series = _writable(series)
    whole = not (series.to_physical() % _UNITS[dtype.time_unit] != 0).any()
    text = series.dt.to_string(_SECONDS) if whole else _trimmed(series.dt.to_string(f"{_SECONDS}%.9f"))
    if dtype.time_zone is None:
        return text
    return text + ("+00:00" if utc else _offsets(series))


def _looked_up(moments: pl.Series, unit: int, offset: str) -> pl.Series | None:
    """Whole seconds of the dates that there is a table for, whose texts and those of a day's seconds are joined.

    None if one of ``moments``, of which ``unit`` make a second, is no such second.
    """
    seconds = moments // unit
    days = seconds // _A_DAY
    if not _have_texts(days) or not (seconds * unit == moments).all():
        return None
    of_the_day = (seconds - days * _A_DAY).cast(pl.UInt32)
    return _texts_of_days()[(days - _FIRST_DAY).cast(pl.UInt32)] + _texts_of_seconds(offset)[of_the_day]


@cache
def _texts_of_seconds(offset: str) -> pl.Series:
    """Of each second of a day: ``T23:59:59`` and the offset."""
    return (pl.Series(range(_A_DAY)) * 1_000_000_000).cast(pl.Time).dt.to_string(f"T%H:%M:%S{offset}")


def _offsets(series: pl.Series) -> pl.Series:
    """``+02:00``; null where a zone of long ago had seconds (``+00:53:28``).

    Nulls are given a moment first: what pandas leaves below a null is none, and polars panics at it.
    """
    series = series.to_physical().fill_null(0).cast(series.dtype)
    offset = series.dt.base_utc_offset() + series.dt.dst_offset()
    uneven = offset.dt.total_seconds() % 60 != 0
    text = series.dt.to_string("%:z")
    return text.set(uneven, None) if uneven.any() else text


def _trimmed(text: pl.Series) -> pl.Series:
    """Texts that end in a fraction without its trailing zeros, and without its point if nothing is left."""
    return text.str.strip_chars_end("0").str.strip_suffix(".")


def times(series: pl.Series) -> pl.Series:
    """A fraction only where it is not zero."""
    return _trimmed(series.dt.to_string("%H:%M:%S%.9f"))


_LEAST = -(1 << 63)


def durations(series: pl.Series) -> pl.Series:
    """Days, hours, minutes and seconds.

    The least of 64 bits has no positive counterpart, so the engine writes a sign in each of its parts: it is written as
    its neighbour, whose last digit is one less in every unit.
    """
    text = series.dt.to_string("iso")
    if series.to_physical().min() != _LEAST:
        return text
    neighbour = pl.Series([_LEAST + 1]).cast(series.dtype).dt.to_string("iso")[0]
    return text.set(series.to_physical() == _LEAST, neighbour.removesuffix("7S") + "8S")
