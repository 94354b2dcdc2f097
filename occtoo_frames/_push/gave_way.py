"""Rows of a report that gave way to another row of their key: what they are when their frame is planned again.

Takes the frame of ``PushReport.failed``, gives problems: nothing is wrong with such a row, but sent by itself it would
write over the values of the row that it gave way to.
"""

import numpy as np
import polars as pl

from occtoo_frames._frames.source import Source
from occtoo_frames._push.cells import Renderer
from occtoo_frames._push.outcomes import Outcome
from occtoo_frames._push.problems import SCHEMA, Place, problems


def gave_way_problems(source: Source, renderer: Renderer) -> pl.DataFrame:
    """A problem for every row of which the last push said that it gave way; none without such columns."""
    if not renderer.layout.told:
        return pl.DataFrame(schema=SCHEMA)
    outcome, rule, _ = renderer.layout.told
    marks, start = [np.zeros(0, np.int64)], 0
    for part in source.slices([outcome, rule]):
        said = part.cast(pl.String)
        gave_way = (said[outcome] == Outcome.NOT_SENT) & (said[rule] == "key-duplicate")
        marks.append(gave_way.arg_true().cast(pl.Int64).to_numpy() + start)
        start += part.height
    rows = np.concatenate(marks)
    return problems(
        "key-duplicate",
        "in the last push this row gave way to another one of its key, and would now write over that one's values",
        f"take it out; or empty its {rule!r} if it is to be sent all the same",
        rows=rows,
        keys=renderer.keys_at(source, rows),
        place=Place(rule),
    )
