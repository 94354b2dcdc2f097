"""``of.carecloud.query``: records of an entity as a frame, to see what an import left.

What the portal's query takes and gives is undocumented: ``Filter`` with values, ``$in`` and comparisons, ``Sort``,
``Skip`` and ``Take`` going in, ``Items`` and ``Count`` coming out are ours, in this file and in
``protocol.carecloud``, and not verified against the live service.
"""

import io
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pyarrow as pa

from occtoo_frames._frames.exit import must_be_kind, to_kind
from occtoo_frames._given import is_list, to_count, to_texts
from occtoo_frames._session.connection import Connection, current_connection
from occtoo_frames.carecloud.cells import parsed
from occtoo_frames.carecloud.driver import Driver
from occtoo_frames.carecloud.dtypes import Dtypes, dtypes_of
from occtoo_frames.carecloud.layout import entity_of
from occtoo_frames.carecloud.nested import Told, from_json
from occtoo_frames.carecloud.paging import query_steps
from occtoo_frames.exceptions import ConfigurationError, ProtocolError
from occtoo_frames.protocol.carecloud import KEY
from occtoo_frames.protocol.cc5 import DATE, MOMENT
from occtoo_frames.protocol.fold import fold
from occtoo_frames.typing import Between, FrameKind, Texts, Where

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NULL = msgspec.Raw(b"null")
_NOTHING = b'""'
"""An empty text is how the portal's own files write a null."""

_MOST_PLACES = 400
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


def query(
    entity: str,
    where: Where = None,
    *,
    sort: str | Texts | None = None,
    limit: int | None = None,
    schema: Dtypes | None = None,
    page_size: int = 1_000,
    frame: FrameKind = "pandas",
    connection: Connection | None = None,
) -> Any:
    """The records of an entity as a frame, a column for each field that one of them has.

    Types are those of the JSON that comes: dates come as the texts ``yyyyMMdd`` or ``yyyyMMddHHmmss`` unless
    ``schema`` calls them dates. A field of numbers is of floats if floats hold every one exactly, else of
    decimals, and text where no decimal has room for all of them; lists and structs with a number that no dtype
    found for them holds come as their JSON. With ``schema`` a value comes whole or is an error, however deep.

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
        ConfigurationError: An option is wrong, or a value of ``where`` has no place in a filter.
        ProtocolError: The answers hold no records, one of them twice, or fewer than the portal counts; or ``schema``
            says a dtype that some values are not of.
    """
    entity_of(entity)
    must_be_kind(frame)
    limit = None if limit is None else to_count(limit, "limit", 0)
    page_size = to_count(page_size, "page_size", 1)
    dtypes = dtypes_of(schema)
    asked = {"Filter": _filter(where), "Sort": _order(sort)}
    driver = Driver(current_connection(connection))
    bodies = driver.drive(query_steps(driver.base, entity, asked, limit, page_size))
    try:
        records = [record for body in bodies for record in _records(body)][:limit]
        return to_kind(_frame(records, dtypes), frame)
    except (msgspec.MsgspecError, pl.exceptions.PolarsError, pa.ArrowException) as error:
        why = f"{type(error).__name__}; schema= says what a field is that holds values of several kinds"
        raise ProtocolError(f"the records of {entity} cannot be read: {why}", status=200) from None


def _order(sort: str | Texts | None) -> dict[str, int]:
    names = to_texts(sort, "sort") or (KEY,)
    return {name.removeprefix("-"): -1 if name.startswith("-") else 1 for name in names}


def _filter(where: Where) -> dict[str, object]:
    if where is not None and not isinstance(where, Mapping):
        raise ConfigurationError("where must say values of fields, such as {'city': ['Oslo', 'Bergen']}")
    return {name: _wanted(value, name) for name, value in (where or {}).items()}


def _wanted(value: object, name: str) -> object:
    if isinstance(value, Between):
        ends = {"$gte": value.low, "$lte": value.high}
        return {operator: _scalar(end, name) for operator, end in ends.items() if end is not None}
    if isinstance(value, Mapping):
        return {operator: _wanted(inner, name) for operator, inner in value.items()}
    if is_list(value):
        return {"$in": [_scalar(each, name) for each in value]}
    return _scalar(value, name)


