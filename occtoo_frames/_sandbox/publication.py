"""What is published: a source at an address, with languages, types, facets and relations. Knows no entries.

That a destination has at most three active versions is documented; everything else about publishing is done in a web
page of the platform, so these options are ours (not verified against the live service).
"""

import re
from collections.abc import Iterable, Mapping
from numbers import Integral
from typing import Any

import msgspec

from occtoo_frames.protocol import rules
from occtoo_frames.protocol.destination import ID
from occtoo_frames.protocol.openapi import PropertyType

FACET_SIZE = 100
MAX_VERSIONS = 3
SEPARATOR = "|"
RESERVED = ("openapi",)
_VERSION = re.compile(r"v[1-9][0-9]*", re.ASCII)


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """One endpoint of a destination.

    Attributes:
        destination: Its name in the address.
        endpoint: The last part of the address, in lower case.
        version: ``v1``, ``v2``, …
        source: The name of the source whose entries are its results.
        languages: The first is the one without being asked.
        types: Declared types; all others are found from what was pushed.
        properties: Those that are shown; None shows every one ever seen.
        facets: How many values of a property are counted at most.
        relations: By name: the source of the related entries, and the property that lists their keys.
        searchable: Where a search looks when it is not told; None is every text.
        separators: What stands between the elements of a list, where it is not ``|``.
        protected: Whether an application's token is needed.
    """

    destination: str
    endpoint: str
    version: str
    source: str
    languages: tuple[str, ...]
    types: dict[str, PropertyType] = {}
    properties: tuple[str, ...] | None = None
    facets: dict[str, int] = {}
    relations: dict[str, tuple[str, str]] = {}
    searchable: tuple[str, ...] | None = None
    separators: dict[str, str] = {}
    protected: bool = False

    @property
    def base(self) -> str:
        """Its destination and version, as in an address."""
        return f"{self.destination}/{self.version}"

    @property
    def address(self) -> str:
        """Its whole address after the tenant."""
        return f"{self.base}/{self.endpoint}"

    def separator(self, property_id: str) -> str:
        """What stands between the elements of a list property."""
        return self.separators.get(property_id, SEPARATOR)

    def to_json(self) -> str:
        """This publication as it is stored."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str) -> "Publication":
        """The publication that was stored."""
        return msgspec.json.decode(text, type=cls)


def publication(
    destination: str,
    endpoint: str,
    *,
    source: str,
    languages: Iterable[str],
    types: Mapping[str, str] | None = None,
    properties: Iterable[str] | None = None,
    facets: Iterable[str] | Mapping[str, int] = (),
    relations: Mapping[str, tuple[str, str]] | None = None,
    searchable: Iterable[str] | None = None,
    separators: Mapping[str, str] | None = None,
    protected: bool = False,
    version: str = "v1",
) -> Publication:
    """A publication, its parts checked.

    Raises:
        ValueError: A name, version, language, type or size is none, or a relation is called as a property is.
    """
    _check_address(destination, version, endpoint)
    _must_be(str, source, "source is a name")
    _must_be(bool, protected, "protected is True or False")
    made = Publication(
        destination=str(destination),  # texts of numpy are texts, but not to the encoder of JSON
        endpoint=str(endpoint),
        version=str(version),
        source=str(source),
        languages=_checked_languages(languages),
        types=_checked_types(types),
        properties=None if properties is None else _names(properties, "properties"),
        facets=_checked_facets(facets),
        relations=_checked_relations(relations),
        searchable=None if searchable is None else _names(searchable, "searchable"),
        separators=_checked_separators(separators),
        protected=protected,
    )
    must_be_apart(made, {ID, *made.types, *made.facets, *(made.properties or ()), *(made.searchable or ())})
    return made


def must_be_apart(published: Publication, properties: Iterable[str]) -> None:
    """Nothing, if no relation is called as one of the properties is: a result could hold only one of the two.

    Raises:
        ValueError: One is.
    """
    same = sorted(set(published.relations) & set(properties))
    if same:
        raise ValueError(f"a relation cannot be called as a property is: {', '.join(same)}")


def _must_be(kind: type, value: object, rule: str) -> None:
    if not isinstance(value, kind):
        raise ValueError(f"{rule}, got {value!r}")  # noqa: TRY004 - as whatever else is refused here


def _check_address(destination: str, version: str, endpoint: str) -> None:
    for part in (destination, version, endpoint):
        if not isinstance(part, str) or not rules.is_id(part):
            raise ValueError(
                f"{part!r} cannot be part of an address: 1 to {rules.KEY_MAX_LENGTH} of A-Z, a-z, 0-9, _ and -"
            )
    if not _VERSION.fullmatch(version):
        raise ValueError(f"{version!r} cannot be a version: v1, v2, …")
    if endpoint != endpoint.lower() or endpoint in RESERVED:
        raise ValueError(f"{endpoint!r} cannot be an endpoint: lower case, and not {', '.join(RESERVED)}")


def _checked_languages(languages: Iterable[str]) -> tuple[str, ...]:
    listed = _names(languages, "languages")
    broken = [tag for tag in listed if not rules.is_language(tag)]
    if broken or not listed:
        raise ValueError(f"a destination is published in one or more languages, got {broken or 'none'}")
    if len(set(listed)) < len(listed):
        raise ValueError(f"a destination is published in each language once, got {list(listed)}")
    return listed


def _checked_types(types: Mapping[str, str] | None) -> dict[str, PropertyType]:
    by_name = _by_name(types, "types")
    known = [kind.value for kind in PropertyType]
    broken = {name: kind for name, kind in by_name.items() if kind not in known}
    if broken:
        raise ValueError(f"a property is one of {', '.join(known)}, got {broken}")
    return {name: PropertyType(kind) for name, kind in by_name.items()}


def _checked_facets(facets: Iterable[str] | Mapping[str, int]) -> dict[str, int]:
    """How many values of each property are counted; properties that were not seen yet may come."""
    if isinstance(facets, Mapping):
        sizes = _by_name(facets, "facets")
    else:
        sizes = dict.fromkeys(_names(facets, "facets"), FACET_SIZE)
    broken = {
        name: size
        for name, size in sizes.items()
        if isinstance(size, bool) or not isinstance(size, Integral) or int(size) < 1
    }
    if broken:
        raise ValueError(f"a facet counts one or more of its values, got {broken}")
    return {name: int(size) for name, size in sizes.items()}


def _checked_relations(relations: Mapping[str, tuple[str, str]] | None) -> dict[str, tuple[str, str]]:
    by_name = _by_name(relations, "relations")
    for name, pair in by_name.items():
        if not isinstance(pair, tuple | list) or [isinstance(part, str) for part in pair] != [True, True]:
            raise ValueError(f"a relation is a source and the property that lists its keys, got {name!r}: {pair!r}")
    return {name: (str(related), str(keys)) for name, (related, keys) in by_name.items()}


def _checked_separators(separators: Mapping[str, str] | None) -> dict[str, str]:
    by_name = _by_name(separators, "separators")
    broken = {name: text for name, text in by_name.items() if not isinstance(text, str) or not text}
    if broken:
        raise ValueError(f"what stands between the elements of a list is a text, got {broken}")
    return {name: str(text) for name, text in by_name.items()}


def _names(given: Iterable[str], option: str) -> tuple[str, ...]:
    names = one_or_several(given)
    if not all(isinstance(name, str) for name in names):
        raise ValueError(f"{option} is a list of names, got {given!r}")
    return tuple(map(str, names))


def one_or_several(given: object) -> tuple[Any, ...]:
    """What is listed, or the one; an array of numpy without a dimension calls itself iterable, and is no list."""
    if isinstance(given, Iterable) and not isinstance(given, str) and getattr(given, "ndim", None) != 0:
        return tuple(given)
    return (given,)


def _by_name(given: Mapping[str, Any] | None, option: str) -> dict[str, Any]:
    """What was said of each name, or of none."""
    if given is not None and not (isinstance(given, Mapping) and all(isinstance(name, str) for name in given)):
        raise ValueError(f"{option} is a dict by name, got {given!r}")
    return {str(name): said for name, said in (given or {}).items()}
