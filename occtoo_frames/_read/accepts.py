"""What an endpoint may be asked, as far as its OpenAPI document declares it.

Takes a path's operations; gives the members of a query, and which properties it may filter on and how. A document
that describes no query at all leaves the platform's known one (seen), without ranges, whose spelling nobody knows.
"""

from dataclasses import dataclass
from math import inf

from occtoo_frames._read.references import References, Schema, members

KNOWN = frozenset(
    {"top", "skip", "sortasc", "sortdesc", "after", "includetotals", "language", "period"}
    | {"search", "searchon", "caseinsensitivesearch", "filter"}
)
"""The members of a query that are known to work where the document says nothing (seen), in lower case."""


@dataclass(frozen=True, slots=True)
class Properties:
    """A set of properties: the named ones, or all."""

    names: frozenset[str] = frozenset()
    all: bool = False

    def __contains__(self, name: str) -> bool:
        return self.all or name in self.names


@dataclass(frozen=True, slots=True)
class Accepts:
    """What may stand in a query.

    Attributes:
        members: The query's members in lower case.
        must: Properties that may be asked to equal a value.
        must_not: Properties that may be asked not to.
        ranges: Properties that may be asked to lie in a range.
        ends: The declared ends of a range: of ``gte, gt, lte, lt``.
        max_top: The most entries that one request may ask for; None where the document does not say.
    """

    members: frozenset[str] = KNOWN
    must: Properties = Properties(all=True)
    must_not: Properties = Properties(all=True)
    ranges: Properties = Properties()
    ends: frozenset[str] = frozenset()
    max_top: int | None = None

    def takes(self, member: str) -> bool:
        """True if the query may hold ``member``."""
        return member.lower() in self.members


def accepts(references: References, item: Schema) -> Accepts:
    """What the path's POST takes."""
    body = _body(references, members(item.get("post")))
    if body is None:
        return Accepts()
    names = {name.lower(): schema for name, schema in body.items()}
    max_top = _maximum(references, names.get("top"))
    filters = references.resolve(references.resolve(names.get("filter"))[0].get("items"))[0]
    parts = {name.lower(): schema for name, schema in members(filters.get("properties")).items()}
    if "filter" in names and not parts:
        return Accepts(frozenset(names), max_top=max_top)
    ranges = references.resolve(parts.get("range"))[0]
    return Accepts(
        members=frozenset(names),
        must=_properties(references, parts.get("must")),
        must_not=_properties(references, parts.get("mustnot")),
        ranges=_properties(references, parts.get("range")),
        ends=frozenset(_ends(references, ranges)),
        max_top=max_top,
    )


def language_choices(references: References, item: Schema) -> tuple[str, ...]:
    """The languages that the path's ``language`` member or parameter takes, if it lists them."""
    body = _body(references, members(item.get("post"))) or {}
    candidates = [schema for name, schema in body.items() if name.lower() == "language"]
    parameters = members(item.get("get")).get("parameters")
    for parameter in parameters if isinstance(parameters, list) else []:
        flat, _ = references.resolve(parameter)
        if flat.get("name") == "language":
            candidates.append(flat.get("schema"))
    for candidate in candidates:
        values = references.resolve(candidate)[0].get("enum")
        if isinstance(values, list):
            return tuple(value for value in values if isinstance(value, str) and value)
    return ()


def _body(references: References, operation: Schema) -> Schema | None:
    """The members of the request body; None if the document does not describe it."""
    request, _ = references.resolve(operation.get("requestBody"))
    for kind, content in members(request.get("content")).items():
        if "json" in kind or kind == "*/*":
            flat, _ = references.resolve(members(content).get("schema"))
            return members(flat.get("properties")) or None
    return None


def _maximum(references: References, schema: object) -> int | None:
    """The greatest whole number that the schema allows, if it names one of at least 1."""
    most = references.resolve(schema)[0].get("maximum")
    return int(most) if isinstance(most, int | float) and not isinstance(most, bool) and 1 <= most < inf else None


def _properties(references: References, schema: object) -> Properties:
    if schema is None:
        return Properties()
    flat, _ = references.resolve(schema)
    named = frozenset(members(flat.get("properties")))
    rest = flat.get("additionalProperties")
    return Properties(named, all=rest is not False and not (named and rest is None))


def _ends(references: References, ranges: Schema) -> set[str]:
    """The ends that any range in the document declares."""
    schemas = [*members(ranges.get("properties")).values(), ranges.get("additionalProperties")]
    found = [members(references.resolve(schema)[0].get("properties")) for schema in schemas]
    return {name.lower() for ends in found for name in ends} & {"gte", "gt", "lte", "lt"}
