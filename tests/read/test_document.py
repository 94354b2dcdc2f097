"""OpenAPI documents of many shapes."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from occtoo_frames._read.destination import parse_address, to_destination
from occtoo_frames._read.document import Document, read_document
from occtoo_frames._read.options import to_sorts
from occtoo_frames._read.plan import ReadPlan
from occtoo_frames._read.references import DocumentError
from occtoo_frames.exceptions import ConfigurationError, ProtocolError

CONTRACT = Path(__file__).parent.parent / "contract"
MEDIA = pl.Struct({"id": pl.String(), "url": pl.String(), "size": pl.Int64()})
DECIMAL = pl.Decimal(38, 18)
MOMENT = pl.Datetime("us", "UTC")
TEXT = pl.String()


def document(name: str) -> Document:
    """A document of the contract folder, read."""
    return read_document((CONTRACT / f"openapi_{name}.json").read_bytes())


def localized(name: str, endpoint: str) -> list[str]:
    """Its localised properties."""
    return [one.id for one in document(name).endpoints[endpoint].properties if one.localized]


def loose(name: str, endpoint: str) -> list[str]:
    """Its loose properties."""
    return [one.id for one in document(name).endpoints[endpoint].properties if one.loose]


def test_references_everywhere_and_the_nullable_of_3_0() -> None:
    """Parameters, bodies, responses, properties and relations behind references."""
    read = document("swashbuckle_30")
    assert list(read.endpoints) == ["products"]
    assert read.languages == ("en", "sv")
    assert read.endpoints["products"].schema == pl.Schema(
        {
            "id": TEXT,
            "name": TEXT,
            "category": TEXT,
            "price": pl.Float64(),
            "weight": DECIMAL,
            "stock": pl.Int64(),
            "active": pl.Boolean(),
            "made": MOMENT,
            "tags": pl.List(TEXT),
            "image": MEDIA,
            "images": pl.List(MEDIA),
        }
    )
    assert loose("swashbuckle_30", "products") == []


def test_a_document_that_marks_no_language_leaves_every_text_localised() -> None:
    """No translation is dropped because nobody said that there is one."""
    assert localized("swashbuckle_30", "products") == ["name", "category", "tags", "image", "images"]


def test_the_nullable_of_3_1_and_alternatives_with_null() -> None:
    """Types in arrays, anyOf and oneOf with null, allOf, boolean schemas, path items behind references."""
    endpoint = document("nullable_31").endpoints["lager"]
    assert endpoint.schema == pl.Schema(
        {
            "id": TEXT,
            "namn": TEXT,
            "färg": TEXT,
            "pris": DECIMAL,
            "antal": pl.Int64(),
            "datum": pl.Date(),
            "när": MOMENT,
            "taggar": pl.List(TEXT),
            "mått": DECIMAL,
            "blandat": TEXT,
            "vad som helst": TEXT,
        }
    )
    assert loose("nullable_31", "lager") == ["blandat", "vad som helst"]
    assert localized("nullable_31", "lager") == ["namn", "taggar"]
    assert document("nullable_31").languages == ("sv", "de")


def test_what_a_document_leaves_open_is_loose() -> None:
    """Missing types, free-form objects and real alternatives are kept as JSON text; unknown formats say nothing."""
    schema = document("untyped").endpoints["things"].schema
    strict = {
        "text": TEXT,
        "code": TEXT,
        "odd": DECIMAL,
        "numbers": pl.List(pl.UInt64()),
        "same": TEXT,
    }
    open_ = dict.fromkeys(("anything", "described", "file", "free", "map", "either"), TEXT)
    parts = {"list": pl.List(TEXT), "part": pl.Struct({"a": pl.Int64(), "b": TEXT})}
    assert dict(schema) == {"id": TEXT, **strict, **open_, **parts}
    assert set(loose("untyped", "things")) == {*open_, *parts}


def test_relations_nest_and_end_where_they_lead_back_to_themselves() -> None:
    """Twice nested relations are lists of structs; a circle is cut and kept as JSON text."""
    endpoint = document("relations").endpoints["products"]
    parts = pl.Struct({"id": TEXT, "price": DECIMAL, "made": MOMENT, "media": pl.List(MEDIA)})
    assert endpoint["parts"].dtype == pl.List(parts)
    assert endpoint["brand"].dtype == pl.Struct({"id": TEXT, "name": TEXT, "owner": TEXT})
    assert endpoint["related"].dtype == pl.List(TEXT)
    assert loose("relations", "products") == ["brand", "related"]
    assert localized("relations", "products") == ["brand", "related"]


def test_an_endpoint_is_protected_where_every_way_needs_a_token() -> None:
    """An operation's own security wins over the document's."""
    endpoints = document("relations").endpoints
    assert endpoints["products"].protected
    assert not endpoints["open"].protected


def test_an_endpoint_known_by_the_name_of_its_response_only() -> None:
    """A response without schema is looked up under the endpoint's name; names match in any case."""
    read = document("get_only")
    assert dict(read.endpoints["items"].schema) == {"id": TEXT, "name": TEXT, "n": pl.Int64()}
    assert read.languages == ("en", "nb")


