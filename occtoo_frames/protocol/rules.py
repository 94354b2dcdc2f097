"""Which characters, lengths and sizes the platform takes, each beside its source."""

import re
from dataclasses import dataclass

ID_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
"""Keys, property ids and languages are made of these (doc)."""

KEY_MAX_LENGTH = 256
"""Entry keys and property ids have 1 to so many characters (doc)."""

LANGUAGE_MIN_LENGTH, LANGUAGE_MAX_LENGTH = 2, 10
"""How many characters languages have; the older text forbids hyphens but shows ``en-NZ`` (doc)."""

_ID = re.compile(f"[{ID_CHARACTERS}]{{1,{KEY_MAX_LENGTH}}}", re.ASCII)
_LANGUAGE = re.compile(f"[{ID_CHARACTERS}]{{{LANGUAGE_MIN_LENGTH},{LANGUAGE_MAX_LENGTH}}}", re.ASCII)
_GUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one import request may hold; sizes in bytes of UTF-8.

    The documents recommend these numbers (doc); that they are never exceeded, and refused when they are, is ours.
    """

    max_entities: int = 1_000
    max_body_bytes: int = 20_000_000
    max_entity_bytes: int = 1_000_000


PLATFORM_LIMITS = Limits()


def is_id(text: str) -> bool:
    """True if ``text`` may be an entry key or a property id (doc)."""
    return _ID.fullmatch(text) is not None


def is_language(text: str) -> bool:
    """True if ``text`` may be the language of a value (doc)."""
    return _LANGUAGE.fullmatch(text) is not None


def is_guid(text: str) -> bool:
    """True if ``text`` may be the correlation id of an import (doc)."""
    return _GUID.fullmatch(text) is not None


def restricted_characters(text: str) -> str:
    """The characters of ``text`` that an id may not hold, each once, in order; the empty text if there are none."""
    return "".join(dict.fromkeys(character for character in text if character not in ID_CHARACTERS))
