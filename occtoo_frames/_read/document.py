"""A destination's OpenAPI document, as far as reading needs it.

Takes the document's bytes; gives its endpoints with their properties, types and languages, and what each endpoint
may be asked. Written against OpenAPI 3.0 and 3.1, not against one server's way of writing it. Refuses to know
addresses and sessions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import msgspec
import polars as pl

from occtoo_frames._read.accepts import Accepts, accepts, language_choices
from occtoo_frames._read.references import DocumentError, References, Schema, members
from occtoo_frames._read.types import LOOSE, Typed, typed
from occtoo_frames.protocol.destination import ID
from occtoo_frames.protocol.openapi import FACET, LANGUAGES, LOCALIZED, response_name


@dataclass(frozen=True, slots=True)
class Property:
    """One property of an endpoint's results.

    Attributes:
        id: Its name.
        dtype: Its polars type.
        localized: Its value depends on the language.
        loose: The document leaves (part of) its type open: what is no text is kept as JSON text.
        facet: It is counted in facets, as far as the document says.
    """

    id: str
    dtype: pl.DataType
    localized: bool = False
    loose: bool = False
    facet: bool = False

    @property
    def is_relation(self) -> bool:
        """True if its values are objects or lists of them."""
        inner = self.dtype.inner if isinstance(self.dtype, pl.List) else self.dtype
        return isinstance(inner, pl.Struct)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint: what its results hold and what it may be asked, in which languages if the document lists them."""

    id: str
    properties: tuple[Property, ...]
    accepts: Accepts
    protected: bool
    languages: tuple[str, ...]

    def __getitem__(self, property_id: str) -> Property:
        return self.by_id[property_id]

    @property
    def by_id(self) -> dict[str, Property]:
        """Its properties by name."""
        return {one.id: one for one in self.properties}

    @property
    def schema(self) -> pl.Schema:
        """The polars schema of a read in one language."""
        return pl.Schema({one.id: one.dtype for one in self.properties})


@dataclass(frozen=True, slots=True)
class Document:
    """A destination's document: its title, languages (the default one first) and endpoints."""

    title: str
    languages: tuple[str, ...]
    endpoints: Mapping[str, Endpoint]
    openapi: Mapping[str, object] = field(repr=False)