def test_only_declared_members_filters_and_ranges_are_asked_for() -> None:
    """What the document does not declare is done here; where it declares nothing, the known query is asked."""
    lager = document("nullable_31").endpoints["lager"].accepts
    assert "färg" in lager.must
    assert "namn" not in lager.must
    assert "färg" not in lager.must_not
    assert "pris" in lager.ranges
    assert lager.ends == {"gte", "lte"}
    assert lager.takes("search")
    assert not lager.takes("period")
    products = document("swashbuckle_30").endpoints["products"].accepts
    assert "anything" in products.must
    assert "price" not in products.ranges
    assert not products.takes("search")
    assert document("untyped").endpoints["things"].accepts.takes("search")
    assert (lager.max_top, products.max_top) == (None, None)
    assert document("sandbox").endpoints["products"].accepts.max_top == 10_000


def test_no_more_entries_are_asked_for_at_once_than_the_document_allows() -> None:
    """A sort with a greater limit is done here."""
    endpoint = document("sandbox").endpoints["products"]
    plan = ReadPlan(endpoint, "https://g.test/a/b/v1/c", sorts=to_sorts(endpoint, "-id"), limit=9)
    assert plan.top(None) is not None
    few = replace(endpoint, accepts=replace(endpoint.accepts, max_top=8))
    assert replace(plan, endpoint=few).top(None) is None


def _without(path: str) -> Callable[[dict[str, Any]], None]:
    def change(parsed: dict[str, Any]) -> None:
        parsed.pop(path)

    return change


def _pointing(reference: str) -> Callable[[dict[str, Any]], None]:
    def change(parsed: dict[str, Any]) -> None:
        parsed["components"]["schemas"]["products"]["properties"]["name"] = {"$ref": reference}

    return change


def _circle(parsed: dict[str, Any]) -> None:
    parsed["components"]["schemas"]["Text"] = {"$ref": "#/components/schemas/Text"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_without("openapi"), "no OpenAPI 3 document"),
        (_without("paths"), "no endpoint"),
        (_without("components"), "leads nowhere"),
        (_pointing("other.json#/a"), "leaves the document"),
        (_pointing("#/components/schemas/nothing"), "'#/components/schemas/nothing' leads nowhere"),
        (_circle, "circle"),
    ],
)
def test_a_document_that_cannot_be_read_says_why(change: Callable[[dict[str, Any]], None], words: str) -> None:
    """Also where it is not read at all, but where it was had."""
    parsed = json.loads((CONTRACT / "openapi_swashbuckle_30.json").read_bytes())
    change(parsed)
    body = json.dumps(parsed).encode()
    with pytest.raises(DocumentError, match=words):
        read_document(body)
    with pytest.raises(ProtocolError, match=r"https://g\.test/a/b/v1/openapi"):
        to_destination(parse_address("https://g.test/a/b/v1/c"), body)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"openapi": 3}', b"\xff", b"[" * 100_000])
def test_something_that_is_no_document_is_a_clear_error(body: bytes) -> None:
    """Whatever a server sends."""
    with pytest.raises(DocumentError):
        read_document(body)


def test_a_destination_knows_its_endpoints() -> None:
    """The named one, that of the address, or the only one; otherwise it says what there is."""
    body = (CONTRACT / "openapi_relations.json").read_bytes()
    base = to_destination(parse_address("https://g.test/a/b/v1"), body)
    assert base.endpoints == ("products", "open")
    assert base.schema("open") == pl.Schema({"id": TEXT, "url": TEXT, "size": pl.Int64()})
    with pytest.raises(ConfigurationError, match="several endpoints: products, open"):
        base.endpoint()
    with pytest.raises(ConfigurationError, match="did you mean 'products'"):
        base.endpoint("product")
    assert to_destination(parse_address("https://g.test/a/b/v1/open"), body).endpoint().id == "open"
    assert base.describe().height == 7
    assert "Relations" in base._repr_html_()
    assert "endpoints products, open" in repr(base)
