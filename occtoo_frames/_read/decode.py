"""Pages' JSON to a polars frame of the known schema: exact, strict, and without a Python loop over values.

Takes opened pages and the properties; gives a frame whose schema never depends on the data. All the pages go through
Arrow's JSON reader at once. What it refuses is read again page by page, and the page it refuses value by value, which
either reads it exactly or names the property and the value that break the schema.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from decimal import Decimal
from math import inf
from typing import Any

import msgspec
import polars as pl
import pyarrow as pa

from occtoo_frames._read.arrow import arrow_type, to_arrow
from occtoo_frames._read.document import Property
from occtoo_frames._read.page import Page, broken
from occtoo_frames._read.temporal import cast_times, to_temporal
from occtoo_frames._read.values import EXACT, BreachError, described, value_of
from occtoo_frames.exceptions import ProtocolError
from occtoo_frames.protocol.destination import ID

_NULL = msgspec.Raw(b"null")


class Decoder:
    """Decodes pages of one read, from any number of threads."""

    def __init__(self, properties: Sequence[Property]) -> None:
        self.properties = tuple(properties)
        self.schema = pl.Schema({one.id: one.dtype for one in properties})
        self._names = list(self.schema)
        strict = [one for one in properties if not one.loose]
        self._strict_names = [one.id for one in strict]
        self._floats = [one.id for one in strict if _holds_floats(one.dtype)]
        self._arrow = [pa.field(one.id, arrow_type(_physical(one.dtype))) for one in strict]
        self._times = {one.id: one.dtype for one in strict if isinstance(one.dtype, pl.Datetime)}
        self._loose = [one for one in properties if one.loose]
        fields = [(f"f{n}", msgspec.Raw, _NULL) for n in range(len(self._loose))]
        names = {f"f{n}": one.id for n, one in enumerate(self._loose)}
        loose = msgspec.defstruct("Loose", fields, rename=names, gc=False)
        page = msgspec.defstruct("LoosePage", [("results", list[loose])])  # type: ignore[valid-type]
        self._raw: msgspec.json.Decoder[Any] = msgspec.json.Decoder(page)

    def decode(self, *pages: Page) -> pl.DataFrame:
        """The results of all the pages as one frame, in their order.

        Raises:
            ProtocolError: A result is no object, or a value does not fit its type; it names page, entry, property
                and value.
        """
        filled = [page for page in pages if len(page)]
        if not filled:
            return self.schema.to_frame()
        if len(filled) > 1:
            with suppress(pa.ArrowException, ProtocolError):
                return self._finish(filled, self._strict(filled))
        return pl.concat([self._one(page) for page in filled]) if len(filled) > 1 else self._one(filled[0])

    def _one(self, page: Page) -> pl.DataFrame:
        """The page's results, value by value if need be."""
        try:
            columns = self._strict([page])
        except pa.ArrowException as error:
            columns = self._slow(page, self.properties, str(error))
        return self._finish([page], columns)

    def _strict(self, pages: Sequence[Page]) -> dict[str, pl.Series]:
        """The properties that are not loose."""
        batch = to_arrow([page.body for page in pages], self._arrow, sum(map(len, pages)))
        frame = pl.DataFrame(cast_times(batch, self._times))
        columns = dict(zip(self._strict_names, frame.get_columns(), strict=True))
        if any(_holds_infinity(columns[name]) for name in self._floats):
            raise pa.ArrowInvalid("a number is beyond any float")  # the reader takes it as infinite
        return columns

    def _finish(self, pages: Sequence[Page], columns: dict[str, pl.Series]) -> pl.DataFrame:
        """All the properties, as the types they have."""
        columns = columns | self._open(pages)
        frame = pl.DataFrame([self._as_typed(pages, one, columns[one.id]) for one in self.properties])
        frame.columns = self._names  # a series without a name gets one of polars' own
        return frame

    def _open(self, pages: Sequence[Page]) -> dict[str, pl.Series]:
        """The loose properties; plain ones as their JSON text, nested ones value by value."""
        if not self._loose:
            return {}
        rows = [row for page in pages for row in self._raw.decode(page.body).results]
        out = {}
        for n, one in enumerate(self._loose):
            if isinstance(one.dtype, pl.String):
                out[one.id] = _loose_text(one.id, [getattr(row, f"f{n}") for row in rows])
            else:
                out[one.id] = pl.concat([self._slow(page, [one], "")[one.id] for page in pages])
        return out

    def _slow(self, page: Page, properties: Iterable[Property], words: str) -> dict[str, pl.Series]:
        """The properties value by value.

        Raises:
            ProtocolError: A result is no object, or a value breaks the schema.
        """
        try:
            rows = [EXACT.decode(row) for row in page.rows]
            if not all(isinstance(row, dict) for row in rows):
                raise broken(page.number, "a result is no JSON object")
            return {one.id: _column(page, one, rows) for one in properties}
        except (pl.exceptions.PolarsError, msgspec.DecodeError, ValueError, OverflowError, TypeError) as error:
            raise broken(page.number, words or str(error)) from None

    def _as_typed(self, pages: Sequence[Page], one: Property, column: pl.Series) -> pl.Series:
        if column.dtype == one.dtype:
            return column
        try:
            return to_temporal(column, one.dtype)
        except BreachError as breach:
            page, row = [(page, row) for page in pages for row in page.rows][column.to_list().index(breach.value)]
            raise _named(page, one, breach, EXACT.decode(row).get(ID)) from None


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
            breach.expected = breach.expected if dtype == one.dtype else described(one.dtype)
            raise _named(page, one, breach, row.get(ID)) from None
    return pl.Series(one.id, values, dtype=dtype)


def _named(page: Page, one: Property, breach: BreachError, key: object) -> ProtocolError:
    """The error that names the value that breaks the schema."""
    entry = "" if key is None else f" of entry {key!r}"
    way_out = "" if one.id == ID else f"; types={{{one.id!r}: polars.String}} reads it as text"
    return broken(
        page.number,
        f"property {one.id + breach.where!r}{entry} holds {_shown(breach.value)}, "
        f"and its type is {breach.expected}{way_out}",
    )


def _shown(value: object) -> str:
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


_SHOWN = 120


def _physical(dtype: pl.DataType) -> pl.DataType:
    """The type a property is decoded to first: times by way of text, since servers spell them in many ways."""
    return pl.String() if dtype.is_temporal() else dtype


def _holds_floats(dtype: Any) -> bool:
    if isinstance(dtype, pl.Struct):
        return any(map(_holds_floats, dtype.to_schema().values()))
    return _holds_floats(dtype.inner) if isinstance(dtype, pl.List) else bool(dtype.is_float())


def _holds_infinity(column: pl.Series) -> bool:
    """True if a float in the column, however deep it stands, is infinite, which none is in JSON."""
    if isinstance(column.dtype, pl.List):
        return _holds_infinity(column.explode())
    if isinstance(column.dtype, pl.Struct):
        return any(map(_holds_infinity, column.struct.unnest()))
    return column.dtype.is_float() and (column.max() == inf or column.min() == -inf)


def _loose_text(name: str, values: list[msgspec.Raw]) -> pl.Series:
    """JSON texts as they are, null as null, strings as their text."""
    raw = pl.Series(name, [bytes(value) for value in values], dtype=pl.Binary).cast(pl.String)
    raw = raw.set(raw == "null", None)
    is_text = raw.str.starts_with('"').fill_null(value=False)
    if not is_text.any():
        return raw
    texts = msgspec.json.decode(b"[" + ",".join(raw.filter(is_text)).encode() + b"]", type=list[str])
    return raw.scatter(is_text.arg_true(), texts)
