"""The commands that read: what can be said of a read, and facets."""

import polars as pl
import pytest

import occtoo_frames as of


@pytest.fixture
def shop(box):
    """The address of three products with prices, tags, pictures and a facet."""
    media = pl.DataFrame({"key": ["m1", "m2"], "url": ["https://cdn.test/1", "https://cdn.test/2"]})
    products = pl.DataFrame(
        {
            "sku": ["a", "b", "c"],
            "name_en": ["Chair", "Table", "Lamp"],
            "name_sv": ["Stol", "Bord", None],
            "price": [10, 20, 30],
            "category": ["Seating", "Seating", "Light"],
            "imageIds": ["m1|m2", None, "m2"],
        }
    )
    box.add_source("media")
    of.push(media, "media", "key")
    of.push(products, "products", "sku", {"name": ["en", "sv"]})
    url = box.publish(
        "shop",
        "products",
        source="products",
        languages=["en", "sv"],
        types={"price": "Integer", "imageIds": "List"},
        facets=["category"],
        relations={"images": ("media", "imageIds")},
    )
    box.settle()
    return url


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        (["--between", "price=15.."], ["b", "c"]),
        (["--between", "price=..20", "--where", "category=Seating"], ["a", "b"]),
        (["--between", "price=20..20"], ["b"]),
        (["--search", "Lamp"], ["c"]),
        (["--sort=-price", "--limit", 2], ["c", "b"]),
        (["--changed-since", "2100-01-01T00:00:00Z"], []),
        (["--page-size", 1], ["a", "b", "c"]),
        (["--raw"], ["a", "b", "c"]),
    ],
)
def test_everything_that_can_be_said_of_a_read(run, shop, words, rows):
    """In the same words as in Python."""
    ended = run("read", shop, *words, "--json")
    assert [row["id"] for row in ended.document["rows"]] == rows
    assert ("deletions" in ended.err) is ("--changed-since" in words)


def test_a_relation_and_languages_as_rows(run, shop):
    """One row an entry of the relation; one row an entry and language."""
    images = run("read", shop, "--explode", "images", "--json").document["rows"]
    assert [(row["parent_id"], row["id"]) for row in images] == [("a", "m1"), ("a", "m2"), ("c", "m2")]
    texts = run("read", shop, "--language", "en", "--language", "sv", "--layout", "long", "--json").document["rows"]
    assert [(row["id"], row["language"], row["name"]) for row in texts[:2]] == [
        ("a", "en", "Chair"),
        ("a", "sv", "Stol"),
    ]


def test_languages_may_be_listed(run, shop):
    """As when they are repeated."""
    listed = run("read", shop, "--language", "en,sv", "--json").document
    assert listed == run("read", shop, "--language", "en", "--language", "sv", "--json").document
    assert listed["rows"][0]["name_sv"] == "Stol"
    assert len(run("facets", shop, "--language", "en,sv", "--json").document["rows"]) == 4
    assert run("read", shop, "--language", "en,").code == 2


def test_facets_as_a_table_as_json_and_as_a_file(run, shop, tmp_path):
    """Counted by the platform under the filter."""
    told = run("facets", shop, "--json").document["rows"]
    assert [(row["property"], row["value"], row["count"]) for row in told] == [
        ("category", "Seating", 2),
        ("category", "Light", 1),
    ]
    assert run("facets", shop, "--where", "price=30").out.splitlines()[1:] == ["category,category,Light,1"]
    assert run("facets", shop, "--language", "en", "--language", "sv", "--out", tmp_path / "f.csv").code == 0
    assert pl.read_csv(tmp_path / "f.csv").height == 4


@pytest.mark.parametrize(
    "words", [["--between", "price"], ["--between", "price=.."], ["--between", "price=1..2", "--where", "price=1"]]
)
def test_a_range_of_another_form_is_a_usage_error(run, shop, words):
    """It says what one looks like."""
    ended = run("read", shop, *words)
    assert ended.code == 2
    assert "range" in ended.err
