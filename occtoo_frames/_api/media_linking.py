"""``of.link_media``: the ids of pushed files beside the rows that named them."""

from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa

from occtoo_frames._frames.door import open_frame
from occtoo_frames._frames.exit import to_kind
from occtoo_frames._push.media_report import MediaReport
from occtoo_frames.exceptions import PlanError
from occtoo_frames.typing import Frame


def link_media(frame: Frame, report: MediaReport, column: str, *, separator: str = "|") -> Any:
    """``frame`` with a column more: the ids of each row's files, in their order, joined as the platform's lists are.

    A row none of whose files is there gets null, so that a push leaves what the platform has.

    Args:
        frame: The very table that was pushed, its rows in the same order; it is not changed.
        report: What ``push_media`` gave for it.
        column: The name of the new column.
        separator: Stands between ids.

    Raises:
        PlanError: The table has another number of rows than the one that was pushed, has such a column, or holds
            cells that cannot be read.
    """
    source = open_frame(frame)
    if column in source.columns:
        raise PlanError(f"there is a column {column!r} already: choose another name, or drop it first")
    ids = [separator.join(found) or None for found in report.file_ids()]
    height = source.with_nulls.lazy().select(pl.len()).collect().item()
    if height != report.height:
        raise PlanError(f"the table has {height:,} rows, the one that was pushed had {report.height:,}")
    if isinstance(frame, pd.DataFrame):
        told = pd.Series(pd.array(ids, dtype="str"), index=frame.index)
        return frame.assign(**{column: told})
    if isinstance(frame, pa.Table):
        return frame.append_column(column, pa.array(ids, pa.large_string()))
    return to_kind(source.whole("link_media").with_columns(pl.Series(column, ids, dtype=pl.String)), source.kind)
