import json

import numpy as np
import pytest
from openapi_spec_validator import validate

from occtoo_frames._sandbox.publication import Publication, publication


def kinds(client, url):
    """The JSON schema type and format of each property."""
    document = client.get(url.rsplit("/", 1)[0] + "/openapi").json()
    validate(document)
    properties = document["components"]["schemas"]["productsApiResult"]["properties"]
    return {name: (schema["type"], schema.get("format")) for name, schema in properties.items() if name != "id"}


def as_pushed(value):
    """A value as it stood in the import."""
    return str(value).lower() if isinstance(value, bool) else value


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["1", "-20", "0"], ("integer", "int64")),
        (["9223372036854775807", "-9223372036854775808"], ("integer", "int64")),
        (["9223372036854775808"], ("string", None)),
        (["007", "1"], ("string", None)),
        (["1e5"], ("string", None)),
        (["+5"], ("string", None)),
        (["1_000"], ("string", None)),
        ([" 5"], ("string", None)),
        (["-0"], ("string", None)),
        (["0x10"], ("string", None)),
        (["\u0661"], ("string", None)),
        (["1.50", "2"], ("number", "decimal")),
        (["0.1", "99999999999999999999.99"], ("number", "decimal")),
        ([".5"], ("string", None)),
        (["5."], ("string", None)),
        (["01.5"], ("string", None)),
        (["NaN"], ("string", None)),
        (["true", "false"], ("boolean", None)),
        (["True"], ("string", None)),
        (["true", "1"], ("string", None)),
        (["2026-03-01T12:00:00Z", "2026-03-01T12:00:00.123456+01:00"], ("string", "date-time")),
        (["2026-03-01T12:00:00"], ("string", "date-time")),
        (["2026-03-01T12:00:00", "2026-03-01T12:00:00Z"], ("string", None)),
        (["2026-03-01T12:00:00.1234567Z"], ("string", None)),
        (["2026-13-01T12:00:00Z"], ("string", None)),
        (["2026-03-01"], ("string", None)),
        (["", ""], ("string", None)),
        (["", "7"], ("integer", "int64")),
        (["a|b"], ("string", None)),
    ],
)
def test_a_type_is_found_only_where_no_value_changes(client, texts, kind):
    """And what is answered is what was pushed."""
    client.put({f"k{number}": {"x": text} for number, text in enumerate(texts)})
    url = client.publish()
    assert kinds(client, url) == {"x": kind}
    results = json.loads(client.get(url).text, parse_int=str, parse_float=str)["results"]
    missing = "" if kind == ("string", None) else None
    assert [as_pushed(result["x"]) for result in results] == [text or missing for text in texts]


def test_an_integer_that_gets_text_becomes_text_in_the_next_document(client):
    """The values that were numbers are their own text then."""
    client.put({"a": {"x": "7"}})
    url = client.publish()
    assert client.read(url)["results"][0]["x"] == 7
    version = client.get("/sandbox/shop/v1/openapi").json()["info"]["version"]
    client.put({"a": {"x": "8"}})
    assert client.get("/sandbox/shop/v1/openapi").json()["info"]["version"] == version
    client.put({"b": {"x": "007"}})
    assert [result["x"] for result in client.read(url)["results"]] == ["8", "007"]
    assert client.get("/sandbox/shop/v1/openapi").json()["info"]["version"] != version
    assert kinds(client, url) == {"x": ("string", None)}


def test_an_integer_that_gets_a_fraction_becomes_a_decimal(client):
    """Nothing is cut off."""
    client.put({"a": {"x": "7"}})
    url = client.publish()
    client.read(url)
    client.put({"b": {"x": "1.5"}})
    assert [result["x"] for result in client.read(url)["results"]] == [7, 1.5]


def test_a_property_with_any_language_is_localised(client):
    """Declared types too; numbers with a language are text."""
    client.put({"a": {"x:en": "1", "l:sv": "p|q", "n": "1"}})
    client.publish(types={"l": "List"})
    document = client.get("/sandbox/shop/v1/openapi").json()
    properties = document["components"]["schemas"]["productsApiResult"]["properties"]
    assert properties["x"] == {"type": "string", "nullable": True, "x-localized": True}
    assert properties["l"]["x-localized"]
    assert "x-localized" not in properties["n"]


