"""Whether a destination gives back what was sent, value by value.

Takes the entries that were accepted and what an endpoint answers, gives every difference. A number is its value, not
its spelling (``560.0`` and ``560.00`` are the same), and a time without a zone is the same in UTC, since that is what
the destination has declared them to be.
"""

from collections.abc import Collection
from dataclasses import dataclass
from threading import Event
from typing import Any

import polars as pl

from occtoo_frames._api.destination import destination
from occtoo_frames._api.read import read_destination
from occtoo_frames._frames.exit import to_kind
from occtoo_frames._frames.source import Source
from occtoo_frames._push.options import Options
from occtoo_frames._push.outcomes import Outcome
from occtoo_frames._push.planning import make_plan
from occtoo_frames._push.report import PushReport
from occtoo_frames._session.connection import Connection
from occtoo_frames.exceptions import ProtocolError
from occtoo_frames.protocol.destination import Address

_IDENTITY = ["key", "property", "language"]
_PATIENCE_S, _PAUSE_S = 10.0, 0.2
DELETED, THERE = "(deleted)", "(there)"


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many values were compared, and those that came back otherwise: key, property, language, sent, read."""

    values: int
    differences: pl.DataFrame


def verify(report: PushReport, url: str, connection: Connection, *, patience_s: float = _PATIENCE_S) -> Any:
    """The differences between what ``report`` says was accepted and what ``url`` answers; see ``PushReport.verify``.

    Imports become visible some time after they are accepted (doc), so a difference counts once it stays.
    """
    accepted = report.row_table.filter(pl.col("outcome") == Outcome.ACCEPTED)["key"]
    sent = report.plan.entry_table().filter(pl.col("key").is_in(accepted.implode()))
    floats = {column.property for column in report.plan.sent_as if column.dtype.is_float()}
    clock, nobody_stops = connection.session.clock, Event()
    deadline = clock.now() + patience_s
    while True:
        over = clock.now() > deadline
        try:
            found = compare(sent, _read(sent, url, floats, connection), floats).differences
        except ProtocolError:  # properties that became visible between the document and the pages
            if over:
                raise
        else:
            if over or found.is_empty():
                return to_kind(found, report.plan.source.kind)
        clock.wait(_PAUSE_S, nobody_stops)


def _read(sent: pl.DataFrame, url: str, floats: set[str], connection: Connection) -> pl.DataFrame:
    """What the endpoint gives; floats as the text they come in, since a decimal may be too small for them."""
    names = destination(url, connection).schema(Address.parse(url).endpoint or "").names()
    types = {name: pl.String for name in names if name in floats}
    languages = sent["language"].drop_nulls().unique(maintain_order=True).to_list()
    read: pl.DataFrame = read_destination(
        url, language=languages or None, frame="polars", types=types, progress=False, connection=connection
    )
    return read


def compare(sent: pl.DataFrame, read: pl.DataFrame, floats: Collection[str] = ()) -> Comparison:
    """Every value sent, beside what was read in its place.

    Only properties that the endpoint gives, and keys that were sent, are compared.

    Args:
        sent: Long: key, delete, property, language, value.
        read: Wide, as ``read_destination`` gives it for the languages sent, with a column ``id``.
        floats: Properties that are equal if they are the same float.
    """
    gone = sent.filter(pl.col("delete"))["key"].implode()
    kept = sent.filter(~pl.col("delete") & pl.col("property").is_not_null())
    localised = _localised(kept)
    names = {f"{name}_{tag}": (name, tag) for name, tags in localised.items() for tag in tags}
    plain = {names.get(column, (column, None))[0]: dtype for column, dtype in read.schema.items()}
    came = _entries_of(read, localised)
    left = kept.select(*_IDENTITY, _spelling(plain, floats).alias("sent"))
    right = came.filter(pl.col("property").is_not_null()).select(*_IDENTITY, _spelling(plain, floats).alias("read"))
    right = right.filter(
        pl.col("key").is_in(left["key"].implode()), pl.col("property").is_in(left["property"].implode())
    )
    both = left.join(right, on=_IDENTITY, how="full", coalesce=True, nulls_equal=True)
    wrong = both.filter(pl.col("sent").ne_missing(pl.col("read")))
    alive = read.filter(pl.col("id").is_in(gone)).select(
        pl.col("id").alias("key"), *(pl.lit(None, pl.String).alias(name) for name in _IDENTITY[1:]),
        pl.lit(DELETED).alias("sent"), pl.lit(THERE).alias("read"),
    )  # fmt: skip
    return Comparison(left.height, pl.concat([wrong, alive]).sort(_IDENTITY))


def _entries_of(read: pl.DataFrame, localised: dict[str, list[str]]) -> pl.DataFrame:
    """What was read, written again as it would be sent."""
    scalar = read.select(name for name, dtype in read.schema.items() if not dtype.is_nested() or _is_texts(dtype))
    source = Source(scalar, "polars", scalar.schema)
    present = {name: tags for name, tags in localised.items() if all(f"{name}_{tag}" in scalar.columns for tag in tags)}
    return make_plan(source, "id", Options(lang_cols=present or None)).entry_table()


def _is_texts(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.List) and not pl.DataFrame(schema={"inner": dtype.inner}).schema["inner"].is_nested()


def _localised(sent: pl.DataFrame) -> dict[str, list[str]]:
    pairs = sent.filter(pl.col("language").is_not_null()).select("property", "language").unique()
    grouped = pairs.sort("property", "language").group_by("property", maintain_order=True).agg("language")
    return dict(grouped.iter_rows())


def _spelling(dtypes: dict[str, pl.DataType], floats: Collection[str]) -> pl.Expr:
    numbers = [name for name, dtype in dtypes.items() if dtype.is_numeric()]
    times = [name for name, dtype in dtypes.items() if isinstance(dtype, pl.Datetime)]
    value = pl.col("value")
    trimmed = value.str.replace(r"(\.\d*?)0+$", "$1").str.strip_suffix(".")
    exact = (value.cast(pl.Float64, strict=False) + 0.0).cast(pl.String)
    return (
        pl.when(pl.col("property").is_in(list(floats))).then(pl.coalesce(exact, value))
        .when(pl.col("property").is_in(numbers)).then(trimmed)
        .when(pl.col("property").is_in(times)).then(value.str.replace(r"(\+00:00|Z)$", ""))
        .otherwise(value)
    )  # fmt: skip
