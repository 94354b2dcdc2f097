"""A polars predicate as the platform's filters: never stricter than the predicate, often weaker.

Takes an expression and an endpoint; gives filters (alternatives of one another) that every row the predicate keeps
fulfils, or none if nothing can be said. The predicate itself is always applied again to what comes back, so what
cannot be translated costs bytes, never rows. The expression is read from polars' own JSON of it, whose form is not
promised: a node that is not known is left out.
"""

import io
import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import polars as pl

from occtoo_frames._read.document import Endpoint, Property
from occtoo_frames._read.operands import to_wire
from occtoo_frames.protocol.filters import Filter, Range

Node: TypeAlias = Any
Filters: TypeAlias = tuple[Filter, ...]

MAX_FILTERS = 16
"""More alternatives than this are not sent."""

_MAX_VALUES = 1_000


def to_filters(endpoint: Endpoint, predicate: pl.Expr) -> Filters:
    """Filters that together let through at least what ``predicate`` keeps; empty lets everything through."""
    if not endpoint.accepts.takes("filter"):
        return ()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = json.loads(predicate.meta.serialize(format="json"))
    except (pl.exceptions.PolarsError, ValueError, TypeError, RecursionError):
        return ()
    return _Translator(endpoint).filters(tree, positive=True)


@dataclass(frozen=True, slots=True)
class _Translator:
    endpoint: Endpoint

    def filters(self, node: Node, *, positive: bool) -> Filters:
        """What ``node`` (or, if not positive, its opposite) says at least."""
        match node:
            case {"BinaryExpr": {"left": left, "op": str(op), "right": right}}:
                return self._binary(left, op, right, positive=positive)
            case {"Column": str(name)}:
                return self._equal(name, [True] if positive else [False])
            case {"Function": {"input": [*inputs], "function": {"Boolean": function}}}:
                return self._function(inputs, function, positive=positive)
        return ()

    def _binary(self, left: Node, op: str, right: Node, *, positive: bool) -> Filters:
        if op in {"And", "Or"}:
            both = (self.filters(left, positive=positive), self.filters(right, positive=positive))
            return _all_of(*both) if (op == "And") is positive else _any_of(*both)
        name, value, flipped = _column_and_literal(left, right)
        if name is None or value is None:
            return ()
        said = _FLIPPED.get(op, op) if flipped else op
        return self._compare(name, said if positive else _OPPOSITE.get(said, ""), value[0])

    def _function(self, inputs: list[Node], function: Node, *, positive: bool) -> Filters:
        match function, inputs:
            case "Not", [inner]:
                return self.filters(inner, positive=not positive)
            case {"IsIn": {"nulls_equal": False}}, [{"Column": str(name)}, {"Literal": literal}]:
                values = _values({"Literal": literal})
                return self._equal(name, values, positive=positive) if values else ()
            case {"IsBetween": {"closed": closed}}, [{"Column": str(name)}, low, high] if positive:
                ends = (_values(low), _values(high))
                lower = ">=" if closed in {"Both", "Left"} else ">"
                upper = "<=" if closed in {"Both", "Right"} else "<"
                if ends[0] is None or ends[1] is None:
                    return ()
                first = self._compare(name, _NAMES[lower], ends[0][0])
                return _all_of(first, self._compare(name, _NAMES[upper], ends[1][0]))
        return ()

    def _compare(self, name: str, op: str, value: Any) -> Filters:
        if op in {"Eq", "NotEq"} and self._is_exact(name):
            return self._equal(name, [value], positive=op == "Eq")
        ends = _ENDS.get(op)
        one = self.endpoint.by_id.get(name)
        if ends is None or one is None or name not in self.endpoint.accepts.ranges:
            return ()
        wire = _range_text(one, value)
        if wire is None or not set(ends) <= self.endpoint.accepts.ends:
            return ()
        return (Filter(ranges={name: Range(**dict.fromkeys(ends, wire))}),)

    def _equal(self, name: str, values: list[Any], *, positive: bool = True) -> Filters:
        """Equality by text: certain for text, whole numbers and booleans only."""
        one = self.endpoint.by_id.get(name)
        allowed = self.endpoint.accepts.must if positive else self.endpoint.accepts.must_not
        if one is None or one.loose or name not in allowed or len(values) > _MAX_VALUES:
            return ()
        texts = [_exact_text(one.dtype, value) for value in values if value is not None]
        if not texts or None in texts:
            return ()
        named = {name: tuple(dict.fromkeys(text for text in texts if text is not None))}
        return (Filter(must=named) if positive else Filter(must_not=named),)

    def _is_exact(self, name: str) -> bool:
        one = self.endpoint.by_id.get(name)
        return one is not None and isinstance(one.dtype, pl.String | pl.Boolean | pl.Int64 | pl.UInt64)


