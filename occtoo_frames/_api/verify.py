"""Whether a destination gives back what was sent, value by value.

Takes the entries that were accepted and what an endpoint answers, gives every difference. What counts is what the
destination has declared a property to be: a number is its value, not its spelling (``560.0`` and ``560.00`` are the
same); a time is its instant, in UTC where no zone is said, and a date its first one; nothing and an empty text are the
same where there can be no text.
"""

from collections.abc import Collection, Mapping, Sequence
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
from occtoo_frames._read.document import Endpoint
from occtoo_frames._read.languages import wide_name
from occtoo_frames._session.connection import Connection
from occtoo_frames.exceptions import ProtocolError
from occtoo_frames.protocol.destination import ID
from occtoo_frames.typing import Style

_IDENTITY = ["key", "property", "language"]
_PATIENCE_S, _PAUSE_S = 10.0, 0.2
_STYLE: Style = "name[lang]"
"""No property's id holds a bracket, so no column of a language is called as another property."""

DELETED, THERE, NOT_PUBLISHED = "(deleted)", "(there)", "(not published)"

_TIME = (
    r"^(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:T(?P<clock>\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d+))?(?P<offset>Z|[+-]\d\d:\d\d)?)?$"
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many values were compared, and those that came back otherwise: key, property, language, sent, read.

    The last two are the texts as they were sent and as the destination has written them.
    """

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
            place = destination(url, connection)
            endpoint = place.endpoint()
            read = _read(sent, url, endpoint, connection)
            compared = compare(sent, read, floats, endpoint.schema, style=_STYLE).differences
            found = compared.with_columns(read=_unpublished(endpoint.languages))
        except ProtocolError:  # properties that became visible between the document and the pages
            if over:
                raise
        else:
            if over or found.filter(pl.col("read").ne_missing(NOT_PUBLISHED)).is_empty():
                return to_kind(found, report.plan.source.kind)
        clock.wait(_PAUSE_S, nobody_stops)


def _unpublished(published: Sequence[str]) -> pl.Expr:
    """What was read, or that the endpoint gives no such language: no waiting brings that back."""
    known = pl.lit(value=not published) | pl.col("language").is_null() | pl.col("language").is_in(list(published))
    return pl.when(known | pl.col("read").is_not_null()).then("read").otherwise(pl.lit(NOT_PUBLISHED))


def _read(sent: pl.DataFrame, url: str, endpoint: Endpoint, connection: Connection) -> pl.DataFrame:
    """What the endpoint gives, as the text it comes in: a type might hold less.

    Of languages that it does not publish nothing comes back, which is no reason not to ask for the others.
    """
    types = {name: pl.String for name, dtype in endpoint.schema.items() if not dtype.is_nested()}
    published = endpoint.languages
    languages = sent["language"].drop_nulls().unique(maintain_order=True).to_list()
    known = [tag for tag in languages if tag in published] if published else languages
    asked = known or list(published[:1]) if languages else None
    read: pl.DataFrame = read_destination(
        url, language=asked, style=_STYLE, frame="polars", types=types, progress=False, connection=connection
    )
    return read


def compare(
    sent: pl.DataFrame,
    read: pl.DataFrame,
    floats: Collection[str] = (),
    declared: Mapping[str, pl.DataType] | None = None,
    *,
    style: Style = "name_lang",
) -> Comparison:
    """Every value sent, beside what was read in its place.

    Only keys and properties that were sent are compared, and no property ``id``: an entry's id is its key (doc). The
    plan has warned of that one.

    Args:
        sent: Long: key, delete, property, language, value.
        read: Wide, as ``read_destination`` gives it for the languages sent, with a column ``id``.
        floats: Properties that are equal if they are the same float.
        declared: The types of the endpoint's properties; those of ``read`` without it.
        style: How the columns of localised properties are called in ``read``.
    """
    gone = sent.filter(pl.col("delete"))["key"].implode()
    kept = sent.filter(~pl.col("delete") & (pl.col("property") != ID))
    localised = _localised(kept)
    columns = {name: {tag: wide_name(name, tag, style) for tag in tags} for name, tags in localised.items()}
    names = {column: name for name, of_tags in columns.items() for column in of_tags.values()}
    types = declared or {names.get(column, column): dtype for column, dtype in read.schema.items()}
    came = _entries_of(read.select(ID, *_wanted(read, {*kept["property"], *names} - {ID})), columns)
    meaning = _meaning(types, floats)
    left = kept.select(*_IDENTITY, sent="value", meant=meaning)
    right = came.filter(pl.col("property").is_not_null()).select(*_IDENTITY, read="value", came=meaning)
    right = right.filter(
        pl.col("key").is_in(left["key"].implode()), pl.col("property").is_in(left["property"].implode())
    )
    both = left.join(right, on=_IDENTITY, how="full", coalesce=True, nulls_equal=True)
    wrong = both.filter(pl.col("meant").ne_missing(pl.col("came"))).select(*_IDENTITY, "sent", "read")
    alive = read.filter(pl.col("id").is_in(gone)).select(
        pl.col("id").alias("key"), *(pl.lit(None, pl.String).alias(name) for name in _IDENTITY[1:]),
        pl.lit(DELETED).alias("sent"), pl.lit(THERE).alias("read"),
    )  # fmt: skip
    return Comparison(left.height, pl.concat([wrong, alive]).sort(_IDENTITY))


def _wanted(read: pl.DataFrame, names: Collection[str]) -> list[str]:
    """The columns of ``names`` that can have been sent."""
    texts = [name for name, dtype in read.schema.items() if not dtype.is_nested() or _is_texts(dtype)]
    return [name for name in texts if name in names]


def _entries_of(read: pl.DataFrame, columns: Mapping[str, Mapping[str, str]]) -> pl.DataFrame:
    """What was read, written again as it would be sent; ``columns`` are those of each property and language."""
    source = Source(read, "polars", read.schema)
    there = {
        name: {tag: column for tag, column in of_tags.items() if column in read.columns}
        for name, of_tags in columns.items()
    }
    localised = {name: of_tags for name, of_tags in there.items() if of_tags}
    return make_plan(source, ID, Options(lang_cols=localised or None)).entry_table()


def _is_texts(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.List) and not pl.DataFrame(schema={"inner": dtype.inner}).schema["inner"].is_nested()


def _localised(sent: pl.DataFrame) -> dict[str, list[str]]:
    pairs = sent.filter(pl.col("language").is_not_null()).select("property", "language").unique()
    grouped = pairs.sort("property", "language").group_by("property", maintain_order=True).agg("language")
    return dict(grouped.iter_rows())


def _meaning(types: Mapping[str, pl.DataType], floats: Collection[str]) -> pl.Expr:
    """One text for all spellings of a value: only to compare by, since it is neither what was sent nor read."""
    numbers = [name for name, dtype in types.items() if dtype.is_numeric()]
    times = [name for name, dtype in types.items() if isinstance(dtype, pl.Datetime)]
    textless = [name for name, dtype in types.items() if not dtype.is_nested() and dtype != pl.String]
    value = pl.col("value")
    trimmed = value.str.replace(r"(\.\d*?)0+$", "$1").str.strip_suffix(".")
    exact = (value.cast(pl.Float64, strict=False) + 0.0).cast(pl.String)
    return (
        pl.when(pl.col("property").is_in(textless) & (value == "")).then(None)
        .when(pl.col("property").is_in(list(floats))).then(pl.coalesce(exact, value))
        .when(pl.col("property").is_in(numbers)).then(trimmed)
        .when(pl.col("property").is_in(times)).then(pl.coalesce(_instant(value), value))
        .otherwise(value)
    )  # fmt: skip


def _instant(value: pl.Expr) -> pl.Expr:
    """A date or time in UTC, its fraction trimmed; null for any other text."""
    parts = value.str.extract_groups(_TIME)
    clock = pl.coalesce(parts.struct["clock"], pl.lit("00:00:00"))
    offset = pl.coalesce(parts.struct["offset"].replace("Z", "+00:00"), pl.lit("+00:00"))
    whole = (parts.struct["date"] + "T" + clock + offset).str.to_datetime("%Y-%m-%dT%H:%M:%S%z", strict=False)
    return whole.dt.to_string("iso") + parts.struct["fraction"].fill_null("").str.strip_chars_end("0")
