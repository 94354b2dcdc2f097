"""What a plan refuses and why, and how rows become entries."""

import numpy as np
import pandas as pd
import pandera.pandas
import pandera.polars
import polars as pl
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

import occtoo_frames as of


def _rules(plan):
    return [(row["row"], row["key"], row["rule"]) for row in plan.problems.to_dicts()]


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        (None, "key-missing"),
        ("", "key-missing"),
        ("a b", "key-characters"),
        ("å", "key-characters"),
        ("a@b", "key-characters"),
        ("x" * 257, "key-length"),
        ("a\n", "key-characters"),
        ("a.b", "key-characters"),
    ],
)
def test_a_bad_key_is_a_problem_of_its_row(key, rule):
    """The other rows are fine."""
    plan = of.plan(pl.DataFrame({"k": ["good", key], "v": [1, 2]}), "k")
    assert _rules(plan) == [(1, key, rule)]
    assert (plan.counts["invalid"], plan.counts["entries"]) == (1, 1)
    assert plan.problems["hint"][0]


def test_the_longest_key_is_fine():
    """256 characters."""
    assert of.plan(pl.DataFrame({"k": ["x" * 256]}), "k").ok


def test_a_duplicate_key_makes_every_row_of_it_a_problem():
    """Each names the others."""
    plan = of.plan(pl.DataFrame({"k": ["a", "b", "a", "a"], "v": [1, 2, 3, 4]}), "k")
    assert _rules(plan) == [(0, "a", "key-duplicate"), (2, "a", "key-duplicate"), (3, "a", "key-duplicate")]
    assert "3 rows: 0, 2, 3" in plan.problems["message"][0]
    assert plan.entries()["key"].to_list() == ["b"]


def test_missing_keys_are_no_duplicates_of_each_other():
    """They are missing, that is enough."""
    assert {rule for _, _, rule in _rules(of.plan(pl.DataFrame({"k": [None, None, ""]}), "k"))} == {"key-missing"}


@pytest.mark.parametrize(("duplicates", "value", "row"), [("first", "1", 2), ("last", "3", 0)])
def test_one_row_of_a_key_may_be_chosen(duplicates, value, row):
    """The others give way, which is told."""
    plan = of.plan(pl.DataFrame({"k": ["a", "b", "a"], "v": [1, 2, 3]}), "k", duplicates=duplicates)
    assert plan.ok
    assert plan.warnings
    assert dict(plan.entries().select("key", "value").rows()) == {"a": value, "b": "2"}
    assert plan.dropped.tolist() == [row]


def test_rows_may_be_merged():
    """Later values win over earlier ones and over nulls; the entry stands where its first row stood."""
    frame = pl.DataFrame({"k": ["a", "b", "a", "a"], "x": ["1", "2", None, "4"], "y": ["p", None, "q", None]})
    plan = of.plan(frame, "k", duplicates="merge")
    assert reference.sent(plan) == reference.entities(
        [{"k": "a", "x": "4", "y": "q"}, {"k": "b", "x": "2", "y": None}], "k", [("x", "x", None), ("y", "y", None)]
    )
    assert plan.entry_of_row.tolist() == [0, 1, 0, 0]


def test_merged_nulls_clear_only_what_no_row_has():
    """Clearing comes after merging."""
    frame = pl.DataFrame({"k": ["a", "a"], "x": ["1", None], "y": pl.Series([None, None], dtype=pl.String)})
    (entity,) = reference.sent(of.plan(frame, "k", duplicates="merge", nulls="clear"))
    assert [item["value"] for item in entity["properties"]] == ["1", ""]


def test_a_problem_in_one_merged_row_holds_back_the_others():
    """They are one entry; the row with the problem is named."""
    frame = pl.DataFrame({"k": ["a", "a", "b", "b"], "v": [1.0, float("nan"), 2.0, 3.0]})
    plan = of.plan(frame, "k", duplicates="merge")
    assert _rules(plan) == [(0, "a", "key-duplicate"), (1, "a", "value-not-finite")]
    assert "row 1" in plan.problems["message"][0]
    assert plan.entries()["key"].to_list() == ["b"]