_NAMES = {">": "Gt", ">=": "GtEq", "<": "Lt", "<=": "LtEq"}
_ENDS = {"Gt": ("gt",), "GtEq": ("gte",), "Lt": ("lt",), "LtEq": ("lte",), "Eq": ("gte", "lte")}
_FLIPPED = {"Gt": "Lt", "GtEq": "LtEq", "Lt": "Gt", "LtEq": "GtEq"}
_OPPOSITE = {"Gt": "LtEq", "GtEq": "Lt", "Lt": "GtEq", "LtEq": "Gt", "Eq": "NotEq", "NotEq": "Eq"}


def _column_and_literal(left: Node, right: Node) -> tuple[str | None, list[Any] | None, bool]:
    """The column, the literal's value, and whether they stand the other way round."""
    match left, right:
        case {"Column": str(name)}, {"Literal": _}:
            return name, _single(right), False
        case {"Literal": _}, {"Column": str(name)}:
            return name, _single(left), True
    return None, None, False


def _single(node: Node) -> list[Any] | None:
    values = _values(node)
    return values if values is not None and len(values) == 1 and values[0] is not None else None


def _values(node: Node) -> list[Any] | None:
    """The values of a literal, as polars itself reads them; None if it is none, or has a null."""
    if not isinstance(node, Mapping) or set(node) != {"Literal"}:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            literal = pl.Expr.deserialize(io.BytesIO(json.dumps(node).encode()), format="json")
            series = pl.select(literal).to_series()
    except (pl.exceptions.PolarsError, ValueError, TypeError):
        return None
    if isinstance(series.dtype, pl.List) and len(series) == 1:
        series = series.explode()
    values: list[Any] = series.to_list()
    return None if not values or all(value is None for value in values) else values


def _exact_text(dtype: pl.DataType, value: Any) -> str | None:
    """The value as a filter spells it; None where polars or the platform might compare something else."""
    if isinstance(dtype, pl.String):
        return value if isinstance(value, str) and value else None
    if isinstance(dtype, pl.Boolean):
        return to_wire(value) if isinstance(value, bool) else None
    if not dtype.is_integer() or isinstance(value, bool) or not isinstance(value, int):
        return None
    return to_wire(value)


def _range_text(one: Property, value: Any) -> str | None:
    """The end of a range; None where it is not certain to mean the same."""
    if isinstance(value, bool):
        return None
    if isinstance(one.dtype, pl.Datetime):
        return to_wire(value.astimezone(UTC)) if isinstance(value, datetime) and value.tzinfo else None
    if one.dtype.is_integer():
        return to_wire(value) if isinstance(value, int) else None
    if isinstance(one.dtype, pl.Decimal):
        return to_wire(value) if isinstance(value, int | Decimal) else None
    return None


def _any_of(first: Filters, second: Filters) -> Filters:
    """Either: nothing is said if one of them says nothing."""
    return first + second if first and second and len(first) + len(second) <= MAX_FILTERS else ()


def _all_of(first: Filters, second: Filters) -> Filters:
    """Both: as much of it as can be said."""
    if not first or not second:
        return first or second
    if len(first) * len(second) > MAX_FILTERS:
        return min(first, second, key=len)
    return tuple(_both(one, other) for one in first for other in second)


def _both(one: Filter, other: Filter) -> Filter:
    """One filter that says what both say, or less where one filter cannot."""
    return replace(
        one,
        must=_merge(one.must, other.must, _common),
        must_not=_merge(one.must_not, other.must_not, lambda left, right: tuple(dict.fromkeys((*left, *right)))),
        ranges=_merge(one.ranges, other.ranges, _span),
    )


def _merge(one: Mapping[str, Any], other: Mapping[str, Any], join: Callable[[Any, Any], Any]) -> dict[str, Any]:
    merged = dict(one)
    for name, value in other.items():
        merged[name] = join(merged[name], value) if name in merged else value
    return merged


def _common(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    """Values in both; where there are none nothing fits, and one of them says enough."""
    return tuple(value for value in left if value in right) or left


def _span(left: Range, right: Range) -> Range:
    """Both ranges where their ends do not meet, else the first: weaker, never stricter."""
    ends = left.to_wire() | {name: end for name, end in right.to_wire().items() if name not in left.to_wire()}
    return Range(**ends)
