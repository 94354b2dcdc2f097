"""The wire form of an import: ``POST /import/{source}`` with ``{"entities": […]}``, answered by 202 (doc, seen).

The one place that knows it, for both sides. Names are matched without regard to case (seen).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from json import dumps
from urllib.parse import quote

from occtoo_frames.protocol.envelope import Envelope
from occtoo_frames.protocol.fold import fold, text_or_none

ACCEPTED = 202
"""The status of an import that was taken (doc)."""


def import_path(source: str) -> str:
    """The path that takes entries of ``source``."""
    return f"/import/{quote(source, safe='')}"


@dataclass(frozen=True, slots=True)
class Property:
    """One value: (id, language) is its identity; ``language=None`` means not localised (doc)."""

    id: str
    value: str | None
    language: str | None = None

    @classmethod
    def from_wire(cls, document: object) -> "Property":
        """The property that ``document`` is; an absent, null or empty language means not localised (seen).

        Raises:
            TypeError: It is no object, has no textual id, or its value is not text or null.
        """
        members = fold(document)
        identity, value = members.get("id"), members.get("value")
        if not isinstance(identity, str):
            raise TypeError("a property needs an id that is text")
        if value is not None and not isinstance(value, str):
            raise TypeError(f"the value of {identity!r} is not text")
        return cls(identity, value, text_or_none(members.get("language")) or None)

    def to_wire(self) -> dict[str, object]:
        """The JSON object of this property; the value stands last."""
        return {"id": self.id, "language": self.language, "value": self.value}


@dataclass(frozen=True, slots=True)
class Entity:
    """One entry on the wire: a key, whether to delete it, and its properties."""

    key: str
    properties: tuple[Property, ...] = ()
    delete: bool = False

    @classmethod
    def from_wire(cls, document: object) -> "Entity":
        """The entry that ``document`` is.

        Raises:
            TypeError: It is no object, its key is not text, or a property is malformed.
        """
        members = fold(document)
        key, properties = members.get("key"), members.get("properties")
        if not isinstance(key, str):
            raise TypeError("an entity needs a key that is text")
        listed = properties if isinstance(properties, list) else []
        return cls(key, tuple(Property.from_wire(item) for item in listed), members.get("delete") is True)

    def to_wire(self) -> dict[str, object]:
        """The JSON object of this entry."""
        return {
            "key": self.key,
            "delete": self.delete,
            "properties": [item.to_wire() for item in self.properties],
        }


@dataclass(frozen=True, slots=True)
class WireForm:
    """The constant pieces between which keys and values stand in an import body.

    ``body_open entity entity_next entity … body_close``; an entity is ``entity_open key`` and then either
    ``deleted`` or ``properties_open property property_next property … entity_close``, where a property is
    ``opening(id, language) value``. Keys and values are JSON string contents without their quotes.
    """

    body_open: str = '{"entities":['
    body_close: str = "]}"
    entity_open: str = '{"key":"'
    entity_next: str = ","
    deleted: str = '","delete":true,"properties":[]}'
    properties_open: str = '","delete":false,"properties":['
    property_close: str = '"}'
    property_next: str = ","
    entity_close: str = "]}"

    def property_open(self, property_id: str, language: str | None) -> str:
        """What stands before a value; all that differs between properties, since the value comes last."""
        return f'{{"id":{dumps(property_id)},"language":{dumps(language)},"value":"'


WIRE = WireForm()


@dataclass(frozen=True, slots=True)
class ImportAnswer:
    """What a 202 says: an id at the root or in the envelope's result (seen, ours); neither is needed."""

    id: str | None
    request_id: str | None

    @classmethod
    def from_wire(cls, document: object) -> "ImportAnswer":
        """The answer's ids, None where they are missing.

        Raises:
            TypeError: ``document`` is not a JSON object.
        """
        envelope = Envelope.from_wire(document)
        inner = fold(envelope.result) if isinstance(envelope.result, Mapping) else {}
        return cls(text_or_none(fold(document).get("id")) or text_or_none(inner.get("id")), envelope.request_id)

    def to_wire(self) -> dict[str, object]:
        """Both spellings at once, as clients of either kind expect (ours)."""
        return {"id": self.id, **Envelope({"id": self.id}, (), self.request_id).to_wire()}
