"""Which polars type a property has, given what an OpenAPI document says of it.

===========================  ==========================================================================
schema                       polars
===========================  ==========================================================================
string                       String
string, date-time            Datetime("us", "UTC"); text without an offset is taken as UTC
string, date                 Date
boolean                      Boolean
integer                      Int64 (format uint64: UInt64)
number, float or double      Float64
number                       Decimal(38, 18): exact, never through a float
array                        List of what its items are
object with properties       Struct of them
===========================  ==========================================================================

Anything that the document leaves open (no type, several types, free-form objects, a relation that leads back to
itself) is *loose*: text stays text, everything else is kept as its JSON text, exactly as the server wrote it.
"""

from dataclasses import dataclass

import polars as pl

from occtoo_frames._read.references import ANYTHING, References, Schema, members, types_of

DECIMAL = pl.Decimal(38, 18)
"""Exact numbers: 20 digits before the point and 18 after it."""

TIMESTAMP = pl.Datetime("us", "UTC")

_MAX_DEPTH = 16


@dataclass(frozen=True, slots=True)
class Typed:
    """A polars type, and whether something in it is loose."""

    dtype: pl.DataType
    loose: bool = False


LOOSE = Typed(pl.String(), loose=True)


def typed(references: References, schema: object, path: tuple[str, ...] = ()) -> Typed:
    """The type of what ``schema`` describes; ``path`` are the references that led here."""
    flat, followed = references.resolve(schema)
    if len(path) > _MAX_DEPTH or set(followed) & set(path):
        return LOOSE
    return _of_flat(references, flat, (*path, *followed))


def _of_flat(references: References, flat: Schema, path: tuple[str, ...]) -> Typed:
    if "alternatives" in flat:
        return _of_alternatives(references, flat, path)
    named = types_of(flat)
    if len(named) > 1:
        return Typed(DECIMAL) if set(named) == {"integer", "number"} else LOOSE
    kind = named[0] if named else _implied(flat)
    if kind == "array":
        inner = typed(references, flat.get("items", ANYTHING), path)
        return Typed(pl.List(inner.dtype), inner.loose)
    if kind == "object":
        return _of_object(references, flat, path)
    return _of_scalar(kind, flat.get("format"))


def _of_alternatives(references: References, flat: Schema, path: tuple[str, ...]) -> Typed:
    """Of several alternatives: the type, if they all have the same one."""
    alternatives = flat["alternatives"]
    if not isinstance(alternatives, list):
        return LOOSE
    found = [typed(references, choice, path) for choice in alternatives]
    return found[0] if all(one == found[0] for one in found) else LOOSE


def _of_object(references: References, flat: Schema, path: tuple[str, ...]) -> Typed:
    inner = {name: typed(references, part, path) for name, part in members(flat.get("properties")).items()}
    if not inner:
        return LOOSE
    fields = [pl.Field(name, part.dtype) for name, part in inner.items()]
    return Typed(pl.Struct(fields), any(part.loose for part in inner.values()))


def _of_scalar(kind: str | None, form: object) -> Typed:
    if kind == "string":
        return Typed({"date-time": TIMESTAMP, "date": pl.Date()}.get(str(form), pl.String()))
    if kind == "integer":
        return Typed(pl.UInt64() if form == "uint64" else pl.Int64())
    if kind == "number":
        return Typed(pl.Float64() if form in {"float", "double"} else DECIMAL)
    if kind == "boolean":
        return Typed(pl.Boolean())
    return LOOSE


def _implied(flat: Schema) -> str | None:
    """The type of a schema that names none but has members which only one type has."""
    if "properties" in flat:
        return "object"
    if "items" in flat:
        return "array"
    values = flat.get("enum")
    if isinstance(values, list) and values and all(isinstance(value, str) for value in values):
        return "string"
    return None
