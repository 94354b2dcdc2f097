"""Cells of a sync file as values: takes texts and a field type, gives a Series, and which cells it does not hold.

Without a dtype of the caller's, ``int`` is read as Int64 and ``number`` as Float64 as long as these hold every value
exactly, else as Decimal, else as text; ``date`` as Date if no value has a time, else as Datetime; ``array`` as a list
of text; ``list`` and ``object`` as their JSON. The empty text is null. With one, cells are read by the rule of
``scalars``, and so is what lists and structs hold, however deep.
"""

import polars as pl

from occtoo_frames._push.rendering import rendering_for
from occtoo_frames.carecloud.forms import unescaped
from occtoo_frames.carecloud.moments import compact
from occtoo_frames.carecloud.nested import Told, from_elements, from_texts, said
from occtoo_frames.carecloud.scalars import bare, numerals, scalar
from occtoo_frames.protocol import cc5
from occtoo_frames.protocol.cc5 import FieldType

_MOST_DIGITS = 38
_EXACT_DIGITS = 15
_AS_JSON = frozenset({"list", "object"})


def parsed(cells: pl.Series, kind: FieldType, dtype: pl.DataType | None = None) -> Told:
    """The values that ``cells`` say, of ``dtype`` if it is given."""
    present = cells.replace("", None)
    if dtype is not None:
        return _as(present, kind, dtype)
    values = _USUAL[kind](present)
    return Told(values, (values.is_null() & present.is_not_null()).to_numpy())


def _as(cells: pl.Series, kind: FieldType, dtype: pl.DataType) -> Told:
    if isinstance(dtype, pl.Struct) or (kind in _AS_JSON and dtype.is_nested()):
        return from_texts(_json(cells), dtype)
    if isinstance(dtype, pl.List | pl.Array):
        return from_elements(_array(cells), dtype)
    return said(_json(cells) if kind in _AS_JSON else unescaped(cells), dtype)


def _int(text: pl.Series) -> pl.Series:
    narrow = text.cast(pl.Int64, strict=False)
    if narrow.null_count() == text.null_count():
        return narrow
    whole = text.set(~text.str.contains(f"^(?:{cc5.INT})$").fill_null(value=False), None)
    if narrow.null_count() == whole.null_count():
        return narrow
    return _decimal(whole)


def _number(text: pl.Series) -> pl.Series:
    numbers = numerals(text)
    floats = numbers.cast(pl.Float64, strict=False)
    powers = numbers.str.contains("[eE]")
    if not ((numbers.str.len_bytes() > _EXACT_DIGITS) | powers).any():
        return floats
    rendering = rendering_for(pl.Float64(), ",")
    assert rendering is not None  # noqa: S101 - floats have one
    same = bare(rendering.render(floats)) == bare(numbers)  # null for what is beyond floats
    held = (same | (powers & scalar(numbers, pl.Float64()).is_not_null())).fill_null(value=False)
    return floats if (held | numbers.is_null()).all() else _decimal(numbers)


def _decimal(text: pl.Series) -> pl.Series:
    """Exact numbers: Decimal if 38 digits are enough for each and all, else their text."""
    scale = int(str(text.str.extract(r"\.(\d*)$").fill_null("").str.len_chars().max() or 0))
    if scale > _MOST_DIGITS:
        return text
    exact = scalar(text, pl.Decimal(_MOST_DIGITS, scale))
    return exact if exact.null_count() == text.null_count() else text


def _bool(text: pl.Series) -> pl.Series:
    return scalar(text, pl.Boolean())


def _date(text: pl.Series) -> pl.Series:
    moments = compact(text)
    days = not (text.str.len_bytes() > len("yyyyMMdd")).any()
    return moments.dt.date() if days else moments


def _array(cells: pl.Series) -> pl.Series:
    return unescaped(cells).str.split(cc5.ELEMENT_SEPARATOR)


def _json(cells: pl.Series) -> pl.Series:
    """JSON as others may have written it: a pipe or line break in a text, written with the file's own escapes."""
    if not cells.str.contains("#", literal=True).any():
        return cells
    piped = cells.str.replace_all(cc5.PIPE, cc5.SEPARATOR, literal=True)
    return piped.str.replace_all(cc5.BREAK, r"\n", literal=True)


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
