"""Which names variables may have, and what becomes of the others."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import occtoo_frames as of
from occtoo_frames.datatile.names import legal_name, name_problems, variables_of
from occtoo_frames.protocol.datatile import RESERVED, is_variable_name


@pytest.mark.parametrize("name", ["a", "Name_1", "x#y.z@w", "A" * 64, "android", "with_", "a."])
def test_a_legal_name_is_legal(name):
    """A letter first, then letters, digits and # _ . @, at most 64."""
    assert is_variable_name(name)


@pytest.mark.parametrize("name", ["", "1a", "_a", "a b", "a-b", "färg", "A" * 65, "$a", "#a", "a\n", *RESERVED, "with"])
def test_an_illegal_name_is_not(name):
    """Reserved words are so in any case."""
    assert not is_variable_name(name)


@given(st.lists(st.text(max_size=80), unique=True, max_size=12))
def test_safe_names_are_legal_and_unique_whatever_the_columns_are_called(columns):
    """Ignoring case, and every column has one."""
    variables = variables_of(columns, "safe")
    assert list(variables) == columns
    assert all(map(is_variable_name, variables.values()))
    assert len({name.upper() for name in variables.values()}) == len(columns)


@given(st.lists(st.from_regex(r"[A-Za-z][A-Za-z0-9#_.@]{0,8}", fullmatch=True), unique_by=str.upper, max_size=8))
def test_safe_leaves_legal_names_alone(columns):
    """Nothing is renamed that need not be."""
    legal = [column for column in columns if is_variable_name(column)]
    assert variables_of(legal, "safe") == {column: column for column in legal}


@pytest.mark.parametrize(
    ("name", "safe"),
    [("Färg (kod)", "Farg_kod"), ("2024", "v_2024"), ("", "v"), ("ALL", "ALL_"), ("a b", "a_b"), ("日本", "v")],
)
def test_a_safe_name_is_close_to_the_old_one(name, safe):
    """Accents are dropped, the rest is an underscore."""
    assert legal_name(name) == safe


def test_strict_names_are_problems_with_a_name_that_would_do():
    """One for each column; of two that differ in case only, the second."""
    found = pl.concat(name_problems(variables_of(["a b", "TO", "u", "U", "x" * 70], "strict")))
    assert found["rule"].to_list() == ["variable-name"] * 2 + ["variable-duplicate", "variable-name"]
    assert "a_b" in found["hint"][0]
    assert "reserved" in found["message"][1]
    assert "'u'" in found["message"][2]
    assert "70 characters" in found["message"][3]


def test_a_renamed_column_keeps_its_name_as_its_label(tmp_path):
    """Unless a label was given."""
    frame = pl.DataFrame({"Antal (st)": [1], "Färg": ["x"]})
    of.datatile.write_file(frame, tmp_path / "a.zsav", names="safe", labels={"Färg": "Colour"})
    read = of.datatile.read_file(tmp_path / "a.zsav", frame="polars")
    assert read.frame.columns == ["Antal_st", "Farg"]
    assert read.labels == {"Antal_st": "Antal (st)", "Farg": "Colour"}


def test_the_label_that_a_column_has_from_its_name_is_told(tmp_path):
    """As the file has it: without spaces at its end, and none of what is empty then."""
    frame = pl.DataFrame({"name ": [1], " ": [2], "legal": [3]})
    written = of.datatile.write_file(frame, tmp_path / "a.zsav", names="safe")
    assert written.columns["label"].to_list() == ["name", None, None]
    assert of.datatile.read_file(tmp_path / "a.zsav").labels == {"name": "name"}
    csv = of.datatile.write_file(frame, tmp_path / "a.csv", names="safe")
    assert csv.columns["label"].to_list() == [None] * 3


def test_a_name_that_is_too_long_for_a_label_is_a_problem_and_cut_only_if_that_is_allowed(tmp_path):
    """At a whole character, and told so."""
    frame = pl.DataFrame({"å" * 300: [1], "a\0b": [2]})
    found = of.datatile.check(frame, names="safe")
    assert found.select("column", "rule").rows() == [("å" * 300, "label-length"), ("a\0b", "label-characters")]
    written = of.datatile.write_file(frame[:, :1], tmp_path / "a.zsav", names="safe", allow=["label-length"])
    assert written.columns["label"].to_list() == ["å" * 128]
    assert list(of.datatile.read_file(tmp_path / "a.zsav").labels.values()) == ["å" * 128]
    assert of.datatile.check(frame[:, :1], names="safe", labels={"å" * 300: "short"}).is_empty()


def test_an_unknown_way_with_names_is_refused():
    """There are two."""
    with pytest.raises(of.ConfigurationError, match="strict"):
        variables_of(["a"], "loose")
