import random
from collections import Counter

import numpy as np
import polars as pl
import pytest

from occtoo_frames._sandbox import kinds
from occtoo_frames._sandbox.coded import coded
from occtoo_frames._sandbox.ordering import Orders, ordered
from occtoo_frames._sandbox.publication import publication
from occtoo_frames._sandbox.snapshot import CHANGED, KEY, Snapshot
from occtoo_frames._sandbox.view import view

HEIGHT = 3_000
COLUMNS = {
    "word": ["", "a", "b", "ab", "B", "å", "aa", None],
    "whole": ["-3", "0", "7", "9223372036854775807", None],
    "price": ["1.10", "1.1", "-0.05", "12345678901234567.89", "2", None],
    "wide": ["1e3", "2.5", "1000", "-7E-2", None],
    "flag": ["true", "false", None],
    "seen": ["2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00", "1999-12-31T23:59:59.5Z", None],
    "name:en": ["Chair", "Table", "", None],
}
TYPES = {"price": "Decimal", "wide": "Decimal"}
ORDERS = [
    (("word", False),),
    (("word", True), ("id", False)),
    (("id", True),),
    (("flag", False), ("price", True), ("id", True)),
    (("seen", True), ("whole", False)),
    (("wide", False), ("name", True), ("id", False)),
    (("price", False), ("word", False), ("flag", True), ("id", False)),
    (("name", False), ("id", True)),
]


@pytest.fixture(scope="module")
def seen():
    """A view of rows with many equal values, and some missing."""
    chance = random.Random(5)  # noqa: S311 - the same rows each time
    columns = {name: chance.choices(values, k=HEIGHT) for name, values in COLUMNS.items()}
    frame = pl.DataFrame(
        {KEY: sorted(f"k{number}" for number in range(HEIGHT)), CHANGED: [1] * HEIGHT, **columns},
        schema_overrides=dict.fromkeys(COLUMNS, pl.String),
    )
    published = publication("d", "e", source="s", languages=["en"], types=TYPES)
    return view(published, Snapshot(frame, kinds.find(frame, list(COLUMNS))))


def laid(view, order):
    """Orders of which this one has been laid down."""
    orders = Orders(view)
    while orders.rows(order, "en") is None:
        continue
    return orders


def values_of(view, row, order):
    """What a page ends with whose last row this is."""
    return tuple(view.texts(name, "en")[int(row)] or "" for name, _ in order)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("share", [1, 2, 7])
def test_an_order_laid_down_gives_the_pages_that_sorting_gives(seen, order, share):
    """For all entries and for some, from the beginning and after any row."""
    rows = np.arange(0, HEIGHT, share, dtype=np.uint32)
    chance = np.random.default_rng(share)
    whole = ordered(Orders(seen), rows, order, after=(), language="en", count=HEIGHT)
    assert sorted(whole) == list(rows)
    there = laid(seen, order)
    assert list(ordered(there, rows, order, after=(), language="en", count=HEIGHT)) == list(whole)
    for row in chance.choice(HEIGHT, 12):
        after = values_of(seen, row, order)[: chance.integers(1, len(order) + 1)]
        count = int(chance.choice([0, 1, 50, HEIGHT]))
        sorting = ordered(Orders(seen), rows, order, after=after, language="en", count=count)
        assert list(ordered(there, rows, order, after=after, language="en", count=count)) == list(sorting)


@pytest.mark.parametrize("order", [order for order in ORDERS if order[-1][0] == "id"])
def test_reading_on_by_an_order_laid_down_meets_every_entry_once(seen, order):
    """A page's last values are where the next begins."""
    rows, there, met = np.arange(HEIGHT, dtype=np.uint32), laid(seen, order), []
    after = ()
    while len(page := ordered(there, rows, order, after=after, language="en", count=700)):
        met += page.tolist()
        after = values_of(seen, page[-1], order)
    assert met == ordered(Orders(seen), rows, order, after=(), language="en", count=HEIGHT).tolist()
    assert sorted(met) == list(range(HEIGHT))


def test_an_order_is_laid_down_when_it_is_asked_for_again(seen):
    """And forgotten when many others came since."""
    orders = Orders(seen)
    first = (("word", False),)
    assert [orders.rows(first, "en") is None for _ in range(4)] == [True, True, False, False]
    for name in COLUMNS:
        orders.rows(((name.partition(":")[0], True),), "en")
        orders.rows((("id", True), (name.partition(":")[0], True)), "en")
    assert orders.rows(first, "en") is None


@pytest.mark.parametrize("distinct", [0, 1, 40, 300, 70_000])
def test_words_are_counted_as_counting_them_one_by_one_does(distinct):
    """By count and then by word, the empty one left out, whatever the number of words."""
    chance = random.Random(distinct)  # noqa: S311 - the same words each time
    words = ["", *(f"w{number}" for number in range(distinct))]
    cells = [chance.choice(words) if chance.random() < 0.9 else None for _ in range(5_000)]
    made = coded(pl.Series(cells, dtype=pl.String))
    for rows in (None, np.arange(0, 5_000, 3), np.array([], dtype=np.int64)):
        met = Counter(cells if rows is None else [cells[row] for row in rows])
        expected = sorted(((word, count) for word, count in met.items() if word), key=lambda pair: (-pair[1], pair[0]))
        assert list(made.most(rows, 5_000, 25)) == expected[:25]


def test_elements_of_lists_are_counted_by_row():
    """Each time they stand in a list of one of the rows; missing and empty lists count nothing."""
    lists = [["a", "b", "a"], None, [], ["b", ""], ["c"]]
    made = coded(pl.Series(lists, dtype=pl.List(pl.String)))
    assert made.most(None, 5, 10) == (("a", 2), ("b", 2), ("c", 1))
    assert made.most(np.array([0, 1, 2]), 5, 10) == (("a", 2), ("b", 1))
    assert made.most(np.array([3, 4]), 5, 1) == (("b", 1),)


def test_values_that_no_cell_has_are_not_looked_for():
    """Nothing is found by them, and nothing goes wrong."""
    made = coded(pl.Series(["a", None, "b"], dtype=pl.String))
    assert made.cells.is_in(made.among(["b", "x"])).to_list() == [False, None, True]
    assert made.cells.is_in(made.among(["x"])).to_list() == [False, None, False]
