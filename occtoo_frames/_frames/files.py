"""Tables in files: parquet and csv are scanned, a spreadsheet is read.

Takes a path and options, gives a Source. Text in a csv stays text, so that ``007`` survives; its delimiter and
encoding are found and said. The file's size and time are kept, so that a change behind a plan's back is seen.
"""

import codecs
import csv
import io
import os
import tempfile
import weakref
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from occtoo_frames._frames.source import Flaw, Source
from occtoo_frames.exceptions import ConfigurationError, UnsupportedFrameError

_SAMPLE_BYTES = 65_536
_FALLBACK = "cp1252"


def from_path(path: str | os.PathLike[str], options: Mapping[str, Any] | None = None) -> Source:
    """The Source of a .parquet, .csv or .xlsx file.

    Args:
        path: The file.
        options: For csv ``separator`` and ``encoding``; for xlsx ``sheet`` (a name, or a number from 1).

    Raises:
        UnsupportedFrameError: The ending is another, or the content is not what the ending says.
        FileNotFoundError: There is no such file.
        ConfigurationError: An option is malformed or unknown for this kind of file, or the extra ``excel`` is missing.
    """
    file = Path(path)
    opener = _OPENERS.get(file.suffix.lower())
    if opener is None:
        raise UnsupportedFrameError(f"{file.name}: only .parquet, .csv and .xlsx files are read")
    if not file.is_file():
        raise FileNotFoundError(f"there is no file {file}")
    try:
        return opener(file, dict(options or {}))
    except (pl.exceptions.PolarsError, csv.Error, UnicodeError) as error:
        raise UnsupportedFrameError(f"{file.name} cannot be read as {file.suffix}: {error}") from None


def _parquet(file: Path, options: dict[str, Any]) -> Source:
    _no_more(options, file)
    lazy = pl.scan_parquet(file, glob=False)
    return replace(_source(file, lazy, ()), height=lazy.select(pl.len()).collect().item())


def _csv(file: Path, options: dict[str, Any]) -> Source:
    encoding = _known_encoding(options.pop("encoding", None)) or _encoding(file)
    separator = _one_character(options.pop("separator", None))
    _no_more(options, file)
    readable, told = file, []
    if codecs.lookup(encoding).name not in {"utf-8", "utf-8-sig", "ascii"}:
        readable = _transcoded(file, encoding)
        told.append(f"{file.name}: read as {encoding}")
    separator = separator or _separator(readable)
    if separator != ",":
        told.append(f"{file.name}: columns separated by {separator!r}")
    with readable.open(encoding="utf-8-sig", newline="") as stream:
        _no_twins(file, next(csv.reader(stream, delimiter=separator), []))
    lazy = pl.scan_csv(readable, separator=separator, infer_schema=False, glob=False)
    source = _source(file, lazy, tuple(told))
    if readable != file:
        weakref.finalize(lazy, partial(readable.unlink, missing_ok=True))
    return source


def _xlsx(file: Path, options: dict[str, Any]) -> Source:
    sheet = _sheet(options.pop("sheet", 1))
    _no_more(options, file)
    try:
        from fastexcel import FastExcelError, read_excel
    except ModuleNotFoundError:
        raise ConfigurationError("reading .xlsx needs the extra: pip install 'occtoo_frames[excel]'") from None
    chosen: dict[str, Any] = {"sheet_name": sheet} if isinstance(sheet, str) else {"sheet_id": sheet}
    try:
        frame = pl.read_excel(
            file, engine="calamine", infer_schema_length=None, drop_empty_rows=False, drop_empty_cols=False, **chosen
        )
        reader = read_excel(file)
        place = sheet if isinstance(sheet, str) else sheet - 1
        header = reader.load_sheet(place, header_row=None, n_rows=1, dtypes="string").to_polars()
        errors = reader.load_sheet(place, schema_sample_rows=None).to_arrow_with_errors()[1]
    except (FastExcelError, ValueError, pl.exceptions.NoDataError) as error:
        raise UnsupportedFrameError(f"{file.name} cannot be read: {str(error).splitlines()[0]}") from None
    frame = _without_blanks(file, frame, [None if name is None else str(name) for name in header.row(0)])
    return replace(_source(file, frame, ()), flaws=tuple(_cell_errors(frame, errors)))


def _without_blanks(file: Path, frame: pl.DataFrame, header: list[str | None]) -> pl.DataFrame:
    """The sheet without nameless empty columns, and without the empty rows below its last one."""
    kept = []
    for position, name in enumerate(frame.columns):
        raw = header[position] if position < len(header) else None
        if raw:
            kept.append(name)
        elif frame[name].null_count() < frame.height:
            raise UnsupportedFrameError(f"{file.name}: column {position + 1} has values but no name; name it")
    _no_twins(file, [name for name in header if name])
    filled = frame.select(pl.any_horizontal(pl.col(kept).is_not_null()).arg_true().max()).item() if kept else None
    return frame.select(kept).head(0 if filled is None else filled + 1)


