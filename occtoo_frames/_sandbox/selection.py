"""Which entries answer a query, how the facets count them, and which of them stand on its page: a query in, rows out.

Entries stand in a view by key, so the order without a sort, and a whole read by key, cost nothing. That skip + top is
limited is ours (not verified against the live service).
"""

from collections import OrderedDict
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np
import polars as pl

from occtoo_frames._sandbox.coded import Rows
from occtoo_frames._sandbox.filters import Scope, condition
from occtoo_frames._sandbox.literals import BadQueryError
from occtoo_frames._sandbox.ordering import BY_KEY, Orders, by_key, check, order_of, ordered
from occtoo_frames._sandbox.view import View
from occtoo_frames.protocol.destination import DEFAULT_TOP, ID, Facet, Query

MAX_WINDOW = 10_000
_REMEMBERED = 16


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """Every entry that a query matches: their rows in ascending order, how many, and the facets."""

    rows: Rows
    facets: tuple[Facet, ...]

    @property
    def total(self) -> int:
        """How many entries match."""
        return len(self.rows)


@dataclass(slots=True, eq=False)
class Asked:
    """A view with what it was asked lately, since the pages of one read ask for the same entries and order again."""

    view: View
    orders: Orders = field(init=False)
    _matched: OrderedDict[bytes, Matched] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self.orders = Orders(self.view)

    def match(self, query: Query, language: str) -> Matched:
        """The entries that ``query`` matches, and their facets."""
        asked = replace(query, top=None, skip=None, sort_asc=(), sort_desc=(), after=(), language=language)
        question = msgspec.json.encode(asked.to_wire())
        found = self._matched.get(question)
        if found is None:
            found = self._matched[question] = _match(self.view, query, language)
        while len(self._matched) > _REMEMBERED:
            self._matched.popitem(last=False)
        return found


def language_of(view: View, query: Query) -> str:
    """The language that a query asks for; the first published one if it asks for none (ours).

    Raises:
        BadQueryError: The destination is not published in it.
    """
    published = view.publication.languages
    if query.language is None:
        return published[0]
    if query.language not in published:
        raise BadQueryError(f"unknown language: {query.language} (published: {', '.join(published)})")
    return query.language


def page(asked: Asked, matched: Matched, query: Query, language: str) -> pl.Series:
    """The rows of the page that ``query`` asks for, in its order.

    Raises:
        BadQueryError: It sorts by what cannot be sorted, or asks beyond the limits.
    """
    top = DEFAULT_TOP if query.top is None else query.top
    skip = query.skip or 0
    if skip + top > MAX_WINDOW:
        raise BadQueryError(f"skip + top may be at most {MAX_WINDOW}, got {skip + top}: read on with after")
    order = order_of(query)
    check(asked.view, order, query)
    if order in BY_KEY:
        rows = by_key(asked.view, matched.rows, query.after, skip + top)
    else:
        rows = ordered(asked.orders, matched.rows, order, after=query.after, language=language, count=skip + top)
    return pl.Series(rows[skip:], dtype=pl.UInt32)


def _match(view: View, query: Query, language: str) -> Matched:
    scope = Scope(view, language)
    wanted = condition(scope, query)
    if wanted is None:
        rows = np.arange(len(view), dtype=np.uint32)
    else:
        everywhere = scope.text(ID).is_not_null()
        found = scope.frame().select((everywhere & wanted).fill_null(value=False)).to_series()
        rows = np.flatnonzero(found.to_numpy()).astype(np.uint32)
    counted = {name: size for name, size in view.publication.facets.items() if name in view.types}
    return Matched(rows, tuple(_facet(view, name, size, language, rows) for name, size in counted.items()))


def _facet(view: View, name: str, size: int, language: str, rows: Rows) -> Facet:
    chosen = None if len(rows) == len(view) else rows
    return Facet(name, name, view.coded(name, language).most(chosen, len(view), size))
