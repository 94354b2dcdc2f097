"""The envelope around most answers: ``{"result": …, "errors": […], "requestId": …}`` (seen)."""

from collections.abc import Mapping
from dataclasses import dataclass

from occtoo_frames.protocol.fold import fold, text_or_none


@dataclass(frozen=True, slots=True)
class WireError:
    """One entry of ``errors``: a message, and in ``details`` the property it is about (doc)."""

    message: str
    property_name: str | None = None
    detail: str | None = None

    @classmethod
    def from_wire(cls, document: object) -> "WireError":
        """The error that an entry of ``errors`` says, whatever its shape: an object, or bare text."""
        if not isinstance(document, Mapping):
            return cls(str(document))
        members = fold(document)
        details = members.get("details")
        inner = fold(details) if isinstance(details, Mapping) else {}
        return cls(
            message=str(members.get("message") or ""),
            property_name=text_or_none(inner.get("propertyname")),
            detail=text_or_none(inner.get("message")) or text_or_none(details),
        )

    def to_wire(self) -> dict[str, object]:
        """The entry as the documents show it; ``details`` only if something is known."""
        document: dict[str, object] = {"message": self.message}
        if self.property_name is not None or self.detail is not None:
            document["details"] = {"propertyName": self.property_name, "message": self.detail}
        return document

    def __str__(self) -> str:
        return ": ".join(part for part in (self.message, self.detail) if part)


@dataclass(frozen=True, slots=True)
class Envelope:
    """An answer's result, errors and request id."""

    result: object
    errors: tuple[WireError, ...] = ()
    request_id: str | None = None

    @classmethod
    def from_wire(cls, document: object) -> "Envelope":
        """The envelope that ``document`` is, names in any case.

        Raises:
            TypeError: ``document`` is not a JSON object.
        """
        members = fold(document)
        errors = members.get("errors")
        return cls(
            result=members.get("result"),
            errors=tuple(WireError.from_wire(error) for error in errors) if isinstance(errors, list) else (),
            request_id=text_or_none(members.get("requestid")),
        )

    def to_wire(self) -> dict[str, object]:
        """The JSON object of this envelope; ``errors`` is never null (doc)."""
        return {
            "result": self.result,
            "errors": [error.to_wire() for error in self.errors],
            "requestId": self.request_id,
        }
