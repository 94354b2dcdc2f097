"""A table as a spreadsheet: takes a frame and a path; text stays text, and numbers keep all their digits.

Knows no rules: what a spreadsheet cannot hold was found before, and is none of its business.
"""

from pathlib import Path
from typing import Any

import polars as pl

from occtoo_frames.exceptions import ConfigurationError

_PLAIN = {"strings_to_urls": False, "strings_to_formulas": False, "strings_to_numbers": False}
"""Text stays text: a link that is too long for a spreadsheet would be dropped without a word."""

_SHOWN: dict[Any, str] = {
    pl.Date: "yyyy-mm-dd",
    pl.Datetime: "yyyy-mm-dd hh:mm:ss.000",
    pl.Time: "hh:mm:ss.000",
}


def write_sheet(frame: pl.DataFrame, path: Path, name: str, *, for_people: bool = False) -> None:
    """The table stands in ``path``, a spreadsheet: text as text, numbers with all their digits.

    Its cells are plain ones: an Excel table, which polars makes, takes no names that differ only in case, no long ones
    and no empty ones.

    Args:
        frame: Without anything that a cell cannot hold.
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
