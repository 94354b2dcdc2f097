"""The caller's options, checked against what the endpoint has and takes.

Takes options as the verbs get them; gives them as the plan holds them, or a ConfigurationError or
ColumnNotFoundError that says which one is wrong. Refuses to know pages.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, TypeAlias

import polars as pl

from occtoo_frames._given import must_be_texts, to_count, to_texts
from occtoo_frames._read.document import Endpoint, Property
from occtoo_frames._read.names import hint, must_stand
from occtoo_frames.exceptions import ConfigurationError
from occtoo_frames.protocol.destination import ID
from occtoo_frames.typing import Texts

Layout: TypeAlias = Literal["wide", "long"]
Types: TypeAlias = Mapping[str, pl.DataType | type[pl.DataType]] | None
Language: TypeAlias = str | Texts | None

PAGE_SIZE = 1000
"""Entries a request, if the caller does not say and the endpoint takes so many."""


@dataclass(frozen=True, slots=True)
class Sort:
    """One property to sort by, and its direction."""

    subject: Property
    descending: bool


def with_types(endpoint: Endpoint, types: Types) -> Endpoint:
    """The endpoint with some properties' types replaced; as String a property is kept as its exact JSON text.

    Raises:
        ColumnNotFoundError: A property is none of the endpoint's.
        ConfigurationError: ``types`` is no mapping, or has something that is no polars type of what JSON holds.
    """
    given = {} if types is None else types
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"types must say the types of properties, such as {{'id': pl.String}}, got {given!r}")
    for name in given:
        must_stand(name, endpoint.by_id, "property")
    changed = [_retyped(one, given[one.id]) if one.id in given else one for one in endpoint.properties]
    return replace(endpoint, properties=tuple(changed))


def _retyped(one: Property, given: pl.DataType | type[pl.DataType]) -> Property:
    dtype = _type_of(one.id, given)
    if not _is_readable(dtype):
        raise ConfigurationError(
            f"types: {one.id!r} cannot be read as {dtype}, but as text, a boolean, an integer of up to 64 bits, "
            "Float32, Float64, Decimal, Datetime, Date, or a List or Struct of these; cast it after reading"
        )
    if one.id == ID and not isinstance(dtype, pl.String):
        raise ConfigurationError("the id of an entry is text")
    inner = dtype.inner if isinstance(dtype, pl.List) else dtype
    return replace(one, dtype=dtype, loose=one.id != ID and isinstance(inner, pl.String))


def _type_of(name: str, given: object) -> pl.DataType:
    try:
        return _whole(given)
    except TypeError:
        raise ConfigurationError(
            f"types: {name!r} must have a whole polars type, such as pl.Float64 or pl.List(pl.String), got {given!r}"
        ) from None
    except pl.exceptions.ComputeError as error:
        raise ConfigurationError(f"types: {name!r} cannot be read as {given}: {error}") from None


def _whole(given: object) -> pl.DataType:
    """The type with instances all through, where polars lets classes stand for them.

    Raises:
        TypeError: It is no type, or a list of who knows what.
        ComputeError: There is no such time zone.
    """
    if isinstance(given, pl.List):
        return pl.List(_whole(given.inner))
    if isinstance(given, pl.Struct):
        return pl.Struct({field.name: _whole(field.dtype) for field in given.fields})
    if isinstance(given, pl.Datetime):
        return pl.Series([0]).cast(given).dtype  # whose zone has the name that columns give it
    if isinstance(given, pl.DataType):
        return given
    if isinstance(given, type) and issubclass(given, pl.DataType):
        return given()
    raise TypeError(given)


def _is_readable(dtype: object) -> bool:
    """True if JSON's values can be decoded to the type, each exactly or not at all."""
    if isinstance(dtype, pl.List):
        return _is_readable(dtype.inner)
    if isinstance(dtype, pl.Struct):
        return all(_is_readable(field.dtype) for field in dtype.fields)
    return isinstance(dtype, _READABLE)


_INTEGERS = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)
_READABLE = (*_INTEGERS, pl.String, pl.Boolean, pl.Float32, pl.Float64, pl.Decimal, pl.Datetime, pl.Date)


