"""Dates, datetimes, times and durations that texts say: takes texts and a dtype, gives a Series, null where none.

A text is ``yyyyMMdd`` or ``yyyyMMddHHmmss``, or as ISO 8601 has it. Whole seconds and their fraction are read apart and
added as integers, so that nothing is rounded and nothing overflows: what the dtype's unit cannot hold is null.
"""

import polars as pl

from occtoo_frames.carecloud.forms import dates
from occtoo_frames.protocol import cc5

_DAY = r"[+-]?[0-9]{4,6}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"(?P<clock>[0-9]{2}:[0-5][0-9]:[0-5][0-9])(?:\.(?P<fraction>[0-9]+))?"
_MOMENT = rf"^(?P<day>{_DAY})[T ]{_CLOCK}(?P<offset>Z|[+-][0-9]{{2}}:?[0-9]{{2}})?$"
_SPAN = (
    r"^(?P<sign>-?)P(?:(?P<D>[0-9]{1,19})D)?(?P<time>T(?:(?P<H>[0-9]{1,19})H)?(?:(?P<M>[0-9]{1,19})M)?"
    r"(?:(?P<S>[0-9]{1,19})(?:\.(?P<fraction>[0-9]+))?S)?)?$"
)
_SECONDS = {"D": 86_400, "H": 3_600, "M": 60, "S": 1}
_WIDE = pl.Int128
_PLACES = {"ms": 3, "us": 6, "ns": 9}


def moments(text: pl.Series, dtype: pl.DataType) -> pl.Series:
    """The values of a temporal dtype that ``text`` says."""
    if isinstance(dtype, pl.Datetime):
        return _datetimes(text, dtype)
    if isinstance(dtype, pl.Duration):
        return _durations(text, dtype)
    return _dates(text) if isinstance(dtype, pl.Date) else _times(text)


def compact(text: pl.Series) -> pl.Series:
    """The moments that ``yyyyMMdd`` and ``yyyyMMddHHmmss`` say."""
    return dates(text.set(~text.str.contains(f"^(?:{cc5.DATED})$").fill_null(value=False), None))


def _dates(text: pl.Series) -> pl.Series:
    said = compact(text)
    days = said.dt.date()
    midnight = days.set((said != said.dt.truncate("1d")).fill_null(value=False), None)
    iso = text.set(~text.str.contains(f"^{_DAY}$").fill_null(value=False), None)
    return midnight.zip_with(midnight.is_not_null(), iso.str.to_date("%Y-%m-%d", strict=False))


def _datetimes(text: pl.Series, dtype: pl.Datetime) -> pl.Series:
    parts = text.str.extract_groups(_MOMENT).struct
    day, clock, offset = parts["day"] + "T", parts["clock"], parts["offset"]
    if dtype.time_zone is None:
        whole = (day + clock).set(offset.is_not_null(), None)
        seconds = whole.str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="ms", strict=False).to_physical() // 1_000
        short = compact(text).to_physical() // 1_000_000
        seconds = short.zip_with(short.is_not_null(), seconds)
    else:
        whole = day + clock + offset
        seconds = whole.str.to_datetime("%Y-%m-%dT%H:%M:%S%#z", time_unit="ms", strict=False).to_physical() // 1_000
    ticks = _ticks(seconds, parts["fraction"], _PLACES[dtype.time_unit])
    if dtype.time_zone is None:
        return ticks.cast(dtype)
    return ticks.cast(pl.Datetime(dtype.time_unit, "UTC")).dt.convert_time_zone(dtype.time_zone)


def _times(text: pl.Series) -> pl.Series:
    parts = text.str.extract_groups(f"^{_CLOCK}$").struct
    seconds = parts["clock"].str.to_time("%H:%M:%S", strict=False).to_physical() // 1_000_000_000
    return _ticks(seconds, parts["fraction"], _PLACES["ns"]).cast(pl.Time)


def _durations(text: pl.Series, dtype: pl.Duration) -> pl.Series:
    said = text.set((text.str.ends_with("P") | text.str.ends_with("T")).fill_null(value=False), None)
    parts = said.str.extract_groups(_SPAN).struct.unnest()
    counts = [pl.col(name).fill_null("0").cast(_WIDE) * pl.lit(seconds, _WIDE) for name, seconds in _SECONDS.items()]
    seconds = parts.select(pl.when(pl.col("sign").is_not_null()).then(sum(counts, pl.lit(0, _WIDE)))).to_series()
    return _ticks(seconds, parts["fraction"], _PLACES[dtype.time_unit], parts["sign"] == "-").cast(dtype)


def _ticks(seconds: pl.Series, fraction: pl.Series, places: int, less: pl.Series | None = None) -> pl.Series:
    """Seconds and the digits of their fraction in units of 10 to the minus ``places``; the opposite where ``less``."""
    digits = pl.col("fraction").fill_null("").str.strip_chars_end("0")
    parts = pl.when(digits.str.len_bytes() <= places).then(digits.str.pad_end(places, "0")).cast(_WIDE)
    ticks = pl.col("seconds").cast(_WIDE) * pl.lit(10**places, _WIDE) + parts
    table = pl.DataFrame([seconds.alias("seconds"), fraction.alias("fraction")])
    sign = pl.lit(1, _WIDE) if less is None else pl.when(less).then(pl.lit(-1, _WIDE)).otherwise(pl.lit(1, _WIDE))
    return table.select((ticks * sign).cast(pl.Int64, strict=False)).to_series()
