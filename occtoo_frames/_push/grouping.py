"""Several rows that make one entry: merged rows of a key, and tables with one row for each key and language.

Takes the table as text, gives it with one row for each entry. Both need to see the rows of a key together, so the
table is held in memory as text; nothing else of the package does that.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from occtoo_frames._frames.source import Source
from occtoo_frames._push.cells import Renderer
from occtoo_frames._push.columns import PropertyColumn
from occtoo_frames._push.encoder import slice_rows
from occtoo_frames._push.rendering import rendering_for

ROW, KEY, DELETE, LANGUAGE, EQUAL = "\x00row", "\x00key", "\x00delete", "\x00language", "\x00equal"


@dataclass(frozen=True, slots=True)
class Grouped:
    """A table of entries.

    Attributes:
        frame: One row for each entry, in the order of their first rows: KEY, DELETE, then a text column for each of
            ``columns``, named by position.
        columns: What each of those columns is.
        clean: For each, whether its text never needs escaping.
        entry_of_row: The entry that each row of the table went into, int64; -1 for rows that went nowhere.
    """

    frame: pl.DataFrame
    columns: tuple[PropertyColumn, ...]
    clean: tuple[bool, ...]
    entry_of_row: npt.NDArray[np.int64]


def as_text(
    source: Source, renderer: Renderer, valid: npt.NDArray[np.bool_], deleted: npt.NDArray[np.bool_]
) -> pl.DataFrame:
    """The valid rows as text: ROW, KEY, DELETE, LANGUAGE if there is one, and the properties named by position.

    With languages also what some of them are compared by, as EQUAL and the position.
    Those whose entry is ``deleted`` say nothing else.
    """
    skipping = replace(renderer, nulls="skip")
    parts, start = [], 0
    for frame in source.slices(renderer.layout.columns, slice_rows(len(renderer.columns))):
        part = skipping.slice(frame)
        named = [values.alias(str(position)) for position, values in enumerate(part.values)]
        special = [
            pl.Series(ROW, np.arange(start, start + frame.height)),
            part.keys.alias(KEY),
            pl.Series(DELETE, deleted[start : start + frame.height]),
        ]
        if renderer.layout.language is not None:
            special.append(languages_of(frame, renderer.layout.language).alias(LANGUAGE))
            special += _equals(source, renderer, start, frame.height)
        parts.append(pl.DataFrame([*special, *named]).filter(pl.Series(valid[start : start + frame.height])))
        start += frame.height
    table = pl.concat(parts)
    return table.with_columns(pl.when(~pl.col(DELETE)).then(pl.exclude(ROW, KEY, DELETE))) if deleted.any() else table


def _equals(source: Source, renderer: Renderer, start: int, height: int) -> Iterator[pl.Series]:
    """What values are compared by where equal ones may be written in several ways, as ``1.5`` and ``1.50``; as text."""
    for position, (column, _) in enumerate(renderer.columns):
        if column.column in source.equals:
            values = source.equals[column.column].slice(start, height)
            rendering = rendering_for(values.dtype, ",")
            assert rendering is not None  # noqa: S101 - for the type checker; decimals and datetimes have one
            yield rendering.render(values).alias(f"{EQUAL}{position}")


def _compared(table: pl.DataFrame, position: int) -> str:
    """The column of ``table`` that tells whether values of a property differ."""
    name = f"{EQUAL}{position}"
    return name if name in table.columns else str(position)


def languages_of(frame: pl.DataFrame, column: str) -> pl.Series:
    """The language of each row; null where the cell is empty, which says: not localised (seen)."""
    text = frame[column].cast(pl.String)
    return text.set(text == "", None)


def merge(table: pl.DataFrame, renderer: Renderer, height: int) -> Grouped:
    """One entry for each key; of each property the value of the last row that has one."""
    values = [_last(pl.col(str(position)), renderer) for position in range(len(renderer.columns))]
    grouped = table.group_by(KEY, maintain_order=True).agg(pl.col(DELETE).first(), *values)
    return Grouped(
        grouped,
        tuple(column for column, _ in renderer.columns),
        tuple(renderer.clean),
        _entry_of_row(table, grouped, height),
    )


def merged_within_languages(table: pl.DataFrame) -> pl.DataFrame:
    """``table`` with, in every row of a key and language, what the last of these rows has to say."""
    return table.with_columns(pl.exclude(ROW, KEY, DELETE, LANGUAGE).drop_nulls().last().over(KEY, LANGUAGE))


def differing_positions(table: pl.DataFrame, renderer: Renderer) -> list[int]:
    """The properties that differ between the languages of a key, or from its row without a language."""
    positions = range(len(renderer.columns))
    differs = [_differs(pl.col(_compared(table, position))).alias(str(position)) for position in positions]
    found = table.group_by(KEY).agg(differs).select(pl.exclude(KEY).any())
    return [position for position in positions if found.height and found[0, str(position)]]


def localised_positions(renderer: Renderer, differing: Sequence[int]) -> Collection[int]:
    """The properties that are localised: what ``lang_cols`` lists, whatever its values say, else ``differing``."""
    named = set(renderer.layout.localised)
    if not named:
        return set(differing)
    return {position for position, (column, _) in enumerate(renderer.columns) if column.column in named}


def conflicting_rows(table: pl.DataFrame, position: int) -> pl.DataFrame:
    """The rows of keys whose values of a property differ, although it is not localised: ROW, KEY, value."""
    value = pl.col(str(position))
    return table.filter(_differs(pl.col(_compared(table, position))).over(KEY) & value.is_not_null()).select(
        ROW, KEY, value.alias("value")
    )


def _differs(value: pl.Expr) -> pl.Expr:
    """Within a key: True if the languages do not agree, or agree on another value than the row without one."""
    spoken = value.filter(pl.col(LANGUAGE).is_not_null())
    silent = value.filter(pl.col(LANGUAGE).is_null()).drop_nulls().first()
    return (spoken.n_unique() > 1) | (spoken.first() != silent).fill_null(value=False)


def by_language(table: pl.DataFrame, renderer: Renderer, localised: Collection[int], height: int) -> Grouped:
    """One entry for each key; localised properties in the language of each row, the others once.

    Rows without a language hold values that are not localised.
    """
    languages = table[LANGUAGE].drop_nulls().unique(maintain_order=True).to_list()
    columns: list[PropertyColumn] = []
    clean: list[bool] = []
    values: list[pl.Expr] = []
    for position, (column, rendering) in enumerate(renderer.columns):
        cell = pl.col(str(position))
        variants = [(None, cell.filter(pl.col(LANGUAGE).is_null()) if position in localised else cell)]
        if position in localised:
            variants += [(language, cell.filter(pl.col(LANGUAGE) == language)) for language in languages]
        for language, found in variants:
            values.append(_last(found, renderer).alias(str(len(columns))))
            columns.append(PropertyColumn(column.column, column.property, language, column.dtype))
            clean.append(rendering.clean)
    grouped = table.group_by(KEY, maintain_order=True).agg(pl.col(DELETE).first(), *values)
    return Grouped(grouped, tuple(columns), tuple(clean), _entry_of_row(table, grouped, height))


def _last(value: pl.Expr, renderer: Renderer) -> pl.Expr:
    """The last value that is there; with ``nulls="clear"`` an empty one if there were rows but no value."""
    last = value.drop_nulls().last()
    return pl.when(value.len() > 0).then(last.fill_null("")) if renderer.nulls == "clear" else last


def _entry_of_row(table: pl.DataFrame, grouped: pl.DataFrame, height: int) -> npt.NDArray[np.int64]:
    numbered = grouped.select(KEY).with_row_index("entry")
    joined = table.select(ROW, KEY).join(numbered, on=KEY, how="left", maintain_order="left")
    entries = np.full(height, -1, np.int64)
    entries[joined[ROW].to_numpy()] = joined["entry"].to_numpy()
    return entries
