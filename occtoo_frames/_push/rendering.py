"""How values are written: one table from dtype to text, the same from pandas, polars and Arrow.

Takes a polars Series, gives the text of each value and says which values cannot be written. ``RENDERINGS`` is the
table; its page in the documentation says more of each kind, and what comes back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from occtoo_frames._frames.own_texts import UNEVEN
from occtoo_frames._push.escaping import contiguous, count_of, must_escape, offsets_of
from occtoo_frames._push.floats import floats
from occtoo_frames._push.moments import dates, datetimes, durations, is_writable, times

Mask = pl.Series
Render = Callable[[pl.Series], pl.Series]
Refuse = Callable[[pl.Series, pl.Series], "tuple[Refusal, ...]"]
Look = Callable[[pl.Series], "Looked"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Values of one column that cannot be written.

    Attributes:
        rule: A rule of ``occtoo_frames.plan``.
        mask: Boolean, one for each value.
        message: What is wrong with them.
        hint: What to do.
    """

    rule: str
    mask: Mask
    message: str
    hint: str


class Looked(NamedTuple):
    """What a look at values gives.

    Attributes:
        text: Of each value.
        refused: The values that cannot be written.
        clean: True if JSON surely escapes nothing in the text.
    """

    text: pl.Series
    refused: tuple[Refusal, ...]
    clean: bool


@dataclass(frozen=True, slots=True)
class Rendering:
    """One row of the table.

    Attributes:
        covers: Whether a dtype is of this kind.
        written_as: How it is written, in words.
        render: Series → text; nulls stay null.
        clean: True if the text never holds a character that JSON escapes.
        refuse: Series, and the text that ``render`` made of it → the values that cannot be written, unless ``at_once``.
        at_once: Series → all that a look gives, where that takes less than one after the other; else None.
    """

    covers: Callable[[pl.DataType], bool]
    written_as: str
    render: Render
    clean: bool = True
    refuse: Refuse = lambda _series, _text: ()
    at_once: Look | None = None

    def look(self, series: pl.Series) -> Looked:
        """The text of each value, and what is to be said of it."""
        if self.at_once is not None:
            return self.at_once(series)
        text = self.render(series)
        return Looked(text, self.refuse(series, text), self.clean)


def _cast(series: pl.Series) -> pl.Series:
    return series.cast(pl.String)


def _textless(rule: str, message: str, hint: str) -> Refuse:
    """Refuses the values of which no text was made."""

    def refuse(series: pl.Series, text: pl.Series) -> tuple[Refusal, ...]:
        if text.null_count() == series.null_count():
            return ()
        return (Refusal(rule, text.is_null() & series.is_not_null(), message, hint),)

    return refuse


_NOT_FINITE = _textless("value-not-finite", "not a finite number", "replace it by a number, or leave it out")
_BEYOND = _textless(
    "value-type",
    "a date beyond the years -262,143 to 262,142",
    "replace it by a date that was meant, or leave it out",
)
_UNEVEN = _textless("value-type", f"a datetime {UNEVEN}", "convert it to UTC, or leave it out")


def _no_moments(series: pl.Series, text: pl.Series) -> tuple[Refusal, ...]:
    """Refuses datetimes without a text, for what each is."""
    if text.null_count() == series.null_count():
        return ()
    reached = is_writable(series)
    return (
        *_BEYOND(series, text.set(reached, "")),
        *_UNEVEN(series, text.set(~reached, "")),
    )


def _is(*kinds: type[pl.DataType]) -> Callable[[pl.DataType], bool]:
    return lambda dtype: isinstance(dtype, kinds)


RENDERINGS: tuple[Rendering, ...] = (
    Rendering(_is(pl.String), "as it is", lambda series: series, clean=False),
    Rendering(_is(pl.Categorical, pl.Enum), "its text", _cast, clean=False),
    Rendering(lambda dtype: dtype.is_integer(), "digits", _cast),
    Rendering(lambda dtype: dtype.is_float(), "shortest exact digits, with .0", floats, refuse=_NOT_FINITE),
    Rendering(_is(pl.Decimal), "exact digits, with the scale that each has", _cast),
    Rendering(_is(pl.Boolean), "true or false", _cast),
    Rendering(_is(pl.Date), "ISO 8601 date", dates, refuse=_BEYOND),
    Rendering(_is(pl.Datetime), "ISO 8601 datetime", datetimes, refuse=_no_moments),
    Rendering(_is(pl.Time), "ISO 8601 time", times),
    Rendering(_is(pl.Duration), "ISO 8601 duration", durations),
    Rendering(_is(pl.Null), "nothing", _cast),
)


def rendering_for(dtype: pl.DataType, list_separator: str) -> Rendering | None:
    """How values of ``dtype`` are written, lists joined by ``list_separator``; None if they cannot be."""
    if isinstance(dtype, pl.List | pl.Array):
        inner = _scalar(dtype.inner)
        return None if inner is None else _joined(inner, list_separator)
    return _scalar(dtype)


def _scalar(dtype: object) -> Rendering | None:
    return next((row for row in RENDERINGS if isinstance(dtype, pl.DataType) and row.covers(dtype)), None)


