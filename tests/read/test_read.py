"""Whole reads against the sandbox."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from reading_box import Box

from occtoo_frames._api.read import read_destination
from occtoo_frames.exceptions import AuthenticationError, ColumnNotFoundError, ConfigurationError, NotFoundError
from occtoo_frames.typing import Between, between

Read = Callable[..., Any]


@pytest.fixture
def read(box: Box, shop: str) -> Read:
    """Reads the shop into polars, unless told otherwise."""

    def reader(url: str = shop, **options: Any) -> Any:
        return read_destination(url, connection=box.connection, **({"frame": "polars"} | options))

    return reader


@pytest.mark.parametrize("page_size", [1, 7, 24, 25, 26, 1000])
def test_a_full_read_holds_every_entry_once_whatever_the_page_size(read: Read, page_size: int) -> None:
    """Keyset paging neither loses nor doubles, also where the last page is full."""
    assert read(page_size=page_size)["id"].to_list() == [f"p{n:02}" for n in range(25)]


def test_types_come_from_the_document(read: Read) -> None:
    """Each type of the platform has its own in polars, and its values are exact."""
    frame = read()
    assert frame.schema == pl.Schema(
        {
            "id": pl.String(),
            "name": pl.String(),
            "category": pl.String(),
            "price": pl.Decimal(38, 18),
            "stock": pl.Int64(),
            "active": pl.Boolean(),
            "made": pl.Datetime("us", "UTC"),
            "tags": pl.List(pl.String()),
            "imageIds": pl.List(pl.String()),
            "images": pl.List(pl.Struct({"id": pl.String(), "url": pl.String(), "size": pl.Int64()})),
        }
    )
    row = frame.row(3, named=True)
    assert row["price"] == Decimal("3.5")
    assert row["stock"] == 2**53 + 3
    assert row["made"] == datetime(2024, 1, 4, 8, tzinfo=UTC)
    assert row["tags"] == ["a", "b", "c"]


def test_an_empty_result_has_the_same_columns_and_types(read: Read) -> None:
    """The schema never depends on what came back."""
    for options in ({}, {"language": ["en", "sv"]}, {"layout": "long"}, {"explode": "images"}, {"raw": True}):
        full, empty = read(**options), read(where={"category": "none"}, **options)
        assert empty.height == 0
        assert empty.schema == full.schema
        assert read(limit=0, **options).schema == full.schema
        pandas = read(where={"category": "none"}, frame="pandas", **options)
        assert dict(pandas.dtypes) == dict(read(frame="pandas", **options).dtypes)


@pytest.mark.parametrize(("kind", "type_"), [("pandas", pd.DataFrame), ("polars", pl.DataFrame), ("pyarrow", pa.Table)])
def test_the_frame_is_of_the_kind_asked_for(read: Read, kind: str, type_: type) -> None:
    """The same values in each library."""
    frame = read(frame=kind, columns=["id", "stock"])
    assert isinstance(frame, type_)
    assert next(iter(frame["stock"])) in {2**53, pa.scalar(2**53)}


@pytest.mark.parametrize(
    ("style", "name"),
    [
        ("name_lang", "name_sv"),
        ("name-lang", "name-sv"),
        ("name.lang", "name.sv"),
        ("name:lang", "name:sv"),
        ("name@lang", "name@sv"),
        ("name[lang]", "name[sv]"),
    ],
)
def test_several_languages_stand_side_by_side_in_every_style(read: Read, style: str, name: str) -> None:
    """Localised properties have a column a language; a missing translation is null; the others are single."""
    frame = read(language=["en", "sv"], style=style, page_size=6)
    assert frame.columns[1:4] == [name.replace("sv", "en"), name, "category"]
    assert frame[name].to_list() == [f"Stol {n}" if n % 4 else None for n in range(25)]


def test_one_language_keeps_the_properties_names(read: Read) -> None:
    """A language that is no list adds no suffix."""
    assert read(language="sv")["name"].to_list()[:2] == [None, "Stol 1"]


def test_the_long_layout_has_a_row_for_each_entry_and_language(read: Read) -> None:
    """Rows of a key stand together, in the order of the languages asked for."""
    frame = read(language=["sv", "en"], layout="long", columns=["id", "language", "name"])
    assert frame.height == 50
    assert frame.rows()[2:4] == [("p01", "sv", "Stol 1"), ("p01", "en", "Chair 1")]
    assert read(layout="long")["language"].to_list() == ["en"] * 25


def test_an_unknown_language_is_refused_with_a_hint(read: Read) -> None:
    """Before anything is asked."""
    with pytest.raises(ConfigurationError, match="no language 'se'"):
        read(language=["en", "se"])


def test_where_and_exclude_mean_any_of_the_values_of_all_properties(read: Read) -> None:
    """Values are alternatives, properties have to fit together, lists fit by any element."""
    frame = read(where={"category": ["Shoes", "Boots"], "price": between(10, 20)}, exclude={"tags": "a"})
    assert frame["id"].to_list() == ["p12", "p16"]


@pytest.mark.parametrize(
    ("where", "fits"),
    [
        ({"price": between(None, 3)}, lambda row: row["price"] is not None and row["price"] <= 3),
        ({"price": 3.5}, lambda row: row["price"] == Decimal("3.5")),
        ({"price": None}, lambda row: row["price"] is None),
        ({"stock": 2**53 + 1}, lambda row: row["stock"] == 2**53 + 1),
        ({"stock": [str(2**53 + 1), None]}, lambda row: row["stock"] == 2**53 + 1),
        ({"active": True}, lambda row: row["active"]),
        ({"made": between(datetime(2024, 1, 5, tzinfo=UTC), None)}, lambda row: row["id"] > "p03"),
        ({"made": "2024-01-05T09:00:00+01:00"}, lambda row: row["id"] == "p04"),
        ({"tags": ["b", None]}, lambda row: row["tags"] is None or "b" in row["tags"]),
        ({"id": ["p01", "p99"]}, lambda row: row["id"] == "p01"),
        ({"name": "Chair 7"}, lambda row: row["id"] == "p07"),
        ({"name": between("Chair 2", "Chair 3")}, lambda row: "Chair 2" <= row["name"] <= "Chair 3"),
    ],
)
def test_where_selects_what_it_says_and_exclude_the_rest(
    read: Read, where: dict[str, Any], fits: Callable[[dict[str, Any]], bool]
) -> None:
    """What the platform is asked and what is done here make no difference."""
    rows = read().rows(named=True)
    assert read(where=where).rows(named=True) == [row for row in rows if fits(row)]
    assert read(exclude=where).rows(named=True) == [row for row in rows if not fits(row)]


_NO_NUMBERS = [float("nan"), float("-inf"), Decimal("NaN"), Decimal("sNaN"), np.float64("nan"), Decimal("1e999999999")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("price", value) for value in [*_NO_NUMBERS, 1e40, 10**5000, Decimal(10) ** 20 - Decimal("1e-19")]),
        *(("price", value) for value in [Decimal("1e-50"), Decimal("1.9999999999999999999")]),
        *(("stock", value) for value in [*_NO_NUMBERS, 2**63, -(2**63) - 1, 10**40, 10**5000, 1.5, np.array([1, 2])]),
        *(("category", value) for value in [Decimal("NaN"), Decimal("sNaN"), float("inf"), "\ud800", b"x"]),
        *(("made", value) for value in [datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))), "x"]),
        ("images", 1),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isascii() else type(value).__name__,
)
@pytest.mark.parametrize("option", ["where", "exclude"])
def test_a_value_that_a_property_cannot_have_is_refused(read: Read, option: str, name: str, value: Any) -> None:
    """Named, with the property's type; alone, in a list, and as the end of a range."""
    for given in ([value], between(value, None), between(None, value)):
        with pytest.raises(ConfigurationError, match=f"cannot be a value of '{name}'|is a relation"):
            read(**{option: {name: given}})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stock", 2**63 - 1),
        ("stock", -(2**63)),
        ("price", 1e19),
        ("price", Decimal("1e-18")),
        ("price", Decimal("0e50")),
    ],
)
def test_a_value_at_the_edge_of_a_type_is_none(read: Read, name: str, value: Any) -> None:
    """It matches as any other does."""
    assert read(where={name: value}).height == 0


