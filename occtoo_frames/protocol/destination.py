"""A destination's address, the queries it takes and the pages it answers with (doc, seen).

Each endpoint answers GET (parameters) and POST (a JSON body) alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, unquote, urlsplit

from occtoo_frames.protocol.filters import Filter
from occtoo_frames.protocol.fold import fold, text_or_none

DEFAULT_TOP = 50
"""How many results a query without ``top`` gets (seen)."""

ID = "id"
"""The name of the entry key among a result's properties (doc)."""

_PARTS = 4


@dataclass(frozen=True, slots=True)
class Address:
    """``{origin}/{tenant}/{destination}/{version}/{endpoint}``; the base address has no endpoint (doc)."""

    origin: str
    tenant: str
    destination: str
    version: str
    endpoint: str | None = None

    @classmethod
    def parse(cls, url: str) -> Self:
        """The parts of ``url``; a trailing slash, ``/openapi``, query and fragment are dropped.

        Raises:
            ValueError: It is no http(s) address, or has not three or four parts.
        """
        shown = "the address" if "@" in url else repr(url.partition("?")[0])
        try:
            split = urlsplit(url)
        except ValueError:
            raise ValueError(f"{shown} is no http(s) address of a destination") from None
        if "@" in split.netloc:
            raise ValueError("the address holds a user name: a destination's takes none")
        if split.scheme not in {"http", "https"} or not split.netloc:
            raise ValueError(f"{shown} is no http(s) address of a destination")
        parts = [unquote(part) for part in split.path.split("/") if part]
        if len(parts) == _PARTS and parts[3] == "openapi":
            parts.pop()
        if not _PARTS - 1 <= len(parts) <= _PARTS:
            raise ValueError(f"{shown} is not {{origin}}/{{tenant}}/{{destination}}/{{version}}/{{endpoint}}")
        return cls(f"{split.scheme}://{split.netloc}", *parts)

    @property
    def base(self) -> str:
        """The address without its endpoint."""
        parts = (self.tenant, self.destination, self.version)
        return "/".join((self.origin, *(quote(part, safe="") for part in parts)))

    @property
    def openapi(self) -> str:
        """Where the OpenAPI document stands (doc)."""
        return f"{self.base}/openapi"

    @property
    def url(self) -> str:
        """The whole address."""
        return self.base if self.endpoint is None else f"{self.base}/{quote(self.endpoint, safe='')}"


