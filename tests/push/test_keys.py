"""Keys that cannot be keys: what is said of them, and what is not."""

import uuid

import numpy as np
import pandas as pd
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
