"""The sandbox against the samples: the same requests are taken, the same shapes are answered, over real HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from openapi_spec_validator import validate

from occtoo_frames._sandbox.platform import LocalPlatform

_HERE = Path(__file__).parent
_MADE = "made on the spot"
_FRESH = {"accessToken", "requestId", "id", "tokenUrl", "url"}

_PRODUCTS = {
    "sku-1": {
        "name:en": "Blue chair",
        "name:sv": "Blå stol",
        "color": "blue|navy",
        "price": "1299.50",
        "stock": "12",
        "active": "true",
        "released": "2026-03-01T12:00:00Z",
        "imageIds": "img-1",
    },
    "sku-3": {"color": "", "stock": "0", "active": "false"},
}
_MEDIA = {"img-1": {"url": "https://example.com/1.jpg", "alt:en": "From the front"}}


def sample(name: str) -> Any:
    """The document in a sample file."""
    return json.loads((_HERE / f"{name}.json").read_text(encoding="utf-8"))


def without_fresh(document: Any) -> Any:
    """The document with what differs from request to request replaced, its presence kept."""
    if isinstance(document, dict):
        return {
            name: _MADE if name in _FRESH and isinstance(value, str) else without_fresh(value)
            for name, value in document.items()
        }
    return [without_fresh(item) for item in document] if isinstance(document, list) else document


def imported(entries: dict[str, dict[str, str]]) -> dict[str, Any]:
    """An import of these entries; values by ``property`` or ``property:language``."""
    return {
        "entities": [
            {
                "key": key,
                "properties": [
                    {"id": column.partition(":")[0], "value": text, "language": column.partition(":")[2] or None}
                    for column, text in values.items()
                ],
            }
            for key, values in entries.items()
        ]
    }


@pytest.fixture(scope="module")
def box() -> Iterator[LocalPlatform]:
    """A platform with what the samples answer."""
    with LocalPlatform() as platform:
        for source in ("products", "media", "imports"):
            platform.add_source(source)
        yield platform


def post(box: LocalPlatform, path: str, body: Any, **headers: str) -> requests.Response:
    """The answer to a JSON body."""
    return requests.post(box.url + path, json=body, headers=headers, timeout=30)


def bearer(box: LocalPlatform) -> dict[str, str]:
    """What a data provider sends."""
    body = dict.fromkeys(sample("token_provider_request"), "") | {"id": box.provider_id, "secret": box.provider_secret}
    return {"Authorization": "Bearer " + post(box, "/dataProviders/tokens", body).json()["result"]["accessToken"]}


@pytest.fixture(scope="module")
def shop(box: LocalPlatform) -> str:
    """The endpoint that gives the samples' answers."""
    for source, entries in (("products", _PRODUCTS), ("media", _MEDIA)):
        assert post(box, f"/import/{source}", imported(entries), **bearer(box)).status_code == 202
    box.settle()
    return box.publish(
        "shop",
        "products",
        source="products",
        languages=["en", "sv"],
        types={"color": "List"},
        facets=["color"],
        relations={"images": ("media", "imageIds")},
    )


def test_tokens_have_both_documented_shapes(box):
    """In the envelope for a data provider, flat for an application."""
    right = sample("token_provider_request") | {"id": box.provider_id, "secret": box.provider_secret}
    answer = post(box, "/dataProviders/tokens", right)
    assert without_fresh(answer.json()) == without_fresh(sample("token_provider_answer"))
    right = sample("token_application_request") | {"clientId": box.client_id, "clientSecret": box.client_secret}
    answer = post(box, f"/destinations/{box.destination_id}/token", right)
    assert without_fresh(answer.json()) == without_fresh(sample("token_application_answer"))


def test_wrong_credentials_are_refused_in_the_envelope(box):
    """401."""
    answer = post(box, "/dataProviders/tokens", sample("token_provider_request"))
    assert answer.status_code == 401
    assert without_fresh(answer.json()) == without_fresh(sample("token_provider_refused"))


@pytest.mark.parametrize("name", ["import_documented", "import_pascal_case", "import_mixed_case"])
def test_an_import_is_taken_in_every_casing(box, name):
    """And stores the same."""
    gone = {"entities": [{"key": "sku-1", "delete": True}, {"key": "sku-2", "properties": [{"id": "x", "value": "1"}]}]}
    assert post(box, "/import/imports", gone, **bearer(box)).status_code == 202
    answer = post(box, "/import/imports", sample(name), **bearer(box))
    assert answer.status_code == 202
    assert without_fresh(answer.json()) == without_fresh(sample("import_202_both"))
    box.settle()
    assert box.entries("imports") == {"sku-1": {"name:en": "Blue chair", "name:sv": "Blå stol", "color": "blue|navy"}}


def test_a_refusal_lists_the_offending_keys(box):
    """400."""
    answer = post(box, "/import/imports", imported({"@2": {}, "fine": {}}), **bearer(box))
    assert answer.status_code == 400
    assert without_fresh(answer.json()) == without_fresh(sample("import_400_keys"))


def test_an_unknown_source_is_named(box):
    """403."""
    answer = post(box, "/import/nope", sample("import_documented"), **bearer(box))
    assert answer.status_code == 403
    assert without_fresh(answer.json()) == without_fresh(sample("import_403_source"))


def test_a_page_has_the_documented_shape(shop):
    """Every type, a relation, a total and facets."""
    assert requests.get(shop, params={"includeTotals": "true"}, timeout=30).json() == sample("destination_answer")
    ids = requests.get(shop, params={"listIds": "true"}, timeout=30).json()
    assert ids | {"facets": []} == sample("destination_ids")


def test_a_query_with_every_member_is_answered(shop):
    """It matches one of the two entries."""
    answer = requests.post(shop, json=sample("destination_query"), timeout=30)
    assert answer.status_code == 200
    assert answer.json()["results"] == sample("destination_answer")["results"][:1]
    assert answer.json()["total"] == 1


def test_a_bad_query_is_a_problem(shop):
    """400."""
    answer = requests.get(shop, params={"bogus": "1"}, timeout=30)
    assert without_fresh(answer.json()) == without_fresh(sample("destination_problem"))


def test_the_document_is_the_samples(box, shop):
    """Address and destination id aside; and the sample is valid OpenAPI."""
    document = requests.get(shop.rsplit("/", 1)[0] + "/openapi", timeout=30).json()
    expected = sample("openapi_sandbox")
    validate(expected)
    assert without_fresh(document) == without_fresh(expected)
