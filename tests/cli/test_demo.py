"""The demo goes the whole way, with the sample and with a table of one's own."""

import polars as pl
import pytest


def test_the_sample_comes_back_as_it_was_sent(run):
    """All good rows, three languages, no difference."""
    ended = run("demo", "--json")
    assert ended.code == 0
    told = ended.document
    assert told["plan"]["counts"]["rows"] == 535
    assert told["push"]["counts"]["accepted"] == 530
    assert told["push"]["counts"]["rejected"] == 5
    assert told["read"] == {"entries": 530, "languages": ["en", "sv", "de"]}
    assert told["compared"]["differences"] == 0
    assert told["compared"]["values"] > 9_000
    assert {facet["property"] for facet in told["facets"]} == {"category", "color"}


def test_every_step_is_shown(run):
    """Down to the address and what to try next."""
    out = run("demo").out
    for said in ("535 rows", "key-characters", "key-duplicate", "530 accepted", "0 differences", "http://127.0.0.1:"):
        assert said in out
    assert "of.read_destination(" in out


@pytest.fixture
def own() -> pl.DataFrame:
    """A table with names as people give them."""
    return pl.DataFrame(
        {
            "Artikel Nr": ["7-1", "7-2", "7-3", "7-4"],
            "Namn [sv]": ["Stol", "Bord", "Lampa", None],
            "Namn [en]": ["Chair", "Table", "Lamp", "Rug"],
            "Färg": ["blå", "blå", "grön", "grön"],
            "Pris (SEK)": [1299.0, 449.5, 1e-7, 99.0],
            "Etiketter": ["ny|rea", "ny", "rea|ute", None],
        }
    )


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_a_table_of_ones_own_goes_the_same_way(run, own, tmp_path, ending):
    """What was guessed is said, and nothing differs."""
    file = tmp_path / f"Min tabell{ending}"
    {".csv": own.write_csv, ".parquet": own.write_parquet, ".xlsx": own.write_excel}[ending](file)
    ended = run("demo", file, "--json")
    assert ended.code == 0
    told = ended.document
    assert told["compared"]["differences"] == 0
    assert told["push"]["counts"]["accepted"] == 4
    assert any("'Artikel Nr'" in guess for guess in told["guessed"])
    assert told["read"]["languages"] == ["sv", "en"]


def test_a_cell_that_cannot_be_read_is_a_problem(run, tmp_path):
    """As in a plan of the same file: it would be gone without a word."""
    xlsxwriter = pytest.importorskip("xlsxwriter")
    with xlsxwriter.Workbook(tmp_path / "bad.xlsx") as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["sku", "price"])
        page.write_row(1, 0, ["7-1", 5])
        page.write_string(2, 0, "7-2")
        page.write_formula(2, 1, "=NA()", None, "#N/A")
    told = run("demo", tmp_path / "bad.xlsx", "--json").document
    assert [problem["rule"] for problem in told["plan"]["problems"]] == ["value-type"]
    assert told["push"]["counts"]["rejected"] == 1


def test_what_a_file_was_taken_for_is_said(run, tmp_path):
    """The separator of a csv, as in its plan."""
    (tmp_path / "a.csv").write_text("sku;name\n7-1;Stol\n7-2;Bord\n")
    told = run("demo", tmp_path / "a.csv", "--json").document
    assert any("separated by ';'" in warning for warning in told["plan"]["warnings"])


def test_a_table_without_a_key_ends_with_2(run, tmp_path):
    """And says which option helps."""
    pl.DataFrame({"color": ["x", "x", "x"]}).write_csv(tmp_path / "none.csv")
    ended = run("demo", tmp_path / "none.csv")
    assert ended.code == 2
    assert "--key" in ended.err


def test_what_brings_it_back_is_what_was_typed(run, tmp_path, monkeypatch):
    """The key that was said, and a name that a shell would take apart."""
    monkeypatch.chdir(tmp_path)
    pl.DataFrame({"id": ["a", "b"], "its name": ["c", "d"]}).write_csv("it's.csv")
    out = " ".join(run("demo", "it's.csv", "--key", "its name").out.replace("│", " ").split())
    assert """occtoo-frames demo 'it'"'"'s.csv' --key 'its name' --keep --port""" in out
    assert "--key" not in run("demo", "it's.csv").out