def test_merged_entries_have_their_size_checked():
    """The rows fit, the entry does not."""
    frame = pl.DataFrame({"k": ["a", "a", "b"], "x": ["x" * 600_000, None, "1"], "y": [None, "y" * 600_000, "2"]})
    plan = of.plan(frame, "k", duplicates="merge")
    assert _rules(plan) == [(0, "a", "entity-size"), (1, "a", "entity-size")]
    assert [entity["key"] for entity in reference.sent(plan)] == ["b"]
    assert plan.entry_of_row.tolist() == [-1, -1, 0]


def test_deletions_need_no_values():
    """Their properties are ignored; a null means no."""
    frame = pl.DataFrame({"k": ["a", "b", "c"], "v": ["x", "y", "z"], "gone": [True, None, False]})
    plan = of.plan(frame, "k", delete="gone")
    assert reference.sent(plan) == reference.entities(
        frame.with_columns(pl.col("gone").fill_null(value=False)).to_dicts(), "k", [("v", "v", None)], delete="gone"
    )
    assert plan.entries().filter(pl.col("delete")).rows() == [("a", True, None, None, None)]


def test_values_that_cannot_be_written_are_problems():
    """Of their row and column; with a separator of their own lists are fine."""
    frame = pl.DataFrame({"k": ["a", "b", "c", "d"], "t": [["x|y"], ["z"], [None], [""]]})
    found = [(row, rule) for row, _, rule in _rules(of.plan(frame, "k"))]
    assert found == [(0, "value-separator"), (2, "value-type"), (3, "value-separator")]
    assert [row for row, _, _ in _rules(of.plan(frame, "k", list_separator=";"))] == [2, 3]


def test_dates_that_no_calendar_reaches_are_problems():
    """Of their row, in dates, datetimes and lists of them; the engine would panic."""
    days = pl.Series([10**8, 0, None, -(10**8)], dtype=pl.Int32).cast(pl.Date)
    moments = pl.Series([0, 2**62, None, -(2**62)]).cast(pl.Datetime("ms", "UTC"))
    listed = pl.Series([[0], [0], None, [0, 10**8]], dtype=pl.List(pl.Int32)).cast(pl.List(pl.Date))
    frame = pl.DataFrame({"k": ["a", "b", "c", "d"], "day": days, "moment": moments, "list": listed})
    plan = of.plan(frame, "k")
    assert sorted(plan.problems.select("row", "column", "rule").rows()) == [
        (0, "day", "value-type"),
        (1, "moment", "value-type"),
        (3, "day", "value-type"),
        (3, "list", "value-type"),
        (3, "moment", "value-type"),
    ]
    edge = pl.Series([-(2**63) + 1, 2**63 - 1]).cast(pl.Datetime("ns"))
    assert of.plan(pl.DataFrame({"k": ["a", "b"], "t": edge}), "k").ok


def test_every_float_of_16_bits_reads_back_as_itself():
    """Without an exponent, whatever else stands in the column."""
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    halves = halves[np.isfinite(halves)]
    for values in (halves, halves[np.abs(halves) >= 1_000]):
        frame = pl.DataFrame({"k": [f"k{number}" for number in range(len(values))], "v": pl.Series(values)})
        texts = of.plan(frame, "k").entries()["value"]
        assert not texts.str.contains("e").any()
        np.testing.assert_array_equal(texts.cast(pl.Float64).to_numpy().astype(np.float16), values)


@pytest.mark.parametrize("replaced", [True, False])
def test_a_file_that_is_replaced_while_it_is_sent_is_noticed(tmp_path, replaced):
    """Between two looks at it; what was read before was of the planned file."""
    table = pl.DataFrame({"k": pl.int_range(200_000, eager=True).cast(pl.String), "v": ["x"] * 200_000})
    table.write_parquet(tmp_path / "t.parquet")
    table.with_columns(v=pl.lit("y")).write_parquet(tmp_path / "other.parquet")
    plan = of.plan(tmp_path / "t.parquet", "k")
    batches = plan.batches()
    sent = [bytes(next(batches).body)]
    if replaced:
        (tmp_path / "other.parquet").replace(tmp_path / "t.parquet")
    else:
        (tmp_path / "t.parquet").unlink()
    with pytest.raises(of.PlanError, match="changed since it was planned"):
        sent.extend(bytes(batch.body) for batch in batches)
    assert not any(b'"y"' in body for body in sent)
    with pytest.raises(of.PlanError, match="changed since it was planned"):
        list(plan.bodies())