def test_a_moment_beyond_nanoseconds_is_refused(read: Read) -> None:
    """Where the caller asked for them."""
    types = {"made": pl.Datetime("ns", "UTC")}
    assert read(types=types, where={"made": between(datetime(2261, 1, 1, tzinfo=UTC), None)}).height == 0
    with pytest.raises(ConfigurationError, match="cannot be a value of 'made'"):
        read(types=types, where={"made": datetime(2263, 1, 1, tzinfo=UTC)})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"where": "name"}, "where must say values of properties, such as .*, got 'name'"),
        ({"where": []}, r"where must .*, got \[\]"),
        ({"exclude": ["name"]}, r"exclude must .*, got \['name'\]"),
        ({"types": "price"}, "types must say the types of properties, such as .*, got 'price'"),
        ({"types": {"price": "Float64"}}, "types: 'price' must have a whole polars type, .*, got 'Float64'"),
        ({"types": {"price": float}}, "got <class 'float'>"),
        ({"types": {"price": None}}, "got None"),
        ({"types": {"tags": pl.List}}, "got List"),
        ({"url": None}, "url must be the address of a destination as a text, got None"),
    ],
)
def test_an_option_of_another_kind_says_what_it_takes(read: Read, options: dict[str, Any], words: str) -> None:
    """Instead of an error from within."""
    with pytest.raises(ConfigurationError, match=words):
        read(**options)


