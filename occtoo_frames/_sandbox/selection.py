"""Which entries answer a query, in which order, and how the facets count them: a view and a query in, rows out.

Entries stand in a view by key, so the order without a sort, and a whole read by key, cost nothing. What is missing
sorts last in both directions; ascending sorts come before descending ones, but an ``id`` that ends them is the last of
all; skip + top is limited: all of it is ours (not verified against the live service).
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_, or_

import msgspec
import polars as pl

from occtoo_frames._sandbox.filters import Scope, condition
from occtoo_frames._sandbox.literals import BadQueryError, compare, equals
from occtoo_frames._sandbox.view import View
from occtoo_frames.protocol.destination import DEFAULT_TOP, ID, Facet, Query

MAX_WINDOW = 10_000
_ROW = "row"
_REMEMBERED = 16


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """Every entry that a query matches: their rows in ascending order, how many, and the facets."""

    rows: pl.Series
    facets: tuple[Facet, ...]

    @property
    def total(self) -> int:
        """How many entries match."""
        return len(self.rows)


@dataclass(slots=True, eq=False)
class Asked:
    """A view with the answers it gave lately, since the pages of one read ask for the same entries again."""

    view: View
    _matched: OrderedDict[bytes, Matched] = field(default_factory=OrderedDict)

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


def page(view: View, matched: Matched, query: Query, language: str) -> pl.Series:
    """The rows of the page that ``query`` asks for, in its order.

    Raises:
        BadQueryError: It sorts by what cannot be sorted, or asks beyond the limits.
    """
    top = DEFAULT_TOP if query.top is None else query.top
    skip = query.skip or 0
    if skip + top > MAX_WINDOW:
        raise BadQueryError(f"skip + top may be at most {MAX_WINDOW}, got {skip + top}: read on with after")
    order = _order(query)
    _check_order(view, order, query)
    if order in ((), ((ID, False),)):
        return matched.rows.slice(_position(view, matched.rows, query.after) + skip, top)
    return _sorted(view, matched.rows, order, query.after, language).head(skip + top).collect()[_ROW].slice(skip)


def _match(view: View, query: Query, language: str) -> Matched:
    scope = Scope(view, language)
    wanted = condition(scope, query)
    if wanted is None:
        rows = pl.int_range(0, len(view), dtype=pl.UInt32, eager=True)
    else:
        everywhere = scope.text(ID).is_not_null()
        rows = scope.frame().select(pl.arg_where(everywhere & wanted)).to_series()
    counted = {name: size for name, size in view.publication.facets.items() if name in view.types}
    return Matched(rows, tuple(_facet(view, name, size, language, rows) for name, size in counted.items()))


def _facet(view: View, name: str, size: int, language: str, rows: pl.Series) -> Facet:
    values = view.values(name, language)
    if not isinstance(values.dtype, pl.List):
        values = view.texts(name, language)
    chosen = values if len(rows) == len(view) else values.gather(rows)
    if isinstance(chosen.dtype, pl.List):
        chosen = chosen.explode()
    counts = chosen.alias("key").value_counts().filter(pl.col("key") != "")
    first = counts.sort("count", "key", descending=[True, False]).head(size)
    return Facet(name, name, tuple(first.iter_rows()))


def _order(query: Query) -> tuple[tuple[str, bool], ...]:
    ascending, descending = list(query.sort_asc), list(query.sort_desc)
    last = [ascending.pop()] if descending and ascending and ascending[-1] == ID else []
    pairs = [*((name, False) for name in ascending), *((name, True) for name in descending)]
    return (*pairs, *((name, False) for name in last))


def _check_order(view: View, order: Sequence[tuple[str, bool]], query: Query) -> None:
    names = [name for name, _ in order]
    Scope(view, "").check(names)
    lists = [name for name in names if view.kind(name).is_list]
    if lists:
        raise BadQueryError(f"cannot sort by a list: {', '.join(lists)}")
    if len(query.after) > len(order):
        raise BadQueryError(f"after has {len(query.after)} values for {len(order)} sorts")


def _position(view: View, rows: pl.Series, after: tuple[str, ...]) -> int:
    if not after:
        return 0
    passed = int(view.keys.search_sorted(after[0], side="right"))
    return int(rows.search_sorted(passed, side="left"))


def _sorted(
    view: View, rows: pl.Series, order: Sequence[tuple[str, bool]], after: tuple[str, ...], language: str
) -> pl.LazyFrame:
    scope = Scope(view, language)
    by = [scope.value(name) for name, _ in order]
    beyond = _beyond(scope, order, _marks(view, order, after, language)) if after else None
    chosen = scope.frame() if len(rows) == len(view) else scope.frame().select(pl.all().gather(rows))
    frame = chosen.with_columns(rows.alias(_ROW)).lazy()
    descending = [*(down for _, down in order), False]
    return (frame if beyond is None else frame.filter(beyond)).sort(*by, _ROW, descending=descending, nulls_last=True)


def _marks(
    view: View, order: Sequence[tuple[str, bool]], after: tuple[str, ...], language: str
) -> tuple[str | None, ...]:
    """The sort values that a page ended with, None where the value is missing.

    The wire has the empty text for it; whether a text was empty or missing is seen from the entry itself, if ``id``
    says which it was.
    """
    pairs = list(zip(order, after, strict=False))
    named = next((value for (name, _), value in pairs if name == ID), None)
    row = None if named is None else view.keys.index_of(named)
    return tuple(
        None if value == "" and _is_missing(view, name, row, language) else value for (name, _), value in pairs
    )


def _is_missing(view: View, name: str, row: int | None, language: str) -> bool:
    values = view.values(name, language)
    return not isinstance(values.dtype, pl.String) or (row is not None and values[row] is None)


def _beyond(scope: Scope, order: Iterable[tuple[str, bool]], after: tuple[str | None, ...]) -> pl.Expr:
    reached: list[pl.Expr] = []
    ways: list[pl.Expr] = []
    for (name, down), mark in zip(order, after, strict=False):
        column, dtype = scope.value(name), scope.dtype(name)
        if mark is None:
            reached.append(column.is_null())
            continue
        side = compare(column, dtype, "lt" if down else "gt", mark, name).fill_null(value=True)
        ways.append(reduce(and_, [*reached, side]))
        reached.append(equals(column, dtype, mark, name).fill_null(value=False))
    return reduce(or_, ways, pl.lit(value=False))