def test_a_column_without_a_text_form_refuses_every_row():
    """Structs, binary, nested lists; unless the column is left out."""
    frame = pl.DataFrame({"k": ["a", "b"], "s": [{"x": 1}, None], "v": [1, 2]})
    plan = of.plan(frame, "k")
    assert _rules(plan) == [(None, None, "value-type")]
    assert (plan.counts["invalid"], plan.counts["entries"]) == (2, 0)
    assert of.plan(frame, "k", properties=["v"]).ok


def test_empty_text_is_a_value():
    """Null is none."""
    frame = pl.DataFrame({"k": ["a", "b"], "v": ["", None]})
    assert [len(entity["properties"]) for entity in reference.sent(of.plan(frame, "k"))] == [1, 0]


@pytest.mark.parametrize("columns", [{"k": pl.String}, {"k": pl.String, "v": pl.Int64}, {"k": pl.Null, "v": pl.Null}])
def test_an_empty_table_is_an_empty_plan(columns):
    """Right columns, no bodies."""
    plan = of.plan(pl.DataFrame(schema=columns), "k")
    assert plan.ok
    assert list(plan.bodies()) == []
    assert plan.entries().is_empty()
    assert set(plan.counts.values()) == {0}


_SCHEMAS = [
    pandera.polars.DataFrameSchema({"v": pandera.polars.Column(int, pandera.polars.Check.ge(0))}),
    pandera.pandas.DataFrameSchema({"v": pandera.pandas.Column(int, pandera.pandas.Check.ge(0))}),
]


@pytest.mark.parametrize("schema", _SCHEMAS, ids=["polars", "pandas"])
@pytest.mark.parametrize("make", [pl.DataFrame, pl.LazyFrame, pd.DataFrame], ids=["polars", "lazy", "pandas"])
def test_a_schemas_failures_are_problems(schema, make):
    """Of either backend, on any kind; the values of a lazy table too."""
    plan = of.plan(make({"k": ["a", "b", "c"], "v": [1, -2, -3]}), "k", schema=schema)
    found = plan.found.select("row", "key", "column", "rule", "value").rows()
    assert found == [(1, "b", "v", "schema", "-2"), (2, "c", "v", "schema", "-3")]
    assert plan.counts["entries"] == 1


_LABELLED = pandera.pandas.DataFrameSchema(
    {"v": pandera.pandas.Column(int, pandera.pandas.Check.lt(3))},
    index=pandera.pandas.Index(int, pandera.pandas.Check.ge(8), name="n"),
)


@pytest.mark.parametrize(
    ("labels", "refused"),
    [([8, 9, 10], []), ([9, 7, 8], [(1, "7")]), ([7, 8, 7], [(0, "7"), (2, "7")]), ([8, 8, 8], [])],
)
def test_a_schema_may_be_about_the_index(labels, refused):
    """Which is looked at as it is; rows are told by position, whatever they are called."""
    frame = pd.DataFrame({"k": ["a", "b", "c"], "v": [1, 3, 2]}, index=pd.Index(labels, name="n"))
    found = of.plan(frame, "k", schema=_LABELLED).found
    assert found.filter(pl.col("column") == "n").select("row", "value").rows() == refused
    assert found.filter(pl.col("column") == "v").select("row", "key", "value").rows() == [(1, "b", "3")]


def test_what_a_schema_refuses_as_a_whole_is_no_rows():
    """Although one is called None."""
    schema = pandera.pandas.DataFrameSchema({"q": pandera.pandas.Column(int)})
    plan = of.plan(pd.DataFrame({"k": ["a", "b"]}, index=["q", None]), "k", schema=schema)
    assert plan.found["row"].to_list() == [None]
    assert plan.counts["invalid"] == 2


def test_a_schema_may_be_about_an_index_that_is_the_key():
    """Of several levels, too."""
    index = pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["s", "n"])
    levels = [
        pandera.pandas.Index(str, pandera.pandas.Check.ne("b"), name="s"),
        pandera.pandas.Index(int, name="n"),
    ]
    schema = pandera.pandas.DataFrameSchema(index=pandera.pandas.MultiIndex(levels))
    found = of.plan(pd.DataFrame({"v": ["x", "y"]}, index=index), of.INDEX, schema=schema).found
    assert found.select("rule", "row", "key", "column").rows() == [("schema", 1, "b-2", "s")]


