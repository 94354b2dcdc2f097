"""Which rows are sent, and as which entries.

Takes what was seen of the rows and what the caller wants of rows that share a key, gives the entries and where to
take them from. Rows that cannot be sent become problems on the way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from occtoo_frames._frames.source import Source
from occtoo_frames._push.cells import Renderer, place_of, place_of_key
from occtoo_frames._push.checking import Checked, size_problems
from occtoo_frames._push.columns import PropertyColumn
from occtoo_frames._push.deletions import last_told, tell_both
from occtoo_frames._push.duplicates import alike, alike_problems, dropped_rows, duplicate_problems, shared_keys
from occtoo_frames._push.encoder import Encoder, Slice
from occtoo_frames._push.feed import Feed, StreamFeed, TableFeed
from occtoo_frames._push.grouping import (
    DELETE,
    KEY,
    ROW,
    Grouped,
    as_text,
    by_language,
    conflicting_rows,
    differing_positions,
    languages_of,
    localised_positions,
    merge,
    merged_within_languages,
)
from occtoo_frames._push.problems import Place, problems
from occtoo_frames._push.rows import Rows
from occtoo_frames.protocol.rules import PLATFORM_LIMITS, is_language
from occtoo_frames.typing import Duplicates

_Mask: TypeAlias = npt.NDArray[np.bool_]
_SPOKEN = ("key", "language")


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries that will be sent; ``says`` whether there is a value in the column at a position."""

    feed: Feed
    columns: tuple[PropertyColumn, ...]
    clean: tuple[bool, ...]
    sizes: npt.NDArray[np.uint32]
    properties: int
    of_rows: Callable[[], npt.NDArray[np.signedinteger]]
    says: Callable[[int], bool]


def choose_entries(source: Source, renderer: Renderer, checked: Checked, duplicates: Duplicates, rows: Rows) -> Entries:
    """The entries of the valid rows; ``rows`` then knows every problem and which rows gave way."""
    if renderer.layout.language is not None:
        return _with_languages(source, renderer, checked, duplicates, rows)
    shared = _told_apart(shared_keys(source, renderer, checked), renderer, rows)
    if duplicates == "merge" and shared.height:
        deleted = _deleted(checked, shared, last_told(pl.col("told")))
        rows.delete(deleted, _always_looked_at(source, renderer))
        _refuse_companions(shared, rows)
        return _of_group(merge(as_text(source, renderer, rows.valid, deleted), renderer, len(rows.valid)), rows)
    rows.delete(_deleted(checked), _always_looked_at(source, renderer))
    if duplicates == "fail" and shared.height:
        rows.refuse(duplicate_problems(shared, place_of_key(renderer.layout)))
    elif shared.height:
        rows.drop(dropped_rows(shared, duplicates))
    return _streamed(source, renderer, checked, rows)


def _told_apart(shared: pl.DataFrame, renderer: Renderer, rows: Rows) -> pl.DataFrame:
    """The rows that share a key in earnest; those whose keys are of other parts, and the same text, are refused."""
    if len(renderer.layout.key) == 1 or shared.is_empty():
        return shared
    confused = alike(shared)
    rows.refuse(alike_problems(confused))
    return shared.filter(~pl.col("row").is_in(confused["row"].implode()))


def _streamed(source: Source, renderer: Renderer, checked: Checked, rows: Rows) -> Entries:
    """A row is an entry."""
    sent = rows.sent
    digests = None if checked.digests is None else checked.digests[sent]
    return Entries(
        StreamFeed(source, renderer, sent, digests),
        tuple(column for column, _ in renderer.columns),
        tuple(renderer.clean),
        checked.sizes if sent.all() else checked.sizes[sent],
        int(checked.counts[sent].sum(dtype=np.int64)),
        partial(numbered, sent),
        lambda position: renderer.columns[position][0].column in checked.examples,
    )


