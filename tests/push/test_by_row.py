"""What receipts say of rows, beside a plain way to say it, and what is summed of bodies."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import occtoo_frames as of
from occtoo_frames._push.batching import body_bytes, cut
from occtoo_frames._push.by_row import of_entries, of_rows
from occtoo_frames._push.delivery import Receipt
from occtoo_frames._push.outcomes import Outcome
from occtoo_frames.exceptions import PlanError
from occtoo_frames.protocol.rules import Limits

NOWHERE, UNSENT = 100, 101


@given(st.lists(st.booleans(), max_size=12), st.data())
def test_each_row_has_what_the_receipt_of_its_entry_says(chosen, data):
    """Entries may be left out, receipts missing, and rows without an entry; deletions come after all entries."""
    sent = sum(chosen) + data.draw(st.integers(0, 3))
    cuts = sorted(data.draw(st.lists(st.integers(0, sent), max_size=5)))
    spans = [(low, high) for low, high in pairwise(cuts) if data.draw(st.booleans())]
    rows = data.draw(st.lists(st.integers(-1, len(chosen) - 1), max_size=20))
    receipts = [Receipt(0, low, high - low, Outcome.ACCEPTED) for low, high in spans]
    values = np.array([*range(len(spans)), NOWHERE, UNSENT], np.int8)
    numbers = {entry: number for number, entry in enumerate(np.flatnonzero(chosen).tolist())}

    def plainly(entry):
        if entry >= 0 and entry not in numbers:
            return UNSENT
        number = numbers.get(entry, -1)
        return next((at for at, (low, high) in enumerate(spans) if low <= number < high), NOWHERE)

    found = of_rows(np.array(rows, np.int32), of_entries(receipts, values, np.array(chosen, bool)))
    assert found.tolist() == [plainly(entry) for entry in rows]
    assert found.dtype == values.dtype


def test_long_tables_are_told_piece_by_piece():
    """As if it were done at once."""
    entries = np.random.default_rng(1).integers(-1, 70_000, 100_000)
    values = np.arange(70_001) * 3
    assert np.array_equal(of_rows(entries, values), values[entries])


@given(st.lists(st.integers(10, 400), max_size=60))
def test_bodies_are_as_long_as_their_entries_and_what_stands_between(sizes):
    """A comma between two, and the wrapping."""
    cuts = cut(np.array(sizes, np.uint32), Limits(max_entities=7, max_body_bytes=1_000))
    bare = len('{"entities":[]}')
    expected = [bare + sum(sizes[low:high]) + high - low - 1 for low, high in pairwise(cuts)]
    assert body_bytes(np.array(sizes, np.uint32), cuts).tolist() == expected


def test_bodies_may_be_longer_than_sizes_can_say():
    """They are added up as larger numbers."""
    sizes = np.full(3, 2**32 - 1, np.uint32)
    assert body_bytes(sizes, np.array([0, 3])).item() > 3 * (2**32 - 1)


@pytest.mark.parametrize("duplicates", ["fail", "first", "last", "merge"])
def test_keys_are_shared_across_slices(duplicates):
    """Those of 150,000 rows, of which the last repeats the first and one in the middle another one."""
    keys = [f"k{row}" for row in range(150_000)]
    keys[70_000], keys[-1] = "k40000", "k0"
    frame = pl.DataFrame({"k": keys, "v": range(150_000)})
    plan = of.plan(frame, "k", duplicates=duplicates)
    told = {"fail": [0, 40_000, 70_000, 149_999], "first": [70_000, 149_999], "last": [0, 40_000], "merge": []}
    rows = plan.problems["row"].to_list() if duplicates == "fail" else plan.dropped.tolist()
    assert rows == told[duplicates]
    assert plan.counts["entries"] == (149_996 if duplicates == "fail" else 149_998)


def test_a_query_whose_rows_come_in_another_order_is_refused_where_that_would_choose_other_rows():
    """Which rows give way is told by their positions, so these must be those that were looked at."""
    orders = iter([["a", "b", "a"], ["b", "a", "a"], ["a", "b", "a"]])

    def another(frame):
        return frame.with_columns(k=pl.Series(next(orders)))

    query = pl.LazyFrame({"k": ["", "", ""], "v": [1, 2, 3]}).map_batches(
        another, schema={"k": pl.String, "v": pl.Int64}
    )
    with pytest.raises(PlanError, match="has changed"):
        of.plan(query, "k", duplicates="first")