def to_languages(endpoint: Endpoint, language: Language) -> tuple[str | None, ...]:
    """The languages to ask the endpoint for, which may have fewer than its destination; one None is the default one.

    Raises:
        ConfigurationError: One is no text, is not published, stands twice, or the list is empty.
    """
    if language is None:
        return (None,)
    listed = to_texts(language, "language")
    if not listed:
        raise ConfigurationError("language=[] names no language: leave it out for the default one")
    if len(set(listed)) < len(listed):
        raise ConfigurationError(f"a language stands twice in {list(listed)}")
    known = endpoint.languages
    for one in listed:
        if known and one not in known:
            raise ConfigurationError(f"the endpoint has no language {one!r}; {hint(one, known)}")
    return listed


def must_be_one_language(language: object, verb: str) -> None:
    """Nothing, if ``language`` is one, or None.

    Raises:
        ConfigurationError: It is several, or no text.
    """
    if language is not None and not isinstance(language, str):
        raise ConfigurationError(f"{verb} has one language, got {language!r}: read_destination takes several")


def to_sorts(endpoint: Endpoint, sort: str | Texts | None) -> tuple[Sort, ...]:
    """The sorts that ``sort`` says: ``["price", "-name"]``; a leading minus is descending.

    Raises:
        ColumnNotFoundError: A property is none of the endpoint's.
        ConfigurationError: A property has no order, or is named by something that is no text.
    """
    sorts = []
    for text in to_texts(sort, "sort"):
        name = text if text in endpoint.by_id else text.removeprefix("-")
        must_stand(name, endpoint.by_id, "property to sort by")
        one = endpoint[name]
        if one.dtype.is_nested():
            raise ConfigurationError(f"{name!r} is {one.dtype} and has no order to sort by")
        sorts.append(Sort(one, descending=text != name))
    return tuple(sorts)


def to_relation(endpoint: Endpoint, explode: str | None) -> Property | None:
    """The relation to explode.

    Raises:
        ColumnNotFoundError: It is no property of the endpoint.
        ConfigurationError: It is a property, and no relation.
    """
    if explode is None:
        return None
    relations = [one.id for one in endpoint.properties if one.is_relation]
    must_be_texts("the name of a relation", explode=explode)
    if explode in endpoint.by_id and explode not in relations:
        raise ConfigurationError(f"{explode!r} is no relation; there are {', '.join(relations) or 'none'}")
    must_stand(explode, relations, "relation")
    return endpoint[explode]


def to_since(changed_since: object) -> str | None:
    """The moment as the platform spells it.

    Raises:
        ConfigurationError: It is no datetime with a zone, and no ISO text of one.
    """
    if changed_since is None:
        return None
    moment = _moment(changed_since) if isinstance(changed_since, str) else changed_since
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ConfigurationError(
            "changed_since must be a datetime with a time zone, or a text such as 2026-03-01T00:00:00Z, "
            f"got {changed_since!r}"
        )
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _moment(text: str) -> datetime | None:
    with suppress(ValueError):
        return datetime.fromisoformat(text)
    return None


def to_columns(columns: str | Texts | None, known: Iterable[str]) -> tuple[str, ...] | None:
    """The columns to give; None is all.

    Raises:
        ColumnNotFoundError: One of them is none of the known ones.
        ConfigurationError: One is no text.
    """
    if columns is None:
        return None
    listed, names = to_texts(columns, "columns"), list(known)
    for name in listed:
        must_stand(name, names, "column")
    return listed


def to_page_size(endpoint: Endpoint, page_size: object) -> int:
    """How many entries to ask the endpoint for at once: the usual 1,000 give way to what its document declares.

    Raises:
        ConfigurationError: Another number is more than the document declares, or it is no count.
    """
    size, most = to_count(page_size, "page_size", 1), endpoint.accepts.max_top
    if most is None or size <= most:
        return size
    if size == PAGE_SIZE:
        return most
    raise ConfigurationError(f"page_size may be at most {most:,} for {endpoint.id!r}, got {size:,}")


def must_take(endpoint: Endpoint, member: str, option: str) -> None:
    """Nothing, if the endpoint's query has ``member``.

    Raises:
        ConfigurationError: Its document declares a query without it.
    """
    if not endpoint.accepts.takes(member):
        raise ConfigurationError(f"{option} cannot be asked of {endpoint.id!r}: its OpenAPI document has no {member!r}")
