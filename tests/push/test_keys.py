"""Keys that cannot be keys: what is said of them, and what is not."""

import datetime as dt
import uuid
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest

import occtoo_frames as of

_UNWRITABLE = {
    "uuid": [uuid.UUID(int=1), uuid.UUID(int=2)],
    "period": pd.period_range("2026-01", periods=2, freq="M"),
    "interval": pd.interval_range(0, 2),
    "complex": np.array([1j, 2j]),
    "binary": [b"a", b"b"],
    "struct": [{"a": 1}, {"a": 2}],
    "list": [["a"], ["b"]],
}


@pytest.mark.parametrize("kind", _UNWRITABLE)
def test_a_column_that_cannot_be_written_is_no_key(kind):
    """Nor part of one, nor is an index of them; its rows are not said to have none."""
    frame = pd.DataFrame({"k": _UNWRITABLE[kind], "v": [1, 2]})
    for key in ("k", ["v", "k"]):
        with pytest.raises(of.PlanError, match=r"key column 'k'.*( cannot be written|no text form)"):
            of.plan(frame, key)
    if kind not in {"struct", "list"}:
        with pytest.raises(of.PlanError, match="key column 'k'"):
            of.plan(frame.set_index("k"), of.INDEX)


def test_an_odd_cell_of_a_key_is_to_be_mended():
    """The column cannot be left out."""
    frame = pd.DataFrame({"k": pd.Series(["a", "b", 1], dtype=object), "v": pd.Series(["a", "b", 1], dtype=object)})
    found = of.plan(frame, "k").found
    assert found.select("row", "column", "hint").rows() == [
        (2, "k", "mend the cells"),
        (2, "v", "mend the cells, or leave the column out of properties"),
    ]


@pytest.mark.parametrize(
    ("frame", "hint"),
    [
        (pl.DataFrame({"k": [1.0]}), "the column is Float64: cast it to integers or text"),
        (pl.DataFrame({"k": [Decimal("1.0")]}), "cast it to integers or text"),
        (pd.DataFrame({"k": [1.0, 2.5]}), "the column is float64: cast it to integers or text"),
        (pl.DataFrame({"k": [dt.datetime(2026, 1, 1)]}), "cast it to text"),
        (pl.DataFrame({"k": ["1.0"]}), "use '1-0'"),
        (pl.DataFrame({"k": ["Å b/c"]}), "use 'A-b-c'"),
        (pl.DataFrame({"k": ["本"]}), "replace them"),
    ],
    ids=str,
)
def test_no_hint_leads_from_a_number_to_another_entry(frame, hint):
    """What is no text is to be cast; of a text the closest key is said."""
    found = of.plan(frame, "k").found
    assert found["rule"][0] == "key-characters"
    assert hint in found["hint"][0]


def test_the_part_of_a_key_that_is_at_fault_is_named():
    """With what stands there; a missing one once a row, whatever else is."""
    frame = pl.DataFrame({"p": ["a b", None, "", "c"], "q": ["1", "2", None, "d/e"]})
    assert of.plan(frame, ["p", "q"]).found.select("row", "key", "column", "rule", "value").rows() == [
        (0, "a b-1", "p", "key-characters", "a b"),
        (1, None, "p", "key-missing", None),
        (2, None, "p", "key-missing", None),
        (3, "c-d/e", "q", "key-characters", "d/e"),
    ]


_LONG_AGO = pl.Series([dt.datetime(1, 1, 1, 12), None]).dt.replace_time_zone("UTC")


@pytest.mark.parametrize(
    ("cells", "value", "message"),
    [
        (
            _LONG_AGO.dt.convert_time_zone("Europe/Berlin"),
            "0001-01-01 12:53:28.000000+00:53",
            "a datetime whose offset",
        ),
        (pl.Series([10**8, None]).cast(pl.Int32).cast(pl.Date), "100000000", "a date beyond the years"),
        (pl.Series([float("nan"), None]), "NaN", "not a finite number"),
    ],
    ids=["offset", "date", "float"],
)
def test_a_key_that_has_no_text_is_not_said_to_be_missing(cells, value, message):
    """It is there, alone or as a part; no entry is held to have vanished on its account."""
    frame = pl.DataFrame({"k": cells, "p": ["a", "b"]})
    for key, what in (("k", "the key"), (["p", "k"], "a part of the key")):
        plan = of.plan(frame, key)
        assert plan.found.select("row", "column", "rule", "value").rows() == [
            (0, "k", "key-characters", value),
            (1, "k", "key-missing", None),
        ]
        assert plan.found["message"][0].startswith(f"{what} is {message}")
        assert "cast it to " in plan.found["hint"][0]
        assert plan.counts["entries"] == 0


def test_what_joins_the_parts_of_a_key_must_be_legal():
    """The parts are not blamed; a key that is too long is too long as a whole."""
    frame = pl.DataFrame({"p": ["a", "x" * 200], "q": ["b", "y" * 200]})
    found = of.plan(frame, ["p", "q"], key_separator="/").found
    assert found.select("row", "column", "rule", "hint").rows() == [
        (0, None, "key-characters", "choose another key_separator"),
        (1, None, "key-characters", "choose another key_separator"),
        (1, None, "key-length", "shorten it"),
    ]
