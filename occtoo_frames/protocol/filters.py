"""The platform's filter: values of a property are OR, properties AND, filters OR (ours, in the spelling seen)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from occtoo_frames.protocol.fold import fold, text_or_none


@dataclass(frozen=True, slots=True)
class Range:
    """Ends of a range of one property; None leaves an end open. The spelling is ours: doc knows ranges, not how."""

    gte: str | None = None
    gt: str | None = None
    lte: str | None = None
    lt: str | None = None

    @classmethod
    def from_wire(cls, document: object) -> "Range":
        """The range that ``document`` says; numbers are taken as their text."""
        members = fold(document)
        ends = {name: _text(members.get(name)) for name in ("gte", "gt", "lte", "lt")}
        return cls(**ends)

    def to_wire(self) -> dict[str, str]:
        """Only the ends that are set."""
        ends = {"gte": self.gte, "gt": self.gt, "lte": self.lte, "lt": self.lt}
        return {name: end for name, end in ends.items() if end is not None}


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter object: all of ``must`` and ``ranges``, and none of ``must_not``."""

    must: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    must_not: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ranges: Mapping[str, Range] = field(default_factory=dict)

    @classmethod
    def from_wire(cls, document: object) -> "Filter":
        """The filter that ``document`` says, member names in any case; empty arrays are tolerated (seen).

        Raises:
            TypeError: A part of it has another shape.
        """
        members = fold(document)
        ranges = members.get("range") or {}
        if not isinstance(ranges, Mapping):
            raise TypeError("range must be an object of properties")
        return cls(
            _values(members.get("must"), "must"),
            _values(members.get("mustnot"), "mustNot"),
            {str(name): Range.from_wire(ends) for name, ends in ranges.items()},
        )

    def to_wire(self) -> dict[str, object]:
        """The JSON object; ``range`` only when there is one, since not every destination declares it."""
        document: dict[str, object] = {}
        if self.must:
            document["must"] = {name: list(values) for name, values in self.must.items()}
        if self.must_not:
            document["mustNot"] = {name: list(values) for name, values in self.must_not.items()}
        if self.ranges:
            document["range"] = {name: ends.to_wire() for name, ends in self.ranges.items()}
        return document


def _values(document: object, name: str) -> dict[str, tuple[str, ...]]:
    if document is None:
        return {}
    if not isinstance(document, Mapping):
        raise TypeError(f"{name} must be an object of properties")
    return {str(key): _texts(values, f"{name}.{key}") for key, values in document.items()}


def _texts(values: object, name: str) -> tuple[str, ...]:
    listed = values if isinstance(values, list) else [values]
    texts = [_text(value) for value in listed]
    if None in texts:
        raise TypeError(f"{name} must be an array of texts")
    return tuple(text for text in texts if text is not None)


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return text_or_none(value)
