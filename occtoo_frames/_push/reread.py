"""A pushed file, read again for its report: only while it is what was pushed.

Takes a Source and something that reads it, gives what was read. Positions of rows mean nothing in another file, and
whoever pushes a file, mends it and looks at the report again would see other rows blamed.
"""

from collections.abc import Callable
from typing import TypeVar

import polars as pl

from occtoo_frames._frames.source import Source
from occtoo_frames.exceptions import PlanError, UnsupportedFrameError

T = TypeVar("T")

_CHANGED = (
    "the file has changed since it was pushed, or is gone, so its rows cannot be told any more; .counts, .batches and "
    ".plan.problems still hold, and .failed() unless the push was interrupted or very many rows failed"
)


def stands_in_file(source: Source) -> bool:
    """True if the rows of ``source`` are read from the caller's own file each time; a spreadsheet's are held."""
    return source.stamp is not None and isinstance(source.with_nulls, pl.LazyFrame)


def as_pushed(source: Source, read: Callable[[], T]) -> T:
    """What ``read`` makes of the rows of ``source``.

    Raises:
        PlanError: They stand in a file, and it is another one by now, or became so in the meantime.
    """
    if not stands_in_file(source):
        return read()
    try:
        found = read()
    except (UnsupportedFrameError, pl.exceptions.PolarsError, OSError):
        if source.unchanged:
            raise
        raise PlanError(_CHANGED) from None
    if not source.unchanged:
        raise PlanError(_CHANGED)
    return found