@pytest.mark.parametrize("made", [between, Between])
def test_a_range_has_an_end(made: Callable[..., Between]) -> None:
    """Without one it would say nothing."""
    with pytest.raises(ConfigurationError, match="matches everything: leave the property out"):
        made(None, None)


def test_a_property_is_called_by_a_text(read: Read) -> None:
    """Another name is none of them."""
    with pytest.raises(ColumnNotFoundError, match="no property 5; there are id, "):
        read(where={5: 1})


def test_columns_choose_and_order_the_output(read: Read) -> None:
    """A property stands for its languages; a column of a language for itself."""
    assert read(columns=["price", "id"]).columns == ["price", "id"]
    assert read(columns=["name", "id"], language=["sv", "en"]).columns == ["name_sv", "name_en", "id"]
    assert read(columns=["name_en"], language=["sv", "en"]).columns == ["name_en"]


@pytest.mark.parametrize(
    "option", [{"columns": ["nam"]}, {"where": {"nam": 1}}, {"sort": "-nam"}, {"explode": "image"}]
)
def test_an_unknown_property_is_named_with_what_was_meant(read: Read, option: dict[str, Any]) -> None:
    """In every option that takes one."""
    with pytest.raises(ColumnNotFoundError, match=r"did you mean '(name|images)'"):
        read(**option)


@pytest.mark.parametrize("limit", [1, 5, 25, 40])
@pytest.mark.parametrize("sort", [None, "-price", ["category", "-stock"], ["-active", "-stock"]])
@pytest.mark.parametrize("language", [None, ["sv", "en"]])
def test_a_limit_gives_the_first_of_the_whole_order(read: Read, limit: int, sort: Any, language: Any) -> None:
    """Sorting on the platform or here gives the same first entries."""
    options: dict[str, Any] = {"sort": sort, "language": language, "exclude": {"price": None}}
    assert read(limit=limit, page_size=4, **options).equals(read(**options).head(limit))


def test_sorting_by_a_localised_property_follows_the_first_language(read: Read) -> None:
    """The other languages are joined to it."""
    frame = read(sort="-name", language=["sv", "en"], limit=2)
    assert frame.select("name_sv", "name_en").rows() == [("Stol 9", "Chair 9"), ("Stol 7", "Chair 7")]


def test_a_localised_filter_means_the_first_language(read: Read) -> None:
    """The entry is read in the other languages too."""
    frame = read(where={"name": "Stol 9"}, language=["sv", "en"])
    assert frame.select("name_sv", "name_en").rows() == [("Stol 9", "Chair 9")]