def _scalar(value: object, name: str) -> object:
    """The value as JSON has it; no error shows it, for it may be somebody's."""
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, datetime):
        if plain.tzinfo is not None or plain.microsecond:
            raise ConfigurationError(f"where: {name!r} has a time with a zone or a fraction; the portal's have neither")
        return plain.strftime(MOMENT)
    if isinstance(plain, date):
        return plain.strftime(DATE)
    if plain is None or isinstance(plain, str | int) or (isinstance(plain, float | Decimal) and isfinite(plain)):
        return plain
    raise ConfigurationError(f"where: {name!r} has a {type(plain).__name__} that has no place in a filter")


def _records(body: bytes) -> list[msgspec.Raw]:
    data = fold(_MEMBERS.decode(body))["data"]
    assert isinstance(data, msgspec.Raw)  # noqa: S101 - as decoded
    if bytes(data).lstrip().startswith(b"["):
        return _ITEMS.decode(data)
    items = fold(_MEMBERS.decode(data))["items"]
    assert isinstance(items, msgspec.Raw)  # noqa: S101 - same
    return _ITEMS.decode(items)


def _frame(records: list[msgspec.Raw], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    if not records:
        return pl.DataFrame(schema={KEY: pl.String(), **schema})
    members = [_MEMBERS.decode(record) for record in records]
    usual = _found([{name: each[name] for name in each if name not in schema} for each in members])
    columns = []
    for name in dict.fromkeys(name for each in members for name in each):
        json = [each.get(name, _NULL) for each in members]
        column = _of_dtype(json, schema[name], name) if name in schema else _as_found(usual[name], json)
        columns.append(column.alias(name))
    return pl.DataFrame(columns)


def _found(members: list[dict[str, msgspec.Raw]]) -> pl.DataFrame:
    """The fields as the JSON reader finds them."""
    if not any(members):
        return pl.DataFrame()
    lines = b"\n".join(msgspec.json.encode(each).replace(b"\n", b" ") for each in members)
    return pl.read_ndjson(io.BytesIO(lines), infer_schema_length=None)


def _may_be_bent(column: pl.Series) -> bool:
    """Whether the JSON reader may have rounded numbers; integers that it found are exact."""
    return column.dtype.is_numeric() and column.dtype != pl.Int64


def _of_dtype(json: list[msgspec.Raw], dtype: pl.DataType, name: str) -> pl.Series:
    """The values, if they are all that was said."""
    said = json if isinstance(dtype, pl.String) else [_NULL if bytes(each) == _NOTHING else each for each in json]
    return _all_of_it(from_json(said, dtype), name)


def _as_found(column: pl.Series, json: list[msgspec.Raw]) -> pl.Series:
    """The values of the column, or more exact ones, where the JSON reader bent some."""
    if _may_be_bent(column):
        return _all_of_it(parsed(_numbers(json), "number"), column.name)
    if column.dtype == pl.String or column.dtype.is_nested():
        told = from_json(json, column.dtype)
        return (from_json(json, pl.String()) if told.lost.any() else told).values
    return column.cast(pl.String()) if column.dtype == pl.Null else column


def _numbers(json: list[msgspec.Raw]) -> pl.Series:
    """The numbers of a field as they came, every digit of them."""
    cells = (bytes(each).decode() for each in json)
    return pl.Series([None if cell == "null" else _written_out(cell) for cell in cells], dtype=pl.String)


def _written_out(number: str) -> str:
    """``number`` without its exponent, unless that is beyond what anybody could read."""
    exact = Decimal(number) if "e" in number.lower() else None
    return number if exact is None or abs(exact.adjusted()) > _MOST_PLACES else f"{exact:f}"


def _all_of_it(told: Told, name: str) -> pl.Series:
    """The values, if they are all that was said."""
    if told.lost.any():
        lost, dtype = int(told.lost.sum()), told.values.dtype
        raise ProtocolError(f"{lost:,} values of {name!r} are no {dtype}: mend schema", status=200)
    return told.values
