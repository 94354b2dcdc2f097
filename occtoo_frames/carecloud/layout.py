"""Which field each column of a table becomes: takes a table's schema and what was said about it, gives a Layout.

What is said wrongly raises; what is merely wrong with a column (its name, its dtype) is a problem of that column.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import polars as pl

from occtoo_frames._frames.source import Source
from occtoo_frames._given import to_texts
from occtoo_frames._push.deletions import is_deleted, must_tell_deletions
from occtoo_frames._push.naming import suggest_id
from occtoo_frames._push.problems import Place, problems
from occtoo_frames._push.rendering import rendering_for
from occtoo_frames.carecloud.forms import Form, form_of
from occtoo_frames.exceptions import PlanError
from occtoo_frames.protocol import cc5
from occtoo_frames.protocol.carecloud import ENTITIES, KEY, Entity
from occtoo_frames.protocol.cc5 import Field, FieldType
from occtoo_frames.typing import INDEX, Key, Properties

Deletes: TypeAlias = Literal["remove", "disable"]
EmptyText: TypeAlias = Literal["problem", "null"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column, the field that it becomes, and how it is written."""

    column: str
    field: Field
    form: Form


@dataclass(frozen=True, slots=True)
class Layout:
    """What a file of a table holds.

    Attributes:
        key: The columns of the key.
        key_form: How the key is written.
        key_separator: Joins the columns of the key.
        whole_floats: The columns of the key that are written as the integers that they were before a value went
            missing.
        columns: The columns besides the key, in order.
        delete: The column that says which rows are deletions.
        deletes: Whether those are written as row type 90 or as ``disabled``.
        empty_text: Whether empty texts are problems or nulls.
        problems: What is wrong with whole columns.
    """

    key: tuple[str, ...]
    key_form: Form
    key_separator: str
    whole_floats: frozenset[str]
    columns: tuple[Column, ...]
    delete: str | None
    deletes: Deletes
    empty_text: EmptyText
    problems: tuple[pl.DataFrame, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """Line 03, the key first."""
        disabled = (Field(cc5.DISABLED, "bool"),) if self.delete and self.deletes == "disable" else ()
        return (Field(KEY, self.key_form.type), *(column.field for column in self.columns), *disabled)

    @property
    def needed(self) -> list[str]:
        """Every column that is looked at."""
        named = [*self.key, *(column.column for column in self.columns), *([self.delete] if self.delete else [])]
        return list(dict.fromkeys(named))

    def keys(self, frame: pl.DataFrame) -> pl.Series:
        """The key of each row as text, null where a part of it is missing."""
        parts = [frame[name].cast(pl.Int64) if name in self.whole_floats else frame[name] for name in self.key]
        if len(parts) == 1:
            return _key_text(parts[0]).alias("key")
        named = pl.DataFrame([_key_text(part).alias(str(position)) for position, part in enumerate(parts)])
        return named.select(pl.concat_str(pl.all(), separator=self.key_separator).alias("key")).to_series()

    def deleted(self, frame: pl.DataFrame) -> pl.Series:
        """Which rows are deletions; a null means no."""
        if self.delete is None:
            return pl.repeat(value=False, n=frame.height, eager=True)
        return is_deleted(frame[self.delete])


def entity_of(name: str) -> Entity:
    """The entity called ``name``.

    Raises:
        PlanError: There is none.
    """
    if name not in ENTITIES:
        raise PlanError(f"entity={name!r}: there are {', '.join(ENTITIES)}")
    return ENTITIES[name]


def layout_of(
    source: Source,
    key: Key,
    *,
    properties: Properties = None,
    types: Mapping[str, FieldType] | None = None,
    delete: str | None = None,
    deletes: Deletes = "remove",
    key_separator: str = "-",
    empty_text: EmptyText = "problem",
) -> Layout:
    """The Layout of a table; see ``write_sync_file``.

    Raises:
        PlanError: Two columns become one field, or a type or option is none.
        ColumnNotFoundError: A named column is not there.
    """
    keys = tuple(source.index_columns) if key is INDEX else to_texts(key, "key")
    source.require(keys, "key")
    if delete:
        source.require([delete], "delete")
        must_tell_deletions(delete, source.schema[delete])
    source.require(list(types or {}), "types")
    _check_options(types or {}, deletes, empty_text, keys)
    chosen = _chosen(source, keys, delete or None, properties)
    _no_two_alike(chosen, reserved={KEY} | ({cc5.DISABLED} if delete and deletes == "disable" else set()))
    columns, found = [], []
    for column, name in chosen.items():
        form = form_of(source.schema[column], (types or {}).get(column))
        found += list(_column_problems(column, name, source.schema[column], form, (types or {}).get(column)))
        if form is not None:
            columns.append(Column(column, Field(name, form.type), form))
    whole = source.whole_floats & frozenset(keys)
    key_form = _key_form(source, keys, whole)
    return Layout(
        keys, key_form, key_separator, whole, tuple(columns), delete, deletes, empty_text, tuple(found)
    )  # fmt: skip


def _check_options(
    types: Mapping[str, FieldType], deletes: str, empty_text: str, keys: Sequence[str]
) -> None:  # fmt: skip
    wrong = {name: kind for name, kind in types.items() if kind not in cc5.FIELD_TYPES}
    if wrong:
        raise PlanError(f"types={wrong}: a field's type is one of {', '.join(cc5.FIELD_TYPES)}")
    if deletes not in {"remove", "disable"}:
        raise PlanError(f"deletes={deletes!r}: it is 'remove' or 'disable'")
    if empty_text not in {"problem", "null"}:
        raise PlanError(f"empty_text={empty_text!r}: it is 'problem' or 'null'")
    if not keys:
        raise PlanError("key: name at least one column")


def _chosen(source: Source, keys: Sequence[str], delete: str | None, properties: Properties) -> dict[str, str]:
    """Column → field, for every column that is written besides the key."""
    if properties is None:
        return {name: name for name in source.columns if name not in keys and name != delete}
    named = (
        dict(properties)
        if isinstance(properties, Mapping)
        else {name: name for name in to_texts(properties, "properties")}
    )
    source.require(list(named), "properties")
    written = [name for name in source.columns if name in named and not (name in keys and named[name] == KEY)]
    return {name: named[name] for name in written}


def _no_two_alike(chosen: Mapping[str, str], reserved: set[str]) -> None:
    seen: dict[str, str] = {}
    for column, name in chosen.items():
        if name in reserved:
            raise PlanError(f"column {column!r} would become the field {name!r}, which is written already; rename it")
        if name in seen:
            raise PlanError(f"columns {seen[name]!r} and {column!r} both become the field {name!r}; send one of them")
        seen[name] = column


def _column_problems(
    column: str, name: str, dtype: pl.DataType, form: Form | None, declared: FieldType | None
) -> Iterator[pl.DataFrame]:
    if not cc5.is_field_name(name):
        message = "a field's name begins with no '_' and holds no '$', '.', '|' or ':'"
        legal = suggest_id(name).strip("_")
        hint = f"name it with properties={{{column!r}: {legal!r}}}" if legal else "rename the column, or leave it out"
        yield problems("property-id", message, hint, place=Place(column, name))
    if form is None:
        zone = isinstance(dtype, pl.Datetime) and dtype.time_zone is not None
        wanted = f"as {declared}" if declared else "in a sync file"
        hint = (
            "its time zone would be lost: convert it to naive times, or declare types={column: 'string'}"
            if zone
            else "convert the column, or leave it out of properties"
        )
        yield problems("value-type", f"{dtype} cannot be written {wanted}", hint, place=Place(column, name))


def _key_text(series: pl.Series) -> pl.Series:
    rendering = rendering_for(series.dtype, ",")
    assert rendering is not None  # noqa: S101 - the layout was made
    return rendering.render(series)


def _key_form(source: Source, keys: Sequence[str], whole: frozenset[str]) -> Form:
    for name in keys:
        if form_of(source.schema[name], "string") is None:
            raise PlanError(f"key column {name!r} is {source.schema[name]}, which cannot be written as a key")
    integer = len(keys) == 1 and (source.schema[keys[0]].is_integer() or keys[0] in whole)
    form = form_of(pl.String(), "int" if integer else "string")
    assert form is not None  # noqa: S101 - both are known
    return form
