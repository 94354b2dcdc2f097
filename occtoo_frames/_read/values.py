"""One JSON value as one Python value of a polars type: exactly, or not at all.

The slow and strict reference of decoding, used where the vectorised way says no: it either finds a way to hold the
value exactly or names the value that breaks the schema.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from math import isfinite
from typing import Any

import msgspec
import polars as pl

EXACT = msgspec.json.Decoder(float_hook=Decimal)
"""Decodes JSON with fractions as Decimals."""


class BreachError(Exception):
    """A value does not fit its type; ``where`` is the path inside the property."""

    def __init__(self, value: object, expected: str, where: str = "") -> None:
        super().__init__(value, expected, where)
        self.value = value
        self.expected = expected
        self.where = where


def value_of(value: object, dtype: pl.DataType, *, loose: bool, where: str = "") -> Any:
    """``value`` as Python holds a value of ``dtype``; in a loose property what is no text becomes its JSON text.

    Raises:
        BreachError: It cannot be held exactly.
    """
    if value is None:
        return None
    if isinstance(dtype, pl.List):
        return _list(value, dtype, loose=loose, where=where)
    if isinstance(dtype, pl.Struct):
        return _struct(value, dtype, loose=loose, where=where)
    if isinstance(dtype, pl.String) and loose and not isinstance(value, str):
        return json_text(value)
    held = _scalar(value, dtype)
    if held is None:
        raise BreachError(value, described(dtype), where)
    return held


def _list(value: object, dtype: pl.List, *, loose: bool, where: str) -> list[Any]:
    inner = dtype.inner
    assert isinstance(inner, pl.DataType)  # noqa: S101 - polars gives instances for instances
    if not isinstance(value, list):
        raise BreachError(value, "a list", where)
    return [value_of(one, inner, loose=loose, where=f"{where}[{n}]") for n, one in enumerate(value)]


def _struct(value: object, dtype: pl.Struct, *, loose: bool, where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise BreachError(value, "an object", where)
    out = {}
    for field in dtype.fields:
        inner = field.dtype
        assert isinstance(inner, pl.DataType)  # noqa: S101 - polars gives instances for instances
        out[field.name] = value_of(value.get(field.name), inner, loose=loose, where=f"{where}.{field.name}")
    return out


def _scalar(value: object, dtype: pl.DataType) -> Any:
    """The value as the type holds it; None if it does not."""
    if isinstance(dtype, pl.String | pl.Boolean):
        return value if isinstance(value, str if isinstance(dtype, pl.String) else bool) else None
    if dtype.is_temporal():
        return _time(value, dtype)
    if isinstance(dtype, pl.Decimal):
        return _decimal(value, dtype)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    if dtype.is_float():
        return _float(value, dtype)
    return value if isinstance(value, int) and _fits(value, dtype) else None


def _fits(value: int, dtype: pl.DataType) -> bool:
    low, high = (pl.select(end).item() for end in (dtype.min(), dtype.max()))  # type: ignore[attr-defined]
    return bool(low <= value <= high)


def _float(value: int | Decimal, dtype: pl.DataType) -> float | None:
    """The nearest float; None beyond the greatest one."""
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) and (isinstance(dtype, pl.Float64) or abs(number) < _FLOAT32_END) else None


_FLOAT32_END = 2.0**128 - 2.0**103
"""From here on numbers are nearer to infinity than to the greatest float of 32 bits."""


def _decimal(value: object, dtype: pl.Decimal) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return None
    number = Decimal(value)
    _, digits, exponent = number.normalize(_WIDE).as_tuple()
    scale, precision = dtype.scale, dtype.precision or 38
    if not isinstance(exponent, int) or -exponent > scale or len(digits) + exponent > precision - scale:
        return None
    return number


_WIDE = Context(prec=10_000)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
"""How texts spell decimals: exactly as Arrow's reader takes them, so that a value means the same in every page."""

_FINER = {digits: re.compile(rf"\.\d{{{digits}}}\d*[1-9]") for digits in (3, 6)}


def _time(value: object, dtype: pl.DataType) -> datetime | date | None:
    digits = 3 if isinstance(dtype, pl.Datetime) and dtype.time_unit == "ms" else 6
    if not isinstance(value, str) or _FINER[digits].search(value):
        return None
    try:
        if isinstance(dtype, pl.Date):
            return date.fromisoformat(value)
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def json_text(value: object) -> str:
    """The value as compact JSON, decimals as their digits."""
    if isinstance(value, Decimal):
        return str(value)
    return msgspec.json.encode(_plain(value)).decode()


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return msgspec.Raw(str(value).encode())
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return value


def described(dtype: pl.DataType) -> str:
    """What the values of a type are, in words."""
    if isinstance(dtype, pl.Decimal):
        whole = (dtype.precision or 38) - dtype.scale
        return f"a decimal of at most {whole} digits before and {dtype.scale} after the point"
    if isinstance(dtype, pl.Datetime):
        return f"a timestamp in {dtype.time_unit}{'' if dtype.time_zone else ' without a zone'}"
    return _NAMES.get(dtype.base_type(), str(dtype))


_NAMES: dict[Any, str] = {
    pl.String: "text",
    pl.Boolean: "a boolean",
    pl.Int64: "a 64-bit integer",
    pl.UInt64: "an unsigned 64-bit integer",
    pl.Float64: "a number that 64 bits hold",
    pl.Float32: "a number that 32 bits hold",
    pl.Date: "a date",
}
