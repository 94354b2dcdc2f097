"""Cells of a sync file as values: takes texts and a field type, gives a Series; what cannot be read is null.

Without a dtype of the caller's, ``int`` is read as Int64 and ``number`` as Float64 as long as these hold every value
exactly, else as Decimal, else as text; ``date`` as Date if no value has a time, else as Datetime; ``array`` as a list
of text; ``list`` and ``object`` as their JSON. The empty text is null.
"""

from typing import TypeAlias

import polars as pl

from occtoo_frames._push.rendering import rendering_for
from occtoo_frames.carecloud.forms import dates, unescaped
from occtoo_frames.protocol import cc5
from occtoo_frames.protocol.cc5 import FieldType

Dtype: TypeAlias = pl.DataType | type[pl.DataType]
_MOST_DIGITS = 38
_EXACT_DIGITS = 15


def parsed(cells: pl.Series, kind: FieldType, dtype: Dtype | None = None) -> pl.Series:
    """The values that ``cells`` say, of ``dtype`` if it is given."""
    present = cells.replace("", None)
    if dtype is None:
        return _USUAL[kind](present)
    wanted = pl.DataFrame(schema={"wanted": dtype}).schema["wanted"]
    return _as(present, kind, wanted)


def _as(cells: pl.Series, kind: FieldType, dtype: pl.DataType) -> pl.Series:
    if kind in {"list", "object"} and dtype.is_nested():
        return _from_json(_json(cells), dtype)
    if isinstance(dtype, pl.List | pl.Array):
        inner = pl.DataFrame(schema={"inner": dtype.inner}).schema["inner"]
        return _array(cells).list.eval(_scalar_expression(inner)).cast(dtype)
    if isinstance(dtype, pl.Struct):
        return _from_json(_json(cells), dtype)
    return _scalar(unescaped(cells), dtype)


def _scalar(text: pl.Series, dtype: pl.DataType) -> pl.Series:
    if isinstance(dtype, pl.Boolean):
        return _bool(text)
    if isinstance(dtype, pl.Date | pl.Datetime):
        compact = (
            _moments(text).cast(dtype) if _zone(dtype) is None else pl.repeat(None, len(text), dtype=dtype, eager=True)
        )
        return compact.zip_with(compact.is_not_null(), _iso(text, dtype))
    if isinstance(dtype, pl.Time):
        return text.str.to_time("%H:%M:%S%.f", strict=False)
    if isinstance(dtype, pl.Enum):
        known = text.is_in(dtype.categories.implode())
        return text.set(~known.fill_null(value=True), None).cast(dtype)
    if isinstance(dtype, pl.Decimal):
        return _unrounded(text, dtype)
    return text.cast(dtype, strict=False)


def _unrounded(text: pl.Series, dtype: pl.Decimal) -> pl.Series:
    """Numbers that ``dtype`` holds with every digit; the engine would round the others."""
    values = text.cast(dtype, strict=False)
    same = _bare(values.cast(pl.String)) == _bare(text)
    powers = text.str.contains("[eE]") & (values.cast(pl.Float64) == text.cast(pl.Float64, strict=False))
    return values.set(~(same | powers).fill_null(value=True), None)


def _zone(dtype: pl.DataType) -> str | None:
    return dtype.time_zone if isinstance(dtype, pl.Datetime) else None


def _iso(text: pl.Series, dtype: pl.Date | pl.Datetime) -> pl.Series:
    """Dates and times as they stand in strings."""
    if isinstance(dtype, pl.Date):
        return text.str.to_date("%Y-%m-%d", strict=False)
    if dtype.time_zone is None:
        return text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit=dtype.time_unit, strict=False)
    moments = text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", time_unit=dtype.time_unit, strict=False)
    return moments.dt.convert_time_zone(dtype.time_zone)


def _scalar_expression(dtype: pl.DataType) -> pl.Expr:
    return pl.element().map_batches(lambda series: _scalar(series, dtype), return_dtype=dtype)


