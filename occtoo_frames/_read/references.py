"""An OpenAPI document's schemas without their references.

Takes the parsed document and any schema in it; gives the schema as one flat object: ``$ref`` followed, ``allOf``
merged, null taken out of both spellings. Refuses to know what the schema is for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import unquote

Schema: TypeAlias = Mapping[str, object]

ANYTHING: Schema = {}
"""The schema that says nothing."""

_MAX_STEPS = 64


class DocumentError(ValueError):
    """The document cannot be read; the message says where and why."""


@dataclass(frozen=True, slots=True)
class References:
    """The document that references point into."""

    document: Mapping[str, object]

    def resolve(self, schema: object) -> tuple[Schema, tuple[str, ...]]:
        """The flat schema, and the references followed on the way to it.

        Members beside a ``$ref`` win over those behind it, as 3.1 says (3.0 says they are ignored, but documents
        put descriptions and extensions there all the same).

        Raises:
            DocumentError: A reference leaves the document, leads nowhere, or leads round in a circle.
        """
        followed: list[str] = []
        flat = dict(self._flat(schema, followed))
        return flat, tuple(followed)

    def _flat(self, schema: object, followed: list[str]) -> Schema:
        if not isinstance(schema, Mapping):
            return ANYTHING
        if len(followed) > _MAX_STEPS:
            raise DocumentError(f"references lead round in a circle at {followed[-1]}")
        merged: dict[str, object] = {}
        for part in self._parts(schema, followed):
            merged = _merge(merged, part)
        return _merge(merged, {name: value for name, value in schema.items() if name not in _FOLLOWED})

    def _parts(self, schema: Schema, followed: list[str]) -> Iterator[Schema]:
        """What the schema stands for besides its own members: its reference, its allOf, its only alternative."""
        reference = schema.get("$ref")
        if isinstance(reference, str):
            followed.append(reference)
            yield self._flat(self.target(reference), followed)
        for part in _listed(schema.get("allOf")):
            yield self._flat(part, followed)
        for name in ("oneOf", "anyOf"):
            choices = [choice for choice in _listed(schema.get(name)) if not is_null(choice)]
            if len(choices) == 1:
                yield self._flat(choices[0], followed)
            elif choices:
                yield {"alternatives": choices}

    def target(self, reference: str) -> object:
        """What a local reference points at.

        Raises:
            DocumentError: It leaves the document or leads nowhere.
        """
        if not reference.startswith("#/"):
            raise DocumentError(f"the reference {reference!r} leaves the document")
        node: object = self.document
        for part in reference[2:].split("/"):
            name = unquote(part).replace("~1", "/").replace("~0", "~")
            if isinstance(node, Mapping) and name in node:
                node = node[name]
            elif isinstance(node, list) and name.isdigit() and int(name) < len(node):
                node = node[int(name)]
            else:
                raise DocumentError(f"the reference {reference!r} leads nowhere")
        return node


_FOLLOWED = {"$ref", "allOf", "oneOf", "anyOf"}


def is_null(schema: object) -> bool:
    """True for the schema that only null fits."""
    if not isinstance(schema, Mapping):
        return False
    return schema.get("type") in ("null", ["null"]) or ("const" in schema and schema["const"] is None)


def types_of(schema: Schema) -> tuple[str, ...]:
    """The types a flat schema names, null left out: none, one, or several."""
    named = schema.get("type")
    listed = named if isinstance(named, list) else [named]
    return tuple(name for name in listed if isinstance(name, str) and name != "null")


def members(value: object) -> Mapping[str, object]:
    """``value`` if it is a JSON object, an empty one otherwise."""
    return value if isinstance(value, Mapping) else {}


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _merge(first: Schema, second: Schema) -> dict[str, object]:
    merged = {**first, **second}
    if "properties" in first and "properties" in second:
        merged["properties"] = {**members(first["properties"]), **members(second["properties"])}
    return merged
