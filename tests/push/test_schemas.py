"""What a pandera schema refuses, however it says so."""

import numpy as np
import pandas as pd
import pandera.pandas as pdr
import pandera.polars as ppl
import polars as pl
import pytest

import occtoo_frames as of

_POSITIVE = {"p": [1.0, -2.0, -3.0]}


def _refused(plan):
    return plan.found.select("row", "key", "column", "rule").rows()


@pytest.mark.parametrize("library", [pdr, ppl], ids=["pandas", "polars"])
@pytest.mark.parametrize("where", ["schema", "column", "model"])
def test_a_schema_that_drops_what_it_refuses_refuses_it_here(library, where):
    """Else it would check nothing: what it drops is a copy that nobody sends."""

    class Model(library.DataFrameModel):
        p: float = library.Field(gt=0)

        class Config:
            drop_invalid_rows = True

    dropping = {
        "schema": lambda: library.DataFrameSchema(
            {"p": library.Column(float, library.Check.gt(0))}, drop_invalid_rows=True
        ),
        "column": lambda: library.DataFrameSchema(
            {"p": library.Column(float, library.Check.gt(0), drop_invalid_rows=True)}
        ),
        "model": lambda: Model,
    }[where]()
    for make in (pd.DataFrame, pl.DataFrame):
        plan = of.plan(make({"k": ["a", "b", "c"], **_POSITIVE}), "k", schema=dropping)
        assert _refused(plan) == [(1, "b", "p", "schema"), (2, "c", "p", "schema")]


@pytest.mark.parametrize(("library", "make"), [(pdr, pd.DataFrame), (ppl, pl.DataFrame)], ids=["pandas", "polars"])
def test_a_failure_of_the_whole_table_names_its_column(library, make):
    """In words, and where the property stands; what a check raised is told."""
    table = make({"k": ["a", "b"], "p_en": [1, 2]})

    def refused(schema):
        found = of.plan(table, "k", {"p": ["en"]}, schema=schema).found
        return found.select("row", "column", "property", "language", "message").rows()

    missing = library.DataFrameSchema({"x": library.Column(int)})
    assert refused(missing) == [(None, "x", None, None, "the schema wants a column 'x', which is not there")]
    strict = library.DataFrameSchema({"k": library.Column(str, coerce=True)}, strict=True)
    assert refused(strict) == [(None, "p_en", "p", "en", "the schema knows no column 'p_en'")]
    turned = library.DataFrameSchema({"p_en": library.Column(), "k": library.Column()}, ordered=True)
    assert (None, "k", None, None, "column 'k' stands elsewhere in the schema") in refused(turned)
    broken = library.DataFrameSchema({"p_en": library.Column(int, library.Check(lambda _: 1 / 0))})
    said = """fails the check <lambda>: ZeroDivisionError("division by zero")"""
    assert refused(broken) == [(None, "p_en", "p", "en", said)]
    never = library.DataFrameSchema({"p_en": library.Column(int, library.Check(lambda _: False))})
    assert refused(never) == [(None, "p_en", "p", "en", "fails the check <lambda>")]
    low = library.DataFrameSchema({"p_en": library.Column(int, library.Check.gt(1))})
    assert refused(low) == [(0, "p_en", "p", "en", "fails the check greater_than(1)")]


def test_an_index_that_drops_what_it_refuses_refuses_it_here():
    """In each of its levels."""
    level = pdr.Index(int, pdr.Check.gt(0), name="n", drop_invalid_rows=True)
    plain = pd.DataFrame({"k": ["a", "b"]}, index=pd.Index([1, 0], name="n"))
    assert _refused(of.plan(plain, "k", schema=pdr.DataFrameSchema(index=level))) == [(1, "b", "n", "schema")]
    levels = pdr.MultiIndex([level, pdr.Index(int, name="m")])
    several = plain.assign(m=5).set_index("m", append=True)
    assert _refused(of.plan(several, "k", schema=pdr.DataFrameSchema(index=levels))) == [(1, "b", "n", "schema")]


def test_the_callers_schema_stays_as_it_was():
    """It goes on dropping elsewhere."""
    column = pdr.Column(float, pdr.Check.gt(0), drop_invalid_rows=True)
    schema = pdr.DataFrameSchema({"p": column}, index=pdr.Index(int), drop_invalid_rows=True)
    frame = pd.DataFrame({"k": ["a", "b", "c"], **_POSITIVE})
    of.plan(frame, "k", schema=schema)
    assert (schema.drop_invalid_rows, schema.columns["p"].drop_invalid_rows) == (True, True)
    assert schema.index is not None
    assert len(schema.validate(frame, lazy=True)) == 1


def test_a_schema_of_a_single_column_is_none_of_a_table():
    """Pandera would only say which of its types it misses."""
    with pytest.raises(of.PlanError, match=r"SeriesSchema.* is no pandera DataFrameSchema"):
        of.plan(pd.DataFrame({"k": ["a"]}), "k", schema=pdr.SeriesSchema(int))


@pytest.mark.parametrize(
    "labels",
    [
        ["x", "y"],
        [1, 0],
        [1.5, np.nan],
        pd.to_datetime(["2026-03-01", "2026-03-02"]),
        pd.Index([True, "x"], dtype=object),
    ],
    ids=["text", "integers", "nan", "dates", "objects"],
)
def test_every_row_of_a_label_that_is_refused_is_refused_once(labels):
    """However often the label stands in the index."""
    first = pdr.Index(None, pdr.Check(lambda label: label == labels[0], element_wise=True))
    frame = pd.DataFrame({"k": ["a", "b", "c", "d"]}, index=pd.Index(labels).append(pd.Index(labels)))
    found = _refused(of.plan(frame, "k", schema=pdr.DataFrameSchema(index=first)))
    assert [(row, key) for row, key, *_ in found] == [(1, "b"), (3, "d")]


def test_a_label_that_stands_in_thousands_of_rows_is_looked_up_once():
    """All rows of it for each of its failures would be 400 million."""
    frame = pd.DataFrame({"k": [f"k{row}" for row in range(20_000)]}, index=["x"] * 20_000)
    plan = of.plan(frame, "k", schema=pdr.DataFrameSchema(index=pdr.Index(str, pdr.Check.isin(["y"]))))
    assert plan.found["row"].to_list() == list(range(20_000))
