"""From Arrow to polars, column by column: what the engine bends, or panics at, is changed or refused.

Takes an Arrow column, gives a polars Series and its flaws. What becomes of a type stands in ``arrow_types``, what of
cells that their type does not allow in ``arrow_cells``. A datetime whose offset the engine has no zone for becomes its
text: the offset is the same for every value, and the text is what would be sent.

Nearly all of the time goes to looking at bytes and to laying down the engine's views of texts, both without Python's
lock: Arrow makes the views, since the engine would keep the lock meanwhile, and takes them as they are. So columns that
are long are taken by two threads, each of which takes whichever comes next: where the other one gets no core, this
one has soon taken all of them.
"""

from collections import deque
from collections.abc import Mapping
from contextlib import suppress

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from occtoo_frames._frames.arrow_cells import Column, without_odd
from occtoo_frames._frames.arrow_types import OFFSET, engine_type, is_odd_offset, unreadable
from occtoo_frames._frames.source import Flaw
from occtoo_frames._frames.taken import Taken, refused
from occtoo_frames._frames.threads import kept_threads

_FEW_ROWS = 100_000
"""Columns so short are taken before another thread pays: it would wait for Python's lock between any two of them."""
_FEW_TEXTS = 4_096
"""Of these the engine makes views sooner than Arrow is called."""


def take_columns(columns: Mapping[str, Column]) -> dict[str, Taken]:
    """The Arrow ``columns`` by their names, as the engine holds them."""
    left = deque(columns.items())
    if max(map(len, columns.values()), default=0) <= _FEW_ROWS:
        return _taken(left)
    other = kept_threads("columns", 1).submit(_taken, left)
    try:
        ours = _taken(left)
        both = ours if other.cancel() else ours | other.result()
    finally:
        left.clear()  # the other one ends, too, if this one was interrupted
    return {name: both[name] for name in columns}


def _taken(left: deque[tuple[str, Column]]) -> dict[str, Taken]:
    """What was made of those that this thread got hold of; at the end none is left."""
    taken = {}
    while left:
        try:
            name, column = left.popleft()
        except IndexError:  # the other thread got the last one
            break
        taken[name] = take_arrow(name, column)
    return taken


def take_arrow(name: str, column: Column) -> Taken:
    """The Arrow ``column`` as the engine holds it."""
    if engine_type(column.type) is None:
        return refused(name, len(column), unreadable(column.type))
    try:
        mended, flaws = mend(name, column)
        return Taken(as_series(name, mended), flaws)
    except (pa.ArrowException, pl.exceptions.PolarsError) as error:
        return refused(name, len(column), unfit(column.type, error))


def as_series(name: str, column: Column) -> pl.Series:
    """The ``column``, whose texts are UTF-8 and which the engine holds as it is, as a Series."""
    is_text = pa.types.is_large_string(column.type) or pa.types.is_string(column.type)
    if is_text and len(column) > _FEW_TEXTS:
        with suppress(pa.ArrowException):  # there are none of more than 2 GiB in one piece
            column = column.cast(pa.string_view())
    return pl.Series(name, column)


def unfit(kind: pa.DataType, error: Exception) -> str:
    """What is said of a column of which some cell could not be taken."""
    return f"{kind} cannot be read ({str(error).splitlines()[0]}): cast the column"


def mend(name: str, column: Column) -> tuple[Column, tuple[Flaw, ...]]:
    """``column`` as its ``engine_type``, and flaws of what does not fit in there.

    A column with flaws comes without its categories.

    Raises:
        pyarrow.ArrowException: Values that their own type does not allow, nor Arrow to be left out.
    """
    column, flaws = without_odd(name, column)
    target = engine_type(column.type)
    if target == column.type:
        return column, flaws
    if not is_odd_offset(column.type):
        return column.cast(target), flaws
    moments = pl.Series(name, column.cast(pa.timestamp(column.type.unit, "UTC")))
    texts = _with_offset(moments, column.type.tz)
    beyond = np.flatnonzero((texts.is_null() & moments.is_not_null()).to_numpy())
    return texts.alias("").to_arrow().cast(target), (*flaws, *_beyond(name, moments, beyond))


def _beyond(name: str, moments: pl.Series, rows: npt.NDArray[np.intp]) -> tuple[Flaw, ...]:
    if not len(rows):
        return ()
    shown = tuple(map(str, moments.to_physical().gather(rows)))
    message = f"a date beyond the years 1 to 9999, counted from 1970 in {moments.dtype}"
    return (Flaw(name, "value-type", message, rows.astype(np.int64), shown),)


_UNITS = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799
"""0001-01-01T00:00:00 and 9999-12-31T23:59:59, from 1970 on."""


def _with_offset(moments: pl.Series, zone: str) -> pl.Series:
    """ISO 8601 of instants at a constant offset, trimmed as all datetimes are; null beyond years of four digits."""
    found = OFFSET.fullmatch(zone)
    assert found is not None  # noqa: S101 - for the type checker
    sign, hours, minutes = found[1], found[2], found[3] or "00"
    seconds = int(f"{sign}1") * (int(hours) * 3_600 + int(minutes) * 60)
    a_second = _UNITS[moments.dtype.time_unit]  # type: ignore[attr-defined]  # it is a Datetime
    low = max((_FIRST_SECOND - seconds) * a_second, -(1 << 63) - min(seconds * a_second, 0))
    high = min((_LAST_SECOND + 1 - seconds) * a_second - 1, (1 << 63) - 1 - max(seconds * a_second, 0))
    physical = moments.to_physical()
    kept = pl.select(pl.when(physical.is_between(low, high)).then(physical + seconds * a_second)).to_series()
    text = kept.cast(pl.Datetime(moments.dtype.time_unit)).dt.to_string("%Y-%m-%dT%H:%M:%S%.9f")  # type: ignore[attr-defined]
    return text.str.strip_chars_end("0").str.strip_suffix(".") + f"{sign}{hours}:{minutes}"
