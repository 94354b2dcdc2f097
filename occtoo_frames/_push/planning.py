"""How a plan is made: open the columns, look at every row, decide which are sent.

Takes a Source and what the caller said, gives a PushPlan.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from occtoo_frames._frames.source import Source
from occtoo_frames._push.batching import body_bytes, cut
from occtoo_frames._push.cells import Renderer, place_of
from occtoo_frames._push.checking import Checked, check, size_problems
from occtoo_frames._push.columns import PropertyColumn, lay_out
from occtoo_frames._push.described import describe_columns, find_warnings
from occtoo_frames._push.duplicates import dropped_rows, duplicate_problems, shared_keys
from occtoo_frames._push.encoder import Encoder, Slice
from occtoo_frames._push.feed import Feed, StreamFeed, TableFeed
from occtoo_frames._push.grouping import (
    DELETE,
    KEY,
    LANGUAGE,
    ROW,
    Grouped,
    as_text,
    by_language,
    conflicting_rows,
    localised_positions,
    merge,
)
from occtoo_frames._push.plan import PushPlan
from occtoo_frames._push.problems import Place, gathered, problems
from occtoo_frames._push.schemas import schema_problems
from occtoo_frames.exceptions import PlanError
from occtoo_frames.protocol.rules import PLATFORM_LIMITS, is_language
from occtoo_frames.typing import Duplicates, Ids, Key, LangCols, Nulls, Properties


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a caller says about a table; see ``occtoo_frames.plan``."""

    lang_cols: LangCols = None
    properties: Properties = None
    ids: Ids = "strict"
    delete: str | None = None
    nulls: Nulls = "skip"
    duplicates: Duplicates = "fail"
    list_separator: str = "|"
    key_separator: str = "-"
    language_column: str | None = None
    schema: Any = None
    delete_all: bool = False

    def __post_init__(self) -> None:
        for name, allowed in _ALLOWED.items():
            if getattr(self, name) not in allowed:
                raise PlanError(f"{name}={getattr(self, name)!r}: it is one of {', '.join(map(repr, allowed))}")
        if not self.list_separator:
            raise PlanError("list_separator must be at least one character")


_ALLOWED = {
    "ids": ("strict", "camel", "snake"),
    "nulls": ("skip", "clear"),
    "duplicates": ("fail", "first", "last", "merge"),
}


@dataclass(slots=True)
class _Rows:
    """What is known of the rows while the plan is made."""

    valid: npt.NDArray[np.bool_]
    found: list[pl.DataFrame]
    dropped: npt.NDArray[np.int64]

    def refuse(self, *found: pl.DataFrame) -> None:
        """Adds problems; their rows are not valid, and none is if a whole column has one."""
        for frame in found:
            if frame.height:
                self.found.append(frame)
                rows = frame["row"]
                if rows.null_count():
                    self.valid[:] = False
                self.valid[rows.drop_nulls().to_numpy()] = False


@dataclass(frozen=True, slots=True)
class _Entries:
    """The entries that will be sent."""

    feed: Feed
    columns: tuple[PropertyColumn, ...]
    clean: tuple[bool, ...]
    sizes: npt.NDArray[np.uint32]
    properties: int
    entry_of_row: npt.NDArray[np.int64]


def make_plan(
    source: Source, key: Key, options: Options, *, original: Any = None, sender: Callable[..., Any] | None = None
) -> PushPlan:
    """The PushPlan of a table.

    Args:
        source: The table.
        key: The columns of the key.
        options: What the caller said.
        original: The caller's own frame, for a pandera schema.
        sender: Called by ``PushPlan.push`` with the plan, the source and options.

    Raises:
        ColumnNotFoundError: A named column does not stand in the table.
        PlanError: The columns cannot be turned into properties as asked.
    """
    layout = lay_out(
        source,
        key,
        options.lang_cols,
        properties=options.properties,
        ids=options.ids,
        delete=options.delete,
        language_column=options.language_column,
        delete_all=options.delete_all,
    )
    renderer = Renderer.of(
        layout,
        source.schema,
        whole_floats=source.whole_floats,
        key_separator=options.key_separator,
        list_separator=options.list_separator,
        nulls=options.nulls,
    )
    checked = check(source, renderer)
    rows = _Rows(np.ones(len(checked.sizes), bool), [], np.zeros(0, np.int64))
    rows.refuse(*checked.problems)
    if options.schema is not None:
        rows.refuse(schema_problems(options.schema, source, original, renderer))
    if layout.language is not None:
        entries = _with_languages(source, renderer, checked, options, rows)
    elif options.duplicates == "merge":
        entries = _merged(source, renderer, checked, rows)
    else:
        entries = _streamed(source, renderer, checked, options, rows)
    found = gathered(rows.found)
    return PushPlan(
        source=source,
        renderer=renderer,
        feed=entries.feed,
        sent_as=entries.columns,
        clean=entries.clean,
        sizes=entries.sizes,
        entry_of_row=entries.entry_of_row,
        dropped=rows.dropped,
        found=found,
        column_table=describe_columns(source, renderer, entries.columns, checked.examples),
        counts=_counts(entries, rows, len(checked.sizes)),
        warnings=find_warnings(source, renderer, entries.columns, len(rows.dropped)),
        sender=sender,
    )


def _streamed(source: Source, renderer: Renderer, checked: Checked, options: Options, rows: _Rows) -> _Entries:
    """A row is an entry; rows that share a key are problems, or give way to one of them."""
    shared = shared_keys(source, renderer, checked.hashes)
    if shared.height and options.duplicates == "fail":
        rows.refuse(duplicate_problems(shared))
    elif shared.height:
        rows.dropped = dropped_rows(shared, options.duplicates)
    sent = rows.valid.copy()
    sent[rows.dropped] = False
    digests = None if checked.digests is None else checked.digests[sent]
    return _Entries(
        StreamFeed(source, renderer, sent, digests),
        tuple(column for column, _ in renderer.columns),
        tuple(renderer.clean),
        checked.sizes[sent],
        int(checked.counts[sent].sum()),
        np.where(sent, np.cumsum(sent) - 1, -1),
    )


