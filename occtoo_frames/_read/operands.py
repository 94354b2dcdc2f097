"""A filter's values: as the property holds them, and as the platform's filters spell them."""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from occtoo_frames.exceptions import ConfigurationError


def typed_value(value: Any, dtype: Any, name: str) -> Any:
    """``value`` as the property holds it.

    Raises:
        ConfigurationError: It cannot be one of its values.
    """
    if value is None:
        return None
    if hasattr(value, "item") and not isinstance(value, datetime):
        value = value.item()
    try:
        typed = _convert(value, dtype)
    except (ValueError, InvalidOperation, TypeError):
        typed = None
    if typed is None:
        raise ConfigurationError(f"{value!r} cannot be a value of {name!r}, which is {dtype}")
    return typed


def _convert(value: Any, dtype: pl.DataType) -> Any:
    if isinstance(dtype, pl.String):
        return _as_text(value)
    if isinstance(dtype, pl.Boolean):
        return {"true": True, "false": False}.get(str(value).lower())
    if dtype.is_temporal():
        return _moment(value) if isinstance(dtype, pl.Datetime) else _day(value)
    return None if isinstance(value, bool) else _number(value, dtype)


def _number(value: Any, dtype: pl.DataType) -> int | float | Decimal | None:
    number = Decimal(str(value))
    if dtype.is_integer():
        return int(number) if number == number.to_integral_value() else None
    return float(number) if dtype.is_float() else number


def _as_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float | Decimal) else None


def _day(value: Any) -> date | None:
    day = date.fromisoformat(value) if isinstance(value, str) else value
    return day if isinstance(day, date) else None


def _moment(value: Any) -> datetime | None:
    """A moment; without a zone it is taken as UTC, as everywhere in reading."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        return None
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def to_wire(value: Any) -> str:
    """A value as filters spell it: text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, float | Decimal):
        return format(Decimal(repr(value)) if isinstance(value, float) else value, "f")
    return str(value)
