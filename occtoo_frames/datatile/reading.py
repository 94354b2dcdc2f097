"""Files of variables back into tables: takes a path, gives a Dataset with values, labels and types.

SPSS knows numbers and texts only; what a number is, its format, labels and measure tell. Times are rounded to the
millisecond, which is what a double of seconds since 1582 holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from occtoo_frames._frames.door import open_frame
from occtoo_frames._frames.exit import to_kind
from occtoo_frames.datatile.checks import EXACT, SPSS
from occtoo_frames.datatile.flaws import flawless
from occtoo_frames.datatile.labels import FALSE_TRUE
from occtoo_frames.exceptions import ConfigurationError, FileMissingError, UnsupportedFrameError
from occtoo_frames.typing import FrameKind

_EPOCH_DAYS = 141_428
"""From 1582-10-14, where SPSS begins to count, to 1970."""

_EPOCH_MS = _EPOCH_DAYS * 86_400_000
_FIRST_MS, _LAST_MS = -719_162 * 86_400_000, 2_932_897 * 86_400_000
"""The years 1 to 9999, from 1970."""

_DAY_US, _LONGEST_S = 86_400_000_000, 1e12
_DATES = ("DATE", "ADATE", "EDATE", "SDATE", "JDATE")
_TIMES = ("DATETIME", "YMDHMS")


@dataclass(frozen=True, slots=True)
class Dataset:
    """What a file holds.

    Attributes:
        frame: The values: whole numbers as integers, labelled 0 and 1 of false and true as booleans, nominal and
            ordinal variables whose values all have labels as categories.
        labels: The label of each variable that has one.
        value_labels: The labels of each variable's values, by the number or text that the file holds.
    """

    frame: Any = field(repr=False)
    labels: Mapping[str, str]
    value_labels: Mapping[str, Mapping[Any, str]]


def read_file(path: Any, *, frame: FrameKind = "pandas") -> Dataset:
    """What stands in a .zsav, .sav, .xlsx or .csv file; see ``Dataset`` for how types are found.

    Raises:
        UnsupportedFrameError: It is none of these, or cannot be read.
        InvalidRowsError: Cells of a sheet hold what is no value, such as the error of a formula; ``.problems`` names
            them.
        ConfigurationError: The extra that reads it is missing.
    """
    file = Path(path)
    if file.suffix.lower().lstrip(".") not in SPSS:
        return Dataset(to_kind(flawless(open_frame(file), file.name), frame), {}, {})
    raw, meta = _spss(file)
    values = {name: dict(labels) for name, labels in meta.variable_value_labels.items()}
    labels = {name: label for name, label in meta.column_names_to_labels.items() if label}
    try:
        columns = [_typed(raw[name], name, meta, values.get(name, {})) for name in raw.columns]
    except UnsupportedFrameError as error:
        raise UnsupportedFrameError(f"{file.name}: {error}") from None
    return Dataset(to_kind(pl.DataFrame(columns), frame), labels, values)


def _spss(file: Path) -> tuple[pl.DataFrame, Any]:
    try:
        import pyreadstat
    except ModuleNotFoundError:
        raise ConfigurationError("reading SPSS needs the extra: pip install 'occtoo_frames[spss]'") from None
    if not file.is_file():
        raise FileMissingError(f"there is no file {file}")
    try:
        columns, meta = pyreadstat.read_sav(str(file), disable_datetime_conversion=True, output_format="dict")
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
        raise UnsupportedFrameError(f"{file.name} cannot be read as SPSS: {error}") from None
    kinds = {name: pl.String if meta.readstat_variable_types[name] == "string" else pl.Float64 for name in columns}
    return pl.DataFrame(columns, schema=kinds, nan_to_null=True), meta


def _typed(column: pl.Series, name: str, meta: Any, labels: Mapping[Any, str]) -> pl.Series:
    if column.dtype == pl.String:
        return column
    shown = meta.original_variable_types[name]
    family = shown.rstrip("0123456789.")
    if family in _DATES or family in _TIMES:
        return _moments(column, dates=family in _DATES)
    if family == "TIME":
        return _times(column)
    if family == "F" and shown.endswith(".0") and _is_whole(column):
        return _labelled(column.cast(pl.Int64), meta.variable_measure.get(name), labels)
    return column


def _moments(column: pl.Series, *, dates: bool) -> pl.Series:
    """Seconds as datetimes, or as dates if they are whole days and shown as such."""
    since = (column * 1_000).round() - _EPOCH_MS
    if not since.is_between(_FIRST_MS, _LAST_MS, closed="left").all():
        raise UnsupportedFrameError(f"column {column.name!r} holds dates beyond the years 1 to 9999")
    moments = since.cast(pl.Int64).cast(pl.Datetime("ms")).cast(pl.Datetime("us"))
    days = moments.cast(pl.Date)
    return days if dates and (days == moments).all() else moments


def _times(column: pl.Series) -> pl.Series:
    """Seconds as times of day; as durations if some are none, for SPSS makes no difference."""
    if not (column.abs() < _LONGEST_S).all():
        raise UnsupportedFrameError(f"column {column.name!r} holds times beyond any clock")
    spans = (column * 1_000_000).round().cast(pl.Int64)
    if spans.is_between(0, _DAY_US, closed="left").all():
        return (spans * 1_000).cast(pl.Time)
    return spans.cast(pl.Duration("us"))


def _is_whole(column: pl.Series) -> bool:
    return bool(((column == column.round()) & (column.abs() <= EXACT)).all())


def _labelled(column: pl.Series, measure: str | None, labels: Mapping[Any, str]) -> pl.Series:
    """Codes as what their labels say they are, if these say it of every one."""
    codes, texts = zip(*sorted(labels.items()), strict=True) if labels else ((), ())
    if measure not in {"nominal", "ordinal"} or not set(column.drop_nulls().unique()) <= set(codes):
        return column
    if dict(labels) == FALSE_TRUE:
        return column.cast(pl.Boolean)
    if len(set(texts)) < len(texts):
        return column
    kind = pl.Enum(texts) if measure == "ordinal" else pl.Categorical()
    return column.cast(pl.Float64).replace_strict(codes, texts, return_dtype=pl.String).cast(kind)