def _joined(inner: Rendering, separator: str) -> Rendering:
    def at_once(series: pl.Series) -> Looked:
        elements = _texts(series, inner)
        joined = _join(elements, separator)
        found = () if _is_plain(elements, joined, separator) else refused(series, elements)
        return Looked(pl.Series(series.name, joined), found, not must_escape(joined))

    def refused(series: pl.Series, elements: pa.LargeListArray) -> tuple[Refusal, ...]:
        texts: pl.Series = pl.Series(elements)
        lengths = texts.list.len()
        flat = texts.list.explode(empty_as_null=False, keep_nulls=False)
        given = _elements(_listed(series), len(flat))
        textless = inner.refuse(given, flat)
        found = (
            _refusal_of_elements(lengths, _splits(flat, lengths, separator), _holds(separator)),
            _refusal_of_elements(lengths, given.is_null(), _NULL_ELEMENT),
            *(_refusal_of_elements(lengths, one.mask, _textless_element(one)) for one in textless),
            _refusal_of_elements(lengths, (flat == "") & _alone(lengths, len(flat)), _BLANK),
        )
        return tuple(refusal for refusal in found if refusal is not None)

    return Rendering(
        _is(pl.List, pl.Array),
        f"elements joined by {separator!r}",
        lambda series: pl.Series(series.name, _join(_texts(series, inner), separator)),
        clean=False,
        at_once=at_once,
    )


_NULL_ELEMENT = ("value-type", "an element is null", "leave it out of the list")
_BLANK = (
    "value-separator",
    "a list of one empty text is written like an empty list",
    "drop the empty element, or the list",
)


def _textless_element(refusal: Refusal) -> tuple[str, str, str]:
    return "value-type", f"an element is {refusal.message}", f"{refusal.hint} of the list"


def _splits(texts: pl.Series, lengths: pl.Series, separator: str) -> pl.Series:
    """Which elements are not the same any more after they were joined and split again at the first ``separator`` found.

    They hold it; or they end with its beginning, and the separator behind them begins with its end: ``a|`` and ``||``.
    """
    found = texts.str.contains(separator, literal=True)
    before = np.ones(len(texts), bool)
    before[lengths.fill_null(0).cum_sum().filter(lengths.fill_null(0) > 0).to_numpy() - 1] = False
    for length in range(1, len(separator)):
        if separator.startswith(separator[length:]):
            found |= texts.str.ends_with(separator[:length]) & pl.Series(before)
    return found


def _holds(separator: str) -> tuple[str, str, str]:
    message = f"an element holds the separator {separator!r}"
    if len(separator) > 1:
        message += ", or ends so that it would be found too early"
    return ("value-separator", message, "choose another list_separator, or replace the character")


def _texts(series: pl.Series, inner: Rendering) -> pa.LargeListArray:
    """Lists with each element as text: all elements rendered at once, the lists laid over them again.

    Lists are never handed to Arrow themselves: a slice of them would bring the elements of the whole column with it.
    """
    lists = _listed(series)
    ends = np.append(0, np.cumsum(_lengths(lists)))
    flat = _elements(lists, ends[-1])
    mask = pa.array(lists.is_null().to_numpy()) if lists.null_count() else None
    return pa.LargeListArray.from_arrays(pa.array(ends), contiguous(inner.render(flat).cast(pl.String)), mask=mask)


def _listed(series: pl.Series) -> pl.Series:
    return series.arr.to_list() if isinstance(series.dtype, pl.Array) else series


def _elements(lists: pl.Series, count: int) -> pl.Series:
    """The elements of all lists, of which there are ``count``."""
    flat = lists.list.explode(empty_as_null=False, keep_nulls=False)
    if len(flat) == count:
        return flat
    # what lies below a null list is nobody's, and the engine gives it with the others
    return lists.drop_nulls().list.explode(empty_as_null=False, keep_nulls=False)


def _lengths(lists: pl.Series) -> npt.NDArray[np.int64]:
    """The elements of each list, 0 for null."""
    lengths = lists.list.len()
    return (lengths.fill_null(0) if lengths.null_count() else lengths).to_numpy().astype(np.int64)


def _join(lists: pa.LargeListArray, separator: str) -> pa.LargeStringArray:
    """The elements of each list joined; by Arrow's kernel, which knows only lists of less than 2³¹ elements.

    A list with a null element is null; such lists are refused.
    """
    offsets = lists.offsets.cast(pa.int32())
    mask = lists.is_null() if lists.null_count else None
    return pc.binary_join(
        pa.ListArray.from_arrays(offsets, lists.values, mask=mask), pa.scalar(separator, pa.large_string())
    )


def _is_plain(elements: pa.LargeListArray, joined: pa.LargeStringArray, separator: str) -> bool:
    """True if what the ``elements`` of all lists were ``joined`` to shows that nothing is refused.

    Every list has a text; of one element it is not empty; and of the first byte of ``separator`` all texts together
    hold no more than was put between the elements, so that no element holds it.
    """
    if joined.null_count != elements.null_count:
        return False
    lengths, sizes = np.diff(elements.offsets.to_numpy()), np.diff(offsets_of(joined))
    if not sizes.all() and np.any((lengths == 1) & (sizes == 0)):
        return False
    put = (lengths.sum() - np.count_nonzero(lengths)) * separator.encode().count(separator.encode()[0])
    return bool(count_of(joined, separator.encode()[0]) == put)


def _alone(lengths: pl.Series, elements: int) -> pl.Series:
    """For each element, whether it is the only one of its list."""
    counts = lengths.fill_null(0).to_numpy()
    return pl.Series(np.repeat(counts == 1, counts)) if elements else pl.Series([], dtype=pl.Boolean)


def _refusal_of_elements(lengths: pl.Series, odd: pl.Series, said: tuple[str, str, str]) -> Refusal | None:
    """The lists that hold an odd element."""
    positions = odd.fill_null(value=False).arg_true().to_numpy()
    if not len(positions):
        return None
    rows = np.searchsorted(lengths.fill_null(0).cum_sum().to_numpy(), positions, side="right")
    mask = np.zeros(len(lengths), bool)
    mask[rows] = True
    rule, message, hint = said
    return Refusal(rule, pl.Series(mask), message, hint)
