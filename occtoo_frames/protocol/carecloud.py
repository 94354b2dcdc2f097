"""CareCloud Portal's words: addresses, headers, the envelope, entities, states.

Marks: (doc) their documentation, (ours) where it is silent; everything marked ours is not verified against the live
service. Does not know which side is calling.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias
from urllib.parse import quote

from occtoo_frames.protocol.fold import fold, text_or_none
from occtoo_frames.protocol.words import hidden

API_KEY, WORKSPACE, BUCKET = "x-api-key", "X-Param-Override-WorkspaceId", "X-Param-Override-BucketId"
"""Headers of every portal call (doc); none of them is for the host of a signed address."""

PATH_PATH, IMPORT_PATH, ASYNC_PATH = "/appfile/file/path", "/appfile/file/import", "/appdata/import/file/async"
"""Where an address to put a file to is asked for, and where the import of it begins: waiting, or at once (doc)."""

FILE_TYPE = "cc5"
SIGNED_FOR_S = 900
"""How long a signed address lives (doc)."""

KEY = "entityId"
"""The key field of every entity (doc)."""

OCTETS = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity's name, and what a file calls it."""

    name: str
    type: str
    datasource: str


ENTITIES: Mapping[str, Entity] = MappingProxyType(
    {
        name: Entity(name, kind, source)
        for name, kind, source in (
            ("family", "wks_family", "cc-family"),
            ("family_member", "wks_family_member", "cc-family-member"),
            ("provider", "wks_provider", "cc-provider"),
            ("claim", "wks_claim", "cc-claim"),
            ("care", "wks_service", "cc-service-care"),
            ("provider_payment", "wks_billing", "cc-provider-payment"),
            ("family_case", "wks_case", "cc-family-case"),
            ("document", "wks_document", "cc-document"),
            ("note", "wks_note", "cc-note"),
            ("claim_attendance", "wks_attendance", "cc-claim-attendance"),
        )
    }
)
"""Which entity is which type and datasource (doc)."""


def status_path(file_id: str) -> str:
    """Where the state of a file stands (doc)."""
    return f"/appfile/file/{quote(file_id, safe='')}"


def query_path(entity: str) -> str:
    """Where an entity's records are asked for; the path is documented, what goes in and out is ours."""
    return f"/appdata/{quote(entity, safe='')}/query"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One entry of ``Errors`` (doc). A row is named as ``Line 7`` in the message (ours)."""

    code: str = ""
    field: str = ""
    message: str = ""

    @property
    def line(self) -> int | None:
        """The line of the file that the message names, counted from 1."""
        found = _LINE.search(self.message)
        return int(found[1]) if found else None

    @classmethod
    def from_wire(cls, document: object) -> "FieldError":
        """The error that an entry says, names in any case; bare text is a message."""
        if not isinstance(document, Mapping):
            return cls(message=str(document))
        members = fold(document)
        code, field, message = (text_or_none(members.get(name)) or "" for name in ("errorcode", "fieldname", "message"))
        return cls(code, field, message)

    def to_wire(self) -> dict[str, object]:
        """The entry as the documents show it."""
        return {"ErrorCode": self.code, "FieldName": self.field, "Message": self.message}


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is around every answer of the portal itself (doc); the stack trace is left where it is.

    Attributes:
        success: Decides, whatever the HTTP status is.
        data: The members of ``Data`` under lower-case names; a list under ``items``.
    """

    success: bool
    data: Mapping[str, object]
    code: str = ""
    message: str = ""
    errors: tuple[FieldError, ...] = ()

    @classmethod
    def from_wire(cls, document: object, hide: Callable[[str], str] = str) -> "Envelope":
        """The envelope that ``document`` is, names in any case; texts but those of ``data`` as ``hide`` shows them.

        Raises:
            TypeError: It is no envelope, but a gateway's ``{"message"}``, say.
        """
        members = fold(document)
        if not isinstance(members.get("issuccess"), bool):
            raise TypeError("no envelope")
        status = hidden(members.get("responsestatus"), hide)
        said = fold(status) if isinstance(status, Mapping) else {}
        errors, data = said.get("errors"), members.get("data")
        return cls(
            success=members["issuccess"] is True,
            data=fold(data) if isinstance(data, Mapping) else {"items": data} if isinstance(data, list) else {},
            code=text_or_none(said.get("errorcode")) or "",
            message=text_or_none(said.get("message")) or "",
            errors=tuple(FieldError.from_wire(error) for error in errors) if isinstance(errors, list) else (),
        )

    def to_wire(self) -> dict[str, object]:
        """The JSON object, ``data`` under the names that it has."""
        status = {"ErrorCode": self.code, "Message": self.message, "StackTrace": None}
        errors = [error.to_wire() for error in self.errors]
        return {"IsSuccess": self.success, "ResponseStatus": {**status, "Errors": errors}, "Data": dict(self.data)}


@dataclass(frozen=True, slots=True)
class Ticket:
    """Where a file goes, and by which ids it is known."""

    action_id: str
    file_id: str
    file_path: str
    url: str

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> "Ticket":
        """The ticket in ``Data`` or, as in some answers, in ``Data.File`` (doc).

        Raises:
            ValueError: There is none.
        """
        inner = data.get("file")
        nested = fold(inner) if isinstance(inner, Mapping) else {}
        found = {name: data.get(name) or nested.get(name) for name in ("actionid", "fileid", "filepath", "url")}
        if not all(isinstance(found[name], str) for name in ("fileid", "url")):
            raise ValueError("the answer holds no FileId and Url")
        return cls(*(str(value or "") for value in found.values()))


State: TypeAlias = Literal["done", "failed", "pending"]


def state_of(data: Mapping[str, object]) -> State:
    """What the undocumented answer about a file says (ours).

    Texts that begin with success, succeed, import or complete mean done, unless they end in -ing; ones that begin or
    end with error, or hold fail, mean failed; everything else is pending.
    """
    states = {_meaning(text.strip().lower()) for text in state_texts(data)}
    return "failed" if "failed" in states else "done" if "done" in states else "pending"


def state_texts(data: Mapping[str, object]) -> tuple[str, ...]:
    """The texts that stand under names ending in state or status, in ``Data`` and ``Data.File``."""
    inner = data.get("file")
    members = [*data.items(), *(fold(inner).items() if isinstance(inner, Mapping) else ())]
    return tuple(
        value for name, value in members if isinstance(value, str) and name.endswith(("state", "status"))
    )  # fmt: skip


def _meaning(text: str) -> State:
    if "fail" in text or text.startswith("error") or text.endswith("error"):
        return "failed"
    if text.startswith(("success", "succeed", "import", "complete")) and not text.endswith("ing"):
        return "done"
    return "pending"


def discreet(text: str) -> str:
    """``text`` without what may be somebody's data: things in quotes, addresses, and more than four digits in a row."""
    return _PERSONAL.sub("…", text)


_LINE = re.compile(r"\bline\s*[:#]?\s*(\d{1,12})\b", re.IGNORECASE)
_PERSONAL = re.compile(
    r"(?<=')[^']*(?=')|(?<=\")[^\"]*(?=\")|(?<=«)[^»]*(?=»)|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<!\w)(?<!line )(?<!lines )\d[\d .()/+-]{3,}\d",
    re.IGNORECASE,
)
