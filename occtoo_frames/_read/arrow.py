"""Whole answers to Arrow columns, several at once, by Arrow's JSON reader: strict, exact and never taken apart.

Takes the bodies of pages and the types; gives a record batch of all their results, or refuses. To the reader an answer
is one object on one line, whose ``results`` are one value: a list of structs. So nothing is cut out of a body and laid
down again; the list's values, without the list around them, are the columns. Several answers are as many lines, read in
one go: what a call costs however little it reads is spent once for all of them.

The schema is said beforehand: the reader never guesses, never rounds an integer or a decimal, and refuses what does not
fit, without saying where. Finding that is left to those who look at values.
"""

from collections.abc import Sequence

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from occtoo_frames._read.temporal import on_calendar

RESULTS = "results"


def to_arrow(bodies: Sequence[bytes], fields: Sequence[pa.Field], count: int) -> pa.RecordBatch:
    """The ``count`` results in ``bodies``, each a JSON object on one line, in their order.

    Raises:
        pa.ArrowException: A result is no object, or a value does not fit its type.
    """
    text = bodies[0] if len(bodies) == 1 else b"\n".join(bodies)
    schema = pa.schema([(RESULTS, pa.list_(pa.struct(fields)))])
    table = pj.read_json(
        pa.BufferReader(text),
        read_options=pj.ReadOptions(block_size=len(text) + 1, use_threads=False),
        parse_options=pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
    )
    results = table[RESULTS].chunk(0).flatten()  # one block is one chunk
    if len(results) != count or results.null_count:
        raise pa.ArrowInvalid("a result is no JSON object")
    for position, field in enumerate(fields):
        if _is_held_loosely(field.type):
            _must_be_held(results.field(position))
    return pa.RecordBatch.from_struct_array(results)


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


def _is_held_loosely(kind: pa.DataType) -> bool:
    """True if the reader takes values of this type, or in it, that cannot be held: decimals and moments."""
    if pa.types.is_list(kind):
        return _is_held_loosely(kind.value_type)
    if pa.types.is_struct(kind):
        return any(_is_held_loosely(kind.field(position).type) for position in range(kind.num_fields))
    return bool(pa.types.is_decimal(kind) or pa.types.is_timestamp(kind))


def _must_be_held(column: pa.Array) -> None:
    """Arrow's reader checks a decimal's scale but not its precision, and reads years that no calendar has: do it here.

    Raises:
        pa.ArrowInvalid: A decimal has more digits before the point than its type, a moment is beyond any calendar.
    """
    kind = column.type
    if pa.types.is_list(kind):
        _must_be_held(pc.list_flatten(column))
    elif pa.types.is_struct(kind):
        for position in range(kind.num_fields):
            _must_be_held(pc.struct_field(column, [position]))
    elif pa.types.is_timestamp(kind):
        on_calendar(column)
    elif pa.types.is_decimal(kind):
        ends = pc.min_max(column).as_py()
        limit = 10 ** (kind.precision - kind.scale)
        if ends["min"] is not None and (ends["min"] <= -limit or ends["max"] >= limit):
            raise pa.ArrowInvalid("a decimal has too many digits")