def _merged(source: Source, renderer: Renderer, checked: Checked, rows: _Rows) -> _Entries:
    """Rows that share a key are one entry; one that has a problem takes the others with it."""
    shared = shared_keys(source, renderer, checked.hashes)
    if not shared.height:
        return _streamed(source, renderer, checked, Options(), rows)
    _refuse_companions(shared, rows)
    table = as_text(source, renderer, rows.valid)
    return _of_group(merge(table, renderer, len(rows.valid)), rows)


def _with_languages(source: Source, renderer: Renderer, checked: Checked, options: Options, rows: _Rows) -> _Entries:
    """A row is an entry in one language; the rows of a key are one entry."""
    _refuse_languages(source, renderer, rows)
    table = as_text(source, renderer, rows.valid)
    twice = table.filter(pl.len().over(KEY, LANGUAGE) > 1).select(pl.col(ROW).alias("row"), pl.col(KEY).alias("key"))
    if options.duplicates == "fail" and twice.height:
        rows.refuse(duplicate_problems(twice))
    elif options.duplicates in {"first", "last"} and twice.height:
        kept = table.unique([KEY, LANGUAGE], keep=options.duplicates, maintain_order=True)
        rows.dropped = np.setdiff1d(table[ROW].to_numpy(), kept[ROW].to_numpy())
        table = kept
    localised = localised_positions(table, renderer)
    for position, (column, _) in enumerate(renderer.columns):
        if position not in localised:
            rows.refuse(_conflicts(conflicting_rows(table, position), place_of(column)))
    _refuse_companions(shared_keys(source, renderer, checked.hashes), rows)
    table = table.filter(pl.Series(rows.valid[table[ROW].to_numpy()]))
    return _of_group(by_language(table, renderer, localised, len(rows.valid)), rows)


def _refuse_languages(source: Source, renderer: Renderer, rows: _Rows) -> None:
    """Languages that the platform refuses are problems of their rows."""
    name = renderer.layout.language
    start = 0
    for frame in source.slices([str(name)]):
        tags = frame[str(name)].cast(pl.String)
        illegal = [tag for tag in tags.unique().drop_nulls() if not is_language(tag)]
        positions = tags.is_in(illegal).fill_null(value=False).arg_true()
        if len(positions):
            at = positions.cast(pl.Int64).to_numpy() + start
            rows.refuse(
                problems(
                    "language",
                    "a language has 2 to 10 characters of A-Z a-z 0-9 _ -",
                    "mend the language, or leave it empty for values that are not localised",
                    rows=at,
                    keys=renderer.keys_at(source, at),
                    values=tags.gather(positions),
                    place=Place(name),
                )
            )
        start += frame.height


def _conflicts(found: pl.DataFrame, place: Place) -> pl.DataFrame:
    return problems(
        "language",
        "the rows of this key differ, but the property is not localised",
        "name the column in lang_cols, or make its values equal",
        rows=found[ROW].to_numpy(),
        keys=found[KEY],
        values=found["value"],
        place=place,
    )


def _refuse_companions(shared: pl.DataFrame, rows: _Rows) -> None:
    """Rows whose entry cannot be sent because another row of the same key has a problem are not valid either."""
    fine = pl.Series(rows.valid[shared["row"].to_numpy()])
    told = shared.with_columns(fine=fine).with_columns(
        culprit=pl.col("row").filter(~pl.col("fine")).first().over("key")
    )
    waiting = told.filter(pl.col("fine") & pl.col("culprit").is_not_null())
    rows.refuse(
        problems(
            "key-duplicate",
            "row " + waiting["culprit"].cast(pl.String) + " of the same key has a problem",
            "mend that row; the rows of a key are sent together or not at all",
            rows=waiting["row"].to_numpy(),
            keys=waiting["key"],
        )
    )


def _of_group(grouped: Grouped, rows: _Rows) -> _Entries:
    """The entries of a grouped table, without those that are too large."""
    encoder = Encoder([(column.property, column.language) for column in grouped.columns], grouped.clean)
    frame = grouped.frame
    part = Slice(frame[KEY], [frame[str(at)] for at in range(len(grouped.columns))], frame[DELETE].to_numpy())
    sizes, counts = encoder.measure(part)
    kept = sizes <= PLATFORM_LIMITS.max_entity_bytes
    if not kept.all():
        at = np.flatnonzero(~np.append(kept, True)[grouped.entry_of_row])
        entries = grouped.entry_of_row[at]
        rows.refuse(*size_problems(sizes[entries], frame[KEY].gather(pl.Series(entries)), at))
        renumbered = np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1)
        entry_of_row = renumbered[grouped.entry_of_row]
        grouped = Grouped(frame.filter(pl.Series(kept)), grouped.columns, grouped.clean, entry_of_row)
    return _Entries(
        TableFeed(grouped),
        grouped.columns,
        grouped.clean,
        sizes[kept].astype(np.uint32),
        int(counts[kept].sum()),
        grouped.entry_of_row,
    )


def _counts(entries: _Entries, rows: _Rows, height: int) -> dict[str, int]:
    cuts = cut(entries.sizes)
    return {
        "rows": height,
        "entries": len(entries.sizes),
        "properties": entries.properties,
        "invalid": int(height - rows.valid.sum()),
        "bytes": int(body_bytes(entries.sizes, cuts).sum()),
        "batches": len(cuts) - 1,
    }
