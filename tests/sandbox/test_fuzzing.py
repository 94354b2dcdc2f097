"""Generated requests against both sides: whatever is sent, nothing ends in a 5xx."""

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sandbox_client import Client

from occtoo_frames._sandbox.platform import LocalPlatform

_PROPERTY = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "value": {"type": "string", "nullable": True},
        "language": {"type": "string"},
    },
    "required": ["id"],
}
_ENTITY = {
    "type": "object",
    "properties": {
        "key": {"type": "string"},
        "delete": {"type": "boolean"},
        "properties": {"type": "array", "items": _PROPERTY, "maxItems": 4},
    },
    "required": ["key"],
}


def _operation(body, *parameters):
    content = {"application/json": {"schema": body}}
    return {
        "post": {
            "parameters": list(parameters),
            "requestBody": {"required": True, "content": content},
            "responses": {"default": {"description": "whatever"}},
        }
    }


def _object(**properties):
    return {"type": "object", "properties": properties}


_PATH = {"name": "source", "in": "path", "required": True, "schema": {"type": "string", "enum": ["products", "nope"]}}
_INGEST = {
    "openapi": "3.0.3",
    "info": {"title": "ingest", "version": "1"},
    "paths": {
        "/dataProviders/tokens": _operation(_object(id={"type": "string"}, secret={"type": "string"})),
        "/destinations/x/token": _operation(_object(clientId={"type": "string"}, clientSecret={"type": "string"})),
        "/import/{source}": _operation(_object(entities={"type": "array", "items": _ENTITY, "maxItems": 4}), _PATH),
    },
}


@pytest.fixture(scope="module")
def box():
    """A client of a platform with entries of every kind, published once for all generated requests."""
    with LocalPlatform() as platform:
        platform.add_source("products")
        platform.add_source("media")
        client = Client(platform)
        client.put({"m": {"url": "u"}}, "media")
        client.put(
            {
                "a": {"name:en": "Chair", "price": "1.50", "stock": "3", "tags": "a|b", "on": "true", "pics": "m"},
                "b": {"name:sv": "Stol", "price": "-2", "seen": "2026-03-01T12:00:00Z", "tags": ""},
            }
        )
        client.publish(types={"tags": "List"}, facets=["tags"], relations={"images": ("media", "pics")})
        yield client


_BOUNDED = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def _run(schema, box, path, headers=None):
    """No generated request to the operation at ``path`` ends in a 5xx."""
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path != path:
            continue

        @_BOUNDED
        @given(case=operation.as_strategy())
        def sends(case):
            answer = case.call(base_url=_base(schema, box), headers=headers)
            assert answer.status_code < 500, answer.text

        sends()


def _base(schema, box):
    return box.platform.url + ("/sandbox/shop/v1" if "/products" in schema.raw_schema["paths"] else "")


def test_no_query_ends_in_a_5xx(box):
    """GET and POST of an endpoint, as its own document describes them."""
    document = requests.get(box.platform.url + "/sandbox/shop/v1/openapi", timeout=30).json()
    _run(schemathesis.openapi.from_dict(document), box, "/products")


@pytest.mark.parametrize("path", list(_INGEST["paths"]))
def test_no_import_or_token_ends_in_a_5xx(box, path):
    """As the documents describe them."""
    _run(schemathesis.openapi.from_dict(_INGEST), box, path, box.headers())


@_BOUNDED
@given(body=st.binary(max_size=200))
def test_no_bytes_end_in_a_5xx(box, body):
    """Whatever a body is made of."""
    for path in ("/import/products", "/dataProviders/tokens", "/sandbox/shop/v1/products"):
        assert box.post(path, data=body, headers=box.headers()).status_code < 500


@_BOUNDED
@given(
    name=st.sampled_from(["id", "name", "price", "stock", "tags", "on", "seen"]),
    texts=st.lists(
        st.text(max_size=12) | st.from_regex(r"-?[0-9]{1,40}(\.[0-9]{1,40})?(e-?[0-9]{1,4})?", fullmatch=True),
        max_size=2,
    ),
)
def test_no_value_ends_in_a_5xx(box, name, texts):
    """As a filter, as an end of a range, as the place to go on after."""
    url = box.platform.url + "/sandbox/shop/v1/products"
    bodies = [
        {"filter": [{"must": {name: texts}, "mustNot": {name: texts}}]},
        *({"filter": [{"range": {name: {end: text}}}]} for text in texts for end in ("gt", "lte")),
        {"sortDesc": [name, "id"], "after": texts},
        {"search": texts, "searchOn": [name]},
    ]
    for body in bodies:
        assert box.session.post(url, json=body, timeout=30).status_code in {200, 400}
