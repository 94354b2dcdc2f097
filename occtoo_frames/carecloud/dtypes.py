"""What a caller says about the dtypes of fields: takes a schema as it was given, gives dtypes that values can be of."""

from collections.abc import Mapping
from typing import TypeAlias

import polars as pl

from occtoo_frames._frames.dtypes import instance
from occtoo_frames.exceptions import ConfigurationError

Dtype: TypeAlias = pl.DataType | type[pl.DataType]
Dtypes: TypeAlias = Mapping[str, Dtype]


def dtypes_of(schema: object) -> dict[str, pl.DataType]:
    """The dtype of each field that ``schema`` names.

    Raises:
        ConfigurationError: It is no mapping, or holds what is no dtype, or one that no text is of.
    """
    if schema is None:
        return {}
    if not isinstance(schema, Mapping) or not all(isinstance(name, str) for name in schema):
        raise _wrong(schema)
    return {name: _said(dtype, schema) for name, dtype in schema.items()}


def _said(dtype: object, schema: object) -> pl.DataType:
    if not isinstance(dtype, pl.DataType) and not (isinstance(dtype, type) and issubclass(dtype, pl.DataType)):
        raise _wrong(schema)
    if not _can_be_said(dtype):
        raise ConfigurationError(f"schema: no text says a value of {dtype}")
    try:
        return instance(dtype)
    except (TypeError, ValueError):
        raise _wrong(schema) from None


def _can_be_said(dtype: object) -> bool:
    if isinstance(dtype, pl.Struct):
        return all(_can_be_said(field.dtype) for field in dtype.fields)
    if isinstance(dtype, pl.List | pl.Array):
        return _can_be_said(dtype.inner)
    return dtype not in {pl.Object(), pl.Unknown()}


def _wrong(schema: object) -> ConfigurationError:
    return ConfigurationError(f"schema must say polars dtypes of fields, such as {{'born': pl.Date}}, got {schema!r}")
