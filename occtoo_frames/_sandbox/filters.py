"""A query's filters, search and period as one condition on a view: words of the wire in, a polars expression out.

Values of a property are OR, properties AND, filter objects OR, and a list matches when any element does (ours, as is
the spelling of ranges; not verified against the live service). The empty text stands for a missing number, time or
Boolean and for an empty list; apart from that, what is missing matches nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_

import polars as pl

from occtoo_frames._sandbox import kinds
from occtoo_frames._sandbox.literals import FEW, BadQueryError, among, compare
from occtoo_frames._sandbox.snapshot import CHANGED
from occtoo_frames._sandbox.view import View
from occtoo_frames.protocol.destination import ID, Query
from occtoo_frames.protocol.filters import Filter, Range
from occtoo_frames.protocol.openapi import PropertyType

_TEXTS = {
    PropertyType.TEXT,
    PropertyType.LOCALIZED_TEXT,
    PropertyType.LIST,
    PropertyType.LOCALIZED_LIST,
}


@dataclass(slots=True)
class Scope:
    """The columns that a condition on ``view`` asks for, in one language; each stands in ``columns`` by its name."""

    view: View
    language: str
    columns: dict[str, pl.Series] = field(default_factory=dict)

    def value(self, property_id: str) -> pl.Expr:
        """The typed values of a property.

        Raises:
            BadQueryError: There is no such property.
        """
        self.check([property_id])
        return self._column(f"value {property_id}", lambda: self.view.values(property_id, self.language))

    def text(self, property_id: str) -> pl.Expr:
        """The values of a property as they were pushed."""
        return self._column(f"text {property_id}", lambda: self.view.texts(property_id, self.language))

    def among(self, property_id: str, values: list[str]) -> pl.Expr:
        """True where the text of a property is one of these."""
        if property_id in self.view.publication.facets:
            coded = self.view.coded(property_id, self.language)
            return self._column(f"word {property_id}", lambda: coded.cells).is_in(coded.among(values).implode())
        column = self.text(property_id)
        return reduce(or_, [column == value for value in values]) if len(values) <= FEW else column.is_in(values)

    def changed(self) -> pl.Expr:
        """When each entry changed last."""
        return self._column(CHANGED, lambda: self.view.changed)

    def dtype(self, property_id: str) -> pl.DataType:
        """The polars type of the values of a property."""
        return self.view.values(property_id, self.language).dtype

    def check(self, names: Iterable[str]) -> None:
        """Each name is a property of the view.

        Raises:
            BadQueryError: One is not.
        """
        unknown = [name for name in names if name != ID and name not in self.view.types]
        if unknown:
            raise BadQueryError(f"unknown property: {', '.join(unknown)}")

    def frame(self) -> pl.DataFrame:
        """The columns that were asked for, one row an entry."""
        return pl.DataFrame([series.alias(name) for name, series in self.columns.items()])

    def _column(self, name: str, make: Callable[[], pl.Series]) -> pl.Expr:
        if name not in self.columns:
            self.columns[name] = make()
        return pl.col(name)


def condition(scope: Scope, query: Query) -> pl.Expr | None:
    """True where an entry matches the query, or None if every entry does.

    Raises:
        BadQueryError: It names an unknown property, or a value that the property's type cannot have.
    """
    parts = [_period(scope, query), _search(scope, query), _filters(scope, query.filters)]
    given = [part for part in parts if part is not None]
    return reduce(and_, given) if given else None


def _filters(scope: Scope, filters: Iterable[Filter]) -> pl.Expr | None:
    wholes = [_filter(scope, item) for item in filters]
    given = [whole for whole in wholes if whole is not None]
    return reduce(or_, given) if given and len(given) == len(wholes) else None


def _filter(scope: Scope, item: Filter) -> pl.Expr | None:
    parts = [
        *_any_of(scope, item.must),
        *(~part for part in _any_of(scope, item.must_not)),
        *(part for name, ends in item.ranges.items() for part in _range(scope, name, ends)),
    ]
    return reduce(and_, parts) if parts else None


def _any_of(scope: Scope, conditions: Mapping[str, tuple[str, ...]]) -> Iterable[pl.Expr]:
    scope.check(conditions)
    for name, values in conditions.items():
        if values:
            yield _equals_any(scope, name, values).fill_null(value=False)


def _equals_any(scope: Scope, name: str, values: tuple[str, ...]) -> pl.Expr:
    dtype = scope.dtype(name)
    if isinstance(dtype, pl.String):
        return scope.among(name, list(values))
    return among(scope.value(name), dtype, values, name)


def _range(scope: Scope, name: str, ends: Range) -> Iterable[pl.Expr]:
    column, dtype = scope.value(name), scope.dtype(name)
    if isinstance(dtype, (pl.List, pl.Boolean)):
        raise BadQueryError(f"{name} has no range: it is a {scope.view.kind(name)}")
    for end, value in ends.to_wire().items():
        yield compare(column, dtype, end, value, name).fill_null(value=False)


def _period(scope: Scope, query: Query) -> pl.Expr | None:
    since, before = _moment(query.since, "since"), _moment(query.before, "before")
    parts = [
        *([] if since is None else [scope.changed() >= since]),
        *([] if before is None else [scope.changed() < before]),
    ]
    return reduce(and_, parts) if parts else None


def _moment(text: str | None, name: str) -> int | None:
    if text is None:
        return None
    micros = kinds.instants(pl.Series([text])).to_physical().item()
    if micros is None:
        raise BadQueryError(f"{name} must be an ISO date or time, got {text!r}")
    return int(micros)


def _search(scope: Scope, query: Query) -> pl.Expr | None:
    if not query.search:
        scope.check(query.search_on)
        return None
    names = query.search_on or _searchable(scope.view)
    scope.check(names)
    fold = bool(query.case_insensitive_search)
    columns = [scope.text(name).str.to_lowercase() if fold else scope.text(name) for name in names]
    terms = [term.lower() if fold else term for term in query.search]
    return reduce(and_, [_anywhere(columns, term) for term in terms])


def _searchable(view: View) -> tuple[str, ...]:
    if view.publication.searchable is not None:
        return view.publication.searchable
    return (ID, *(name for name, kind in view.types.items() if kind in _TEXTS))


def _anywhere(columns: list[pl.Expr], term: str) -> pl.Expr:
    found = [column.str.contains(term, literal=True).fill_null(value=False) for column in columns]
    return reduce(or_, found, pl.lit(False))
