"""Whether what was read is what was sent, value by value.

Takes the entries that a plan sent and the wide frame that a destination gave; gives how many values were compared and
every difference. A number is its value, not its spelling (``560.0`` and ``560.00`` are the same), and a time without a
zone is the same in UTC, since the destination has declared them as such.
"""

from dataclasses import dataclass

import polars as pl

import occtoo_frames as of

_IDENTITY = ["key", "property", "language"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many values were sent, and those that came back otherwise: key, property, language, sent, read."""

    values: int
    differences: pl.DataFrame


def compare(sent: pl.DataFrame, read: pl.DataFrame) -> Comparison:
    """Every value sent, beside what was read in its place.

    Args:
        sent: Long: key, property, language, value.
        read: Wide, as ``read_destination`` gives it for several languages, with a column ``id``.
    """
    sent = sent.filter(pl.col("property").is_not_null())
    localised = _localised(sent)
    came = of.to_entries(read, "id", localised or None, properties=None, nulls="skip")
    plain = _plain(read, localised)
    left = sent.select(*_IDENTITY, _spelling(plain).alias("sent"))
    right = came.filter(pl.col("property").is_not_null()).select(*_IDENTITY, _spelling(plain).alias("read"))
    both = left.join(right, on=_IDENTITY, how="full", coalesce=True, nulls_equal=True)
    wrong = both.filter(pl.col("sent").ne_missing(pl.col("read")))
    return Comparison(sent.height, wrong.sort(_IDENTITY))


def _localised(sent: pl.DataFrame) -> dict[str, list[str]]:
    pairs = sent.filter(pl.col("language").is_not_null()).select("property", "language").unique()
    grouped = pairs.sort("property", "language").group_by("property", maintain_order=True).agg("language")
    return dict(grouped.iter_rows())


def _plain(read: pl.DataFrame, localised: dict[str, list[str]]) -> dict[str, pl.DataType]:
    """The type in which each property came back."""
    first = {f"{name}_{tags[0]}": name for name, tags in localised.items()}
    return {first.get(column, column): dtype for column, dtype in read.schema.items()}


def _spelling(dtypes: dict[str, pl.DataType]) -> pl.Expr:
    numbers = [name for name, dtype in dtypes.items() if dtype.is_numeric()]
    times = [name for name, dtype in dtypes.items() if isinstance(dtype, pl.Datetime)]
    value = pl.col("value")
    trimmed = value.str.replace(r"(\.\d*?)0+$", "$1").str.strip_suffix(".")
    return (
        pl.when(pl.col("property").is_in(numbers)).then(trimmed)
        .when(pl.col("property").is_in(times)).then(value.str.replace(r"(\+00:00|Z)$", ""))
        .otherwise(value)
    )  # fmt: skip