def test_a_declared_type_holds(client):
    """What is not of that type is null, never another value."""
    client.put(
        {
            "a": {"i": "007", "d": "1e5", "t": "7", "b": "true", "w": "2026-03-01"},
            "b": {"i": "x", "d": "x", "b": "x", "w": "x"},
        }
    )
    types = {"i": "Integer", "d": "Decimal", "t": "Text", "b": "Boolean", "w": "Timestamp", "never": "Integer"}
    first, second = client.read(client.publish(types=types))["results"]
    assert first == {"id": "a", "i": 7, "d": 100000.0, "t": "7", "b": True, "w": "2026-03-01", "never": None}
    assert set(second.values()) == {"b", None}


def test_the_document_says_how_everything_is_asked(client):
    """Operations, responses, languages, facets, ranges; valid, and without tags."""
    client.platform.add_source("media")
    client.put({"a": {"name:en": "x", "price": "1", "tags": "a|b", "on": "true", "language": "x"}})
    client.publish(types={"tags": "List"}, facets=["tags"], relations={"images": ("media", "tags")})
    client.platform.publish("shop", "other", source="media", languages=["en"], protected=True)
    document = client.get("/sandbox/shop/v1/openapi").json()
    validate(document)
    schemas = document["components"]["schemas"]
    path = document["paths"]["/products"]
    assert path["post"]["operationId"] == "products"
    assert "tags" not in path["post"]
    assert "security" not in path["post"]
    assert path["post"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith(
        "/productsApiResponse"
    )
    assert document["paths"]["/other"]["get"]["security"] == [{"application": []}]
    assert document["info"]["x-languages"] == ["en", "sv"]
    assert schemas["productsApiResult"]["properties"]["tags"]["x-facet"]
    assert set(schemas["productsApiFilter"]["properties"]["range"]["properties"]) == {"id", "name", "price", "language"}
    names = [parameter["name"] for parameter in path["get"]["parameters"]]
    assert len(names) == len(set(names))
    flow = document["components"]["securitySchemes"]["application"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"].endswith(f"/destinations/{client.platform.destination_id}/token")


def test_a_destination_has_three_versions_at_most(client):
    """Each at its own address, each as it was published."""
    client.put({"a": {"x": "1", "y": "2"}})
    first = client.publish()
    second = client.publish(version="v2", properties=["x"])
    client.publish(version="v3")
    assert second.endswith("/sandbox/shop/v2/products")
    assert client.read(first)["results"] == [{"id": "a", "x": 1, "y": 2}]
    assert client.read(second)["results"] == [{"id": "a", "x": 1}]
    with pytest.raises(ValueError, match="3 active versions"):
        client.publish(version="v4")


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "nope"},
        {"languages": []},
        {"languages": ["not a language"]},
        {"languages": ["en", "en"]},
        {"types": {"x": "Number"}},
        {"relations": {"images": ("nope", "x")}},
        {"version": "v/1"},
        {"version": "latest"},
        {"version": "1"},
        {"version": "v0"},
        {"facets": {"x": 0}},
        {"facets": {"x": True}},
        {"relations": {"id": ("products", "x")}},
        {"relations": {"x": ("products", "y")}, "types": {"x": "List"}},
        {"relations": {"x": ("products", "y")}, "properties": ["x", "y"]},
    ],
)
def test_what_cannot_be_published_is_refused(client, wrong):
    """With a ValueError that says why."""
    with pytest.raises(ValueError, match=r"."):
        client.publish(**wrong)


