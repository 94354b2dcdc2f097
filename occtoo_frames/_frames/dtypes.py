"""Dtypes of polars, which may be said by an instance or by their class."""

from typing import Any

import polars as pl


def instance(dtype: Any) -> pl.DataType:
    """The dtype, where its class may stand for it."""
    return pl.DataFrame(schema={"x": dtype}).schema["x"]
