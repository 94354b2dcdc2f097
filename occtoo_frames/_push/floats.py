"""How floats are written: the shortest digits that read back as the same float, never with an exponent.

Takes polars Series, gives the text of each value; nulls stay null, and so does what is not finite.
"""

from functools import cache
from typing import Any

import numpy as np
import polars as pl


def floats(series: pl.Series) -> pl.Series:
    """Shortest text that reads back as the same float, exponents written out; not-finite ones are null."""
    values = series.to_numpy()
    if np.count_nonzero(np.isfinite(values)) + series.null_count() < len(values):
        series = series.set(~series.is_finite().fill_null(value=True), None)
    text = _halves(series) if series.dtype == pl.Float16 else series.cast(pl.String)
    numbers = _may_have_exponents(values.astype(np.float64, copy=False))
    if not len(numbers):
        return text
    scientific = pl.DataFrame({"number": numbers, "text": text[numbers]}).filter(_HAS_EXPONENT)
    if scientific.is_empty():
        return text
    return text.scatter(scientific["number"], scientific.select(_WITHOUT_EXPONENT).to_series())


def _without_exponent(text: pl.Expr) -> pl.Expr:
    """``-1.5e-7`` → ``-0.00000015``, ``1e+16`` → ``10000000000000000.0``."""
    parts = text.str.extract_groups(r"^(?P<sign>-?)(?P<whole>\d)(?:\.(?P<rest>\d+))?e(?P<power>[+-]?\d+)$")
    digits = parts.struct["whole"] + parts.struct["rest"].fill_null("")
    power = parts.struct["power"].cast(pl.Int64)
    small = pl.lit("0.") + digits.str.pad_start(digits.str.len_bytes().cast(pl.Int64) - power - 1, "0")
    large = digits.str.pad_end(power + 1, "0") + pl.lit(".0")
    return parts.struct["sign"] + pl.when(power < 0).then(small).otherwise(large)


def _halves(series: pl.Series) -> pl.Series:
    """The shortest text of floats of 16 bits, which the engine writes as if they had 32; looked up."""
    bits = series.to_numpy().astype(np.float16).view(np.uint16)
    text = _texts_of_halves()[pl.Series(bits.astype(np.uint32))]
    return pl.select(pl.when(series.is_not_null()).then(text)).to_series()


@cache
def _texts_of_halves() -> pl.Series:
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    return pl.Series([np.format_float_positional(half, unique=True, trim="0") for half in halves])


def _may_have_exponents(values: np.ndarray[Any, Any]) -> pl.Series:
    """The positions of values that are not of a size that the engine always writes without one."""
    sizes = np.abs(values)
    odd = (sizes < 1e-4) & (sizes > 0) | (sizes >= 1e12)  # noqa: PLR2004 - well inside its bounds, of 32 bits too
    return pl.Series(np.flatnonzero(odd), dtype=pl.UInt32)


_HAS_EXPONENT = pl.col("text").str.contains("e", literal=True)
_WITHOUT_EXPONENT = _without_exponent(pl.col("text"))