def test_the_types_that_there_are_stand_in_the_refusal_of_another(client):
    """And which property was meant."""
    with pytest.raises(ValueError, match=r"Text, LocalizedText.*Integer.*\{'x': 'Int'\}"):
        client.publish(types={"x": "Int", "y": "Text"})


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"types": 5}, "types is a dict by name, got 5"),
        ({"types": "Text"}, "types is a dict by name, got 'Text'"),
        ({"types": {5: "Text"}}, r"types is a dict by name, got \{5: 'Text'\}"),
        ({"facets": 5}, "facets is a list of names, got 5"),
        ({"facets": ["x", 5]}, r"facets is a list of names, got \['x', 5\]"),
        ({"facets": {5: 1}}, r"facets is a dict by name, got \{5: 1\}"),
        ({"languages": [["en"]]}, "languages is a list of names"),
        ({"properties": 5}, "properties is a list of names, got 5"),
        ({"searchable": [None]}, "searchable is a list of names"),
        ({"searchable": np.array("en")}, r"searchable is a list of names, got array\('en'"),
        ({"languages": np.array(5)}, r"languages is a list of names, got array\(5\)"),
        ({"relations": 5}, "relations is a dict by name, got 5"),
        ({"relations": {"a": 5}}, "a relation is a source and the property that lists its keys, got 'a': 5"),
        ({"relations": {"a": "bc"}}, "a relation is a source and the property"),
        ({"relations": {"a": ("products", 5)}}, "a relation is a source and the property"),
        ({"separators": "ab"}, "separators is a dict by name, got 'ab'"),
        ({"separators": {"a": ""}}, r"between the elements of a list is a text, got \{'a': ''\}"),
        ({"relations": {"a": ("products",)}}, "a relation is a source and the property"),
        ({"protected": "no"}, "^protected is True or False, got 'no'$"),
        ({"protected": 1}, "^protected is True or False, got 1$"),
        ({"source": 5}, "^source is a name, got 5$"),
        ({"facets": {"a": np.bool_(True)}}, "a facet counts one or more of its values"),
        ({"facets": {"a": np.int64(0)}}, "a facet counts one or more of its values"),
        ({"version": 5}, "5 cannot be part of an address"),
    ],
)
def test_an_option_of_another_kind_is_told_by_its_name(client, wrong, words):
    """And what it is instead."""
    with pytest.raises(ValueError, match=words):
        client.publish(**wrong)


def test_texts_and_counts_of_numpy_are_as_those_of_python(client):
    """They come from a table's columns; what is stored is Python's."""
    client.put({"a": {"x": "1", "y": "a;b", "ids": "a"}})
    plain = {
        "source": "products",
        "languages": ["en", "sv"],
        "types": {"y": "List"},
        "facets": {"x": 5},
        "properties": ["x", "y"],
        "searchable": ["y"],
        "separators": {"y": ";"},
        "relations": {"r": ("products", "ids")},
    }
    text = np.str_
    odd = {
        "source": text("products"),
        "languages": np.array(["en", "sv"]),
        "types": {text("y"): text("List")},
        "facets": {text("x"): np.int64(5)},
        "properties": np.array(["x", "y"]),
        "searchable": np.array(["y"]),
        "separators": {text("y"): text(";")},
        "relations": {text("r"): (text("products"), text("ids"))},
    }
    made = publication(text("shop"), text("e"), version=text("v1"), **odd)
    assert Publication.from_json(made.to_json()) == made == publication("shop", "e", **plain)


def test_one_text_is_one_name(client):
    """Never its letters."""
    client.put({"a": {"abc": "1", "a:en": "2"}})
    url = client.publish(properties="abc", facets="abc", searchable="abc", languages="en")
    assert client.read(url)["results"] == [{"id": "a", "abc": 1}]


def test_a_relation_is_not_called_as_a_property_that_is_shown(client):
    """A result holds one of the two only."""
    client.platform.add_source("media")
    client.put({"m1": {"url": "u1"}}, "media")
    client.put({"a": {"pics": "m1", "x:en": "1"}})
    for name in ("pics", "x"):
        with pytest.raises(ValueError, match=f"called as a property is: {name}"):
            client.publish(relations={name: ("media", "pics")})
    url = client.publish(relations={"pics": ("media", "pics")}, properties=["y"])
    assert client.read(url)["results"] == [{"id": "a", "y": None, "pics": [{"id": "m1", "url": "u1"}]}]


@pytest.mark.parametrize("endpoint", ["openapi", "Products", "a/b", ""])
def test_an_endpoint_is_lower_case_and_not_reserved(client, endpoint):
    """The OpenAPI document keeps its address."""
    with pytest.raises(ValueError, match=r"endpoint|address"):
        client.platform.publish("shop", endpoint, source="products", languages=["en"])


@pytest.mark.parametrize("name", ["", "a b", "å", "x" * 257])
def test_a_source_needs_a_name(client, name):
    """Of the same characters as a key."""
    with pytest.raises(ValueError, match="source"):
        client.platform.add_source(name)
