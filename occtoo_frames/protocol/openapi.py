"""How a property's type stands in a destination's OpenAPI document.

The types are the platform's (doc); how its document marks a localised property, a facet or a declared range is not
known, so those extension names are ours (not verified against the live service).
"""

from enum import StrEnum

LOCALIZED = "x-localized"
"""On a property: its value depends on the language asked for (ours)."""

FACET = "x-facet"
"""On a property: it is counted in ``facets`` (ours)."""

LANGUAGES = "x-languages"
"""On ``info``: the published languages, the first one the default (ours)."""


def response_name(endpoint: str) -> str:
    """The name of an endpoint's response schema (seen)."""
    return f"{endpoint}ApiResponse"


class PropertyType(StrEnum):
    """The types of a property (doc)."""

    TEXT = "Text"
    LOCALIZED_TEXT = "LocalizedText"
    LIST = "List"
    LOCALIZED_LIST = "LocalizedList"
    BOOLEAN = "Boolean"
    INTEGER = "Integer"
    DECIMAL = "Decimal"
    TIMESTAMP = "Timestamp"

    @property
    def is_localized(self) -> bool:
        """True if the value depends on the language."""
        return self in {PropertyType.LOCALIZED_TEXT, PropertyType.LOCALIZED_LIST}

    @property
    def is_list(self) -> bool:
        """True if the value is an array of texts."""
        return self in {PropertyType.LIST, PropertyType.LOCALIZED_LIST}

    def to_schema(self) -> dict[str, object]:
        """The JSON schema of one such property, OpenAPI 3.0 spelling."""
        schema: dict[str, object] = dict(_SCHEMAS[self], nullable=True)
        if self.is_list:
            schema["items"] = {"type": "string"}
        if self.is_localized:
            schema[LOCALIZED] = True
        return schema


_SCHEMAS: dict[PropertyType, dict[str, object]] = {
    PropertyType.TEXT: {"type": "string"},
    PropertyType.LOCALIZED_TEXT: {"type": "string"},
    PropertyType.LIST: {"type": "array"},
    PropertyType.LOCALIZED_LIST: {"type": "array"},
    PropertyType.BOOLEAN: {"type": "boolean"},
    PropertyType.INTEGER: {"type": "integer", "format": "int64"},
    PropertyType.DECIMAL: {"type": "number", "format": "decimal"},
    PropertyType.TIMESTAMP: {"type": "string", "format": "date-time"},
}
