"""``of.carecloud.query``: records of an entity as a frame, to see what an import left.

What the portal's query takes and gives is undocumented: ``Filter`` with values, ``$in`` and comparisons, ``Sort``,
``Skip`` and ``Take`` going in, ``Items`` and ``Count`` coming out are ours, in this file and in
``protocol.carecloud``, and not verified against the live service.
"""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import polars as pl
import pyarrow as pa

from occtoo_frames._frames.exit import must_be_kind, to_kind
from occtoo_frames._session.connection import Connection, current_connection
from occtoo_frames.carecloud.cells import parsed
from occtoo_frames.carecloud.conversation import query_steps
from occtoo_frames.carecloud.driver import Driver
from occtoo_frames.carecloud.layout import entity_of
from occtoo_frames.carecloud.reading import Dtypes
from occtoo_frames.exceptions import ConfigurationError, ProtocolError
from occtoo_frames.protocol.carecloud import KEY
from occtoo_frames.protocol.cc5 import DATE, MOMENT
from occtoo_frames.protocol.fold import fold
from occtoo_frames.typing import Between, FrameKind, Where

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


def query(
    entity: str,
    where: Where = None,
    *,
    sort: Sequence[str] | None = None,
    limit: int | None = None,
    schema: Dtypes | None = None,
    page_size: int = 1_000,
    frame: FrameKind = "pandas",
    connection: Connection | None = None,
) -> Any:
    """The records of an entity as a frame, a column for each field that one of them has.

    Types are those of the JSON that comes: dates come as the texts ``yyyyMMdd`` or ``yyyyMMddHHmmss`` unless
    ``schema`` calls them dates.

    Args:
        entity: The entity; see ``write_sync_file``.
        where: ``{"city": ["Oslo", "Bergen"], "born": of.between(date(1990, 1, 1), None), "name": "x"}``.
        sort: Fields to sort by, ``-`` before one for descending; by key otherwise.
        limit: The most records.
        schema: polars dtypes of some fields.
        page_size: How many records are asked for at a time.
        frame: ``"pandas"``, ``"polars"`` or ``"pyarrow"``.
        connection: Whose credentials; the default connection if left out.

    Raises:
        OcctooError: The portal refused.
    """
    entity_of(entity)
    must_be_kind(frame)
    if page_size < 1 or (limit is not None and limit < 0):
        raise ConfigurationError("page_size is at least 1 and limit at least 0")
    driver = Driver(current_connection(connection))
    order = {name.removeprefix("-"): -1 if name.startswith("-") else 1 for name in sort or [KEY]}
    asked = {"Filter": {name: _wanted(value) for name, value in (where or {}).items()}, "Sort": order}
    bodies = driver.drive(query_steps(driver.base, entity, asked, limit, page_size))
    try:
        records = [record for body in bodies for record in _records(body)]
        return to_kind(_frame(records, schema or {}), frame)
    except (msgspec.MsgspecError, pl.exceptions.PolarsError, pa.ArrowException) as error:
        raise ProtocolError(f"the records of {entity} cannot be read: {type(error).__name__}", status=200) from None


def _wanted(value: object) -> object:
    if isinstance(value, Between):
        ends = {"$gte": value.low, "$lte": value.high}
        return {operator: _scalar(end) for operator, end in ends.items() if end is not None}
    if isinstance(value, Mapping):
        return {operator: _wanted(inner) for operator, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return {"$in": [_scalar(each) for each in value]}
    return _scalar(value)


def _scalar(value: object) -> object:
    if isinstance(value, datetime):
        return value.strftime(MOMENT)
    if isinstance(value, date):
        return value.strftime(DATE)
    return float(value) if isinstance(value, Decimal) else value


def _records(body: bytes) -> list[msgspec.Raw]:
    data = fold(_MEMBERS.decode(body))["data"]
    assert isinstance(data, msgspec.Raw)  # noqa: S101 - as decoded
    if bytes(data).lstrip().startswith(b"["):
        return _ITEMS.decode(data)
    items = fold(_MEMBERS.decode(data))["items"]
    assert isinstance(items, msgspec.Raw)  # noqa: S101 - same
    return _ITEMS.decode(items)


def _frame(records: list[msgspec.Raw], schema: Dtypes) -> pl.DataFrame:
    if not records:
        return pl.DataFrame(schema={KEY: pl.String(), **schema})
    lines = b"\n".join(bytes(record).replace(b"\n", b" ") for record in records)
    found = pl.read_ndjson(io.BytesIO(lines), infer_schema_length=None)
    exact = {name: dtype for name, dtype in schema.items() if isinstance(dtype, pl.Decimal)}
    columns = [_typed(column, schema.get(column.name)) for column in found.iter_columns() if column.name not in exact]
    return pl.DataFrame([*columns, *_decimals(lines, exact)]).select(found.columns)


def _typed(column: pl.Series, dtype: pl.DataType | type[pl.DataType] | None) -> pl.Series:
    if dtype is None:
        plainer = {pl.Null: pl.String(), pl.Int128: pl.Decimal(38, 0)}.get(type(column.dtype))
        return column if plainer is None else column.cast(plainer)
    if column.dtype == pl.String:
        return parsed(column, "string", dtype)
    return column.cast(dtype)


def _decimals(lines: bytes, dtypes: Mapping[str, pl.Decimal]) -> list[pl.Series]:
    """The numbers of some fields, every digit of them."""
    if not dtypes:
        return []
    from pyarrow import json as arrow_json

    fields = [pa.field(name, pa.decimal128(dtype.precision or 38, dtype.scale)) for name, dtype in dtypes.items()]
    options = arrow_json.ParseOptions(explicit_schema=pa.schema(fields), unexpected_field_behavior="ignore")
    table = pl.DataFrame(arrow_json.read_json(io.BytesIO(lines), parse_options=options))
    return [table[name].cast(dtype) for name, dtype in dtypes.items()]
