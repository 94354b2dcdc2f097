"""The words of CareCloud's sync file: row types, field types, escapes, names, and the four lines at its head.

A file is UTF-8 lines, each beginning with its row type and divided by pipes (doc)::

    00|<customer>|<file type>|<create time>|<reference id>
    01|<entity type>|<workspace id>|<bucket id>|<datasource code>|<action code>
    02|<key field>|…
    03|<field>:<type>|…
    10|v1|…|vn|
    90|<key>|…
    99|<count of 10 and 90 rows>

Takes and gives texts; does not know which side is calling.
"""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

FieldType: TypeAlias = Literal["string", "int", "number", "bool", "date", "array", "list", "object"]
"""string unless said otherwise; date is yyyyMMdd or yyyyMMddHHmmss, array comma-joined, list and object JSON (doc)."""

FIELD_TYPES: tuple[FieldType, ...] = get_args(FieldType)
SUFFIX = ".cc5txt"
HEAD, TARGET, KEYS, FIELDS, UPSERT, DELETE, END = "00", "01", "02", "03", "10", "90", "99"
HEADER_LINES = 4
FIRST_ROW_LINE = HEADER_LINES + 1
"""Lines count from 1, so this is where the first 10 or 90 stands; that the cloud counts so is ours (not verified
against the live service)."""

SEPARATOR = "|"
PIPE, BREAK = "#/#", "#Enter#"
"""How a pipe and a line break are written in a value (doc)."""

ELEMENT_SEPARATOR = ","
DATE, MOMENT = "%Y%m%d", "%Y%m%d%H%M%S"
DISABLED = "disabled"
"""The bool field that means a soft delete (doc)."""

INT = r"[+-]?\d+"
NUMBER = r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?"
BOOL = "true|false"
DATED = r"\d{8}(?:\d{6})?"
"""Regular expressions of values; that they hold beyond what the documents show is ours (not verified either)."""

_NAME = re.compile(r"(?!_)[^|:$.\s\x00-\x1f]+(?: [^|:$.\s\x00-\x1f]+)*")


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the file."""

    name: str
    type: FieldType = "string"


@dataclass(frozen=True, slots=True)
class Header:
    """What the head of a file says.

    Attributes:
        created: yyyyMMddHHmmss.
        keys: The fields of the key, which come first in ``fields``.
    """

    entity_type: str
    datasource: str
    keys: tuple[str, ...]
    fields: tuple[Field, ...]
    workspace: str = ""
    bucket: str = ""
    customer: str = ""
    file_type: str = "cc5"
    created: str = ""
    reference: str = ""
    action: str = "upsert"

    def to_wire(self) -> str:
        """The four lines, each with its line end."""
        lines = (
            (HEAD, self.customer, self.file_type, self.created, self.reference),
            (TARGET, self.entity_type, self.workspace, self.bucket, self.datasource, self.action),
            (KEYS, *self.keys),
        )
        fields = SEPARATOR.join((FIELDS, *(f"{field.name}:{field.type}" for field in self.fields)))
        return "".join(f"{SEPARATOR.join(map(escaped, line))}\n" for line in lines) + f"{fields}\n"

    @classmethod
    def from_wire(cls, text: str) -> "Header":
        """The header that the first lines of a file say.

        Raises:
            ValueError: They are not the head of a sync file; the message names the line and holds no value.
        """
        lines = text.removeprefix("\ufeff").split("\n")[:HEADER_LINES]
        cut = [_cells(line, code) for line, code in zip(lines, (HEAD, TARGET, KEYS, FIELDS), strict=False)]
        if len(cut) < HEADER_LINES:
            raise ValueError(f"a sync file begins with the {HEADER_LINES} lines 00, 01, 02 and 03")
        customer, file_type, created, reference = _first(cut[0], 4)
        entity_type, workspace, bucket, datasource, action = _first(cut[1], 5)
        fields = tuple(_field(cell) for cell in _without_end(cut[3]))
        keys = tuple(_without_end(cut[2]))
        if not keys or keys != tuple(field.name for field in fields[: len(keys)]):
            raise ValueError("line 3 must name the key fields, and they must come first in line 4")
        if len({field.name for field in fields}) < len(fields):
            raise ValueError("line 4 names a field twice")
        return cls(
            entity_type, datasource, keys, fields, workspace, bucket, customer, file_type, created, reference, action
        )  # fmt: skip


def is_field_name(name: str) -> bool:
    """True if a field may be called that: no leading ``_``, no ``$``, ``.``, pipe, colon or control character (doc)."""
    return _NAME.fullmatch(name) is not None


def escaped(text: str) -> str:
    """``text`` as it stands in a cell."""
    return text.replace(SEPARATOR, PIPE).replace("\r\n", "\n").replace("\n", BREAK)


def unescaped(cell: str) -> str:
    """The text that a cell says."""
    return cell.replace(PIPE, SEPARATOR).replace(BREAK, "\n")


def _cells(line: str, code: str) -> list[str]:
    first, *cells = line.removesuffix("\r").split(SEPARATOR)
    if first != code:
        raise ValueError(f"the line where {code} is due begins with another row type")
    return [unescaped(cell) for cell in cells]


def _first(cells: list[str], count: int) -> list[str]:
    return (cells + [""] * count)[:count]


def _without_end(cells: list[str]) -> list[str]:
    return cells[:-1] if cells and not cells[-1] else cells


def _field(cell: str) -> Field:
    name, _, kind = cell.partition(":")
    for known in FIELD_TYPES:
        if known == (kind or "string").strip().lower():
            if not is_field_name(name):
                raise ValueError(f"line 4: {name!r} cannot name a field")
            return Field(name, known)
    raise ValueError(f"line 4: the field {name!r} is of an unknown type")
