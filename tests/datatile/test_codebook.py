"""Labels from mappings, from codebooks, from categories."""

import pandas as pd
import polars as pl
import pytest
import xlsxwriter

import occtoo_frames as of

FRAME = pl.DataFrame({"sex": [1, 2, 1], "town": ["a", "b", "a"], "ok": [True, False, None], "w": [0.5, 1.0, 2.0]})
LABELS = {"sex": "Sex of the person", "town": "Town"}
VALUES = {"sex": {1: "female", 2: "male"}, "town": {"a": "Askim"}, "w": {0.5: "half"}}


def written(tmp_path, frame=FRAME, **said):
    """What comes back of a file."""
    of.datatile.write_file(frame, tmp_path / "c.zsav", **said)
    return of.datatile.read_file(tmp_path / "c.zsav", frame="polars")


def test_labels_and_value_labels_come_back(tmp_path):
    """Values as the column holds them; a labelled integer stays an integer."""
    read = written(tmp_path, labels=LABELS, value_labels=VALUES)
    assert read.labels == LABELS
    assert read.value_labels == {**VALUES, "ok": {0: "false", 1: "true"}}
    assert read.frame.equals(FRAME)


@pytest.mark.parametrize("name", ["column", "variable", "name"])
@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
def test_a_codebook_is_a_table(tmp_path, name, kind):
    """Its values may be text, and its labels stand once or in every row."""
    book = kind({
        name: ["sex", "sex", "town"],
        "label": ["Sex of the person", "Sex of the person", "Town"],
        "value": ["1", "2.0", "a"],
        "value_label": ["female", "male", "Askim"],
    })  # fmt: skip
    read = written(tmp_path, labels=book)
    assert read.labels == LABELS
    assert {name: labels for name, labels in read.value_labels.items() if name != "ok"} == {
        "sex": {1: "female", 2: "male"},
        "town": {"a": "Askim"},
    }


def test_the_advice_for_a_codebook_of_other_columns_can_be_followed(tmp_path):
    """How a path is read is said of the table, never of its codebook."""
    (tmp_path / "book.csv").write_text("column~label\nsex~Sex\n")
    (tmp_path / "other.csv").write_text("column,text\nsex,Sex\n")
    for name in ("book.csv", "other.csv"):
        with pytest.raises(of.ColumnNotFoundError) as caught:
            of.datatile.check(FRAME, labels=tmp_path / name)
        assert "read_options" not in str(caught.value)
    assert "give it as a table" in str(caught.value)


def test_value_labels_may_be_a_table_too(tmp_path):
    """With column, value and label."""
    book = pl.DataFrame({"column": ["sex", "sex"], "value": [1, 2], "label": ["f", "m"]})
    assert written(tmp_path, value_labels=book).value_labels["sex"] == {1: "f", 2: "m"}


def test_labels_of_a_boolean_replace_false_and_true(tmp_path):
    """It then comes back as the numbers that they are labels of."""
    read = written(tmp_path, value_labels={"ok": {True: "yes", False: "no"}})
    assert read.value_labels["ok"] == {0: "no", 1: "yes"}
    assert read.frame["ok"].cast(pl.String).to_list() in (["1", "0", None], ["yes", "no", None])


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        ({"labels": {"sez": "x"}}, of.ColumnNotFoundError, "did you mean 'sex'"),
        ({"value_labels": {"sez": {1: "x"}}}, of.ColumnNotFoundError, "value_labels"),
        ({"labels": pl.DataFrame({"column": ["sex"] * 2, "label": ["a", "b"]})}, of.PlanError, "several labels"),
        ({"labels": pl.DataFrame({"label": ["a"]})}, of.ColumnNotFoundError, "'column'"),
        ({"labels": pl.DataFrame({"column": ["a"]})}, of.ColumnNotFoundError, "label"),
        (
            {"value_labels": pl.DataFrame({"column": ["sex"] * 2, "value": [1, 1], "label": ["a", "b"]})},
            of.PlanError,
            "several labels",
        ),
    ],
)
def test_a_codebook_that_does_not_fit_is_refused(said, error, words):
    """With the column that is meant."""
    with pytest.raises(error, match=words):
        of.datatile.check(FRAME, **said)


