"""The cells of a table that say something about files, and those of them that nobody can read.

Takes an opened table and which columns say what; gives the cells as the door does, but that paths of ``pathlib``, which
are values nowhere else, are their texts, and so are categories. Opens no file.
"""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from occtoo_frames._frames.door import open_frame
from occtoo_frames._frames.source import Flaw, Source
from occtoo_frames._push.media_plan import Columns
from occtoo_frames.exceptions import PlanError


def read_cells(frame: Any, source: Source, columns: Columns) -> tuple[pl.DataFrame, list[Flaw]]:
    """The ``columns`` of a table, and their cells that are null there although they are not empty.

    Args:
        frame: The caller's table.
        source: The same, opened.
        columns: Which columns say what; they stand in it.

    Raises:
        PlanError: All of a column cannot be read.
    """
    table = source.with_nulls.lazy().select(columns.names).collect()
    flaws = [flaw for flaw in source.flaws if flaw.column in columns.names]
    for name in columns.path:
        objects = _objects(frame, source, name, flaws)
        if objects is not None:
            again = open_frame(pd.DataFrame({name: pd.Series(list(map(_text, objects)), dtype=object)}))
            table = table.with_columns(again.with_nulls.lazy().collect())
            flaws = [*(flaw for flaw in flaws if flaw.column != name), *again.flaws]
    for flaw in flaws:
        if flaw.rows is None:
            raise PlanError(f"push_media: column {flaw.column!r} cannot be read: {flaw.message}")
    named = [name for name in (columns.filename, columns.unique_identifier) if name in source.whole_floats]
    table = table.with_columns(pl.col(named).cast(pl.Int64))  # as pandas had them before a value went missing
    return table.with_columns((pl.selectors.categorical() | pl.selectors.enum()).cast(pl.String)), flaws


def _objects(frame: Any, source: Source, name: str, flaws: Sequence[Flaw]) -> list[Any] | None:
    """The Python objects of a column that the engine does not hold as they are; None if it does, or has none."""
    if source.schema[name] == pl.Object:
        return source.with_nulls.lazy().select(name).collect().to_series().to_list()
    if isinstance(frame, pd.DataFrame) and any(flaw.column == name for flaw in flaws):
        return frame.iloc[:, list(source.schema).index(name)].to_list()
    return None


def _text(cell: Any) -> Any:
    """The text of a path, or those of a list of them; all else as it is."""
    if isinstance(cell, PurePath):
        return str(cell)
    return list(map(_text, cell)) if isinstance(cell, list | tuple | np.ndarray) else cell
