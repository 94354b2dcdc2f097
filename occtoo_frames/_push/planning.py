"""How a plan is made: lay out the columns, look at every row, choose the entries.

Takes a Source and what the caller said, gives a PushPlan.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from occtoo_frames._frames.source import Source
from occtoo_frames._push.batching import body_bytes, cut
from occtoo_frames._push.cells import Renderer
from occtoo_frames._push.checking import check
from occtoo_frames._push.columns import Layout, lay_out
from occtoo_frames._push.described import describe_columns, find_warnings
from occtoo_frames._push.gave_way import gave_way_problems
from occtoo_frames._push.options import Options
from occtoo_frames._push.plan import PushPlan
from occtoo_frames._push.problems import gathered
from occtoo_frames._push.rows import Rows
from occtoo_frames._push.schemas import schema_problems
from occtoo_frames._push.selection import Entries, choose_entries
from occtoo_frames._push.unread import unread_warnings
from occtoo_frames.typing import Key


def make_plan(
    source: Source, key: Key, options: Options, *, original: Any = None, sender: Callable[..., Any] | None = None
) -> PushPlan:
    """The PushPlan of a table.

    Args:
        source: The table.
        key: The columns of the key.
        options: What the caller said.
        original: The caller's own frame, for a pandera schema.
        sender: Called by ``PushPlan.push`` with the plan, the source and options.

    Raises:
        ColumnNotFoundError: A named column does not stand in the table.
        PlanError: The columns cannot be turned into properties as asked.
    """
    typed, source = source, source.as_written
    layout = lay_out(
        source,
        key,
        options.lang_cols,
        properties=options.properties,
        ids=options.ids,
        delete=options.delete,
        language_column=options.language_column,
        delete_all=options.delete_all,
    )
    renderer = _renderer(source, layout, options)
    if layout.language is not None or options.duplicates == "merge":
        source = source.held()  # the rows of an entry are looked at together, by their positions
    checked = check(source, renderer)
    renderer = renderer.knowing(checked.clean)
    rows = Rows(np.ones(len(checked.sizes), bool), [], np.zeros(0, np.int64))
    rows.refuse(*checked.problems, gave_way_problems(source, renderer))
    if options.schema is not None:
        rows.refuse(schema_problems(options.schema, typed if typed.own else source, original, renderer))
    entries = choose_entries(source, renderer, checked, options.duplicates, rows)
    found = gathered(rows.found)
    if source.labels:
        found = found.with_columns(pl.col("column").replace(source.labels))
    return PushPlan(
        source=source,
        renderer=renderer,
        feed=entries.feed,
        sent_as=entries.columns,
        clean=entries.clean,
        sizes=entries.sizes,
        entries_of_rows=entries.of_rows,
        dropped=rows.dropped,
        found=found,
        column_table=describe_columns(source, renderer, entries.columns, checked.examples),
        counts=_counts(entries, rows, len(checked.sizes)),
        warnings=(
            *find_warnings(source, renderer, entries.columns, len(rows.dropped)),
            *unread_warnings(layout.key, entries.columns, entries.says),
        ),
        sender=sender,
    )


def _renderer(source: Source, layout: Layout, options: Options) -> Renderer:
    return Renderer.of(
        layout,
        source.schema,
        flaws=source.flaws,
        whole_floats=source.whole_floats,
        labels=source.labels,
        key_separator=options.key_separator,
        list_separator=options.list_separator,
        nulls=options.nulls,
    )


def _counts(entries: Entries, rows: Rows, height: int) -> dict[str, int]:
    cuts = cut(entries.sizes)
    return {
        "rows": height,
        "entries": len(entries.sizes),
        "properties": entries.properties,
        "invalid": int(height - rows.valid.sum()),
        "bytes": int(body_bytes(entries.sizes, cuts).sum()),
        "batches": len(cuts) - 1,
    }
