"""A query is run again for every look at it, and each run may give other rows, or the same ones in another order."""

import json
from itertools import count

import polars as pl
import pytest

import occtoo_frames as of

_ROWS = pl.DataFrame(
    {
        "k": ["a", "b", "c", "a"],
        "l": ["en", "en", "en", "sv"],
        "v": ["x", "y", "z", None],
        "gone": [False, False, True, None],
    }
)


def _query(change):
    """``_ROWS``, but what ``change`` makes of them in every run after the first."""
    runs = count()
    return _ROWS.lazy().map_batches(lambda frame: change(frame) if next(runs) else frame, schema=_ROWS.schema)


@pytest.mark.parametrize("grouping", [{"duplicates": "merge"}, {"language_column": "l"}])
@pytest.mark.parametrize(
    "change", [pl.DataFrame.reverse, lambda frame: frame.with_columns(v=pl.lit('x","evil":"')), pl.DataFrame.clear]
)
def test_rows_that_make_an_entry_together_are_those_that_were_looked_at(change, grouping):
    """They are found by their positions and their text is known to be clean, so the query is run once."""
    plan = of.plan(_query(change), "k", properties=["v"], delete="gone", **grouping)
    (body,) = plan.bodies()
    found = {entity["key"]: entity for entity in json.loads(body)["entities"]}
    assert {key for key, entity in found.items() if entity["delete"]} == {"c"}
    assert {key: [item["value"] for item in entity["properties"]] for key, entity in found.items()} == {
        "a": ["x"],
        "b": ["y"],
        "c": [],
    }


@pytest.mark.parametrize(
    "change", [pl.DataFrame.reverse, lambda frame: frame.with_columns(gone=pl.Series([False, True, False]))]
)
def test_rows_that_are_others_when_they_are_sent_are_refused(change):
    """Also if nothing but the deletion moved to another row of the same size."""
    rows = _ROWS.head(3).with_columns(v=pl.lit("x"))
    runs = count()
    query = rows.lazy().map_batches(lambda frame: change(frame) if next(runs) else frame, schema=rows.schema)
    with pytest.raises(of.PlanError, match="has changed"):
        list(of.plan(query, "k", properties=["v"], delete="gone").bodies())


@pytest.mark.parametrize("dtype", [pl.String, pl.Categorical])
def test_rows_that_gave_way_are_known_by_their_outcome_in_any_dtype(dtype):
    """Pushed again by themselves they would write over the row that they gave way to."""
    failed = pl.DataFrame(
        {"k": ["a"], "v": ["old"], "outcome": ["not_sent"], "rule": ["key-duplicate"], "reason": [""]}
    )
    plan = of.plan(failed.cast({"outcome": dtype, "rule": dtype}), "k")
    assert plan.problems["rule"].to_list() == ["key-duplicate"]
