"""Which type the texts of a column have: text in, kind out, and kinds joined as more text comes.

A kind is only found when every text of the column is written in its one canonical way, so that no value comes back
as another: ``007``, ``1e5``, ``+5`` and ``1_000`` are text, and so are integers beyond 64 bits and times finer than a
microsecond. Inference itself is ours (not verified against the live service). Empty texts have no say.
"""

from collections.abc import Mapping
from enum import StrEnum

import polars as pl

_BOOLEAN = r"^(?:true|false)$"
_INTEGER = r"^(?:0|-?[1-9][0-9]*)$"
_DECIMAL = r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$"
_NAIVE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?$"
_AWARE = _NAIVE.removesuffix("$") + r"(?:Z|[+-][0-9]{2}:[0-9]{2})$"
_NUMBER = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?$"
_INSTANT = (
    r"^([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]([0-9]{2}:[0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?$"
)
_SAMPLE = 1_000


class Kind(StrEnum):
    """What all texts of a column are."""

    NOTHING = "nothing"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    NAIVE = "local time"
    AWARE = "point in time"
    TEXT = "text"


def find(frame: pl.DataFrame, columns: list[str]) -> dict[str, Kind]:
    """The kind of each of these columns of text."""
    return {column: kind_of(frame[column]) for column in columns}


def join(old: Mapping[str, Kind], new: Mapping[str, Kind]) -> dict[str, Kind]:
    """The kinds of what was there and what came."""
    return {column: _join(old.get(column, Kind.NOTHING), kind) for column, kind in new.items()}


def kind_of(texts: pl.Series) -> Kind:
    """The narrowest kind of all texts that are neither null nor empty."""
    sample = texts.head(_SAMPLE)
    if _narrowest(sample) is Kind.TEXT:
        return Kind.TEXT
    return _narrowest(texts)


def integers(texts: pl.Series) -> pl.Series:
    """The texts as Int64, null where one is no whole number of 64 bits."""
    return texts.cast(pl.Int64, strict=False)


def booleans(texts: pl.Series) -> pl.Series:
    """``true`` and ``false`` as Boolean, everything else null."""
    return texts.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean)


def numbers(texts: pl.Series) -> pl.Series:
    """The texts that are JSON numbers, as they are; everything else null."""
    return only(texts, texts.str.contains(_NUMBER))


def decimals(texts: pl.Series) -> pl.Series:
    """JSON numbers as something that sorts: exact decimals where 38 digits hold them all, floats otherwise."""
    plain = texts.drop_nulls()
    if plain.str.contains("[eE]").any():
        return texts.cast(pl.Float64, strict=False)
    scale = _longest(plain.str.extract(r"\.([0-9]+)$"))
    whole = _longest(plain.str.extract(r"^-?([0-9]+)"))
    if scale + whole > 38:  # noqa: PLR2004 - the digits of a 128-bit decimal
        return texts.cast(pl.Float64, strict=False)
    return texts.cast(pl.Decimal(38, scale))


def instants(texts: pl.Series) -> pl.Series:
    """ISO dates and times as microseconds (UTC, or local where no offset stands), null where it is neither."""
    parts = texts.to_frame("text").select(pl.col("text").str.extract_groups(_INSTANT)).unnest("text")
    day, minute, second, fraction, offset = (pl.col(name) for name in parts.columns)
    clock = pl.concat_str(
        day, pl.lit("T"), minute.fill_null("00:00"), pl.lit(":"), second.fill_null("00")
    ).str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False, time_unit="us")
    micros = fraction.fill_null("0").str.pad_end(6, "0").str.slice(0, 6).cast(pl.Int64)
    sign = pl.when(offset.str.starts_with("-")).then(-1).otherwise(1)
    minutes = offset.str.slice(1, 2).cast(pl.Int64, strict=False) * 60 + offset.str.slice(4, 2).cast(
        pl.Int64, strict=False
    )
    shift = pl.duration(minutes=(sign * minutes).fill_null(0))
    return parts.select(clock + pl.duration(microseconds=micros) - shift).to_series()


def only(texts: pl.Series, kept: pl.Series) -> pl.Series:
    """The texts where ``kept``, everything else null."""
    return texts.to_frame("text").select(pl.when(kept).then(pl.col("text"))).to_series()


def _longest(texts: pl.Series) -> int:
    longest = texts.str.len_bytes().max()
    return longest if isinstance(longest, int) else 0


def _narrowest(texts: pl.Series) -> Kind:
    filled = texts.filter(texts != "")
    if filled.is_empty():
        return Kind.NOTHING
    if _all(filled, _BOOLEAN):
        return Kind.BOOLEAN
    if _all(filled, f"{_INTEGER}|{_DECIMAL}"):
        return _numeric(filled)
    return _temporal(filled)


def _all(texts: pl.Series, pattern: str) -> bool:
    """True if every text matches; the first is asked alone, since one that has another form ends it there."""
    return all(some.str.contains(pattern).all() for some in (texts.head(1), texts))


def _numeric(filled: pl.Series) -> Kind:
    whole = filled.str.contains(_INTEGER)
    if filled.filter(whole).cast(pl.Int64, strict=False).has_nulls():
        return Kind.TEXT
    return Kind.INTEGER if whole.all() else Kind.DECIMAL


def _temporal(filled: pl.Series) -> Kind:
    for pattern, kind in ((_NAIVE, Kind.NAIVE), (_AWARE, Kind.AWARE)):
        if _all(filled, pattern) and _are_moments(filled):
            return kind
    return Kind.TEXT


def _are_moments(texts: pl.Series) -> bool:
    """True if no text of the form of a time names a day, an hour or a second that does not exist."""
    clocks = texts.str.slice(0, len("2024-02-29T23:59:59"))
    return not clocks.str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False, time_unit="us").has_nulls()


def _join(old: Kind, new: Kind) -> Kind:
    if Kind.NOTHING in {old, new} or old is new:
        return new if old is Kind.NOTHING else old
    return Kind.DECIMAL if {old, new} == {Kind.INTEGER, Kind.DECIMAL} else Kind.TEXT