def _int(text: pl.Series) -> pl.Series:
    narrow = text.cast(pl.Int64, strict=False)
    if narrow.null_count() == text.null_count():
        return narrow
    whole = text.set(~text.str.contains(f"^(?:{cc5.INT})$").fill_null(value=False), None)
    if narrow.null_count() == whole.null_count():
        return narrow
    return _decimal(whole)


def _number(text: pl.Series) -> pl.Series:
    floats = text.cast(pl.Float64, strict=False)
    if floats.null_count() > text.null_count() or not (text.str.len_bytes() > _EXACT_DIGITS).any():
        return floats.set(~floats.is_finite().fill_null(value=True), None)
    rendering = rendering_for(pl.Float64(), ",")
    assert rendering is not None  # noqa: S101 - floats have one
    same = _bare(rendering.render(floats)) == _bare(text)
    plain = ~text.str.contains("[eE]")
    return floats if (same | ~plain).fill_null(value=True).all() else _decimal(text)


def _bare(text: pl.Series) -> pl.Series:
    """A number without its plus, and without zeros that say nothing."""
    trimmed = text.str.replace(r"^\+", "").str.replace(r"(\.\d*?)0+$", "$1").str.strip_suffix(".")
    whole = trimmed.str.replace(r"^(-?)0+(\d)", "$1$2").str.replace(r"^(-?)\.", "${1}0.")
    return whole.replace("-0", "0")


def _decimal(text: pl.Series) -> pl.Series:
    """Exact numbers: Decimal if 38 digits are enough for each and all, else their text."""
    scale = text.str.extract(r"\.(\d*)$").fill_null("").str.len_chars().max()
    exact = text.cast(pl.Decimal(_MOST_DIGITS, int(str(scale or 0))), strict=False)
    return exact if exact.null_count() == text.null_count() else text


def _bool(text: pl.Series) -> pl.Series:
    lower = text.str.to_lowercase()
    return (lower == "true").set(~lower.is_in(["true", "false"]).fill_null(value=True), None)


def _date(text: pl.Series) -> pl.Series:
    moments = _moments(text)
    days = not (text.str.len_bytes() > len("yyyyMMdd")).any()
    return moments.dt.date() if days else moments


def _moments(text: pl.Series) -> pl.Series:
    return dates(text.set(~text.str.contains(f"^(?:{cc5.DATED})$").fill_null(value=False), None))


def _array(cells: pl.Series) -> pl.Series:
    return unescaped(cells).str.split(cc5.ELEMENT_SEPARATOR)


def _json(cells: pl.Series) -> pl.Series:
    """JSON as others may have written it: a pipe or line break in a text, written with the file's own escapes."""
    if not cells.str.contains("#", literal=True).any():
        return cells
    piped = cells.str.replace_all(cc5.PIPE, cc5.SEPARATOR, literal=True)
    return piped.str.replace_all(cc5.BREAK, r"\n", literal=True)


def _from_json(text: pl.Series, dtype: pl.DataType) -> pl.Series:
    """The values that JSON says; what JSON holds as text is decoded as text and read from it."""
    told = _telling(dtype)
    decoded: pl.Series = text.str.json_decode(told) if len(text) else pl.Series([], dtype=told)
    return decoded.cast(dtype, strict=False) if decoded.dtype != dtype else decoded


def _telling(dtype: pl.DataType) -> pl.DataType:
    """``dtype`` with text in place of what JSON holds as text."""
    if isinstance(dtype, pl.Struct):
        fields = {field.name: _telling(pl.DataFrame(schema={"f": field.dtype}).schema["f"]) for field in dtype.fields}
        return pl.Struct(fields)
    if isinstance(dtype, pl.List | pl.Array):
        return pl.List(_telling(pl.DataFrame(schema={"inner": dtype.inner}).schema["inner"]))
    return dtype if dtype.is_float() or dtype.is_integer() or isinstance(dtype, pl.Boolean) else pl.String()


_USUAL = {
    "string": unescaped,
    "int": _int,
    "number": _number,
    "bool": _bool,
    "date": _date,
    "array": _array,
    "list": _json,
    "object": _json,
}
