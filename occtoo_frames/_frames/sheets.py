"""From a sheet of a spreadsheet to a frame, every cell by what it is.

Takes an .xlsx file and a sheet, gives a frame and its flaws. A cell is a text, a number, a boolean, a moment (a number
that is shown as a date, a time or a duration) or the error of a formula. The reader makes one type of each column and
bends what does not fit: numbers among texts are rounded, ``TRUE`` among numbers is 1, a time is a datetime of 1899. So
the sheet is read twice: typed, and as the text of each cell, where a boolean among numbers and a moment among texts can
be seen. The cells of such columns are read by ``mixed``, each by its own kind. Formulas that the reader takes for empty
cells, since they have no value yet, are found by ``formulas``.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from occtoo_frames._frames.formulas import letters, uncalculated
from occtoo_frames._frames.mixed import Kinds, as_text, may_be_mixed, may_be_typed, only_dates, only_times
from occtoo_frames._frames.source import Flaw, no_twins
from occtoo_frames.exceptions import ConfigurationError, UnsupportedFrameError

_ERROR = "an error of a formula, not a value"
_NEVER = "a formula that was never calculated: open the file in a spreadsheet and save it"
_EARLY = "a duration, or a date before 1910 or of day 0, among cells of other kinds: make the column one kind"
_UNITED = 2.0**63

_Cells = dict[str, dict[int, str]]
"""Of columns the rows of some cells, and what stands there."""


def read_sheet(file: Path, sheet: str | int) -> tuple[pl.DataFrame, tuple[Flaw, ...]]:
    """The columns of a sheet that have a name, down to the last row that is not empty, and their flaws.

    Args:
        file: The spreadsheet.
        sheet: The sheet's name, or its number, from 1.

    Raises:
        UnsupportedFrameError: It cannot be read, two columns share a name, or one has values and no name.
        ConfigurationError: The extra ``excel`` is missing.
    """
    try:
        from fastexcel import FastExcelError, read_excel
    except ModuleNotFoundError:
        raise ConfigurationError("reading .xlsx needs the extra: pip install 'occtoo_frames[excel]'") from None
    try:
        return _Sheet(file, read_excel(file), sheet if isinstance(sheet, str) else sheet - 1).read()
    except (FastExcelError, ValueError) as error:
        told = " ".join(str(error).split())
        raise UnsupportedFrameError(f"{file.name} cannot be read: {told}") from None


class _Sheet:
    """One sheet of a workbook; its columns are called by their numbers until they are given their names."""

    def __init__(self, file: Path, reader: Any, place: str | int) -> None:
        self._file, self._reader, self._place = file, reader, place

    def read(self) -> tuple[pl.DataFrame, tuple[Flaw, ...]]:
        sheet = self._reader.load_sheet(self._place, header_row=None, dtypes="string")
        batch, found = sheet.to_arrow_with_errors()
        cells = _numbered(pl.DataFrame(batch))
        if cells.is_empty():
            raise UnsupportedFrameError(f"{self._file.name} cannot be read: the sheet is empty")
        header, shown = cells.row(0), cells[1:]
        errors: _Cells = {}
        for error in found.errors if found is not None else ():
            row, column = error.offset_position
            if row > 0:
                errors.setdefault(str(column), {})[row - 1] = _as_excel_shows(str(error.detail))
        first = min(column.absolute_index for column in sheet.available_columns())
        never = self._never_calculated(sheet, cells, first)
        odd = {column: {**errors.get(column, {}), **never.get(column, {})} for column in shown.columns}
        names = self._names(header, shown, odd, first)
        kept = list(names)
        height = _filled(shown.select(kept), [odd[column] for column in kept])
        series, flaws = self._columns(*(cells.select(kept).head(height) for cells in (self._typed(shown), shown)))
        for message, found_there in ((_ERROR, errors), (_NEVER, never)):
            flaws += [_flaw(column, message, cells) for column, cells in found_there.items() if column in names]
        frame = pl.DataFrame([values.alias(names[values.name]) for values in series])
        if frame.height < height:  # the reader knows nothing of rows of formulas alone that were never calculated
            frame = frame.select(pl.all().extend_constant(None, height - frame.height))
        return frame, tuple(Flaw(names[flaw.column], flaw.rule, flaw.message, flaw.rows, flaw.values) for flaw in flaws)

    def _never_calculated(self, sheet: Any, cells: pl.DataFrame, first: int) -> _Cells:
        """The formulas of ``sheet`` without a value, by the rows and columns of ``cells`` after the header.

        The first of these columns is the sheet's ``first``, counted from 0.

        Raises:
            UnsupportedFrameError: One stands in a column that has no name, of which the reader knows nothing.
        """
        formulas = uncalculated(self._file, sheet.name)
        found: _Cells = {}
        if formulas:
            whole = self._reader.load_sheet(self._place, header_row=None, skip_rows=0, dtypes="string")
            header = whole.height - cells.height
            for row, column, text in formulas:
                if row <= header:
                    continue
                if str(column - first) not in cells.columns:
                    raise self._nameless(column)
                found.setdefault(str(column - first), {})[row - header - 1] = text
        return found

    def _names(
        self, header: Sequence[str | None], shown: pl.DataFrame, odd: Mapping[str, Mapping[int, str]], first: int
    ) -> dict[str, str]:
        """The names of the columns that have one; the others must be empty."""
        names = {str(position): name for position, name in enumerate(header) if name}
        for column in shown.columns:
            if column not in names and (shown[column].null_count() < shown.height or odd[column]):
                raise self._nameless(first + int(column))
        no_twins(list(names.values()), f"{self._file.name}: ")
        return names

    def _nameless(self, column: int) -> UnsupportedFrameError:
        return UnsupportedFrameError(f"{self._file.name}: column {letters(column)} has values but no name; name it")

    def _columns(self, typed: pl.DataFrame, shown: pl.DataFrame) -> tuple[list[pl.Series], list[Flaw]]:
        """The columns by their types, or as text where a type would bend some cells; and the cells that have none."""
        mixed = [name for name in shown.columns if may_be_mixed(typed[name], shown[name])]
        kinds = self._kinds(mixed, shown.height) if mixed else {}
        series, flaws = [], []
        for name in shown.columns:
            if name not in kinds or only_dates(kinds[name], shown[name]):
                series.append(_narrowed(typed[name]))
            elif only_times(kinds[name], shown[name]):
                series.append(typed[name].dt.time())
            else:
                text, refused = as_text(kinds[name], shown[name])
                series.append(text)
                if len(rows := refused.arg_true().to_list()):
                    flaws.append(_flaw(name, _EARLY, {row: shown[name][row] for row in rows}))
        return series, flaws

    def _typed(self, shown: pl.DataFrame) -> pl.DataFrame:
        """The sheet with the type that the reader finds for each column.

        It is told to take those as text that are empty, of which it would tell the terminal, and those that hold
        moments and something else, some of which it would refuse.
        """
        texts = {int(name): "string" for name in shown.columns if not may_be_typed(shown[name])}
        return self._load(schema_sample_rows=None, dtypes=texts or None)

    def _kinds(self, columns: Sequence[str], height: int) -> dict[str, Kinds]:
        """What each of ``columns`` is as numbers, as booleans, and as moments."""
        every = [
            self._load(use_columns=list(map(int, columns)), dtypes=kind).head(height)
            for kind in ("float", "boolean", "duration")
        ]
        return {name: Kinds(*(frame[:, at] for frame in every)) for at, name in enumerate(columns)}

    def _load(self, **options: Any) -> pl.DataFrame:
        return _numbered(pl.DataFrame(self._reader.load_sheet(self._place, **options).to_arrow()))


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    frame.columns = [str(position) for position in range(frame.width)]
    return frame


def _filled(shown: pl.DataFrame, errors: Sequence[Mapping[int, str]]) -> int:
    """How many rows there are up to the last one with a value, or an error."""
    last = max((row for cells in errors for row in cells), default=-1)
    if shown.width:
        rows = shown.select(pl.any_horizontal(pl.all().is_not_null())).to_series().arg_true()
        last = max(last, *rows.tail(1).to_list(), -1)
    return last + 1


def _narrowed(values: pl.Series) -> pl.Series:
    """Numbers without a fraction as integers, moments without a time as dates: a spreadsheet knows neither."""
    if values.dtype.is_float() and ((values == values.floor()) & (values.abs() < _UNITED)).all():
        return values.cast(pl.Int64)
    if isinstance(values.dtype, pl.Datetime) and (values == values.dt.truncate("1d")).all():
        return values.cast(pl.Date)
    return values


def _flaw(column: str, message: str, cells: Mapping[int, str]) -> Flaw:
    rows = sorted(cells)
    return Flaw(column, "value-type", message, np.array(rows, np.int64), tuple(cells[row] for row in rows))


def _as_excel_shows(detail: str) -> str:
    """``#NA`` and the like out of the reader's ``Expected float but got 'Error(NA)'``."""
    return "#" + detail.partition("Error(")[2].rstrip(")'") if "Error(" in detail else "?"
