"""Entries as a long frame, and a long frame as a wide one again.

Takes Slices, gives key, delete, property, language, value; and the way back.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl

from occtoo_frames._push.cells import shown
from occtoo_frames._push.columns import PropertyColumn
from occtoo_frames._push.deletions import tell_both
from occtoo_frames._push.encoder import Slice
from occtoo_frames._push.rendering import Refusal, rendering_for
from occtoo_frames.exceptions import PlanError
from occtoo_frames.typing import Style

SCHEMA = pl.Schema({
    "key": pl.String(),
    "delete": pl.Boolean(),
    "property": pl.String(),
    "language": pl.String(),
    "value": pl.String(),
})  # fmt: skip


def as_entries(slices: Iterable[Slice], sent_as: Sequence[PropertyColumn]) -> pl.DataFrame:
    """A row for each value, in the order of entries and of properties; an entry without values is one row."""
    parts = [pl.DataFrame(schema=SCHEMA), *(_long(part, sent_as) for part in slices)]
    return pl.concat(parts)


def _long(part: Slice, sent_as: Sequence[PropertyColumn]) -> pl.DataFrame:
    height, width = len(part.keys), len(sent_as)
    deleted = np.zeros(height, bool) if part.deleted is None else part.deleted
    entries = pl.DataFrame({"entry": np.arange(height), "key": part.keys, "delete": deleted})
    properties = pl.DataFrame(
        [(position, column.property, column.language) for position, column in enumerate(sent_as)],
        schema={"position": pl.Int64, "property": pl.String, "language": pl.String},
        orient="row",
    )
    value = pl.concat(list(part.values)) if width else pl.Series([], dtype=pl.String)
    cells = pl.DataFrame({
        "entry": np.tile(np.arange(height), width),
        "position": np.repeat(np.arange(width), height),
        "value": value,
    })  # fmt: skip
    sent = cells.filter(pl.col("value").is_not_null() & ~pl.Series(np.tile(deleted, width)))
    joined = entries.join(sent, on="entry", how="left").join(properties, on="position", how="left")
    return joined.sort("entry", "position").select(SCHEMA.names())


def as_wide(entries: pl.DataFrame, style: Style, *, whole_keys: bool = False) -> pl.DataFrame:
    """A row for each key, in the order of their first rows.

    Columns, all of them text as a push writes it: key, delete (boolean, if any is), and one for each (property,
    language).

    Args:
        entries: Long, with at least a key, a property and a value.
        style: How a property and its language make a name.
        whole_keys: The keys are floats, and were integers before pandas had them: they are written as such.

    Raises:
        PlanError: A column, a key, or the property of a value is missing, a column is of a type that it cannot have, a
            cell has no text, a (key, property, language) stands twice, two columns would share a name, or one row of a
            key says that it is deleted and another that it is not.
    """
    missing = [name for name in ("key", "property", "value") if name not in entries.columns]
    if missing:
        raise PlanError(f"entries need the columns {', '.join(SCHEMA.names())}; missing: {missing}")
    if whole_keys:
        entries = entries.with_columns(pl.col("key").cast(pl.Int64))
    table = pl.DataFrame([_as(dtype, entries, name) for name, dtype in SCHEMA.items()])
    _check_whole(table)
    table = table.with_columns(pl.col("language").replace({"": None}))
    values = table.filter(pl.col("property").is_not_null())
    found = values.select("property", "language").unique(maintain_order=True).with_row_index("at")
    identities = found.sort(pl.col("at").min().over("property"), "at").drop("at")
    names = [styled(property_id, language, style) for property_id, language in identities.iter_rows()]
    _check_wide(values, names)
    _check_deletions(table)
    keys = table.group_by("key", maintain_order=True).agg(pl.col("delete").any())
    wide = keys if keys["delete"].any() else keys.drop("delete")
    return wide.with_columns(_spread(values, keys["key"], identities, names))


def _as(dtype: pl.DataType, entries: pl.DataFrame, name: str) -> pl.Series:
    """The column ``name`` as what it is in entries; nulls if it is not there."""
    if name not in entries.columns:
        return pl.repeat(None, entries.height, dtype=dtype, eager=True).alias(name)
    column = entries[name]
    if dtype == pl.String and not column.dtype.is_nested():
        rendering = rendering_for(column.dtype, "")
        if rendering is not None:
            text, refused, _ = rendering.look(column)
            if refused:
                raise PlanError(_told(entries, name, refused[0]))
            return text
    elif dtype == pl.Boolean and (column.dtype == pl.Boolean or column.null_count() == len(column)):
        return column.cast(pl.Boolean)
    wanted = "booleans" if dtype == pl.Boolean else "text"
    raise PlanError(f"entries: the column {name!r} is {column.dtype}, it takes {wanted}")


def _told(entries: pl.DataFrame, name: str, refusal: Refusal) -> str:
    """Which cells of the column ``name`` cannot be written, whose they are, and why."""
    rows = refusal.mask.arg_true()
    named = ("key", "property", name)
    first = [shown(column.gather(rows.head(5)), column.dtype) for column in map(entries.get_column, named)]
    cells = [
        f"row {row}: {cell!r}, entry {key!r}, property {property_id!r}"
        for row, key, property_id, cell in zip(rows, *first, strict=False)
    ]
    more = f"; and {len(rows) - 5:,} more" if len(rows) > 5 else ""  # noqa: PLR2004 - as many as are named
    return f"entries: cells of {name!r} cannot be written ({'; '.join(cells)}{more}): {refusal.message}; {refusal.hint}"


def _spread(values: pl.DataFrame, keys: pl.Series, identities: pl.DataFrame, names: Sequence[str]) -> list[pl.Series]:
    """The column of each of ``identities``: of every cell it is known where its value stands, or that there is none."""
    at = values.select("key", "property", "language")
    rows = at.join(
        keys.to_frame().with_row_index("row"), on="key", how="left", maintain_order="left", nulls_equal=True
    )["row"]
    columns = at.join(
        identities.with_row_index("column"),
        on=["property", "language"], how="left", maintain_order="left", nulls_equal=True,
    )["column"]  # fmt: skip
    height = len(keys)
    where = np.full(len(names) * height, len(values), np.int64)
    where[columns.to_numpy().astype(np.int64) * height + rows.to_numpy()] = np.arange(len(values))
    cells = values["value"].extend_constant(None, 1).gather(pl.Series(where))
    return [cells.slice(number * height, height).alias(name) for number, name in enumerate(names)]


def styled(property_id: str, language: str | None, style: Style) -> str:
    """The name of a column that holds a property in a language: ``name_en``, ``name[en]``, ….

    Raises:
        PlanError: ``style`` is none of the spellings.
    """
    if not style.startswith("name") or style.count("lang") != 1:
        raise PlanError(
            f"style={style!r}: write 'name' and then 'lang' with what stands between, as in name_lang or name[lang]"
        )
    if language is None:
        return property_id
    return property_id + style.removeprefix("name").replace("lang", language)


def _check_whole(table: pl.DataFrame) -> None:
    nobodys = pl.col("value").is_not_null() & pl.col("property").is_null()
    for lost, words in ((pl.col("key").is_null(), "no key"), (nobodys, "a value, and no property")):
        rows = table.select(lost).to_series().arg_true()
        if len(rows):
            raise PlanError(
                f"entries need keys, and values properties: row {rows[0]} has {words} ({len(rows)} rows do)"
            )


def _check_deletions(table: pl.DataFrame) -> None:
    odd = table.group_by("key", maintain_order=True).agg(odd=tell_both(pl.col("delete"))).filter("odd")
    if odd.height:
        raise PlanError(f"the rows of the key {odd['key'][0]!r} do not agree whether it is deleted")


def _check_wide(values: pl.DataFrame, names: Sequence[str]) -> None:
    reserved = {"key", "delete"} & set(names)
    twice = reserved or {name for name, count in Counter(names).items() if count > 1}
    if twice:
        raise PlanError(f"two columns would be called {min(twice)!r}; choose another style, or rename the property")
    doubled = values.select("key", "property", "language").is_duplicated()
    if doubled.any():
        row = values.filter(doubled).row(0)
        raise PlanError(f"(key, property, language) stands twice: {row[0]!r}, {row[2]!r}, {row[3]!r}")