@dataclass(frozen=True, slots=True)
class Query:
    """One question to an endpoint. Unset members are not sent.

    ``after`` holds the sort values of the last row seen and needs a sort (seen); one that is missing is the empty text
    (ours).
    """

    top: int | None = None
    skip: int | None = None
    sort_asc: tuple[str, ...] = ()
    sort_desc: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    include_totals: bool = False
    list_ids: bool = False
    language: str | None = None
    since: str | None = None
    before: str | None = None
    search: tuple[str, ...] = ()
    search_on: tuple[str, ...] = ()
    case_insensitive_search: bool | None = None
    filters: tuple[Filter, ...] = ()

    def to_wire(self) -> dict[str, object]:
        """The JSON body of a POST."""
        members: dict[str, object] = {
            "top": self.top,
            "skip": self.skip,
            "sortAsc": list(self.sort_asc),
            "sortDesc": list(self.sort_desc),
            "after": list(self.after),
            "includeTotals": self.include_totals or None,
            "listIds": self.list_ids or None,
            "language": self.language,
            "period": _without_none({"since": self.since, "before": self.before}),
            "search": list(self.search),
            "searchOn": list(self.search_on),
            "caseInsensitiveSearch": self.case_insensitive_search,
            "filter": [item.to_wire() for item in self.filters],
        }
        return {name: value for name, value in members.items() if value not in (None, [], {})}

    @classmethod
    def from_wire(cls, document: object) -> Self:
        """The query in a POST body, names in any case; empty texts and arrays are tolerated (seen).

        Raises:
            TypeError: A member has another type.
            ValueError: ``top`` or ``skip`` is no whole number ≥ 0.
        """
        members = fold(document)
        period = fold(members.get("period") or {})
        filters = members.get("filter") or []
        if not isinstance(filters, list):
            raise TypeError("filter must be an array")
        ascending, descending = _texts(members.get("sortasc"), "sortAsc"), _texts(members.get("sortdesc"), "sortDesc")
        return cls(
            top=_count(members.get("top"), "top"),
            skip=_count(members.get("skip"), "skip"),
            sort_asc=ascending,
            sort_desc=descending,
            after=_texts(members.get("after"), "after", empty=bool(ascending or descending)),
            include_totals=_flag(members.get("includetotals"), "includeTotals") or False,
            list_ids=_flag(members.get("listids"), "listIds") or False,
            language=text_or_none(members.get("language")) or None,
            since=text_or_none(period.get("since")) or None,
            before=text_or_none(period.get("before")) or None,
            search=_texts(members.get("search"), "search"),
            search_on=_texts(members.get("searchon"), "searchOn"),
            case_insensitive_search=_flag(members.get("caseinsensitivesearch"), "caseInsensitiveSearch"),
            filters=tuple(Filter.from_wire(item) for item in filters),
        )

    @classmethod
    def from_params(cls, params: Sequence[tuple[str, str]]) -> Self:
        """The query in the parameters of a GET; a name that is none of ours is an exact filter (seen).

        Raises:
            TypeError: As ``from_wire``.
            ValueError: As ``from_wire``.
        """
        document: dict[str, object] = {}
        must: dict[str, list[str]] = {}
        period: dict[str, object] = {}
        for name, value in params:
            lowered = name.lower()
            if lowered in _LISTED:
                document[lowered] = [*_as_list(document.get(lowered)), value]
            elif lowered in _SINGLE:
                document[lowered] = value
            elif lowered in _PERIOD:
                period[_PERIOD[lowered]] = value
            else:
                must.setdefault(name, []).append(value)
        document["period"] = period
        document["filter"] = [{"must": must}] if must else []
        return cls.from_wire(document)


_LISTED = {"sortasc", "sortdesc", "after", "search", "searchon"}
_SINGLE = {"top", "skip", "includetotals", "listids", "language", "caseinsensitivesearch"}
_PERIOD = {"periodsince": "since", "periodbefore": "before"}


@dataclass(frozen=True, slots=True)
class Facet:
    """How often each value of a property occurs under the current filter (doc, seen); None is no value."""

    property_id: str
    header: str
    values: tuple[tuple[str | None, int], ...]

    @classmethod
    def from_wire(cls, document: object) -> Self:
        """The facet that ``document`` is.

        Raises:
            TypeError: A part of it has another shape.
            ValueError: A count is no whole number ≥ 0.
        """
        members = fold(document)
        name, listed = members.get("propertyid"), members.get("values")
        if not isinstance(name, str) or not isinstance(listed, list):
            raise TypeError("a facet needs a propertyId and values")
        pairs = [fold(item) for item in listed]
        return cls(
            name,
            str(members.get("header") or name),
            tuple((_key(pair.get("key")), _count(pair.get("count"), "count") or 0) for pair in pairs),
        )

    def to_wire(self) -> dict[str, object]:
        """The JSON object of this facet."""
        return {
            "propertyId": self.property_id,
            "header": self.header,
            "values": [{"key": key, "count": count} for key, count in self.values],
        }


def _without_none(members: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if value is not None}


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _count(value: object, name: str) -> int | None:
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else repr(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()):
        raise ValueError(f"{name} must be a whole number ≥ 0, got {value!r}")
    return int(text)


def _key(value: object) -> str | None:
    """A value as filters spell it."""
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _flag(value: object, name: str) -> bool | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise TypeError(f"{name} must be true or false, got {value!r}")


def _texts(value: object, name: str, *, empty: bool = False) -> tuple[str, ...]:
    listed = [] if value is None else value if isinstance(value, list) else [value]
    texts = tuple(item for item in listed if isinstance(item, str))
    if len(texts) < len(listed):
        raise TypeError(f"{name} must be an array of texts")
    return tuple(text for text in texts if text or empty)
