"""The four kinds of file. Takes a Prepared and a path; what a format cannot hold was refused before."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from occtoo_frames.datatile.checks import Format
from occtoo_frames.datatile.prepared import Prepared
from occtoo_frames.datatile.shaping import to_spss
from occtoo_frames.exceptions import ConfigurationError

SHEET = "dataset"


def write(prepared: Prepared, path: Path) -> None:
    """The table stands in ``path``.

    Raises:
        ConfigurationError: The extra that writes this format is missing.
    """
    _WRITERS[prepared.fmt](prepared, path)


def _spss(prepared: Prepared, path: Path) -> None:
    try:
        import pyreadstat
    except ModuleNotFoundError:
        raise ConfigurationError("writing SPSS needs the extra: pip install 'occtoo_frames[spss]'") from None
    spss = to_spss(prepared)
    pyreadstat.write_sav(
        spss.frame,
        str(path),
        column_labels={**spss.labels},
        compress=prepared.fmt == "zsav",
        variable_value_labels=spss.value_labels,
        variable_format=spss.formats,
        variable_measure=spss.measures,
    )


def _xlsx(prepared: Prepared, path: Path) -> None:
    frame = prepared.source.whole(prepared.fmt).rename(prepared.variables)
    zoned = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Datetime) and dtype.time_zone]
    plain = frame.with_columns(pl.col(zoned).dt.convert_time_zone("UTC").dt.replace_time_zone(None))
    write_sheet(plain, path, SHEET)


def write_sheet(frame: pl.DataFrame, path: Path, name: str, *, for_people: bool = False) -> None:
    """The table stands in ``path``, a spreadsheet: text as text, numbers with all their digits.

    Its cells are plain ones: an Excel table, which polars makes, takes no names that differ only in case, no long ones
    and no empty ones.

    Args:
        frame: Without anything that ``checks`` finds in it.
        path: Where to.
        name: The sheet's.
        for_people: Whether columns are as wide as what stands in them, and can be filtered.

    Raises:
        ConfigurationError: The extra is missing.
        OSError: There can be no file at ``path``.
    """
    try:
        import xlsxwriter
        from xlsxwriter.exceptions import FileCreateError
    except ModuleNotFoundError:
        raise ConfigurationError("writing .xlsx needs the extra: pip install 'occtoo_frames[excel]'") from None
    try:
        with xlsxwriter.Workbook(path, _PLAIN) as book:
            sheet = book.add_worksheet(name)
            sheet.add_write_handler(float, _exactly)
            sheet.add_write_handler(str, _literally)
            sheet.write_row(0, 0, frame.columns, book.add_format({"bold": for_people}))
            formats = {kind: book.add_format({"num_format": shown}) for kind, shown in _SHOWN.items()}
            for position, column in enumerate(frame.with_columns(pl.selectors.decimal().cast(pl.Float64))):
                sheet.write_column(1, position, column.to_list(), formats.get(column.dtype.base_type()))
            if for_people:
                sheet.autofilter(0, 0, frame.height, frame.width - 1)
                sheet.autofit()
    except FileCreateError as error:  # holds the system's own error
        raise error.args[0] from None


class _Exact(float):
    """A number that is written with all its digits: the library would write sixteen, and a double has seventeen."""

    def __format__(self, spec: str) -> str:
        return float.__repr__(self)


def _exactly(sheet: Any, row: int, column: int, number: float, *shown: Any) -> Any:
    return sheet.write_number(row, column, _Exact(number), *shown)


def _literally(sheet: Any, row: int, column: int, text: str, *shown: Any) -> Any:
    """The library puts a text from ``<r>`` to ``</r>`` into the file as XML: such a one is written in three runs."""
    if not (text.startswith("<r>") and text.endswith("</r>")):
        return None  # as any text
    return sheet.write_rich_string(row, column, text[0], text[1], text[2:], *filter(None, shown))


def _csv(prepared: Prepared, path: Path) -> None:
    """A slice at a time, so that a lazy table larger than memory is written too."""
    with path.open("wb") as stream:
        for position, part in enumerate(prepared.source.slices(prepared.source.columns)):
            part.rename(prepared.variables).write_csv(stream, include_header=position == 0)


_PLAIN = {"strings_to_urls": False, "strings_to_formulas": False, "strings_to_numbers": False}
"""Text stays text: a link that is too long for a spreadsheet would be dropped without a word."""

_SHOWN: dict[Any, str] = {
    pl.Date: "yyyy-mm-dd",
    pl.Datetime: "yyyy-mm-dd hh:mm:ss.000",
    pl.Time: "hh:mm:ss.000",
}
_WRITERS: dict[Format, Callable[[Prepared, Path], None]] = {
    "zsav": _spss,
    "sav": _spss,
    "xlsx": _xlsx,
    "csv": _csv,
}
