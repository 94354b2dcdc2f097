"""The four kinds of file. Takes a Prepared and a path; what a format cannot hold was refused before."""

from collections.abc import Callable
from pathlib import Path

import polars as pl

from occtoo_frames._frames.workbook import write_sheet
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


def _csv(prepared: Prepared, path: Path) -> None:
    """A slice at a time, so that a lazy table larger than memory is written too."""
    with path.open("wb") as stream:
        for position, part in enumerate(prepared.source.slices(prepared.source.columns)):
            part.rename(prepared.variables).write_csv(stream, include_header=position == 0)


_WRITERS: dict[Format, Callable[[Prepared, Path], None]] = {
    "zsav": _spss,
    "sav": _spss,
    "xlsx": _xlsx,
    "csv": _csv,
}