@pytest.mark.parametrize(("column", "value"), [("sex", "f"), ("sex", 1.5), ("town", 1), ("w", "x"), ("ok", 2)])
def test_a_label_of_no_value_of_the_column_is_a_problem(column, value):
    """A number for a text, a text for a number, a fraction for an integer."""
    found = of.datatile.check(FRAME, value_labels={column: {value: "x"}})
    assert found.select("column", "rule").rows() == [(column, "value-label-type")]


@pytest.mark.parametrize(
    ("dtype", "value"),
    [(pl.Int8, 2**60), (pl.Int8, 1.5), (pl.UInt8, -(2**60)), (pl.Int64, 2**64), (pl.Int128, 2**128),
     (pl.Float64, "half"), (pl.Int64, "nan"),
     (pl.Decimal(10, 2), "1.125"), (pl.Decimal(10, 2), "1e37"), (pl.Decimal(10, 2), "nan"), (pl.Int64, "1e-999999")],
)  # fmt: skip
def test_a_label_beyond_the_column_is_a_problem(dtype, value):
    """It would stand in the file and never apply."""
    frame = pl.DataFrame({"v": pl.Series([1], dtype=dtype)})
    found = of.datatile.check(frame, value_labels={"v": {value: "x"}})
    assert found.select("row", "column", "rule").rows() == [(None, "v", "value-label-type")]


@pytest.mark.parametrize(
    ("dtype", "value", "rule"),
    [
        (pl.Int64, 2**53 + 1, "value-precision"),
        (pl.String, "a ", "value-trailing-space"),
        (pl.String, "a\0b", "value-characters"),
        (pl.String, "x" * 40_000, "value-length"),
        (pl.Float64, "nan", "value-not-finite"),
        (pl.Float32, 1e300, "value-not-finite"),
        (pl.Decimal(20, 1), "1234567890123456789.1", "value-precision"),
        (pl.Decimal(3, 1), "1234567890123456789.1", "value-precision"),
    ],
)
def test_a_label_of_a_value_that_a_file_changes_is_the_problem_of_such_a_cell(dtype, value, rule):
    """The label would stand at another value."""
    frame = pl.DataFrame({"v": pl.Series([None], dtype=dtype).fill_null("" if dtype is pl.String else 1)})
    found = of.datatile.check(frame, value_labels={"v": {value: "x"}})
    assert found.select("row", "column", "rule").rows() == [(None, "v", rule)]


@pytest.mark.parametrize(
    ("values", "labels", "rule"),
    [(["a "], {"a ": "No"}, "value-trailing-space"), ([2**53 + 1], {2**53 + 1: "B"}, "value-precision")],
)
def test_what_is_allowed_of_a_value_happens_to_its_label_too(tmp_path, values, labels, rule):
    """It stays where its value is; and two that become one are refused."""
    frame = pl.DataFrame({"v": values})
    read = written(tmp_path, frame, value_labels={"v": labels}, allow=[rule])
    assert list(read.value_labels["v"]) == read.frame["v"].to_list()
    other = "a" if rule == "value-trailing-space" else 2**53
    with pytest.raises(of.PlanError, match="several labels"):
        of.datatile.write_file(frame, tmp_path / "t.sav", value_labels={"v": {**labels, other: "other"}}, allow=[rule])


def test_a_label_stands_at_the_number_that_the_column_makes_of_its_value(tmp_path):
    """A tenth of 32 bits is another double than one of 64."""
    frame = pl.DataFrame({"v": pl.Series([0.1, 0.2], dtype=pl.Float32), "d": pl.Series(["1.10", "2"])}).with_columns(
        pl.col("d").cast(pl.Decimal(6, 2))
    )
    read = written(tmp_path, frame, value_labels={"v": {0.1: "low"}, "d": {1.1: "x", "2.00": "y"}})
    assert read.value_labels == {"v": {frame["v"][0]: "low"}, "d": {1.1: "x", 2.0: "y"}}
    assert set(read.value_labels["v"]) <= set(read.frame["v"])


