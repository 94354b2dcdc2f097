"""Files that what was read is written to: csv, parquet, a spreadsheet.

Takes a frame and a path, gives words about what the file holds a little differently. Nothing is changed silently: what
a spreadsheet would round or date otherwise stands there as text, and what it cannot hold at all is refused before
anything is written.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

import occtoo_frames as of
from occtoo_frames._push.problems import gathered
from occtoo_frames._push.rendering import rendering_for
from occtoo_frames.datatile.checks import cell_problems, size_problems
from occtoo_frames.datatile.writers import write_sheet

_BETTER_AS_TEXT = frozenset({"value-precision", "value-range"})
_NOTES: Mapping[str, str] = {
    "empty-text": "empty texts are empty cells, as nulls are",
    "value-characters": "control characters are written in Excel's way, and other readers may show them as _x000D_",
}
"""What a spreadsheet holds a little differently, by the rule that found it; other rules refuse."""


def flat(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame as csv can hold it: lists of text joined by ``|``, other nested values as JSON, the rest as in a push.

    Decimals have no zeros at their ends.
    """
    nested = frame.with_columns(
        _flat_column(pl.col(name), dtype) for name, dtype in frame.schema.items() if dtype.is_nested()
    )
    return nested.with_columns(
        _spelled(nested[name]) for name, dtype in nested.schema.items() if dtype.is_decimal() or dtype.is_temporal()
    )


def _flat_column(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.List) and dtype.inner == pl.String:
        return column.list.join("|")
    if isinstance(dtype, pl.Struct):
        return column.struct.json_encode()
    return column.list.eval(pl.element().struct.json_encode()).list.join("\n")


def _spelled(column: pl.Series) -> pl.Series:
    rendering = rendering_for(column.dtype, "|")
    assert rendering is not None  # noqa: S101 - scalars have one
    text = rendering.render(column)
    if not (isinstance(column.dtype, pl.Decimal) and column.dtype.scale):
        return text
    return text.str.strip_chars_end("0").str.strip_suffix(".")


def _csv(frame: pl.DataFrame, path: Path) -> list[str]:
    flat(frame).write_csv(path)
    return []


def _parquet(frame: pl.DataFrame, path: Path) -> list[str]:
    frame.write_parquet(path)
    return []


def _sheet(frame: pl.DataFrame, path: Path) -> list[str]:
    text, columns = flat(frame), {name: name for name in frame.columns}
    plain = frame.with_columns(text[name] for name, dtype in frame.schema.items() if _is_text(dtype))
    found = gathered([
        *size_problems(frame.height, frame.width, "xlsx"),
        *cell_problems(plain, "xlsx", columns, 0),
    ])  # fmt: skip
    refused = found.filter(~pl.col("rule").is_in([*_BETTER_AS_TEXT, *_NOTES]))
    if refused.height:
        raise of.InvalidRowsError(_refusal(refused), refused)
    changed = found.filter(pl.col("rule").is_in(_BETTER_AS_TEXT))["column"].unique(maintain_order=True).to_list()
    write_sheet(
        plain.with_columns(_text(frame[name], text[name]) for name in changed), path, "entries", for_people=True
    )
    notes = [f"{', '.join(changed)}: written as text, for a spreadsheet would change some values"] if changed else []
    noted = found.filter(pl.col("rule").is_in(list(_NOTES))).select("column", "rule").unique(maintain_order=True)
    return notes + [f"{column}: {_NOTES[rule]}" for column, rule in noted.iter_rows()]


def _is_text(dtype: pl.DataType) -> bool:
    """Whether a spreadsheet has no better cell for it: it knows no zones."""
    return dtype.is_nested() or (isinstance(dtype, pl.Datetime) and dtype.time_zone is not None)


def _text(column: pl.Series, spelled: pl.Series) -> pl.Series:
    return column.cast(pl.String) if column.dtype.is_integer() else spelled


def _refusal(refused: pl.DataFrame) -> str:
    row, column, message = refused.select("row", "column", "message").row(0)
    place = "" if row is None else f" (row {row}, {column})"
    return f"{refused.height:,} of its cells have no place in an .xlsx file: {message}{place}; take .csv or .parquet"


WRITERS: Mapping[str, Callable[[pl.DataFrame, Path], list[str]]] = {".csv": _csv, ".parquet": _parquet, ".xlsx": _sheet}
"""Each kind of file, by the ending of its name."""