def test_a_schema_may_refuse_what_is_no_unicode():
    """The value is told as Python writes it."""
    short = pandera.pandas.Check(lambda value: value == "x", element_wise=True)
    schema = pandera.pandas.DataFrameSchema({"v": pandera.pandas.Column(object, short)})
    frame = pd.DataFrame({"k": ["a", "b"], "v": ["x", "y\ud800"]}, dtype=object)
    found = of.plan(frame, "k", schema=schema).found
    assert set(found["rule"]) == {"schema", "value-surrogate"}


def test_a_schema_model_may_check_a_column_as_a_whole():
    """Uniqueness across a lazy table."""

    class Products(pandera.polars.DataFrameModel):
        v: int = pandera.polars.Field(unique=True)

    plan = of.plan(pl.LazyFrame({"k": ["a", "b"], "v": [1, 1]}), "k", schema=Products)
    assert set(plan.found["rule"]) == {"schema"}
    assert plan.counts["entries"] == 0


def test_a_schema_that_is_none_is_an_error():
    """With what it is."""
    with pytest.raises(of.PlanError, match="pandera"):
        of.plan(pl.DataFrame({"k": ["a"]}), "k", schema={"v": int})


_LONG = pl.DataFrame(
    {
        "k": ["a", "a", "b", "b"],
        "lang": ["en", "sv", "en", None],
        "name": ["Chair", "Stol", "Table", None],
        "price": [5, 5, 7, 7],
    }
)


def test_rows_of_a_key_in_several_languages_are_one_entry():
    """What differs is localised, what is the same is not."""
    plan = of.plan(_LONG, "k", language_column="lang")
    assert plan.ok
    assert [
        (e["key"], [(p["id"], p["language"], p["value"]) for p in e["properties"]]) for e in reference.sent(plan)
    ] == [
        ("a", [("name", "en", "Chair"), ("name", "sv", "Stol"), ("price", None, "5")]),
        ("b", [("name", "en", "Table"), ("price", None, "7")]),
    ]
    assert plan.entry_of_row.tolist() == [0, 0, 1, 1]


def test_values_of_a_row_without_a_language_are_not_localised():
    """Beside those that are."""
    frame = pl.DataFrame({"k": ["a"] * 3, "lang": ["en", "sv", None], "name": ["Chair", "Stol", "CH-1"]})
    (entity,) = reference.sent(of.plan(frame, "k", language_column="lang"))
    assert [(p["language"], p["value"]) for p in entity["properties"]] == [
        (None, "CH-1"),
        ("en", "Chair"),
        ("sv", "Stol"),
    ]


def test_one_language_alone_needs_to_be_told_what_is_localised():
    """Nothing differs, so nothing is; the plan says so."""
    frame = pl.DataFrame({"k": ["a", "b"], "lang": ["sv", "sv"], "name": ["Stol", "Bord"], "price": [1, 2]})
    assert "lang_cols" in of.plan(frame, "k", language_column="lang").warnings[0]
    plan = of.plan(frame, "k", ["name"], language_column="lang")
    assert plan.entries().select("property", "language").rows() == [("name", "sv"), ("price", None)] * 2


def test_what_differs_but_is_not_named_is_a_problem():
    """No value is dropped in silence."""
    frame = pl.DataFrame({"k": ["a", "a"], "lang": ["en", "sv"], "name": ["x", "y"], "price": [1, 2]})
    plan = of.plan(frame, "k", ["name"], language_column="lang")
    assert [(row["row"], row["column"], row["rule"]) for row in plan.problems.to_dicts()] == [
        (0, "price", "language"),
        (1, "price", "language"),
    ]


def test_bad_languages_and_doubled_ones_are_problems():
    """With their rows; the other rows of the key wait for them."""
    frame = pl.DataFrame(
        {"k": ["a", "a", "b", "b", "c"], "lang": ["en", "s!", "en", "en", "en"], "name": list("vwxyz")}
    )
    plan = of.plan(frame, "k", language_column="lang")
    assert _rules(plan) == [
        (0, "a", "key-duplicate"),
        (1, "a", "language"),
        (2, "b", "key-duplicate"),
        (3, "b", "key-duplicate"),
    ]
    assert plan.entries()["key"].to_list() == ["c"]
    words = plan.problems.filter(rule="key-duplicate", row=2)["message", "hint"].row(0)
    assert words[0] == "in language 'en' the key stands in 2 rows: 2, 3"
    assert "one row for each key and language" in words[1]
    merged = of.plan(frame, "k", language_column="lang", duplicates="last")
    assert dict(merged.entries().select("key", "value").rows())["b"] == "y"


