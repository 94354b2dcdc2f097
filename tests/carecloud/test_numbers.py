"""A field of numbers, read without a dtype of the caller's: each value says what its text does, or none is there."""

from decimal import Context, Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nested_tables import NUMERALS

import occtoo_frames as of
from occtoo_frames.carecloud.cells import parsed

_NO_NUMBERS = ["x", "inf", "-Infinity", "nan", " 1", "1_0", "1e", "٣"]
_BEYOND = ["1e400", "-1E999", "1e309", "1" + "0" * 400]


def _says(value, text):
    """Whether ``value`` is the number ``text``; of a float, the text is digits of it."""
    number = Decimal(text)
    if isinstance(value, float):
        digits = len("".join(map(str, number.as_tuple().digits)).rstrip("0")) or 1
        return Context(prec=digits).plus(Decimal(value)) == number
    return Decimal(value) == number


@settings(max_examples=500)
@given(st.lists(NUMERALS | st.sampled_from([*_BEYOND, *_NO_NUMBERS, "+1.50", "007", ".5", "1."]), max_size=6))
def test_a_number_is_what_its_text_says(cells):
    """Finite if it is a float; what is no number is a problem, whatever stands beside it."""
    told = parsed(pl.Series(cells, dtype=pl.String), "number")
    assert not told.values.dtype.is_float() or told.values.is_finite().drop_nulls().all()
    for cell, value, lost in zip(cells, told.values.to_list(), told.lost, strict=True):
        assert lost == (cell in _NO_NUMBERS) == (value is None), cell
        assert lost or _says(value, cell), (cell, value)


@pytest.mark.parametrize("beyond", _BEYOND)
@pytest.mark.parametrize("beside", [[], ["1.5"], ["1e3"], ["12345678901234567.5"]])
def test_a_number_beyond_floats_is_not_infinite(tmp_path, beyond, beside):
    """It comes as it was spelled, as do those beside it."""
    cells = [beyond, *beside]
    path = tmp_path / "n.cc5txt"
    rows = "".join(f"10|k{row}|{cell}|\n" for row, cell in enumerate(cells))
    head = "00|||20260101000000|\n01|wks_note|||cc-note|\n02|entityId\n03|entityId|n:number\n"
    path.write_text(f"{head}{rows}99|{len(cells)}\n")
    assert of.carecloud.read_sync_file(path, frame="polars")["n"].to_list() == cells
