"""JSON as values of a dtype, however deep: takes JSON as it came and a dtype, gives a Series and what it cannot hold.

JSON is taken apart along the dtype, a level at a time: of a struct each field is a column of its own, of a list the
elements of all rows are one. What is left at the ends are the texts of scalars, each digit as it came, and these are
read as cells of a file are (``scalars``). A value that is not held whole loses its row: an element, a member that no
field is there for, an array of another length.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from occtoo_frames._frames.dtypes import instance
from occtoo_frames.carecloud.scalars import scalar

Json = Sequence[msgspec.Raw | None]
"""A value of each row as it came, None where there is none."""

Mask = npt.NDArray[np.bool_]
T = TypeVar("T")

_NULL = b"null"
_VALUE = msgspec.json.Decoder(msgspec.Raw)
_STRING = msgspec.json.Decoder(str)
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ROWS = 50_000
"""How many rows are taken apart at a time."""


class Told(NamedTuple):
    """What was read.

    Attributes:
        values: Of each row.
        lost: Which rows said something that their value does not say.
    """

    values: pl.Series
    lost: Mask


def from_texts(cells: pl.Series, dtype: pl.DataType) -> Told:
    """The values of ``dtype`` that cells of JSON say."""
    told = [_from_texts(cells.slice(first, _ROWS), dtype) for first in range(0, len(cells) or 1, _ROWS)]
    return Told(pl.concat([part.values for part in told]), np.concatenate([part.lost for part in told]))


def _from_texts(cells: pl.Series, dtype: pl.DataType) -> Told:
    json, broken = _taken(_VALUE.decode, cells.to_list())
    told = from_json(json, dtype)
    return Told(told.values, told.lost | broken)


def from_json(json: Json, dtype: pl.DataType) -> Told:
    """The values of ``dtype`` that JSON says."""
    if isinstance(dtype, pl.Struct):
        return _structs(json, dtype)
    if isinstance(dtype, pl.List | pl.Array):
        return _lists(json, dtype)
    return _scalars(json, dtype)


def from_elements(lists: pl.Series, dtype: pl.List | pl.Array) -> Told:
    """The lists of ``dtype`` whose elements lists of texts say."""
    inner = instance(dtype.inner)
    present = lists.is_not_null().to_numpy()
    if inner.is_nested():
        return Told(pl.repeat(None, len(lists), dtype=dtype, eager=True), present)
    given = lists.drop_nulls()
    lengths = np.zeros(len(lists), np.int64)
    lengths[present] = given.list.len().to_numpy()
    texts = given.list.explode(empty_as_null=False, keep_nulls=False)
    return _laid(said(texts, inner), lengths, present, dtype)


def _scalars(json: Json, dtype: pl.DataType) -> Told:
    texts, broken = _taken(_text, json)
    told = said(pl.Series(texts, dtype=pl.String), dtype)
    return Told(told.values, told.lost | broken)


def _text(json: msgspec.Raw) -> str:
    """What a JSON string says; of anything else the JSON itself."""
    text = bytes(json).decode()
    return _STRING.decode(json) if text.startswith('"') else text


def said(texts: pl.Series, dtype: pl.DataType) -> Told:
    """The scalars of ``dtype`` that texts say."""
    values = scalar(texts, dtype)
    return Told(values, (values.is_null() & texts.is_not_null()).to_numpy())


def _structs(json: Json, dtype: pl.Struct) -> Told:
    objects, lost = _taken(_OBJECT.decode, json)
    names = {field.name for field in dtype.fields}
    for row, members in enumerate(objects):
        if members is not None and not members.keys() <= names:
            lost[row] |= any(bytes(members[name]) != _NULL for name in members.keys() - names)
    columns = []
    for field in dtype.fields:
        told = from_json([None if each is None else each.get(field.name) for each in objects], instance(field.dtype))
        columns.append(told.values.alias(field.name))
        lost |= told.lost
    if not columns:
        return Told(pl.Series([None if each is None else {} for each in objects], dtype=dtype), lost)
    absent = pl.Series([each is None for each in objects], dtype=pl.Boolean)
    values = pl.DataFrame(columns).to_struct()
    return Told(pl.select(pl.when(~absent).then(values)).to_series().cast(dtype), lost)


def _lists(json: Json, dtype: pl.List | pl.Array) -> Told:
    lists, lost = _taken(_LIST.decode, json)
    present = np.array([each is not None for each in lists], np.bool_)
    lengths = np.array([0 if each is None else len(each) for each in lists], np.int64)
    elements = from_json([element for each in lists for element in each or ()], instance(dtype.inner))
    told = _laid(elements, lengths, present, dtype)
    return Told(told.values, told.lost | lost)


def _laid(elements: Told, lengths: npt.NDArray[np.int64], present: Mask, dtype: pl.List | pl.Array) -> Told:
    """Lists of as many of the elements, one after the other, as ``lengths`` says."""
    ends = np.append(0, np.cumsum(lengths))
    lost = np.zeros(len(lengths), np.bool_)
    lost[np.repeat(np.arange(len(lengths)), lengths)[elements.lost]] = True
    if isinstance(dtype, pl.Array):
        misfits = present & (lengths != dtype.size)
        lost, present = lost | misfits, present & ~misfits
    ranks = pa.LargeListArray.from_arrays(pa.array(ends), pa.array(np.arange(ends[-1])), mask=pa.array(~present))
    gathered = pl.element().map_batches(elements.values.gather, return_dtype=instance(dtype.inner), is_elementwise=True)
    return Told(pl.Series(ranks).list.eval(gathered).cast(dtype), lost)


def _taken(read: Callable[[Any], T], json: Sequence[Any]) -> tuple[list[T | None], Mask]:
    """What ``read`` makes of each value, None for null, and which values it can make nothing of."""
    taken: list[T | None] = [None] * len(json)
    broken = np.zeros(len(json), np.bool_)
    for row, each in enumerate(json):
        if each is None or (isinstance(each, msgspec.Raw) and bytes(each) == _NULL):
            continue
        try:
            taken[row] = read(each)
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            broken[row] = True
    return taken, broken
