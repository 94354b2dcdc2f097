"""An endpoint's entries with their types: a snapshot and a publication in, typed columns out, each made when needed.

Knows what a value is in each language, and no query. A missing translation is null, and a value without a language is
not one in any: no fallback (ours, not verified against the live service).
"""

from dataclasses import dataclass, field
from threading import Lock

import polars as pl

from occtoo_frames._sandbox import kinds
from occtoo_frames._sandbox.coded import Coded, coded
from occtoo_frames._sandbox.intake import split_column
from occtoo_frames._sandbox.kinds import Kind
from occtoo_frames._sandbox.publication import Publication
from occtoo_frames._sandbox.snapshot import CHANGED, KEY, Snapshot
from occtoo_frames.protocol.destination import ID
from occtoo_frames.protocol.openapi import PropertyType

_TYPES = {
    Kind.BOOLEAN: PropertyType.BOOLEAN,
    Kind.INTEGER: PropertyType.INTEGER,
    Kind.DECIMAL: PropertyType.DECIMAL,
    Kind.NAIVE: PropertyType.TIMESTAMP,
    Kind.AWARE: PropertyType.TIMESTAMP,
    Kind.NOTHING: PropertyType.TEXT,
    Kind.TEXT: PropertyType.TEXT,
}
_LOCALIZED = {
    PropertyType.TEXT: PropertyType.LOCALIZED_TEXT,
    PropertyType.LIST: PropertyType.LOCALIZED_LIST,
}


@dataclass(slots=True, eq=False)
class View:
    """The entries of an endpoint at one moment; columns are shared and never changed."""

    publication: Publication
    snapshot: Snapshot
    types: dict[str, PropertyType]
    _made: dict[tuple[str, str], pl.Series] = field(default_factory=dict)
    _coded: dict[tuple[str, str], Coded] = field(default_factory=dict)
    _making: Lock = field(default_factory=Lock)

    def __len__(self) -> int:
        return self.snapshot.frame.height

    @property
    def keys(self) -> pl.Series:
        """The entry keys, in order."""
        return self.snapshot.frame[KEY]

    @property
    def changed(self) -> pl.Series:
        """When each entry changed last: microseconds, UTC."""
        return self.snapshot.frame[CHANGED]

    def texts(self, property_id: str, language: str) -> pl.Series:
        """What was pushed for a property, in one language if it is localised."""
        if property_id == ID:
            return self.keys
        column = f"{property_id}:{language}" if self.types[property_id].is_localized else property_id
        if column in self.snapshot.frame.columns:
            return self.snapshot.frame[column]
        return pl.Series(column, [None], dtype=pl.String).new_from_index(0, len(self))

    def values(self, property_id: str, language: str) -> pl.Series:
        """The values of a property as they compare: text, Boolean, Int64, decimals, microseconds, lists."""
        place = (property_id, language)
        with self._making:
            if place not in self._made:
                self._made[place] = self._typed(property_id, self.texts(property_id, language))
            return self._made[place]

    def values_of(self, rows: pl.Series, property_id: str, language: str) -> pl.Series:
        """The values of a property in these rows; those of the others are not made for it."""
        made = self._made.get((property_id, language))
        if made is not None:
            return made.gather(rows)
        return self._typed(property_id, self.texts(property_id, language).gather(rows))

    def coded(self, property_id: str, language: str) -> Coded:
        """The texts of a property, or the elements of its lists, as numbers."""
        place = (property_id, language)
        cells = (self.values if self.kind(property_id).is_list else self.texts)(property_id, language)
        with self._making:
            if place not in self._coded:
                self._coded[place] = coded(cells)
            return self._coded[place]

    def kind(self, property_id: str) -> PropertyType:
        """The type of a property; the entry key is text."""
        return PropertyType.TEXT if property_id == ID else self.types[property_id]

    def _typed(self, property_id: str, texts: pl.Series) -> pl.Series:
        match self.kind(property_id):
            case PropertyType.BOOLEAN:
                return kinds.booleans(texts)
            case PropertyType.INTEGER:
                return kinds.integers(texts)
            case PropertyType.DECIMAL:
                return kinds.decimals(kinds.numbers(texts))
            case PropertyType.TIMESTAMP:
                return kinds.instants(texts)
            case PropertyType.LIST | PropertyType.LOCALIZED_LIST:
                return elements(texts, self.publication.separator(property_id))
            case _:
                return texts


def elements(texts: pl.Series, separator: str) -> pl.Series:
    """The elements of each list; an empty text is an empty list, null stays null."""
    split = pl.col("list").str.split(separator)
    empty = pl.lit([], dtype=pl.List(pl.String))
    made = pl.when(pl.col("list") == "").then(empty).otherwise(split)
    return texts.to_frame("list").select(made).to_series()


def view(publication: Publication, snapshot: Snapshot) -> View:
    """The entries of ``snapshot`` as ``publication`` shows them."""
    seen: dict[str, list[str | None]] = {}
    for column in snapshot.columns:
        property_id, language = split_column(column)
        seen.setdefault(property_id, []).append(language)
    shown = publication.properties if publication.properties is not None else (*seen, *publication.types)
    hidden = {ID, *publication.relations}
    types = {
        name: _type(publication, snapshot, name, seen.get(name, []))
        for name in dict.fromkeys(shown)
        if name not in hidden
    }
    return View(publication, snapshot, types)


def _type(publication: Publication, snapshot: Snapshot, name: str, languages: list[str | None]) -> PropertyType:
    declared = publication.types.get(name)
    found = _TYPES[snapshot.kinds.get(name, Kind.NOTHING)]
    if any(languages):
        return _LOCALIZED.get(declared or PropertyType.TEXT, declared or PropertyType.LOCALIZED_TEXT)
    return declared or found
