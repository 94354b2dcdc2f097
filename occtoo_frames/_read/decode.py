"""A page's JSON to a polars frame of the known schema: exact, strict, and without a Python loop over values.

Takes an opened page and the properties; gives a frame whose schema never depends on the data. Each page goes through
Arrow's JSON reader with the schema said beforehand: it never guesses, never rounds an integer or a decimal, and
refuses what does not fit. What it refuses is looked at again value by value, which either reads it exactly or names
the property and the value that break the schema.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from occtoo_frames._read.document import Property
from occtoo_frames._read.page import Page, are_objects, broken
from occtoo_frames._read.temporal import to_temporal
from occtoo_frames._read.values import EXACT, BreachError, value_of
from occtoo_frames.exceptions import ProtocolError
from occtoo_frames.protocol.destination import ID

_NULL = msgspec.Raw(b"null")


class Decoder:
    """Decodes pages of one read."""

    def __init__(self, properties: Sequence[Property]) -> None:
        self.properties = tuple(properties)
        self.schema = pl.Schema({one.id: one.dtype for one in properties})
        strict = [one for one in properties if not one.loose]
        self._arrow = pa.schema([(one.id, arrow_type(_physical(one.dtype))) for one in strict])
        self._loose = [one for one in properties if one.loose]
        fields = [(f"f{n}", msgspec.Raw, _NULL) for n in range(len(self._loose))]
        names = {f"f{n}": one.id for n, one in enumerate(self._loose)}
        self._raw = msgspec.json.Decoder(list[msgspec.defstruct("Loose", fields, rename=names, gc=False)])  # type: ignore[misc]

    def decode(self, page: Page) -> pl.DataFrame:
        """The page's results as a frame.

        Raises:
            ProtocolError: A result is no object, or a value does not fit its type; it names page, entry, property
                and value.
        """
        if not len(page):
            return self.schema.to_frame()
        if not are_objects(page):
            raise broken(page.number, "a result is no JSON object")
        try:
            columns = self._strict(page)
        except pa.ArrowException as error:
            columns = self._slow(page, self.properties, str(error))
        columns |= self._open(page)
        return pl.DataFrame([self._finish(page, one, columns[one.id]) for one in self.properties])

    def _strict(self, page: Page) -> dict[str, pl.Series]:
        table = pj.read_json(
            pa.BufferReader(page.lines),
            read_options=pj.ReadOptions(block_size=len(page.lines) + 1, use_threads=False),
            parse_options=pj.ParseOptions(explicit_schema=self._arrow, unexpected_field_behavior="ignore"),
        )
        for column in table.columns:
            _refuse_wide_decimals(column)
        frame = pl.DataFrame(table)
        return {name: frame[name] for name in frame.columns}

    def _open(self, page: Page) -> dict[str, pl.Series]:
        """The loose properties; plain ones as their JSON text, nested ones value by value."""
        if not self._loose:
            return {}
        rows = self._raw.decode(b"[" + page.lines.replace(b"\n", b",") + b"]")
        out = {}
        for n, one in enumerate(self._loose):
            if isinstance(one.dtype, pl.String):
                out[one.id] = _loose_text(one.id, [getattr(row, f"f{n}") for row in rows])
            else:
                out |= self._slow(page, [one], "")
        return out

    def _slow(self, page: Page, properties: Iterable[Property], words: str) -> dict[str, pl.Series]:
        """The properties value by value.

        Raises:
            ProtocolError: A value breaks the schema.
        """
        try:
            rows = [EXACT.decode(row) for row in page.rows]
            return {one.id: _column(page, one, rows) for one in properties}
        except (pl.exceptions.PolarsError, msgspec.DecodeError, ValueError, OverflowError, TypeError) as error:
            raise broken(page.number, words or str(error)) from None

    def _finish(self, page: Page, one: Property, column: pl.Series) -> pl.Series:
        if column.dtype == one.dtype:
            return column
        try:
            return to_temporal(column, one.dtype)
        except BreachError as breach:
            raise _named(page, one, breach, None) from None


def _column(page: Page, one: Property, rows: list[dict[str, object]]) -> pl.Series:
    """One property of all rows, value by value.

    Raises:
        ProtocolError: A value breaks the schema.
    """
    dtype = _physical(one.dtype)
    values = []
    for row in rows:
        try:
            values.append(value_of(row.get(one.id), dtype, loose=one.loose))
        except BreachError as breach:
            raise _named(page, one, breach, row.get(ID)) from None
    return pl.Series(one.id, values, dtype=dtype)


def _named(page: Page, one: Property, breach: BreachError, key: object) -> ProtocolError:
    """The error that names the value that breaks the schema."""
    entry = "" if key is None else f" of entry {key!r}"
    return broken(
        page.number,
        f"property {one.id + breach.where!r}{entry} holds {_shown(breach.value)}, and its type is {breach.expected}; "
        f"types={{{one.id!r}: polars.String}} reads it as text",
    )


def _shown(value: object) -> str:
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


_SHOWN = 120


def _physical(dtype: pl.DataType) -> pl.DataType:
    """The type a property is decoded to first: times by way of text, since servers spell them in many ways."""
    return pl.String() if dtype.is_temporal() else dtype


def arrow_type(dtype: pl.DataType) -> pa.DataType:
    """The Arrow type that the JSON reader fills for ``dtype``."""
    if isinstance(dtype, pl.List):
        return pa.list_(arrow_type(_instance(dtype.inner)))
    if isinstance(dtype, pl.Struct):
        return pa.struct([(field.name, arrow_type(_instance(field.dtype))) for field in dtype.fields])
    if isinstance(dtype, pl.String):
        return pa.string()
    return pl.Series([], dtype=dtype).to_arrow().type


def _instance(dtype: object) -> pl.DataType:
    return dtype if isinstance(dtype, pl.DataType) else dtype()  # type: ignore[operator]


def _refuse_wide_decimals(column: pa.ChunkedArray | pa.Array) -> None:
    """Arrow's reader checks a decimal's scale but not its precision: do it here.

    Raises:
        pa.ArrowInvalid: A decimal has more digits before the point than its type.
    """
    kind = column.type
    if pa.types.is_list(kind):
        _refuse_wide_decimals(pc.list_flatten(column))
    elif pa.types.is_struct(kind):
        for position in range(kind.num_fields):
            _refuse_wide_decimals(pc.struct_field(column, [position]))
    elif pa.types.is_decimal(kind):
        ends = pc.min_max(column).as_py()
        limit = 10 ** (kind.precision - kind.scale)
        if ends["min"] is not None and (ends["min"] <= -limit or ends["max"] >= limit):
            raise pa.ArrowInvalid("a decimal has too many digits")


def _loose_text(name: str, values: list[msgspec.Raw]) -> pl.Series:
    """JSON texts as they are, null as null, strings as their text."""
    raw = pl.Series(name, [bytes(value) for value in values], dtype=pl.Binary).cast(pl.String)
    raw = raw.set(raw == "null", None)
    is_text = raw.str.starts_with('"').fill_null(value=False)
    if not is_text.any():
        return raw
    texts = msgspec.json.decode(b"[" + ",".join(raw.filter(is_text)).encode() + b"]", type=list[str])
    return raw.scatter(is_text.arg_true(), texts)
