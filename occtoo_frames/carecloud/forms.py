"""How a column's values stand in a sync file: its field type, the text of each cell, and what cannot be written.

Takes a dtype and maybe a declared field type, gives a Form. What the format cannot carry back is refused here, cell
by cell; nothing is bent without a word. Knows no file.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from occtoo_frames._frames.dtypes import instance
from occtoo_frames._push.nesting import as_json, can_be_json, leaf_refusals, listed
from occtoo_frames._push.rendering import Refusal, Rendering, rendering_for
from occtoo_frames.protocol import cc5
from occtoo_frames.protocol.cc5 import FieldType

Texts = Callable[[pl.Series], pl.Series]
Refuse = Callable[[pl.Series], Iterator[Refusal]]

_TROUBLE = [cc5.SEPARATOR, "\n", "\r", "#"]
_LONE_RETURN = r"\r(?:[^\n]|$)"
_LAST_YEAR = 9_999


@dataclass(frozen=True, slots=True)
class Form:
    """How one column is written.

    Attributes:
        type: Its field type.
        write: Series → the text of each cell as it stands in the file; nulls stay null.
        refuse: Series → the values that cannot be written, or would come back as others.
    """

    type: FieldType
    write: Texts
    refuse: Refuse


def form_of(dtype: pl.DataType, declared: FieldType | None = None) -> Form | None:
    """How values of ``dtype`` are written, as ``declared`` if it is said; None if they cannot be."""
    if isinstance(dtype, pl.List | pl.Array | pl.Struct):
        return _nested(dtype, declared)
    rendering = None if isinstance(dtype, pl.Datetime) and dtype.time_zone else rendering_for(dtype, ",")
    if declared == "string":
        rendering = rendering_for(dtype, ",")
    if rendering is None:
        return None
    usual = _usual(dtype)
    if declared in {None, usual}:
        return _SCALARS[usual](rendering)
    return _declared(dtype, declared or usual, rendering)


def _usual(dtype: pl.DataType) -> FieldType:
    if dtype.is_integer():
        return "int"
    if dtype.is_float() or isinstance(dtype, pl.Decimal):
        return "number"
    if isinstance(dtype, pl.Boolean):
        return "bool"
    return "date" if isinstance(dtype, pl.Date | pl.Datetime) else "string"


def _declared(dtype: pl.DataType, declared: FieldType, rendering: Rendering) -> Form | None:
    if declared == "string":
        return _string(rendering)
    if declared == "number" and dtype.is_integer():
        return Form("number", rendering.render, _nothing)
    if declared == "int" and dtype.is_float():
        return Form("int", lambda series: series.cast(pl.Int64, strict=False).cast(pl.String), _not_whole)
    if isinstance(dtype, pl.String | pl.Null) and declared in _SPELLED:
        return _spelled(declared)
    return None


def _nothing(_series: pl.Series) -> Iterator[Refusal]:
    yield from ()


def _string(rendering: Rendering) -> Form:
    def refuse(series: pl.Series) -> Iterator[Refusal]:
        looked = rendering.look(series)
        yield from _some(looked.refused)
        yield from text_refusals(looked.text)

    return Form("string", lambda series: escaped(rendering.render(series)), refuse)


def _plain(kind: FieldType) -> Callable[[Rendering], Form]:
    def of(rendering: Rendering) -> Form:
        return Form(kind, rendering.render, lambda series: _some(rendering.look(series).refused))

    return of


def _date(_rendering: Rendering) -> Form:
    def write(series: pl.Series) -> pl.Series:
        return series.dt.strftime(cc5.MOMENT if isinstance(series.dtype, pl.Datetime) else cc5.DATE)

    def refuse(series: pl.Series) -> Iterator[Refusal]:
        odd = ~series.dt.year().is_between(1, _LAST_YEAR)
        yield from _refused("value-date", odd, "the year has no four digits", "mend the date")
        if isinstance(series.dtype, pl.Datetime):
            fraction = series != series.dt.truncate("1s")
            hint = "round to seconds with dt.round('1s'), or declare types={column: 'string'}"
            yield from _refused("value-date", fraction, "a fraction of a second cannot be written", hint)

    return Form("date", write, refuse)


_SCALARS: dict[FieldType, Callable[[Rendering], Form]] = {
    "string": _string,
    "int": _plain("int"),
    "number": _plain("number"),
    "bool": _plain("bool"),
    "date": _date,
}


def _not_whole(series: pl.Series) -> Iterator[Refusal]:
    whole = (series == series.cast(pl.Int64, strict=False).cast(pl.Float64)).fill_null(value=False)
    yield from _refused("value-type", series.is_not_null() & ~whole, "not a whole number", "declare it 'number'")


_SPELLED: dict[FieldType, tuple[str, str]] = {
    "int": (cc5.INT, "no integer"),
    "number": (cc5.NUMBER, "no number"),
    "bool": (cc5.BOOL, "neither true nor false"),
    "date": (cc5.DATED, "neither yyyyMMdd nor yyyyMMddHHmmss"),
    "array": (r"(?s).+", "empty"),
    "list": (r"(?s)\s*\[.*", "no JSON list"),
    "object": (r"(?s)\s*\{.*", "no JSON object"),
}


def _spelled(kind: FieldType) -> Form:
    """Text that already says a value of ``kind``."""
    pattern, message = _SPELLED[kind]

    def refuse(series: pl.Series) -> Iterator[Refusal]:
        text = series.cast(pl.String)
        right = text.str.contains(f"^(?:{pattern})$")
        if kind == "date":
            right &= dates(text).is_not_null()
        elif kind in {"list", "object"}:
            right &= text.str.json_path_match("$").is_not_null()
        yield from _refused("value-type", text.is_not_null() & ~right, f"the text is {message}", "mend the value")
        if kind == "array":
            yield from text_refusals(text)

    def write(series: pl.Series) -> pl.Series:
        text = series.cast(pl.String)
        return escaped(text) if kind == "array" else escaped_json(text) if kind in {"list", "object"} else text

    return Form(kind, write, refuse)


def dates(text: pl.Series) -> pl.Series:
    """The moments that yyyyMMdd and yyyyMMddHHmmss say; null for anything else."""
    return text.str.pad_end(14, "0").str.to_datetime(cc5.MOMENT, strict=False)


def _nested(dtype: pl.List | pl.Array | pl.Struct, declared: FieldType | None) -> Form | None:
    if isinstance(dtype, pl.Struct):
        return _json("object", dtype) if declared in {None, "object"} else None
    inner = form_of(instance(dtype.inner), "string")
    scalar = inner is not None and not instance(dtype.inner).is_nested()
    if scalar and declared in {None, "array"}:
        return _array(instance(dtype.inner))
    return _json("list", dtype) if declared == "list" or (declared is None and not scalar) else None


def _array(inner: pl.DataType) -> Form:
    each = rendering_for(inner, ",")
    assert each is not None  # noqa: S101 - asked before

    def texts(series: pl.Series) -> pl.Series:
        rendered = pl.element().map_batches(each.render, return_dtype=pl.String)
        return listed(series).list.eval(rendered)

    def refuse(series: pl.Series) -> Iterator[Refusal]:
        cells = texts(series)
        holding = cells.list.eval(pl.element().str.contains(cc5.ELEMENT_SEPARATOR, literal=True)).list.any()
        hint = "declare types={column: 'list'}, which is written as JSON"
        yield from _refused("value-separator", holding, "an element holds a comma", hint)
        yield from _refused("value-empty", cells.list.len() == 0, "an empty list is written like null", hint)
        lone = (cells.list.len() == 1) & (cells.list.first() == "")
        yield from _refused("value-empty", lone, "a list of one empty text is written like null", hint)
        nulls = cells.list.eval(pl.element().is_null()).list.any()
        yield from _refused("value-type", nulls, "an element is null or not finite", "drop the element")
        yield from text_refusals(cells.list.join(cc5.ELEMENT_SEPARATOR), empty=False)

    return Form("array", lambda series: escaped(texts(series).list.join(cc5.ELEMENT_SEPARATOR)), refuse)


def _json(kind: FieldType, dtype: pl.DataType) -> Form | None:
    if not can_be_json(dtype):
        return None

    def refuse(series: pl.Series) -> Iterator[Refusal]:
        for each in leaf_refusals(series):
            yield from _refused(each.rule, each.mask, f"a value in it is {each.message}", each.hint)

    return Form(kind, lambda series: escaped_json(as_json(series)), refuse)


def escaped(text: pl.Series) -> pl.Series:
    """Texts as they stand in cells: pipes and line breaks written out."""
    if not text.str.contains_any(_TROUBLE).any():
        return text
    piped = text.str.replace_all(cc5.SEPARATOR, cc5.PIPE, literal=True)
    return piped.str.replace_all("\r\n", "\n", literal=True).str.replace_all("\n", cc5.BREAK, literal=True)


def unescaped(cells: pl.Series) -> pl.Series:
    """The texts that cells say."""
    if not cells.str.contains("#", literal=True).any():
        return cells
    return cells.str.replace_all(cc5.PIPE, cc5.SEPARATOR, literal=True).str.replace_all(cc5.BREAK, "\n", literal=True)


def escaped_json(text: pl.Series) -> pl.Series:
    r"""JSON as it stands in cells: no pipe (``\u007c``), no line break, and nothing that reads like an escape."""
    if not text.str.contains_any(_TROUBLE).any():
        return text
    piped = text.str.replace_all(cc5.SEPARATOR, r"\u007c", literal=True)
    breakless = piped.str.replace_all(r"[\r\n]+", " ")
    return breakless.str.replace_all("#/", r"\u0023/", literal=True).str.replace_all(
        "#Enter", r"\u0023Enter", literal=True
    )


def text_refusals(text: pl.Series, *, empty: bool = True) -> Iterator[Refusal]:
    """What a cell of text cannot carry back."""
    if empty:
        hint = "make it null, or write nulls with empty_text='null'"
        yield from _refused("value-empty", text == "", "an empty text is written like null", hint)
    if not text.str.contains_any(_TROUBLE).any():
        return
    lone = text.str.contains(_LONE_RETURN)
    yield from _refused("value-escape", lone, "a lone carriage return has no escape", "replace it by a line break")
    kept = text.str.replace_all("\r\n", "\n", literal=True)
    cells = escaped(text)
    other = cells.str.replace_all(cc5.BREAK, "\n", literal=True).str.replace_all(cc5.PIPE, cc5.SEPARATOR, literal=True)
    bent = (unescaped(cells) != kept) | (other != kept)
    message = f"it holds {cc5.PIPE} or {cc5.BREAK}, or would together with its pipes: the file's own escapes"
    yield from _refused("value-escape", bent, message, "replace the '#'")


def _some(refusals: tuple[Refusal, ...]) -> Iterator[Refusal]:
    return (refusal for refusal in refusals if refusal.mask.any())


def _refused(rule: str, mask: pl.Series, message: str, hint: str) -> Iterator[Refusal]:
    mask = mask.fill_null(value=False)
    if mask.any():
        yield Refusal(rule, mask, message, hint)
