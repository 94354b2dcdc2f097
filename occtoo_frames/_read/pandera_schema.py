"""An endpoint's results as a pandera schema: an object to validate with, and Python source to save.

Takes an endpoint and a backend; ids are unique and never null, everything else may be missing. Whatever names a
document has, they stand in the source as literals only.
"""

from importlib import import_module
from typing import Any, Literal, TypeAlias

import polars as pl
import pyarrow as pa

from occtoo_frames._frames.exit import to_kind
from occtoo_frames._read.document import Endpoint
from occtoo_frames.exceptions import ConfigurationError
from occtoo_frames.protocol.destination import ID

Backend: TypeAlias = Literal["pandas", "polars"]

_HEADS = {
    "pandas": "import pandas as pd\nimport pandera.pandas as pa\nimport pyarrow",
    "polars": "import pandera.polars as pa\nimport polars as pl",
}


def to_source(endpoint: Endpoint, backend: Backend) -> str:
    """A Python module that defines ``schema``, for frames of this backend.

    Raises:
        ConfigurationError: There is no such backend.
    """
    _must_be_backend(backend)
    types = _pandas_types(endpoint) if backend == "pandas" else _polars_types(endpoint)
    columns = "".join(
        f"        {name!r}: pa.Column({said}, {'unique=True' if name == ID else 'nullable=True'}),\n"
        for name, said in types.items()
    )
    return (
        f'"""What an endpoint holds, as its OpenAPI document says."""\n\n{_HEADS[backend]}\n\n'
        f"schema = pa.DataFrameSchema(\n    {{\n{columns}    }},\n    strict=True,\n)\n"
    )


def to_schema(endpoint: Endpoint, backend: Backend) -> Any:
    """The ``DataFrameSchema`` that the source defines.

    Raises:
        ConfigurationError: There is no such backend.
    """
    _must_be_backend(backend)
    empty = to_kind(endpoint.schema.to_frame(), backend)
    pandera = import_module(f"pandera.{backend}")
    columns = {
        name: pandera.Column(dtype, unique=name == ID, nullable=name != ID)
        for name, dtype in zip(empty.columns, empty.dtypes, strict=True)
    }
    return pandera.DataFrameSchema(columns, strict=True)


def _must_be_backend(backend: str) -> None:
    if backend not in _HEADS:
        raise ConfigurationError(f"backend {backend!r} is neither 'pandas' nor 'polars'")


def _polars_types(endpoint: Endpoint) -> dict[str, str]:
    return {one.id: polars_code(one.dtype) for one in endpoint.properties}


def polars_code(dtype: Any) -> str:
    """The type as Python writes it."""
    if isinstance(dtype, pl.List):
        return f"pl.List({polars_code(dtype.inner)})"
    if isinstance(dtype, pl.Struct):
        return f"pl.Struct({{{', '.join(f'{field.name!r}: {polars_code(field.dtype)}' for field in dtype.fields)}}})"
    if isinstance(dtype, pl.Datetime):
        return f"pl.Datetime({dtype.time_unit!r}, {dtype.time_zone!r})"
    if isinstance(dtype, pl.Decimal):
        return f"pl.Decimal({dtype.precision}, {dtype.scale})"
    return f"pl.{dtype}()"


def _pandas_types(endpoint: Endpoint) -> dict[str, str]:
    """The dtypes that a read gives in pandas."""
    empty = to_kind(endpoint.schema.to_frame(), "pandas")
    return {
        name: f"pd.ArrowDtype({_arrow_code(dtype.pyarrow_dtype)})"
        if hasattr(dtype, "pyarrow_dtype")
        else repr(str(dtype))
        for name, dtype in empty.dtypes.items()
    }


def _arrow_code(dtype: pa.DataType) -> str:
    """The Arrow type as Python writes it."""
    if pa.types.is_large_list(dtype):
        return f"pyarrow.large_list({_arrow_code(dtype.value_type)})"
    if pa.types.is_struct(dtype):
        return f"pyarrow.struct([{', '.join(f'({field.name!r}, {_arrow_code(field.type)})' for field in dtype)}])"
    if pa.types.is_timestamp(dtype):
        return f"pyarrow.timestamp({dtype.unit!r}, {dtype.tz!r})"
    if pa.types.is_decimal(dtype):
        return f"pyarrow.decimal128({dtype.precision}, {dtype.scale})"
    return f"pyarrow.{_PLAIN.get(str(dtype), str(dtype))}()"


_PLAIN = {"bool": "bool_", "double": "float64", "float": "float32", "date32[day]": "date32"}
