"""What each column of a table becomes: the key, a property in a language, or nothing.

Takes a Source's schema and what the caller said (``key``, ``lang_cols``, ``properties``, ``ids``, ``delete``,
``language_column``); gives a Layout. Looks at names and dtypes, of the values only at whether there are any.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from occtoo_frames._frames.source import Source
from occtoo_frames._given import is_list
from occtoo_frames._push.deletions import must_tell_deletions
from occtoo_frames._push.lang_cols import column_name, column_names, languages_asked, listed_names
from occtoo_frames._push.naming import hint_for_id, make_id
from occtoo_frames._push.told import told_columns
from occtoo_frames.exceptions import PlanError
from occtoo_frames.protocol.rules import is_id
from occtoo_frames.typing import INDEX, Ids, Key, LangCols, Properties, Texts

_MADE: tuple[Ids, ...] = ("camel", "snake")


@dataclass(frozen=True, slots=True)
class PropertyColumn:
    """One column and the property it is written to."""

    column: str
    property: str
    language: str | None
    dtype: pl.DataType


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a table by what they become.

    Attributes:
        key: The columns that make the key, in order.
        delete: The column, boolean or text, that says what is deleted; with ``delete_all`` everything is.
        properties: The columns that are sent, in the order of the table.
        told: The columns that ``PushReport.failed`` added, if the table came from there.
        illegal: Columns whose property id breaks the rules, and how they get one that does not.
        notes: What was decided about a column that is not plain from its entry above.
    """

    key: tuple[str, ...]
    properties: tuple[PropertyColumn, ...]
    delete: str | None = None
    delete_all: bool = False
    language: str | None = None
    localised: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    illegal: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Every column that is looked at, each once."""
        special = [name for name in (self.delete, self.language) if name is not None]
        return list(dict.fromkeys([*self.key, *special, *(column.column for column in self.properties)]))


def lay_out(
    source: Source,
    key: Key,
    lang_cols: LangCols,
    *,
    properties: Properties,
    ids: Ids,
    delete: str | None,
    language_column: str | None,
    delete_all: bool = False,
) -> Layout:
    """The Layout of ``source``.

    Raises:
        ColumnNotFoundError: A named column does not stand in the table.
        PlanError: Two columns make the same (property, language), a language is none, or options contradict.
    """
    keys = _key_columns(source, key)
    delete = _column(source, delete, "delete")
    if delete is not None:
        must_tell_deletions(delete, source.schema[delete])
    language_column = _column(source, language_column, "language_column")
    if language_column is not None and source.schema[language_column].is_nested():
        raise PlanError(f"language_column={language_column!r} must be text, it is {source.schema[language_column]}")
    asked = None if properties is None else _asked_ids(properties)
    told = told_columns(source, set(source.columns) - {*keys, delete, language_column, *(asked or ())})
    special = {*keys, delete, language_column, *told}
    plain = [name for name in source.columns if name not in special]
    notes: dict[str, str] = {}
    localised: tuple[str, ...] = ()
    if language_column is not None:
        localised = listed_names(source, lang_cols)
        languages: dict[str, tuple[str, str]] = {}
    else:
        languages, notes = languages_asked(source, plain, lang_cols)
    notes |= dict.fromkeys(told, "what the last push said of the row; not sent unless named in properties")
    named = {name: languages.get(name, (name, None)) for name in [*plain, *languages]}
    ids_of = _chosen_ids(source, asked, named, languages if not isinstance(lang_cols, str) else (), ids)
    chosen = [PropertyColumn(name, *ids_of[name], source.schema[name]) for name in source.columns if name in ids_of]
    _no_two_alike(chosen)
    made = {
        column: base for column, (base, _) in named.items() if not asked or not (asked.get(column) or asked.get(base))
    }
    return Layout(
        key=tuple(keys),
        properties=tuple(chosen),
        delete=delete,
        delete_all=delete_all,
        language=language_column,
        localised=localised,
        told=told,
        illegal=_illegal(chosen, made),
        notes=notes,
    )


def _key_columns(source: Source, key: Key) -> list[str]:
    if key is INDEX:
        return source.index_columns
    names = column_names(key, "key")
    if not names:
        raise PlanError("key=[] names no column; give the column, or the columns, that tell rows apart")
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise PlanError(f"key={key!r} names {twice[0]!r} twice; each part of a key is a column of its own")
    source.require(names, "key")
    return names


def _column(source: Source, name: str | None, role: str) -> str | None:
    if name is None:
        return None
    named = column_name(name, role)
    source.require([named], role)
    return named


def _asked_ids(properties: Texts | Mapping[str, str]) -> dict[str, str | None]:
    """Column (or the name it has without its language) → the id that was asked for, or None."""
    if is_list(properties):
        return {column_name(column, "properties"): None for column in properties}
    if not isinstance(properties, Mapping):
        raise PlanError(f"properties={properties!r}: give a list of columns, or {{column: property id}}")
    for column, property_id in properties.items():
        if not isinstance(property_id, str) or not property_id:
            raise PlanError(f"properties[{column!r}]={property_id!r}: give the id of a property as text")
    return {column_name(column, "properties"): property_id for column, property_id in properties.items()}


def _chosen_ids(
    source: Source,
    asked: Mapping[str, str | None] | None,
    named: Mapping[str, tuple[str, str | None]],
    taken: Collection[str],
    ids: Ids,
) -> dict[str, tuple[str, str | None]]:
    """Column → (property id, language) for the columns that ``properties`` asks for, and those of ``lang_cols``."""
    if asked is None:
        return {name: (_make(base, ids), language) for name, (base, language) in named.items()}
    bases = {base for base, language in named.values() if language is not None}
    source.require([name for name in asked if name not in bases], "properties")
    chosen: dict[str, tuple[str, str | None]] = {}
    for column in source.columns:
        base, language = named.get(column, (column, None))
        if column in asked or column in taken or (language is not None and base in asked):
            chosen[column] = (asked.get(column) or asked.get(base) or _make(base, ids), language)
    return chosen


def _make(base: str, ids: Ids) -> str:
    if ids == "strict":
        return base
    made = make_id(base, ids)
    if not made:
        raise PlanError(f"column {base!r}: nothing in its name can stand in a property id; name it in properties")
    return made


def _illegal(chosen: Sequence[PropertyColumn], made: Mapping[str, str]) -> dict[str, str]:
    """Columns whose property id is none, with what to do; ``made`` are the names of which ids were made."""
    illegal = [column for column in chosen if not is_id(column.property)]
    names = {made[column.column] for column in chosen if column.column in made} if illegal else set()
    ways = [
        ids for ids in _MADE if all(make_id(name, ids) == name if is_id(name) else make_id(name, ids) for name in names)
    ]
    return {column.column: hint_for_id(column.property, made.get(column.column), ways) for column in illegal}


def _no_two_alike(chosen: Sequence[PropertyColumn]) -> None:
    seen: dict[tuple[str, str | None], str] = {}
    for column in chosen:
        identity = (column.property, column.language)
        if identity in seen:
            spelled = column.property if column.language is None else f"{column.property} in {column.language}"
            raise PlanError(
                f"columns {seen[identity]!r} and {column.column!r} both become the property {spelled!r}; "
                "send one of them, or rename one in properties={column: property id}"
            )
        seen[identity] = column.column
