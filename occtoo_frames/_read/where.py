"""``where`` and ``exclude``: what the platform is asked for, and what is looked at again here.

Takes the two mappings and an endpoint; gives the platform's filter, as far as the endpoint's document declares it,
and the whole condition as a polars expression. The expression is always applied to what came back, so the filter
only ever saves bytes. Text, whole numbers and booleans are asked for; fractions and times are compared here, unless
the document declares ranges, since nobody knows how the platform compares their texts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any, Literal, TypeVar

import polars as pl

from occtoo_frames._read.document import Endpoint, Property
from occtoo_frames._read.names import must_stand
from occtoo_frames._read.operands import is_missing, listed, to_wire, typed_value
from occtoo_frames.exceptions import ConfigurationError
from occtoo_frames.protocol.filters import Filter, Range
from occtoo_frames.typing import Between, Where

Held = TypeVar("Held", pl.Expr, pl.Series)


@dataclass(frozen=True, slots=True)
class Condition:
    """One property's part of ``where`` or ``exclude``: any of the values, or within the range."""

    subject: Property
    values: tuple[Any, ...] = ()
    between: Between | None = None
    excluded: bool = False

    @property
    def expr(self) -> pl.Expr:
        """True for the rows that may stay; never null."""
        column = pl.col(self.subject.id)
        if isinstance(self.subject.dtype, pl.List):
            found = column.list.eval(_matches(pl.element(), self)).list.any()
            if None in self.values:
                found = found | column.is_null()
        else:
            found = _matches(column, self)
        found = found.fill_null(value=False)
        return ~found if self.excluded else found


@dataclass(frozen=True, slots=True)
class Selection:
    """What a read selects.

    Attributes:
        conditions: All of it.
        filter: What the platform is asked; None if nothing.
        residual: Something of it is not asked of the platform.
    """

    conditions: tuple[Condition, ...] = ()
    filter: Filter | None = None
    residual: bool = False

    @property
    def expr(self) -> pl.Expr | None:
        """The whole condition; None if everything stays."""
        return reduce(and_, (one.expr for one in self.conditions)) if self.conditions else None

    @property
    def localized(self) -> bool:
        """True if it depends on the language."""
        return any(one.subject.localized for one in self.conditions)


def select(endpoint: Endpoint, where: Where, exclude: Where) -> Selection:
    """What ``where`` and ``exclude`` select.

    Raises:
        ColumnNotFoundError: A property is none of the endpoint's.
        ConfigurationError: One is no mapping, a property is a relation, or a value cannot be one of its values.
    """
    wanted = [*_conditions(endpoint, where, "where"), *_conditions(endpoint, exclude, "exclude")]
    return _selection(endpoint, tuple(wanted))


def without_localized(endpoint: Endpoint, selection: Selection) -> Selection:
    """The part of the selection that means the same in every language."""
    kept = tuple(one for one in selection.conditions if not one.subject.localized)
    return _selection(endpoint, kept)


def _selection(endpoint: Endpoint, conditions: tuple[Condition, ...]) -> Selection:
    asked = to_filter(endpoint, conditions)
    count = 0 if asked is None else len(asked.must) + len(asked.must_not) + len(asked.ranges)
    return Selection(conditions, asked, residual=count < len(conditions))


def to_filter(endpoint: Endpoint, conditions: Iterable[Condition]) -> Filter | None:
    """The filter that the endpoint's document declares for the conditions, None if for none of them."""
    must: dict[str, tuple[str, ...]] = {}
    must_not: dict[str, tuple[str, ...]] = {}
    ranges: dict[str, Range] = {}
    for one in conditions:
        name, accepts = one.subject.id, endpoint.accepts
        if not accepts.takes("filter"):
            continue
        if one.between is not None:
            span = _range(one, endpoint)
            if span is not None:
                ranges[name] = span
        elif _is_sure(one):
            texts = tuple(to_wire(value) for value in one.values)
            if one.excluded and name in accepts.must_not:
                must_not[name] = texts
            elif not one.excluded and name in accepts.must:
                must[name] = texts
    return Filter(must, must_not, ranges) if must or must_not or ranges else None


