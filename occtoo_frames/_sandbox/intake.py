"""An import's body, checked and folded: wire bytes in; one document an entry out, or the errors of a 400.

A document maps a *column* to a value; a column is ``property`` or ``property:language``, the identity of a value (doc).
Knows no HTTP, no database, and not which source the entries go to.

That one bad entry refuses the whole batch is documented; that a null value stores an empty one, and the limits as
refusals, are ours (not verified against the live service).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

import msgspec

from occtoo_frames._sandbox.import_body import BodyError, Entity, Vocabulary, decode, pieces_of
from occtoo_frames.protocol import rules
from occtoo_frames.protocol.envelope import WireError

_LISTED = 50
_BAD = "!"
_KEY_LENGTHS = f"1 to {rules.KEY_MAX_LENGTH}"
_LANGUAGE_LENGTHS = f"{rules.LANGUAGE_MIN_LENGTH} to {rules.LANGUAGE_MAX_LENGTH}"


@dataclass(frozen=True, slots=True)
class Folded:
    """The entries of an import.

    Attributes:
        documents: JSON ``[[key, {column: value}], …]``; null in place of the object deletes the entry.
        columns: Every column that occurs, in order of appearance.
        count: How many entries there are.
    """

    documents: str
    columns: tuple[str, ...]
    count: int


class RefusedError(Exception):
    """The body breaks rules; ``errors`` says which, in the documented shape."""

    def __init__(self, details: Iterable[str]) -> None:
        self.errors = tuple(WireError("Invalid request", "entities", detail) for detail in details)
        super().__init__("; ".join(map(str, self.errors)))


def fold_import(body: bytes, limits: rules.Limits, known: Vocabulary, *, lenient: bool = False) -> Folded:
    """The entries in ``body``, every rule checked.

    Args:
        body: The bytes of the request.
        limits: The most entities, and bytes an entity, that are taken.
        known: The names of the imports before, to which those of this one are added.
        lenient: Takes numbers and booleans as values, as their text.

    Raises:
        RefusedError: The body breaks a rule; nothing of it may be taken.
    """
    entities = _decode(body, known, lenient=lenient)
    if len(entities) > limits.max_entities:
        raise RefusedError([f"At most {limits.max_entities} entities may be sent in a request, got {len(entities)}"])
    documents = [(entity.key, None if entity.delete else _document(entity)) for entity in entities]
    columns = tuple(dict.fromkeys(chain.from_iterable(document or () for _, document in documents)))
    broken = [
        *_broken_keys(entities),
        *_broken_columns(columns),
        *_repeated_values(entities, documents),
        *_too_large(body, entities, limits),
    ]
    if broken:
        raise RefusedError(broken)
    known.learn(map(split_column, columns))
    return Folded(msgspec.json.encode(documents).decode(), columns, len(documents))


def split_column(column: str) -> tuple[str, str | None]:
    """The property and the language (None: not localised) that ``column`` stands for."""
    property_id, _, language = column.partition(":")
    return property_id, language or None


_COLUMNS: dict[str | None, dict[str, str]] = {}
"""The column of each legal property met so far, by its language."""


def _document(entity: Entity) -> dict[str, str]:
    columns = _COLUMNS
    try:
        return {columns[item.language][item.id]: item.value or "" for item in entity.properties}
    except KeyError:
        return {_column(item.id, item.language): item.value or "" for item in entity.properties}


def _column(property_id: str, language: str | None) -> str:
    """The column of a property, remembered if it is a legal one and marked if not."""
    if not rules.is_id(property_id) or (language and not rules.is_language(language)):
        return f"{_BAD}{msgspec.json.encode((property_id, language)).decode()}"
    column = f"{property_id}:{language}" if language else property_id
    return _COLUMNS.setdefault(language, {}).setdefault(property_id, column)


def _decode(body: bytes, known: Vocabulary, *, lenient: bool) -> list[Entity]:
    try:
        return decode(body, known, lenient=lenient)
    except BodyError as error:
        raise RefusedError([str(error)]) from None


def _broken_keys(entities: list[Entity]) -> list[str]:
    keys = [entity.key for entity in entities]
    broken = [key for key in keys if not rules.is_id(key)]
    restricted = [key for key in broken if rules.restricted_characters(key)]
    lengths = [key for key in broken if not 1 <= len(key) <= rules.KEY_MAX_LENGTH]
    repeated = [key for key, count in Counter(keys).items() if count > 1] if len(set(keys)) < len(keys) else []
    return [
        *_detail("Entity keys contain restricted characters", restricted),
        *_detail(f"Entity keys must have {_KEY_LENGTHS} characters", lengths),
        *_detail("Entity keys occur more than once", repeated),
    ]


def _broken_columns(columns: tuple[str, ...]) -> list[str]:
    pairs = [msgspec.json.decode(column[1:]) for column in columns if column.startswith(_BAD)]
    ids = dict.fromkeys(property_id for property_id, _ in pairs if not rules.is_id(property_id))
    languages = dict.fromkeys(tag for _, tag in pairs if tag and not rules.is_language(tag))
    return [
        *_detail(f"Property ids must have {_KEY_LENGTHS} characters and no restricted characters", ids),
        *_detail(f"Languages must have {_LANGUAGE_LENGTHS} characters and no restricted characters", languages),
    ]


def _repeated_values(entities: list[Entity], documents: list[tuple[str, dict[str, str] | None]]) -> list[str]:
    keys = [
        entity.key
        for entity, (_, document) in zip(entities, documents, strict=True)
        if document is not None and len(document) < len(entity.properties)
    ]
    return _detail("The same property and language occur more than once in the entities", keys)


def _too_large(body: bytes, entities: list[Entity], limits: rules.Limits) -> list[str]:
    if len(body) <= limits.max_entity_bytes:
        return []
    pieces = zip(entities, pieces_of(body), strict=True)
    keys = [entity.key for entity, piece in pieces if len(memoryview(piece)) > limits.max_entity_bytes]
    return _detail(f"Entities may have at most {limits.max_entity_bytes} bytes", keys)


def _detail(rule: str, offending: Iterable[str] | Mapping[str, object]) -> list[str]:
    names = list(offending)
    if not names:
        return []
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return [f"{rule}: {', '.join(names[:_LISTED])}{more}"]
