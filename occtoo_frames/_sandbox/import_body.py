"""An import's body as entities: wire bytes in, structs out, in whatever casing they come. Checks no rule but the shape.

Bodies in the usual casing are decoded once. Where all their names are known, the decoder compares names with those it
knows and hands out the same texts again, which spares making one for each value and finds its column sooner; that is
most bodies but the first. Anything else goes the tolerant way, which matches names without regard to case (seen).
"""

from collections.abc import Iterable
from threading import Lock
from typing import Any, Literal, cast

import msgspec

from occtoo_frames.protocol.fold import fold

_MOST_NAMES = 2_000
_MALFORMED = (msgspec.MsgspecError, UnicodeError, RecursionError)


class BodyError(ValueError):
    """The body has not the shape of an import."""


class Property(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One value of an entity."""

    id: str
    value: str | None = None
    language: str | None = None


class Entity(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One entity of an import."""

    key: str
    delete: bool = False
    properties: list[Property] = msgspec.field(default_factory=list)


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    entities: list[Entity]


class _Pieces(msgspec.Struct, forbid_unknown_fields=True):
    entities: list[msgspec.Raw]


_FAST = msgspec.json.Decoder(_Body)
_PIECES = msgspec.json.Decoder(_Pieces)
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_TOLERANT: msgspec.json.Decoder[object] = msgspec.json.Decoder()
_LENIENT: msgspec.json.Decoder[object] = msgspec.json.Decoder(float_hook=str)


class Vocabulary:
    """The property ids and languages met so far, of whatever source, and a decoder of bodies that have no others."""

    def __init__(self) -> None:
        self._pairs: set[tuple[str, str | None]] = set()
        self._decoder: msgspec.json.Decoder[_Body] | None = None
        self._learning = Lock()

    def decode(self, body: bytes) -> list[Entity] | None:
        """The entities in ``body``, or None if it is not of the usual shape or has a name that is not known."""
        try:
            return self._decoder.decode(body).entities if self._decoder is not None else None
        except _MALFORMED:
            return None

    def learn(self, pairs: Iterable[tuple[str, str | None]]) -> None:
        """These legal (property, language) are known from now on, unless there are too many to gain by it."""
        new = set(pairs) - self._pairs
        with self._learning:
            if new and len(self._pairs) <= _MOST_NAMES:
                self._pairs = self._pairs | new
                self._decoder = _decoder(self._pairs) if len(self._pairs) <= _MOST_NAMES else None


def decode(body: bytes, known: Vocabulary, *, lenient: bool) -> list[Entity]:
    """The entities in ``body``.

    Args:
        body: The bytes of the request.
        known: The names of those before.
        lenient: Takes numbers and booleans as values, as their text.

    Raises:
        BodyError: It has another shape.
    """
    entities = known.decode(body)
    if entities is not None:
        return entities
    try:
        return _FAST.decode(body).entities
    except _MALFORMED:
        return _decode_tolerant(body, lenient=lenient)


def pieces_of(body: bytes) -> list[msgspec.Raw]:
    """The bytes of each entity in a ``body`` that was decoded before."""
    try:
        return _PIECES.decode(body).entities
    except msgspec.MsgspecError:
        return _ITEMS.decode(cast("msgspec.Raw", fold(_MEMBERS.decode(body))["entities"]))


def _decoder(pairs: set[tuple[str, str | None]]) -> msgspec.json.Decoder[_Body]:
    # made of values that are found while running, which no checker can follow
    any_of: Any = Literal
    ids = any_of[tuple(sorted({property_id for property_id, _ in pairs}))]
    languages = any_of[(None, "", *sorted({language for _, language in pairs if language}))]
    options: dict[str, Any] = {"forbid_unknown_fields": True, "gc": False}
    known = msgspec.defstruct(
        "Known", [("id", ids), ("value", str | None, None), ("language", languages, None)], bases=(Property,), **options
    )
    properties: Any = ("properties", list[known], msgspec.field(default_factory=list))  # type: ignore[valid-type]
    entity = msgspec.defstruct("Entity", [properties], bases=(Entity,), **options)
    entities: Any = ("entities", list[entity])  # type: ignore[valid-type]
    return msgspec.json.Decoder(msgspec.defstruct("Body", [entities], bases=(_Body,), forbid_unknown_fields=True))


def _decode_tolerant(body: bytes, *, lenient: bool) -> list[Entity]:
    try:
        document = (_LENIENT if lenient else _TOLERANT).decode(body)
        lowered = {"entities": [_lowered(entity, lenient=lenient) for entity in _listed(document)]}
        return msgspec.convert(lowered, _Body).entities
    except (*_MALFORMED, TypeError) as error:
        raise BodyError(str(error)) from None


def _listed(document: object) -> list[object]:
    entities = fold(document).get("entities")
    if not isinstance(entities, list):
        raise TypeError("the body needs an array of entities")
    return entities


def _lowered(entity: object, *, lenient: bool) -> dict[str, object]:
    members = fold(entity)
    lowered = {"key": members.get("key"), "delete": members.get("delete") or False}
    properties = members.get("properties") or []
    if lowered["delete"] is True:
        return lowered
    if not isinstance(properties, list):
        raise TypeError(f"the properties of {lowered['key']!r} are not an array")
    return {**lowered, "properties": [_lowered_property(item, lenient=lenient) for item in properties]}


def _lowered_property(document: object, *, lenient: bool) -> dict[str, object]:
    members = fold(document)
    value = members.get("value")
    if lenient and isinstance(value, bool):
        value = str(value).lower()
    elif lenient and isinstance(value, int):
        value = str(value)
    return {"id": members.get("id"), "value": value, "language": members.get("language")}