def test_an_empty_language_is_none():
    """Such values are not localised."""
    frame = pl.DataFrame({"k": ["a", "a"], "lang": ["", "sv"], "name": ["x", "z"]})
    (entity,) = reference.sent(of.plan(frame, "k", ["name"], language_column="lang"))
    assert [(item["language"], item["value"]) for item in entity["properties"]] == [(None, "x"), ("sv", "z")]


def test_merged_rows_of_a_language_agree_as_one():
    """What they say together is compared with other languages, not what each says."""
    frame = pl.DataFrame({"k": ["a"] * 3, "lang": ["en", "en", "sv"], "price": [1, None, 1], "name": ["x", "y", "z"]})
    plan = of.plan(frame, "k", language_column="lang", duplicates="merge")
    (entity,) = reference.sent(plan)
    assert [(item["id"], item["language"], item["value"]) for item in entity["properties"]] == [
        ("price", None, "1"),
        ("name", "en", "y"),
        ("name", "sv", "z"),
    ]
    assert "localised by what differs in this table: name;" in plan.warnings[0]


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from([None, "en", "sv"]), st.none() | st.text(max_size=3)),
        max_size=9,
    ),
    st.sampled_from(["skip", "clear"]),
)
def test_merging_by_language_is_what_a_plain_loop_does(rows, nulls):
    """Last value of each (key, language), in the order of first rows."""
    frame = pl.DataFrame(rows, schema={"k": pl.String, "lang": pl.String, "v": pl.String}, orient="row")
    expected = {}
    for key, language, value in rows:
        entry = expected.setdefault(key, {})
        if value is not None:
            entry[language] = value
        elif nulls == "clear":
            entry.setdefault(language, "")
    plan = of.plan(frame, "k", ["v"], language_column="lang", duplicates="merge", nulls=nulls)
    assert {
        entity["key"]: {item["language"]: item["value"] for item in entity["properties"]}
        for entity in reference.sent(plan)
    } == expected
    assert [entity["key"] for entity in reference.sent(plan)] == list(expected)


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "c", "d!", None]), st.none() | st.integers(0, 9)), max_size=12),
    st.sampled_from(["fail", "first", "last", "merge"]),
)
def test_every_row_is_valid_invalid_or_dropped(rows, duplicates):
    """And only once."""
    frame = pl.DataFrame(rows, schema={"k": pl.String, "v": pl.Int64}, orient="row", strict=False)
    plan = of.plan(frame, "k", duplicates=duplicates)
    sent = plan.entry_of_row >= 0
    invalid = set(plan.found["row"])
    dropped = set(plan.dropped.tolist()) - invalid
    assert int(sent.sum()) + len(invalid) + len(dropped) == frame.height
    assert plan.counts["invalid"] == len(invalid)
    assert len({entity["key"] for entity in reference.sent(plan)}) == plan.counts["entries"]


def test_validate_gives_the_plans_problems():
    """A frame, empty if all is well."""
    frame = pd.DataFrame({"k": ["a", "b c"], "v": [1, 2]})
    pd.testing.assert_frame_equal(of.validate(frame, "k"), of.plan(frame, "k").problems)
    assert of.validate(frame.iloc[:1], "k").empty


def test_a_plan_reads_well_in_a_terminal_and_escapes_in_a_notebook():
    """Rules, rows and hints; nothing of the table becomes markup."""
    frame = pl.DataFrame({"k": ["<b>", "ok"], "v<i>": ["<script>", "x"]})
    plan = of.plan(frame, "k", ids="camel")
    assert "row 0, key '<b>', column 'k': key-characters" in repr(plan)
    html = plan._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_the_accessors_are_the_functions():
    """On pandas, polars and lazy polars."""
    for frame in (
        pd.DataFrame({"k": ["a"], "v": [1]}),
        pl.DataFrame({"k": ["a"], "v": [1]}),
        pl.LazyFrame({"k": ["a"], "v": [1]}),
    ):
        assert list(frame.occtoo.plan("k").bodies()) == list(of.plan(frame, "k").bodies())
        assert len(frame.occtoo.validate("k")) == 0
        assert len(frame.occtoo.to_entries("k")) == 1