def numbered(sent: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    """The number of each among those that are sent, -1 for the others."""
    numbers = np.cumsum(sent, dtype=np.int32)
    numbers -= 1
    numbers[~sent] = -1
    return numbers


def _with_languages(
    source: Source, renderer: Renderer, checked: Checked, duplicates: Duplicates, rows: Rows
) -> Entries:
    """A row is an entry in one language; the rows of a key are one entry."""
    languages = _languages(source, renderer, rows)
    shared = _told_apart(shared_keys(source, renderer, checked), renderer, rows)
    shared = shared.with_columns(language=languages.gather(shared["row"]))
    unread = _unread_languages(source, renderer, len(rows.valid))
    twice = shared.filter(~unread.gather(shared["row"])).filter(pl.len().over(*_SPOKEN) > 1)
    if duplicates == "fail":
        rows.refuse(duplicate_problems(twice, place_of_key(renderer.layout), by=_SPOKEN))
    elif duplicates in {"first", "last"}:
        rows.drop(dropped_rows(twice, duplicates, by=_SPOKEN))
        shared = shared.filter(~pl.col("row").is_in(pl.Series(rows.dropped).implode()))
    if checked.deletions is not None:
        if duplicates == "merge":
            shared = shared.with_columns(last_told(pl.col("told")).over(*_SPOKEN))
        rows.refuse(_contradictions(shared, renderer.layout.delete))
    deleted = _deleted(checked, shared, pl.col("told").any() & pl.col("told").all())
    rows.delete(deleted, _always_looked_at(source, renderer))
    table = as_text(source, renderer, rows.sent, deleted)
    if duplicates == "merge" and twice.height:
        table = merged_within_languages(table)
    differing = differing_positions(table, renderer)
    localised = localised_positions(renderer, differing)
    for position in differing:
        if position not in localised:
            rows.refuse(_conflicts(conflicting_rows(table, position), place_of(renderer.columns[position][0])))
    _refuse_companions(shared, rows)
    table = table.filter(pl.Series(rows.valid[table[ROW].to_numpy()]))
    return _of_group(by_language(table, renderer, localised, len(rows.valid)), rows)


def _always_looked_at(source: Source, renderer: Renderer) -> set[str]:
    """The columns of the key and of the deletion, as problems may name them."""
    names = {*renderer.layout.key, *filter(None, [renderer.layout.delete])}
    return names | {source.labels.get(name, name) for name in names}


def _deleted(checked: Checked, shared: pl.DataFrame | None = None, heard: pl.Expr | None = None) -> _Mask:
    """Whether each row's entry is deleted: what the row says, or what is ``heard`` of rows that share an entry."""
    if checked.deletions is None:
        return np.zeros(len(checked.sizes), bool)
    deleted = checked.deletions.fill_null(value=False).to_numpy(writable=True)
    if shared is not None and heard is not None:
        together = shared.select(heard.fill_null(value=False).over("key")).to_series()
        deleted[shared["row"].to_numpy()] = together.to_numpy()
    return deleted


def _contradictions(shared: pl.DataFrame, delete: str | None) -> pl.DataFrame:
    """Problems of the rows of a key that say both that it is deleted and that it is not."""
    found = shared.filter(pl.col("told").is_not_null() & tell_both(pl.col("told")).over("key"))
    return problems(
        "language",
        "the rows of this key do not agree whether it is deleted",
        "say the same in all of them, or say it in one and nothing in the others",
        rows=found["row"].to_numpy(),
        keys=found["key"],
        values=found["told"].cast(pl.String),
        place=Place(delete),
    )


def _languages(source: Source, renderer: Renderer, rows: Rows) -> pl.Series:
    """The language of each row; those that the platform refuses are problems of their rows."""
    name = str(renderer.layout.language)
    found, start = [pl.Series([], dtype=pl.String)], 0
    for frame in source.slices([name]):
        tags = languages_of(frame, name)
        found.append(tags)
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
    return pl.concat(found)


def _unread_languages(source: Source, renderer: Renderer, height: int) -> pl.Series:
    """Which rows have a language that the engine cannot hold, which is not the same as none."""
    unread = np.zeros(height, bool)
    for flaw in source.flaws:
        if flaw.column == renderer.layout.language:
            unread[slice(None) if flaw.rows is None else flaw.rows] = True
    return pl.Series(unread)


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


def _refuse_companions(shared: pl.DataFrame, rows: Rows) -> None:
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


def _of_group(grouped: Grouped, rows: Rows) -> Entries:
    """The entries of a grouped table, without those that are too large."""
    encoder = Encoder([(column.property, column.language) for column in grouped.columns], grouped.clean)
    frame = grouped.frame
    part = Slice(frame[KEY], [frame[str(at)] for at in range(len(grouped.columns))], frame[DELETE].to_numpy())
    seen = encoder.measure(part)
    sizes, counts = seen.sizes, seen.counts
    kept = sizes <= PLATFORM_LIMITS.max_entity_bytes
    if not kept.all():
        at = np.flatnonzero(~np.append(kept, True)[grouped.entry_of_row])
        entries = grouped.entry_of_row[at]
        rows.refuse(*size_problems(sizes[entries], frame[KEY].gather(pl.Series(entries)), at))
        renumbered = np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1)
        entry_of_row = renumbered[grouped.entry_of_row]
        grouped = Grouped(frame.filter(pl.Series(kept)), grouped.columns, grouped.clean, entry_of_row)
    return Entries(
        TableFeed(grouped),
        grouped.columns,
        grouped.clean,
        sizes[kept].astype(np.uint32),
        int(counts[kept].sum()),
        lambda: grouped.entry_of_row,
        lambda position: bool((frame[str(position)] != "").any()),
    )