def _cell_errors(frame: pl.DataFrame, errors: Any) -> Iterator[Flaw]:
    """What Excel shows as #N/A, #REF! and the like, which the engine sees as null."""
    for error in errors.errors if errors is not None else ():
        row, column = error.offset_position
        if column < frame.width and row < frame.height and frame[row, column] is None:
            shown = "#" + str(error.detail).partition("Error(")[2].rstrip(")'") if "Error(" in error.detail else "?"
            message = "an error of a formula, not a value"
            yield Flaw(frame.columns[column], "value-type", message, np.array([row]), (shown,))


def _no_twins(file: Path, names: Sequence[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise UnsupportedFrameError(f"{file.name}: several columns are called {', '.join(map(repr, twice[:5]))}")


_OPENERS = {".parquet": _parquet, ".csv": _csv, ".xlsx": _xlsx}


def _source(file: Path, frame: pl.DataFrame | pl.LazyFrame, warnings: tuple[str, ...]) -> Source:
    schema = frame.collect_schema()
    return Source(
        frame=frame,
        kind="pandas",
        schema=schema,
        dtypes={name: str(dtype) for name, dtype in schema.items()},
        warnings=warnings,
        stamp=partial(_stamp, file),
        stamped=_stamp(file),
    )


def _stamp(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_size, status.st_mtime_ns


def _no_more(options: Mapping[str, Any], file: Path) -> None:
    if options:
        known = {".csv": "separator, encoding", ".xlsx": "sheet"}.get(file.suffix.lower(), "none")
        raise ConfigurationError(
            f"read_options {sorted(options)} mean nothing for a {file.suffix} file; it has: {known}"
        )


def _one_character(separator: Any) -> str | None:
    """The separator of a csv; None to find it."""
    if separator is None or separator == "":
        return None
    if not isinstance(separator, str) or len(separator.encode()) != 1 or separator in '"\r\n':
        raise ConfigurationError(
            f"read_options: separator={separator!r}: columns are separated by one character of ASCII, such as ';' or a "
            "tab, and by no quote or line break; leave it out to have it found"
        )
    return separator


def _known_encoding(encoding: Any) -> str | None:
    """The encoding of a csv; None to find it."""
    if encoding is None or encoding == "":
        return None
    try:
        "".encode(encoding)
    except (LookupError, TypeError):
        raise ConfigurationError(
            f"read_options: encoding={encoding!r}: Python knows no encoding of text of that name; give one such as "
            "'utf-8' or 'cp1252', or leave it out to have it found"
        ) from None
    return str(encoding)


def _sheet(sheet: Any) -> str | int:
    """A sheet's name, or its number."""
    if isinstance(sheet, str) or (isinstance(sheet, int) and not isinstance(sheet, bool) and sheet >= 1):
        return sheet
    raise ConfigurationError(f"read_options: sheet={sheet!r}: give the sheet's name, or its number, from 1")


def _encoding(file: Path) -> str:
    """UTF-16 by its mark, UTF-8 if the whole file is that, else Windows' Western European."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with file.open("rb") as stream:
        if stream.read(2) in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
            return "utf-16"
        stream.seek(0)
        try:
            while block := stream.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return _FALLBACK
    return "utf-8"


def _transcoded(file: Path, encoding: str) -> Path:
    handle, name = tempfile.mkstemp(suffix=".csv", prefix="occtoo-frames-")
    with (
        file.open(encoding=encoding, newline="") as read,
        os.fdopen(handle, "w", encoding="utf-8", newline="") as write,
    ):
        while block := read.read(1 << 20):
            write.write(block)
    return Path(name)


def _separator(file: Path) -> str:
    """The one that stands in the header, and cuts every record of the sample into as many columns, most of them.

    Where none cuts all of them equally, the one that stands in the header most often; a comma if none stands there.
    Each is tried with the rules of csv, so that what stands between quotes counts for nothing.
    """
    with file.open(encoding="utf-8-sig", newline="") as stream:
        sample = stream.read(_SAMPLE_BYTES)
    whole = len(sample) < _SAMPLE_BYTES
    return max(_SEPARATORS, key=lambda separator: _fitness(sample, separator, whole=whole))


_SEPARATORS = ",;\t|"


def _fitness(sample: str, separator: str, *, whole: bool) -> tuple[bool, int]:
    """Whether every record has the header's columns, of which there are several; and how many they are.

    What follows a closing quote must be a separator, which tells ``"a";"b,c"`` from two columns.
    """
    lines, widths = io.StringIO(sample, newline=""), list[int]()
    try:
        widths.extend(len(record) for record in csv.reader(lines, delimiter=separator, strict=True) if record)
        sound, cut = True, not whole and len(widths) > 1
    except csv.Error:
        sound, cut = not whole and not lines.read(1), False  # the sample may end between two quotes
    complete = widths[:-1] if cut else widths
    if not complete or complete[0] == 1:
        return False, 0
    return sound and set(complete) == {complete[0]}, complete[0]
