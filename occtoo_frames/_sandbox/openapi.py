"""The OpenAPI 3.0.3 document of a destination: views in, a document out that client generators can use.

Operation ids, response names and the absence of tags are as seen; the marks of languages, localised properties and
facets, and the spelling of ranges, are ours (not verified against the live service).
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import TypeAlias

import orjson

from occtoo_frames._sandbox.selection import MAX_WINDOW
from occtoo_frames._sandbox.view import View
from occtoo_frames.protocol.destination import DEFAULT_TOP, ID
from occtoo_frames.protocol.openapi import FACET, LANGUAGES, PropertyType, response_name

Document: TypeAlias = dict[str, object]
_TEXTS: Document = {"type": "array", "items": {"type": "string"}}
_FLAG: Document = {"type": "boolean"}
_TEXT: Document = {"type": "string"}
_WINDOW: Document = {"type": "integer", "minimum": 0, "maximum": MAX_WINDOW}


def document(
    server: str, title: str, views: Sequence[View], related: Sequence[Mapping[str, View]], token_url: str
) -> Document:
    """The document of every endpoint under one base address.

    Args:
        server: The base address.
        title: The destination's name.
        views: The view of each endpoint.
        related: The views of each endpoint's relations.
        token_url: Where an application gets its token.
    """
    first = views[0].publication
    schemas: Document = {"Facet": _facet(), "Problem": _problem()}
    paths: Document = {}
    for view, relations in zip(views, related, strict=True):
        endpoint = view.publication.endpoint
        schemas.update(_schemas(view, relations))
        paths[f"/{endpoint}"] = {"get": _get(view), "post": _post(view)}
    components: Document = {"schemas": schemas}
    if any(view.publication.protected for view in views):
        flow = {"tokenUrl": token_url, "scopes": {}}
        components["securitySchemes"] = {"application": {"type": "oauth2", "flows": {"clientCredentials": flow}}}
    return {
        "openapi": "3.0.3",
        "info": {
            "title": title,
            "version": f"{first.version}-{_fingerprint(schemas)}",
            LANGUAGES: list(dict.fromkeys(tag for view in views for tag in view.publication.languages)),
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": components,
    }


def _fingerprint(schemas: Document) -> str:
    """Another text for other schemas, the same for the same ones on any day."""
    return blake2b(orjson.dumps(schemas, option=orjson.OPT_SORT_KEYS), digest_size=4).hexdigest()


def _schemas(view: View, related: Mapping[str, View]) -> Document:
    endpoint = view.publication.endpoint
    properties = _properties(view)
    for name in related:
        schema = f"{endpoint}_{name}"
        properties[name] = {"type": "array", "items": {"$ref": f"#/components/schemas/{schema}"}}
    return {
        response_name(endpoint): _response(endpoint),
        f"{endpoint}ApiResult": _object(properties, [ID]),
        f"{endpoint}ApiRequest": _request(view),
        f"{endpoint}ApiFilter": _filter(view),
        **{f"{endpoint}_{name}": _object(_properties(other), [ID]) for name, other in related.items()},
    }


def _properties(view: View) -> Document:
    properties: Document = {ID: dict(_TEXT)}
    for name, kind in view.types.items():
        schema = kind.to_schema()
        properties[name] = {**schema, FACET: True} if name in view.publication.facets else schema
    return properties


def _object(properties: Document, required: Sequence[str] = ()) -> Document:
    schema: Document = {"type": "object", "properties": properties}
    return {**schema, "required": list(required)} if required else schema


def _response(endpoint: str) -> Document:
    properties: Document = {
        "language": dict(_TEXT),
        "results": {"type": "array", "items": {"$ref": f"#/components/schemas/{endpoint}ApiResult"}},
        "total": {"type": "integer", "format": "int64"},
        "facets": {"type": "array", "items": {"$ref": "#/components/schemas/Facet"}},
    }
    return _object(properties, ["language", "results"])


def _request(view: View) -> Document:
    endpoint = view.publication.endpoint
    filters = {"type": "array", "items": {"$ref": f"#/components/schemas/{endpoint}ApiFilter"}}
    return _object(
        {
            "top": {**_WINDOW, "default": DEFAULT_TOP},
            "skip": dict(_WINDOW),
            "sortAsc": dict(_TEXTS),
            "sortDesc": dict(_TEXTS),
            "after": dict(_TEXTS),
            "includeTotals": dict(_FLAG),
            "listIds": dict(_FLAG),
            "language": _language(view),
            "period": _object({"since": dict(_TEXT), "before": dict(_TEXT)}),
            "search": dict(_TEXTS),
            "searchOn": dict(_TEXTS),
            "caseInsensitiveSearch": dict(_FLAG),
            "filter": filters,
        }
    )


def _filter(view: View) -> Document:
    values: Document = {name: dict(_TEXTS) for name in (ID, *view.types)}
    ends: Document = {name: dict(_TEXT) for name in ("gte", "gt", "lte", "lt")}
    ranged = (ID, *(name for name, kind in view.types.items() if _has_range(kind)))
    ranges: Document = {name: _object(dict(ends)) for name in ranged}
    return _object({"must": _object(values), "mustNot": _object(dict(values)), "range": _object(ranges)})


def _has_range(kind: PropertyType) -> bool:
    return not kind.is_list and kind is not PropertyType.BOOLEAN


def _language(view: View) -> Document:
    return {"type": "string", "enum": list(view.publication.languages)}


def _get(view: View) -> Document:
    single: Document = {
        "language": _language(view),
        "top": {**_WINDOW, "default": DEFAULT_TOP},
        "skip": dict(_WINDOW),
        "includeTotals": dict(_FLAG),
        "listIds": dict(_FLAG),
        "periodSince": dict(_TEXT),
        "periodBefore": dict(_TEXT),
        "caseInsensitiveSearch": dict(_FLAG),
    }
    repeated = dict.fromkeys(("sortAsc", "sortDesc", "after", "search", "searchOn"), _TEXTS)
    taken = {name.lower() for name in (*single, *repeated)}
    exact = {name: _TEXTS for name in (ID, *view.types) if name.lower() not in taken}
    parameters = [
        {"name": name, "in": "query", "required": False, "schema": schema}
        for name, schema in {**single, **repeated, **exact}.items()
    ]
    endpoint = view.publication.endpoint
    return {"operationId": f"get_{endpoint}", "parameters": parameters, **_answers(view)}


def _post(view: View) -> Document:
    endpoint = view.publication.endpoint
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{endpoint}ApiRequest"}}}
    return {"operationId": endpoint, "requestBody": {"required": False, "content": content}, **_answers(view)}


def _answers(view: View) -> Document:
    reference = {"$ref": f"#/components/schemas/{response_name(view.publication.endpoint)}"}
    refused = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses: Document = {
        "200": {"description": "The results.", "content": {"application/json": {"schema": reference}}},
        "400": {"description": "The query cannot be answered.", "content": refused},
    }
    if not view.publication.protected:
        return {"responses": responses}
    responses["401"] = {"description": "The token is missing or expired.", "content": refused}
    return {"responses": responses, "security": [{"application": []}]}


def _facet() -> Document:
    value = _object({"key": dict(_TEXT), "count": {"type": "integer", "format": "int64"}}, ["key", "count"])
    return _object(
        {"propertyId": dict(_TEXT), "header": dict(_TEXT), "values": {"type": "array", "items": value}},
        ["propertyId", "header", "values"],
    )


def _problem() -> Document:
    texts = {name: dict(_TEXT) for name in ("type", "title", "detail", "requestId")}
    return _object({**texts, "status": {"type": "integer"}})
