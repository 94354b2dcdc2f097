"""The order of a query's results, and where in it a page begins: a view and a query in, rows out.

What is missing sorts last in both directions; ascending sorts come before descending ones, but an ``id`` that ends them
is the last of all (ours, not verified against the live service).

An order that is asked for again and again is laid down once for all entries: a page then looks only at the rows that
stand where it begins, the last one as soon as the first.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from threading import Lock
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from occtoo_frames._sandbox.coded import Rows
from occtoo_frames._sandbox.filters import Scope
from occtoo_frames._sandbox.literals import BadQueryError, compare, equals
from occtoo_frames._sandbox.view import View
from occtoo_frames.protocol.destination import ID, Query

Order: TypeAlias = tuple[tuple[str, bool], ...]
"""The properties to sort by, each with whether it descends."""

BY_KEY: tuple[Order, ...] = ((), ((ID, False),))
"""The orders in which entries stand in a view."""

_ROW = "row"
_AGAIN = 2
_REMEMBERED = 8
_PROBES = 1_024
_FEW = 8


@dataclass(slots=True, eq=False)
class Orders:
    """The rows of a view in each order that was asked for often enough."""

    view: View
    _laid: OrderedDict[tuple[Order, str], int | NDArray[np.uint32]] = field(default_factory=OrderedDict)
    _laying: Lock = field(default_factory=Lock)

    def rows(self, order: Order, language: str) -> NDArray[np.uint32] | None:
        """Every row in ``order``; None the first times, since one page alone is had sooner without."""
        place = (order, language)
        with self._laying:
            held = self._laid.get(place, 0)
            if isinstance(held, int):
                held = held + 1 if held < _AGAIN else self._lay(order, language)
            self._laid[place] = held
            self._laid.move_to_end(place)
            while len(self._laid) > _REMEMBERED:
                self._laid.popitem(last=False)
        return None if isinstance(held, int) else held

    def _lay(self, order: Order, language: str) -> NDArray[np.uint32]:
        scope = Scope(self.view, language)
        by = [_sorted_by(scope, name) for name, _ in order]
        whole = _gathered(scope, np.arange(len(self.view))).lazy()
        descending = [down for _, down in order]
        laid = whole.sort(*by, descending=descending, nulls_last=True, maintain_order=True)
        return laid.select(_ROW).collect().to_series().to_numpy()


def order_of(query: Query) -> Order:
    """The order that a query asks for."""
    ascending, descending = list(query.sort_asc), list(query.sort_desc)
    last = [ascending.pop()] if descending and ascending and ascending[-1] == ID else []
    pairs = [*((name, False) for name in ascending), *((name, True) for name in descending)]
    return (*pairs, *((name, False) for name in last))


def check(view: View, order: Order, query: Query) -> None:
    """The view can be sorted like that.

    Raises:
        BadQueryError: It cannot, or there are more values to read on after than sorts.
    """
    names = [name for name, _ in order]
    Scope(view, "").check(names)
    lists = [name for name in names if view.kind(name).is_list]
    if lists:
        raise BadQueryError(f"cannot sort by a list: {', '.join(lists)}")
    if len(query.after) > len(order):
        raise BadQueryError(f"after has {len(query.after)} values for {len(order)} sorts")


def by_key(view: View, rows: Rows, after: Sequence[str], count: int) -> Rows:
    """The first ``count`` of these ascending rows that stand after a key."""
    passed = int(view.keys.search_sorted(after[0], side="right")) if after else 0
    start = int(np.searchsorted(rows, passed))
    return rows[start : start + count]


def ordered(orders: Orders, rows: Rows, order: Order, *, after: tuple[str, ...], language: str, count: int) -> Rows:
    """The first ``count`` of these ascending rows, in ``order``, that stand after the values a page ended with."""
    view = orders.view
    scope = Scope(view, language)
    beyond = _beyond(scope, order, _marks(view, order, after, language)) if after else None
    laid = orders.rows(order, language) if len(rows) * _FEW > len(view) else None
    if laid is None:
        return _sorted(scope, rows, order, beyond, count)
    start = 0 if beyond is None else _first(scope, laid, beyond)
    if len(rows) == len(view):
        return laid[start : start + count]
    return _chosen(laid[start:], rows, len(view), count)


def _sorted(scope: Scope, rows: Rows, order: Order, beyond: pl.Expr | None, count: int) -> Rows:
    by = [_sorted_by(scope, name) for name, _ in order]
    frame = _gathered(scope, rows).lazy()
    descending = [*(down for _, down in order), False]
    chosen = frame if beyond is None else frame.filter(beyond)
    return chosen.sort(*by, _ROW, descending=descending, nulls_last=True).head(count).collect()[_ROW].to_numpy()


def _sorted_by(scope: Scope, name: str) -> pl.Expr:
    # entries stand by key, so a row's number sorts like its key
    return pl.col(_ROW) if name == ID else scope.value(name)


def _gathered(scope: Scope, rows: Rows) -> pl.DataFrame:
    places = pl.Series(_ROW, rows, dtype=pl.UInt32)
    return pl.DataFrame([*(series.gather(places).alias(name) for name, series in scope.columns.items()), places])


def _first(scope: Scope, laid: Rows, beyond: pl.Expr) -> int:
    """Where in the order the rows begin for which ``beyond`` is true: it is true of all that follow, too."""
    low, high = 0, len(laid)
    while high - low > _PROBES:
        probes = np.linspace(low, high - 1, _PROBES).astype(np.int64)
        reached = _reached(scope, laid[probes], beyond)
        low, high = (
            (int(probes[reached - 1]) + 1 if reached else low),
            (int(probes[reached]) if reached < len(probes) else high),
        )
    return low + _reached(scope, laid[low:high], beyond)


def _reached(scope: Scope, rows: Rows, beyond: pl.Expr) -> int:
    frame = _gathered(scope, rows)
    return len(rows) - int(frame.with_columns(beyond=beyond)["beyond"].sum())


def _chosen(laid: Rows, rows: Rows, height: int, count: int) -> Rows:
    """The first ``count`` of ``laid`` that are among ``rows``."""
    wanted = np.zeros(height, dtype=bool)
    wanted[rows] = True
    found: list[Rows] = []
    start, step = 0, 2 * count * height // len(rows) + _PROBES
    while count > 0 and start < len(laid):
        piece = laid[start : start + step]
        found.append(piece[wanted[piece]][:count])
        count -= len(found[-1])
        start, step = start + step, 2 * step
    return np.concatenate(found) if found else laid[:0]


def _marks(view: View, order: Order, after: tuple[str, ...], language: str) -> tuple[str | None, ...]:
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