def test_a_limit_is_one_request(box: Box, read: Read) -> None:
    """Besides the document, a head does not ask for more than it needs."""
    before = box.platform.requests_seen.copy()
    read(limit=10)
    assert sum((box.platform.requests_seen - before).values()) == 2


def test_a_relation_explodes_into_rows_with_their_parents_id(read: Read) -> None:
    """One row an entry of the relation, in order; its columns can be chosen."""
    frame = read(explode="images")
    assert frame.columns == ["parent_id", "position", "id", "url", "size"]
    assert frame.row(2) == ("p02", 1, "m1", "https://cdn.test/1.jpg", 10)
    assert read(explode="images", columns=["parent_id", "url"]).columns == ["parent_id", "url"]


def test_what_cannot_be_exploded_names_what_can(read: Read) -> None:
    """Relations alone: a property that is none is no next try."""
    with pytest.raises(ColumnNotFoundError, match="no relation 'pictures'; there are images"):
        read(explode="pictures")
    with pytest.raises(ConfigurationError, match="'name' is no relation; there are images"):
        read(explode="name")
    with pytest.raises(ConfigurationError, match=r"explode=\['images'\]: it is the name of a relation, a text"):
        read(explode=["images"])


def test_raw_gives_the_json_as_it_came(read: Read) -> None:
    """Filters and limits hold for it too."""
    frame = read(raw=True, where={"price": 3.5})
    assert frame.columns == ["id", "json"]
    assert pl.select(pl.lit(frame["json"][0]).str.json_path_match("$.name")).item() == "Chair 3"


def test_types_can_be_said_by_the_caller(read: Read) -> None:
    """As String a property is kept as its exact JSON text."""
    frame = read(types={"price": pl.String, "stock": pl.Decimal(38, 0), "made": pl.Datetime("ns", "UTC")}, limit=2)
    assert frame.select("price", "stock").row(1) == ("1.50", Decimal(2**53 + 1))
    assert frame.schema["made"] == pl.Datetime("ns", "UTC")


def test_a_protected_destination_is_read_with_the_applications_token(box: Box) -> None:
    """The document says so; one that expired is had anew."""
    source = box.source()
    box.put(source, {"a": [("x", "1", None)]})
    url = box.platform.publish("locked", "things", source=source, languages=["en"], protected=True)
    assert read_destination(url, connection=box.connection, frame="polars")["id"].to_list() == ["a"]
    box.platform.expire_tokens()
    assert read_destination(url, connection=box.connection, frame="polars")["id"].to_list() == ["a"]
    with pytest.raises((AuthenticationError, ConfigurationError)):
        read_destination(url, connection=type(box.connection)(global_url=box.platform.url))


def test_an_unknown_address_says_what_there_is(read: Read, shop: str) -> None:
    """The endpoint's, the destination's, or none at all."""
    with pytest.raises(ConfigurationError, match="did you mean 'products'"):
        read(shop[:-1])
    with pytest.raises(NotFoundError):
        read(shop.replace("/shop/", "/chop/"))
    with pytest.raises(ConfigurationError, match="no http"):
        read("products")


def test_changed_since_says_that_deletions_are_missing(read: Read) -> None:
    """The platform only tells of entries that are there."""
    with pytest.warns(UserWarning, match="deletions"):
        assert read(changed_since=datetime(2100, 1, 1, tzinfo=UTC)).height == 0
    with pytest.raises(ConfigurationError, match="time zone"):
        read(changed_since=datetime(2024, 1, 1))


def test_search_asks_the_platform(read: Read) -> None:
    """What it means is the platform's business."""
    assert read(search="Chair 7")["id"].to_list() == ["p07"]


@pytest.mark.parametrize("language", [["en"], ["en", "sv"]])
def test_an_entry_without_any_value_in_a_language_is_still_there(read: Read, language: list[str]) -> None:
    """Languages are joined so that none loses an entry."""
    assert read(language=language).height == 25