def _conditions(endpoint: Endpoint, given: Where, option: Literal["where", "exclude"]) -> list[Condition]:
    if given is None:
        return []
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"{option} must say values of properties, such as {{'id': 'a'}}, got {given!r}")
    out = []
    for name, value in given.items():
        must_stand(name, endpoint.by_id, "property")
        one = endpoint[name]
        if one.is_relation:
            raise ConfigurationError(f"{name!r} is a relation; filter on its entries after reading")
        out.append(_condition(one, value, excluded=option == "exclude"))
    return out


def _condition(one: Property, value: object, *, excluded: bool) -> Condition:
    dtype = _element(one)
    if isinstance(value, Between):
        ends = Between(typed_value(value.low, dtype, one.id), typed_value(value.high, dtype, one.id))
        return Condition(one, between=ends, excluded=excluded)
    typed = (None if is_missing(item, dtype) else typed_value(item, dtype, one.id) for item in listed(value))
    return Condition(one, tuple(dict.fromkeys(typed)), excluded=excluded)


def _matches(column: pl.Expr, one: Condition) -> pl.Expr:
    dtype = _element(one.subject)
    if one.between is not None:
        low, high = one.between.low, one.between.high
        ends = [column >= _literal(low, dtype)] if low is not None else []
        ends += [column <= _literal(high, dtype)] if high is not None else []
        return reduce(and_, ends)
    plain = [value for value in one.values if value is not None]
    found = column.is_in(_series(plain, dtype).implode()) if plain else pl.lit(False)
    return found | column.is_null() if None in one.values else found


def _series(values: list[Any], dtype: Any) -> pl.Series:
    """Values for polars to look the column's up in: terms joined by *or* take a time that grows with their square."""
    return _in_zone(pl.Series(values, dtype=_in_utc(dtype)), dtype)


def _literal(value: object, dtype: Any) -> pl.Expr:
    """A value as polars compares it with the column."""
    return _in_zone(pl.lit(value, dtype=_in_utc(dtype)), dtype)


def _in_utc(dtype: Any) -> Any:
    """The type of values for a column of ``dtype``: moments are in UTC."""
    return pl.Datetime(dtype.time_unit, "UTC") if isinstance(dtype, pl.Datetime) else dtype


def _in_zone(held: Held, dtype: Any) -> Held:
    """The values, moments among them in the zone of ``dtype``."""
    if not isinstance(dtype, pl.Datetime):
        return held
    zone = dtype.time_zone
    return held.dt.replace_time_zone(None) if zone is None else held.dt.convert_time_zone(zone)


def _element(one: Property) -> Any:
    """The type of a property's values, or of what its lists hold."""
    return one.dtype.inner if isinstance(one.dtype, pl.List) else one.dtype


def _is_sure(one: Condition) -> bool:
    """True if the platform's equality of texts is certain to mean the same."""
    if None in one.values or not one.values or one.subject.loose or "" in one.values:
        return False
    return isinstance(_element(one.subject), pl.String | pl.Boolean | pl.Int64 | pl.UInt64)


def _range(one: Condition, endpoint: Endpoint) -> Range | None:
    """The declared range of a number or time; None where it is not certain to mean the same."""
    dtype, ends = one.subject.dtype, one.between
    if ends is None or one.excluded or one.subject.id not in endpoint.accepts.ranges:
        return None
    if not (dtype.is_numeric() or isinstance(dtype, pl.Datetime)):
        return None
    needed = {name for name, end in (("gte", ends.low), ("lte", ends.high)) if end is not None}
    if not needed <= endpoint.accepts.ends:
        return None
    return Range(gte=_wire_or_none(ends.low), lte=_wire_or_none(ends.high))


def _wire_or_none(value: Any) -> str | None:
    return None if value is None else to_wire(value)
