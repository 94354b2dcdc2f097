"""What a type checker takes: this file is run, and read by mypy as strictly as the package."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import occtoo_frames as of


def test_names_may_stand_in_arrays_of_a_table_library() -> None:
    """They come out of it: the columns of a frame, a part of them, a series."""
    frame = pd.DataFrame({"sku": ["a"], "name_en": ["x"], "name_sv": ["y"]})
    plans = [
        of.plan(frame, frame.columns[:1], np.array(["name"])),
        of.plan(frame, np.array(["sku"]), {"name": pl.Series(["en", "sv"])}),
        of.plan(frame, pd.Series(["sku"]), {"name": ("en", "sv")}, properties=frame.columns[1:]),
        of.plan(frame, ["sku"], {"name": {"en": "name_en", "sv": "name_sv"}}, properties=pl.Series(frame.columns[1:])),
    ]
    first, *others = [b"".join(plan.bodies()) for plan in plans]
    assert others == [first] * 3


def test_what_lists_no_names_is_refused_by_the_checker_too() -> None:
    """A dict of something else, numbers, nothing."""
    frame = pl.DataFrame({"sku": ["a"]})
    with pytest.raises(of.OcctooError):
        of.plan(frame, 5)  # type: ignore[arg-type]
    with pytest.raises(of.OcctooError):
        of.plan(frame, [5])  # type: ignore[list-item]
    with pytest.raises(of.OcctooError):
        of.plan(frame, {"sku": 5})  # type: ignore[arg-type]
    with pytest.raises(of.OcctooError):
        of.plan(frame, "sku", {"name": 5})  # type: ignore[dict-item]


def test_options_of_reading_may_be_arrays() -> None:
    """Refused here for the address, which comes after them."""
    with pytest.raises(of.ConfigurationError, match="address"):
        of.read_destination(
            "nowhere", columns=np.array(["name"]), search=pl.Series(["x"]), sort=pd.Index(["name"]), language=["en"]
        )