def read_document(body: bytes) -> Document:
    """The document in ``body``.

    Raises:
        DocumentError: It is no OpenAPI 3 document, a reference in it leads nowhere, or no endpoint stands in it.
    """
    try:
        return _document(msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise DocumentError(f"it is no JSON: it begins {body[:60]!r}") from None
    except RecursionError:
        raise DocumentError("it is nested deeper than any document of the platform") from None


def _document(parsed: object) -> Document:
    if not isinstance(parsed, Mapping) or not str(parsed.get("openapi", "")).startswith("3."):
        raise DocumentError("it is no OpenAPI 3 document: no member 'openapi' with a version 3")
    references = References(parsed)
    info = members(parsed.get("info"))
    languages = _languages(references, info)
    endpoints = {one.id: one for one in _endpoints(references, languages)}
    if not endpoints:
        raise DocumentError("no endpoint with a response that has results stands in it")
    return Document(str(info.get("title") or ""), languages, endpoints, parsed)


def _endpoints(references: References, languages: Sequence[str]) -> Iterator[Endpoint]:
    paths = members(references.document.get("paths"))
    says_localized = _says_localized(references.document)
    for path, item in paths.items():
        flat, _ = references.resolve(item)
        operation = _operation(flat)
        name = path.rstrip("/").rpartition("/")[2]
        if operation is None or not name or "{" in name:
            continue
        result = _result(references, name, operation)
        if result is None:
            continue
        choices = language_choices(references, flat)
        yield Endpoint(
            id=name,
            properties=tuple(_properties(references, *result, says_localized=says_localized)),
            accepts=accepts(references, flat),
            protected=_is_protected(references.document, operation),
            languages=tuple(tag for tag in languages if tag in choices) or choices or tuple(languages),
        )


def _operation(item: Schema) -> Schema | None:
    for method in ("post", "get"):
        if isinstance(item.get(method), Mapping):
            return members(item[method])
    return None


def _result(references: References, name: str, operation: Schema) -> tuple[Schema, tuple[str, ...]] | None:
    """The schema of one result and the references that led there; None if the operation has no results."""
    response = _response_schema(references, operation)
    if response is None:
        named = members(members(references.document.get("components")).get("schemas"))
        response = named.get(response_name(name))
    flat, path = references.resolve(response)
    results = {key.lower(): value for key, value in members(flat.get("properties")).items()}.get("results")
    if results is None:
        return None
    array, further = references.resolve(results)
    item = array.get("items")
    return _object_of(references, item, (*path, *further))


def _object_of(references: References, item: object, path: tuple[str, ...]) -> tuple[Schema, tuple[str, ...]]:
    """The result's object; where bare ids are an alternative (``listIds``), the alternative with properties."""
    flat, further = references.resolve(item)
    alternatives = flat.get("alternatives")
    for choice in alternatives if isinstance(alternatives, list) else []:
        chosen, last = references.resolve(choice)
        if members(chosen.get("properties")):
            return chosen, (*path, *further, *last)
    return flat, (*path, *further)


def _response_schema(references: References, operation: Schema) -> object | None:
    """The JSON schema of the first successful answer, or of the default one."""
    responses = members(operation.get("responses"))
    codes = [*sorted(code for code in responses if str(code).startswith("2")), "default"]
    for code in codes:
        flat, _ = references.resolve(responses.get(code))
        for kind, content in members(flat.get("content")).items():
            if "json" in kind or kind == "*/*":
                return members(content).get("schema")
    return None


def _properties(
    references: References, result: Schema, path: tuple[str, ...], *, says_localized: bool
) -> Iterator[Property]:
    """The properties of a result, ``id`` first; ``id`` is text whatever the document says."""
    yield Property(ID, pl.String())
    for name, schema in members(result.get("properties")).items():
        if name == ID:
            continue
        flat, _ = references.resolve(schema)
        found = typed(references, schema, path)
        yield Property(
            id=name,
            dtype=found.dtype,
            localized=_is_localized(references, schema, flat, found, says_localized=says_localized),
            loose=found.loose,
            facet=flat.get(FACET) is True,
        )


def _is_localized(references: References, schema: object, flat: Schema, found: Typed, *, says_localized: bool) -> bool:
    """True if the property's value may depend on the language.

    A document that marks anything at all is believed. One that never does leaves it open: then every text, list of
    texts and relation counts as localised, so that no translation is ever dropped.
    """
    if says_localized:
        return flat.get(LOCALIZED) is True or _marks_inside(references, schema, ())
    inner = found.dtype.inner if isinstance(found.dtype, pl.List) else found.dtype
    return found is LOOSE or isinstance(inner, pl.String | pl.Struct)


def _marks_inside(references: References, schema: object, path: tuple[str, ...]) -> bool:
    """True if something inside a relation is marked as localised."""
    flat, followed = references.resolve(schema)
    if set(followed) & set(path):
        return False
    parts = [*members(flat.get("properties")).values(), *([flat["items"]] if "items" in flat else [])]
    deeper = (*path, *followed)
    return flat.get(LOCALIZED) is True or any(_marks_inside(references, part, deeper) for part in parts)


def _says_localized(document: object) -> bool:
    """True if the document uses the marks of languages anywhere."""
    if isinstance(document, Mapping):
        return LOCALIZED in document or LANGUAGES in document or any(map(_says_localized, document.values()))
    return isinstance(document, list) and any(map(_says_localized, document))


def _languages(references: References, info: Schema) -> tuple[str, ...]:
    """The published languages: as the document lists them, or the values its ``language`` parameters take."""
    listed = info.get(LANGUAGES)
    if isinstance(listed, list):
        return tuple(str(language) for language in listed)
    paths = members(references.document.get("paths"))
    found = [language_choices(references, references.resolve(item)[0]) for item in paths.values()]
    return tuple(dict.fromkeys(chain.from_iterable(found)))


def _is_protected(document: Mapping[str, object], operation: Schema) -> bool:
    """True if every way to call the operation needs a token (OAuth2 client credentials, or any bearer scheme)."""
    required = operation.get("security", document.get("security"))
    return isinstance(required, list) and bool(required) and all(members(one) for one in required)
