"""Files that what was read is written to: csv, parquet, a spreadsheet.

Takes a frame and a path, gives words about what the file holds a little differently. Nothing is changed silently: what
a spreadsheet would round or date otherwise stands there as text, and what it cannot hold at all is refused. A file that
was there before is replaced by a whole one or not at all.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

import occtoo_frames as of
from occtoo_frames._frames.beside import beside
from occtoo_frames._frames.workbook import write_sheet
from occtoo_frames._push.nesting import as_json
from occtoo_frames._push.problems import Place, gathered, problems
from occtoo_frames._push.rendering import rendering_for
from occtoo_frames.datatile.checks import cell_problems, size_problems

_BETTER_AS_TEXT = frozenset({"value-precision", "value-range"})
_NOTES: Mapping[str, str] = {
    "empty-text": "empty texts are empty cells, as nulls are",
    "value-characters": "control characters are written in Excel's way, and other readers may show them as _x000D_",
}
"""What a spreadsheet holds a little differently, by the rule that found it; other rules refuse."""


def flat(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame as text: lists of values joined by ``|``, other nested values as JSON, the rest as in a push.

    Decimals have no zeros at their ends.

    Raises:
        InvalidRowsError: A list could not be told from another one: an element holds a ``|``, or is nothing.
    """
    found: list[pl.DataFrame] = []
    texts = [_told(column, found) for column in frame.iter_columns()]
    _must_fit(gathered(found), "a table of texts", ".parquet")
    return pl.DataFrame(texts)


def _told(column: pl.Series, found: list[pl.DataFrame]) -> pl.Series:
    rendering = rendering_for(column.dtype, "|")
    if rendering is None:
        return as_json(column).alias(column.name)
    text, refused, _ = rendering.look(column)
    found += (
        problems(
            refusal.rule,
            refusal.message,
            refusal.hint,
            rows=refusal.mask.arg_true().cast(pl.Int64).to_numpy(),
            place=Place(column.name),
        )
        for refusal in refused
    )
    inner = getattr(column.dtype, "inner", column.dtype)
    if not (isinstance(inner, pl.Decimal) and inner.scale):
        return text
    return text.str.replace_all(r"(\.\d*[1-9])0+(\||$)", "${1}${2}").str.replace_all(r"\.0+(\||$)", "${1}")


def csv_cells(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame as the texts of a csv.

    Raises:
        InvalidRowsError: A value has no place in one: in a single column, a missing value would be an empty line.
    """
    text = flat(frame)
    found = cell_problems(text, "csv", {name: name for name in text.columns}, 0)
    _must_fit(gathered([*found]), "a .csv file", ".parquet")
    return text


def write(frame: pl.DataFrame, path: Path) -> list[str]:
    """The frame stands in ``path``, whole or not at all; what the file holds a little differently.

    Raises:
        InvalidRowsError: It cannot hold all of it.
        FileNotWrittenError: There can be no such file, or no room was left for it.
    """
    with beside(path) as part:
        return WRITERS[path.suffix.lower()](frame, part)


def _csv(frame: pl.DataFrame, path: Path) -> list[str]:
    csv_cells(frame).write_csv(path)
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
    _must_fit(refused, "an .xlsx file", ".csv or .parquet")
    changed = found.filter(pl.col("rule").is_in(_BETTER_AS_TEXT))["column"].unique(maintain_order=True).to_list()
    write_sheet(plain.with_columns(text[name] for name in changed), path, "entries", for_people=True)
    notes = [f"{', '.join(changed)}: written as text, for a spreadsheet would change some values"] if changed else []
    noted = found.filter(pl.col("rule").is_in(list(_NOTES))).select("column", "rule").unique(maintain_order=True)
    return notes + [f"{column}: {_NOTES[rule]}" for column, rule in noted.iter_rows()]


def _is_text(dtype: pl.DataType) -> bool:
    """Whether a spreadsheet has no better cell for it: it knows no zones."""
    return dtype.is_nested() or (isinstance(dtype, pl.Datetime) and dtype.time_zone is not None)


def _must_fit(refused: pl.DataFrame, kind: str, instead: str) -> None:
    if refused.is_empty():
        return
    row, column, message = refused.select("row", "column", "message").row(0)
    place = "" if row is None else f" (row {row}, {column})"
    raise of.InvalidRowsError(
        f"{refused.height:,} of its cells have no place in {kind}: {message}{place}; take {instead}", refused
    )


WRITERS: Mapping[str, Callable[[pl.DataFrame, Path], list[str]]] = {".csv": _csv, ".parquet": _parquet, ".xlsx": _sheet}
"""Each kind of file, by the ending of its name."""
