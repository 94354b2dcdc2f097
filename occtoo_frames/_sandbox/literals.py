"""A value of a query against a typed column: texts in, exact comparisons out.

Numbers are compared as decimals, never by way of a float unless the column itself is one, so that no query matches a
neighbour of the value it names. Knows no query.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from functools import reduce
from operator import ge, gt, le, lt, or_

import polars as pl

from occtoo_frames._sandbox import kinds

FEW = 8
"""Up to so many values are compared one by one, which is faster than to look each cell up among them."""

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_DIGITS = 38
_INT64 = 2**63
_PRECISION = 2_000
_LONGEST = 400
_OPERATORS: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {"gte": ge, "gt": gt, "lte": le, "lt": lt}
_ROUNDING = {"gte": ROUND_CEILING, "gt": ROUND_FLOOR, "lte": ROUND_FLOOR, "lt": ROUND_CEILING}


class BadQueryError(ValueError):
    """The query cannot be answered as it stands: a 400."""


def equals(column: pl.Expr, dtype: pl.DataType, value: str, name: str) -> pl.Expr:
    """True where ``column`` is ``value``; the empty text stands for what is missing.

    Raises:
        BadQueryError: The type has no such value; ``name`` is said.
    """
    if isinstance(dtype, pl.String):
        return column == value
    if isinstance(dtype, pl.List):
        return column.list.contains(value) if value else column.list.len() == 0
    if not value:
        return column.is_null()
    if isinstance(dtype, pl.Boolean):
        return column == _boolean(value, name)
    if isinstance(dtype, pl.Datetime):
        return column == pl.lit(_instant(value, name), dtype)
    held = _exactly(dtype, _number(value, name))
    return pl.lit(False) if held is None else column == pl.lit(held, dtype)


def among(column: pl.Expr, dtype: pl.DataType, values: Sequence[str], name: str) -> pl.Expr:
    """True where ``column`` is one of ``values``, as ``equals`` says it; of many they are looked up together.

    Raises:
        BadQueryError: As ``equals``.
    """
    if len(values) <= FEW:
        return reduce(or_, [equals(column, dtype, value, name) for value in values])
    said = [value for value in values if value]
    if isinstance(dtype, pl.List):
        found = column.list.eval(pl.element().is_in(pl.Series(said, dtype=pl.String).implode())).list.any()
    else:
        held = [_held(dtype, value, name) for value in said]
        found = column.is_in(pl.Series([value for value in held if value is not None], dtype=dtype).implode())
    return found if len(said) == len(values) else found | equals(column, dtype, "", name)


def _held(dtype: pl.DataType, value: str, name: str) -> bool | datetime | float | Decimal | None:
    """The value as the type holds it; None if it holds another next to it."""
    if isinstance(dtype, pl.Boolean):
        return _boolean(value, name)
    if isinstance(dtype, pl.Datetime):
        return _instant(value, name)
    return _exactly(dtype, _number(value, name))


def compare(column: pl.Expr, dtype: pl.DataType, end: str, value: str, name: str) -> pl.Expr:
    """True where ``column`` is on the side of ``value`` that ``end`` (gte, gt, lte, lt) says.

    Raises:
        BadQueryError: The type has no such value; ``name`` is said.
    """
    operator = _OPERATORS[end]
    if isinstance(dtype, pl.String):
        return operator(column, pl.lit(value))
    if isinstance(dtype, pl.Boolean):
        return operator(column.cast(pl.Int8), pl.lit(int(_boolean(value, name))))
    if isinstance(dtype, pl.Datetime):
        return operator(column, pl.lit(_instant(value, name), dtype))
    number = _number(value, name)
    if isinstance(dtype, pl.Float64):
        return operator(column, pl.lit(float(number)))
    bound = _rounded(number, _scale(dtype), _ROUNDING[end])
    low, high = _ends(dtype)
    if not low <= bound <= high:
        return column.is_not_null() if (bound > high) == end.startswith("l") else pl.lit(False)
    return operator(column, _literal(bound, dtype))


def _exactly(dtype: pl.DataType, number: Decimal) -> float | Decimal | None:
    """The number as the type holds it; None if it does not."""
    if isinstance(dtype, pl.Float64):
        return float(number)
    bound = _rounded(number, _scale(dtype), ROUND_FLOOR)
    low, high = _ends(dtype)
    if bound != number or not low <= bound <= high:
        return None
    return bound if isinstance(dtype, pl.Decimal) else int(bound)


def _boolean(value: str, name: str) -> bool:
    if value.lower() not in {"true", "false"}:
        raise BadQueryError(f"{name} must be true or false, got {value!r}")
    return value.lower() == "true"


def _instant(value: str, name: str) -> datetime:
    moment = kinds.instants(pl.Series([value]))
    if moment.has_nulls():
        raise BadQueryError(f"{name} must be an ISO date or time, got {value!r}")
    found: datetime = moment.item()
    return found


def _number(value: str, name: str) -> Decimal:
    if len(value) > _LONGEST or _NUMBER.fullmatch(value) is None:
        raise BadQueryError(f"{name} must be a number, got {value[:50]!r}")
    number = Decimal(value)
    if number and abs(number.adjusted()) > _LONGEST:
        raise BadQueryError(f"{name} must be a number of a sensible size, got {value!r}")
    return number


def _rounded(number: Decimal, scale: int, rounding: str) -> Decimal:
    with localcontext(prec=_PRECISION):
        return number.quantize(Decimal(1).scaleb(-scale), rounding=rounding)


def _scale(dtype: pl.DataType) -> int:
    return dtype.scale if isinstance(dtype, pl.Decimal) else 0


def _ends(dtype: pl.DataType) -> tuple[Decimal, Decimal]:
    """The least and the greatest number that the type holds."""
    if not isinstance(dtype, pl.Decimal):
        return Decimal(-_INT64), Decimal(_INT64 - 1)
    with localcontext(prec=_PRECISION):
        most = Decimal(10**_DIGITS - 1).scaleb(-_scale(dtype))
        return -most, most


def _literal(bound: Decimal, dtype: pl.DataType) -> pl.Expr:
    return pl.lit(bound, dtype) if isinstance(dtype, pl.Decimal) else pl.lit(int(bound), pl.Int64)
