"""From a pandas column of Python objects to polars, odd cells named.

Takes one object column, gives a polars Series and its flaws. Arrow would drop or bend some objects without a word
(the time of a datetime among dates, the zone of one among naive datetimes, nanoseconds), so the kinds of objects are
counted first: the most frequent one is taken, cells of others become flaws; all do if none is the most frequent. How
each kind is taken stands in ``object_kinds``; the elements of lists come through here again, all of them as one column.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from itertools import chain
from numbers import Integral, Real
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from occtoo_frames._frames import object_kinds
from occtoo_frames._frames.arrow_cells import Column
from occtoo_frames._frames.arrow_in import as_series, take_arrow
from occtoo_frames._frames.source import Flaw
from occtoo_frames._frames.taken import Mask, Taken, flawed, mask_of, refused

_KINDS: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("text", (str,)),
    ("boolean", (bool, np.bool_)),
    ("decimal", (Decimal,)),
    ("datetime", (datetime, np.datetime64)),
    ("date", (date,)),
    ("time", (time,)),
    ("duration", (timedelta, np.timedelta64)),  # before the integers, since numpy counts its durations among them
    ("integer", (Integral,)),
    ("float", (Real,)),
    ("list", (list, tuple, np.ndarray)),
    ("set", (set, frozenset)),
    ("UUID", (UUID,)),
)


_BEGINNING = 1_024
_CERTAIN = {pa.string(), pa.bool_()}
"""Types that Arrow, which looks at the first cell to guess one, finds only if all other cells are of that kind as well:
bytes among texts make a column of bytes, and integers among booleans an error."""


def take_objects(name: str, values: "pd.Series[Any]") -> Taken:
    """The column ``values`` of Python objects."""
    if any(isinstance(cell, str | bool) for cell in values.to_numpy(dtype=object)[:_BEGINNING]):
        with suppress(pa.ArrowException, UnicodeEncodeError, OverflowError, TypeError, ValueError):
            column = pa.array(values, from_pandas=True)
            if column.type in _CERTAIN and not _hides_decimals(values, column):  # nearly all are: one look, not several
                return Taken(as_series(name, column))
    try:
        missing = values.isna().to_numpy(dtype=bool)
    except InvalidOperation:  # pandas asks each whether it equals itself, to which a signalling one does not answer
        signals = object_kinds.each(values, lambda cell: isinstance(cell, Decimal) and cell.is_snan())
        return object_kinds.take_without(take_objects, name, values, signals, ("value-not-finite", "not a number"))
    values = object_kinds.as_python(values)
    present = values.to_numpy(dtype=object)[~missing]
    names = {kind: _kind_name(kind) for kind in set(map(type, present))}
    kinds = set(names.values())
    if not kinds:
        return Taken(pl.repeat(None, len(values), dtype=pl.Null, eager=True).alias(name))
    if kinds == {"integer", "float"}:
        return object_kinds.take_floats(name, object_kinds.without(values, missing))
    odd = _odd_zones(present) if kinds == {"datetime"} else _odd_kinds(present, names)
    if not odd.any():
        return _TAKE.get(kinds.pop(), object_kinds.take_other)(name, object_kinds.without(values, missing))
    rows = np.flatnonzero(~missing)[odd]
    column = take_objects(name, object_kinds.without(values, mask_of(rows, len(values))))
    message = "objects of another kind are at least as frequent in the column: convert it to one kind"
    return replace(column, flaws=(flawed(name, "value-type", message, rows, values), *column.flaws))


def _hides_decimals(values: "pd.Series[Any]", column: "Column") -> bool:
    """Whether a cell that Arrow takes for missing is a decimal, which may be a signalling one that pandas does not."""
    if not column.null_count:
        return False
    missing = values.to_numpy(dtype=object).take(pc.indices_nonzero(column.is_null()).to_numpy()).tolist()
    return any(issubclass(kind, Decimal) for kind in set(map(type, missing)))


def _kind_name(kind: type) -> str:
    return next((name for name, types in _KINDS if issubclass(kind, types)), kind.__name__)


def _odd_kinds(present: npt.NDArray[np.object_], names: dict[type, str]) -> Mask:
    if len(set(names.values())) == 1:
        return np.zeros(len(present), bool)
    types = pd.Series(list(map(type, present))).map(names)
    return _other_than(types.mode(), types)


def _odd_zones(present: npt.NDArray[np.object_]) -> Mask:
    """Naive datetimes among ones with a zone, or the other way round, whichever are fewer."""
    naive = pd.Series(present, dtype=object).map(lambda moment: getattr(moment, "tzinfo", None) is None)
    return _other_than(naive.mode(), naive)


def _other_than(most: "pd.Series[Any]", kinds: "pd.Series[Any]") -> Mask:
    """Those of ``kinds`` that are not the most frequent one; all of them if several are that."""
    if len(most) > 1:
        return np.ones(len(kinds), bool)
    others: Mask = (kinds != most.iloc[0]).to_numpy(dtype=bool)
    return others


def take_lists(name: str, values: "pd.Series[Any]") -> Taken:
    """The column of lists; all their elements are one column of objects, whose flaws are those of their lists."""
    missing = values.isna().to_numpy(dtype=bool)
    lists = values.to_numpy(dtype=object)[~missing]
    if _are_plain(lists):
        with suppress(pa.ArrowException, UnicodeEncodeError, OverflowError, TypeError):
            return take_arrow(name, pa.array(values, from_pandas=True))
    lengths = np.zeros(len(values), np.int64)
    try:
        lengths[~missing] = np.fromiter(map(len, lists), np.int64, len(lists))
    except TypeError:  # an array without dimensions has no length
        return refused(name, len(values), "arrays without dimensions are no lists: convert them to values")
    elements = _elements(name, lists)
    whole = [flaw for flaw in elements.flaws if flaw.rows is None]
    if elements.flaws and not whole:
        return _without_flawed(name, values, elements.flaws, np.repeat(np.arange(len(values)), lengths))

    def laid(inner: pl.Series) -> Taken:
        ends = pa.array(np.append(0, np.cumsum(lengths)))
        flat = inner.alias("").to_arrow()  # the engine panics at the names of an index
        return take_arrow(name, pa.LargeListArray.from_arrays(ends, flat, mask=pa.array(missing)))

    if whole:
        taken = refused(name, len(values), f"the elements of its lists: {whole[0].message}")
    else:
        taken = laid(elements.series)
    if elements.own is None:
        return taken
    kind = pl.List(elements.series.dtype)
    return replace(taken, series=taken.series.cast(kind), own=laid(elements.own).series)


def _are_plain(lists: npt.NDArray[np.object_]) -> bool:
    """Whether Arrow makes the same of the lists, or fails: all elements are of one type of Python, or of numpy."""
    if all(isinstance(item, np.ndarray) for item in lists):
        return len({(item.dtype, item.ndim) for item in lists}) == 1 and lists[0].dtype.kind in "biufmM"
    if any(isinstance(item, np.ndarray) for item in lists):
        return False
    types = set(map(type, chain.from_iterable(lists)))
    return len(types) == 1 and not types.isdisjoint({str, int, float, bool})


def _elements(name: str, lists: npt.NDArray[np.object_]) -> Taken:
    """All elements one after another, as a column of objects."""
    flat = list(chain.from_iterable(lists))
    objects = np.empty(len(flat), dtype=object)
    objects[:] = flat
    return take_objects(name, pd.Series(objects, dtype=object))


def _without_flawed(
    name: str, values: "pd.Series[Any]", flaws: tuple[Flaw, ...], owners: npt.NDArray[np.int64]
) -> Taken:
    """The other lists, and a flaw for each list that holds a flawed element; ``owners`` are the elements' rows."""
    found, odd = list[Flaw](), np.zeros(len(values), bool)
    for flaw in flaws:
        rows = np.unique(owners[flaw.rows])
        odd[rows] = True
        found.append(flawed(name, flaw.rule, f"an element of the list: {flaw.message}", rows, values))
    rest = take_lists(name, object_kinds.without(values, odd))
    return replace(rest, flaws=(*found, *rest.flaws))


_TAKE: dict[str, object_kinds.Take] = {
    "text": object_kinds.take_text,
    "integer": object_kinds.take_integers,
    "float": object_kinds.take_floats,
    "decimal": object_kinds.take_decimals,
    "datetime": object_kinds.take_datetimes,
    "time": object_kinds.take_times,
    "duration": object_kinds.take_durations,
    "list": take_lists,
    "set": lambda name, values: refused(
        name, len(values), "the elements of a set have no order: convert the sets to sorted lists"
    ),
    "UUID": lambda name, values: refused(
        name, len(values), "UUID objects have no text form of their own: convert them with str()"
    ),
}
