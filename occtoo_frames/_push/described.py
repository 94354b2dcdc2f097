"""What each column of a table becomes, as a frame, and what the caller should know about it.

Takes the Source, its Renderer and what is sent, gives the frame behind ``plan.columns`` and the plan's warnings.
"""

from collections.abc import Iterator, Sequence

import polars as pl

from occtoo_frames._frames.source import Source
from occtoo_frames._push.cells import Renderer
from occtoo_frames._push.columns import PropertyColumn

SCHEMA = pl.Schema({
    "column": pl.String(),
    "property": pl.String(),
    "language": pl.String(),
    "dtype": pl.String(),
    "written_as": pl.String(),
    "example": pl.String(),
    "note": pl.String(),
})  # fmt: skip


def describe_columns(
    source: Source, renderer: Renderer, sent_as: Sequence[PropertyColumn], examples: dict[str, str]
) -> pl.DataFrame:
    """A row for each column, and for each language that a column is sent in; see ``PushPlan.columns``."""
    layout = renderer.layout
    written = {column.column: rendering.written_as for column, rendering in renderer.columns}
    roles = dict.fromkeys(layout.key, "the key")
    roles |= {name: "says what is deleted" for name in (layout.delete,) if name is not None}
    roles |= {name: "the language of each row" for name in (layout.language,) if name is not None}
    sent_of: dict[str, list[PropertyColumn]] = {}
    for column in sent_as:
        sent_of.setdefault(column.column, []).append(column)
    all_refused = {column.column for column in renderer.refused}
    columns = dict.fromkeys(source.columns)
    rows: list[tuple[str | None, ...]] = []
    for name in [*(key for key in layout.key if key not in columns), *columns]:
        dtype = source.dtypes.get(name, "")
        note = "; ".join(text for text in (roles.get(name), layout.notes.get(name)) if text) or None
        shown = source.labels.get(name, name)
        example = examples.get(name)
        why = "cannot be written" if name in all_refused else note or "not in properties"
        rows += [
            (shown, column.property, column.language, dtype, written.get(name), example, note)
            for column in sent_of.get(name, ())
        ] or [(shown, None, None, dtype, None, example, why)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def find_warnings(
    source: Source, renderer: Renderer, sent_as: Sequence[PropertyColumn], dropped: int
) -> tuple[str, ...]:
    """What was decided that may not be meant, in words."""
    return (
        *source.warnings,
        *_float_warnings(source, renderer),
        *_told_warnings(renderer),
        *_language_warnings(renderer, sent_as, dropped),
    )


def _float_warnings(source: Source, renderer: Renderer) -> Iterator[str]:
    for column, _ in renderer.columns:
        name = column.column
        if (
            name not in source.whole_floats
            or name in renderer.layout.key
            or not isinstance(source.with_nulls, pl.DataFrame)
        ):
            continue
        if source.with_nulls[name].null_count():
            yield (
                f"column {name!r} holds only whole numbers, but is a float because values are missing: it is written "
                f"as 1.0, not 1; df[{name!r}].astype('Int64') keeps integers"
            )


def _told_warnings(renderer: Renderer) -> Iterator[str]:
    if renderer.layout.told:
        yield (
            f"{', '.join(renderer.layout.told)} are taken for what the last push said of each row, and not sent; "
            "name them in properties if they are yours"
        )


def _language_warnings(renderer: Renderer, sent_as: Sequence[PropertyColumn], dropped: int) -> Iterator[str]:
    if dropped:
        verbs = ("row gives way", "is") if dropped == 1 else ("rows give way", "are")
        yield f"{dropped:,} {verbs[0]} to another row of the same key and {verbs[1]} not sent"
    if renderer.layout.language is not None and not renderer.layout.localised:
        found = dict.fromkeys(column.column for column in sent_as if column.language is not None)
        yield (
            f"localised by what differs in this table: {', '.join(found) or 'nothing'}; name the localised columns in "
            "lang_cols=[…], since a table whose languages agree writes them without a language"
        )