@pytest.mark.parametrize(
    ("dtype", "value"),
    [(pl.Int8, 999), (pl.UInt8, -1), (pl.UInt64, -1), (pl.UInt128, -1), (pl.Int16, 2**53), (pl.Int32, -(2**53)),
     (pl.Decimal(3, 1), 999), (pl.Decimal(3, 1), -12345.5), (pl.Decimal(10, 2), "1e9")],
)  # fmt: skip
@pytest.mark.parametrize("fmt", ["sav", "zsav"])
def test_a_code_that_does_not_occur_has_a_label_however_narrow_the_column(tmp_path, dtype, value, fmt):
    """Such as 999 for no answer, beside answers of one byte; the label and the cells come back."""
    frame = pl.DataFrame({"q": pl.Series([1, 2], dtype=dtype)})
    said = {"q": {1: "yes", value: "no answer"}}
    assert of.datatile.check(frame, value_labels=said).is_empty()
    of.datatile.write_file(frame, tmp_path / f"q.{fmt}", value_labels=said)
    read = of.datatile.read_file(tmp_path / f"q.{fmt}", frame="polars")
    assert read.value_labels == {"q": {1: "yes", float(value): "no answer"}}
    assert read.frame["q"].to_list() == [1, 2]


@pytest.mark.parametrize("label", ["Sex ", "Se\0x"])
def test_a_label_of_which_a_part_would_be_cut_off_is_a_problem(label):
    """Of a variable, or of a value."""
    found = of.datatile.check(FRAME, labels={"sex": label}, value_labels={"sex": {1: label}})
    assert found["rule"].to_list() == ["label-characters", "label-characters"]


@pytest.mark.parametrize("fmt", ["csv", "xlsx"])
def test_a_format_without_labels_says_so(fmt):
    """Rather than leaving them out."""
    with pytest.raises(of.ConfigurationError, match="holds no labels"):
        of.datatile.check(FRAME, format=fmt, labels=LABELS)


def test_categories_of_pandas_keep_their_order(tmp_path):
    """Codes follow the order of the type, unused ones too; an ordered one is ordinal."""
    sizes = pd.Categorical(["L", "S", None], categories=["S", "M", "L"], ordered=True)
    plain = pd.Categorical(["b", "a", None], categories=["b", "a", "c"])
    read = written(tmp_path, pd.DataFrame({"size": sizes, "plain": plain}))
    assert read.value_labels == {"size": {1: "S", 2: "M", 3: "L"}, "plain": {1: "b", 2: "a", 3: "c"}}
    assert read.frame.schema["size"] == pl.Enum(["S", "M", "L"])
    assert read.frame["size"].to_list() == ["L", "S", None]
    assert read.frame["plain"].to_list() == ["b", "a", None]


@pytest.mark.parametrize("label", ["x" * 121, "", "x ", " ", "x\0y"])
def test_a_category_that_is_no_label_is_a_problem_that_cannot_be_allowed(label):
    """Cut, two could become the same."""
    frame = pl.DataFrame({"c": [label]}, schema={"c": pl.Categorical})
    found = of.datatile.check(frame)
    assert found["rule"].to_list() == ["category-label"]
    assert of.datatile.check(frame, format="csv").is_empty()


def test_labels_for_categories_are_refused():
    """They have theirs."""
    frame = pl.DataFrame({"c": ["x"]}, schema={"c": pl.Categorical})
    assert of.datatile.check(frame, value_labels={"c": {1: "y"}})["rule"].to_list() == ["value-label-type"]


def test_a_codebook_with_a_cell_that_is_no_value_is_refused(tmp_path):
    """Its label would be left out without a word."""
    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["column", "label"])
        sheet.write_string(1, 0, "sex")
        sheet.write_formula(1, 1, "=NA()", None, "#N/A")
    with pytest.raises(of.InvalidRowsError, match=r"labels: the codebook: 1 of its cells .*row 0, label"):
        of.datatile.check(pl.DataFrame({"sex": [1]}), format="zsav", labels=tmp_path / "book.xlsx")


@pytest.mark.parametrize(
    "said",
    [
        {"sex": {1: "female", "1": "male"}},
        pd.DataFrame({"column": ["sex", "sex"], "value": ["1", "1.0"], "label": ["female", "male"]}),
    ],
)
def test_one_value_in_two_spellings_has_one_label(said):
    """The last one would win without a word; the same label twice is one."""
    with pytest.raises(of.PlanError, match=r"several labels for '1(\.0)?' of column 'sex'"):
        of.datatile.check(FRAME, format="zsav", value_labels=said)
    assert of.datatile.check(FRAME, format="zsav", value_labels={"sex": {1: "female", "1.0": "female"}}).is_empty()
