"""A sync file applied to the portal's records: parsed line by line, all of it or nothing.

Takes the file and the store, gives how many rows landed and what is wrong with the others. A row whose value is not of
its field's type is refused alone; a file whose frame is broken, or whose last line counts wrongly, is refused whole
(the count is documented, the rest ours and not verified against the live service). Messages hold no value.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from occtoo_frames._sandbox.store_portal import PortalStore, Records
from occtoo_frames.protocol import cc5
from occtoo_frames.protocol.carecloud import ENTITIES, KEY, FieldError
from occtoo_frames.protocol.cc5 import Field, FieldType, Header

_AT_ONCE = 2_000
_MOST_ERRORS = 1_000
_NULL = msgspec.Raw(b"null")
_TYPES = {entity.type: entity for entity in ENTITIES.values()}


class BrokenFileError(Exception):
    """Nothing of the file was taken."""


@dataclass(slots=True)
class Applied:
    """What became of a file's rows; of more errors than a thousand only the number is kept."""

    upserts: int = 0
    deletes: int = 0
    refused: int = 0
    errors: list[FieldError] = field(default_factory=list)

    def refuse(self, line: int, name: str, why: str) -> None:
        """The row on ``line`` is not taken."""
        self.refused += 1
        if len(self.errors) < _MOST_ERRORS:
            self.errors.append(FieldError("InvalidValue", name, f"Line {line}: {why}"))


def apply_file(path: Path, store: PortalStore, entity: str, places: tuple[str, str]) -> Applied:
    """The rows of the file stand in the store.

    Args:
        path: The file.
        store: Where records are.
        entity: The entity type that the file was announced for; empty if none was said.
        places: The workspace and the bucket.

    Raises:
        BrokenFileError: It is no sync file for here; nothing was taken.
    """
    try:
        with path.open(encoding="utf-8", newline="\n") as stream:
            header = _header(stream)
            known = _target(header, entity, places)
            with store.records(known) as records:
                return _apply(stream, header, records)
    except UnicodeDecodeError:
        raise BrokenFileError("the file is not UTF-8") from None


def _header(stream: Iterator[str]) -> Header:
    lines = [line for _, line in zip(range(cc5.HEADER_LINES), stream, strict=False)]
    try:
        return Header.from_wire("".join(lines).removesuffix("\n"))
    except ValueError as error:
        raise BrokenFileError(str(error)) from None


def _target(header: Header, entity: str, places: tuple[str, str]) -> str:
    known = _TYPES.get(header.entity_type)
    if known is None or known.datasource != header.datasource or (entity and entity != header.entity_type):
        raise BrokenFileError("line 2 names an entity type or datasource that is none, or not what was announced")
    said = (header.workspace, header.bucket)
    if any(name and name != right for name, right in zip(said, places, strict=True)):
        raise BrokenFileError("line 2 names another workspace or bucket")
    if header.keys != (KEY,):
        raise BrokenFileError(f"the key is always {KEY}")
    return known.type


def _apply(stream: Iterator[str], header: Header, records: Records) -> Applied:
    applied, waiting, seen, count = Applied(), [], 0, None
    for number, line in enumerate(stream, cc5.FIRST_ROW_LINE):
        code, _, rest = line.rstrip("\r\n").partition(cc5.SEPARATOR)
        if count is not None and (code or rest):
            raise BrokenFileError("the file goes on after its line 99")
        if code == cc5.END:
            count = rest
        elif code in {cc5.UPSERT, cc5.DELETE}:
            seen += 1
            change = _row(code, rest, header, number, applied)
            if change is not None:
                waiting.append(change)
        elif code or rest:
            raise BrokenFileError(f"line {number} is no row 10, 90 or 99")
        if len(waiting) >= _AT_ONCE:
            records.apply(waiting)
            waiting = []
    if count is None or count.strip() != str(seen):
        raise BrokenFileError("the last line counts other rows than the file has")
    records.apply(waiting)
    return applied


Change = tuple[str, dict[str, msgspec.Raw] | None]


def _row(code: str, rest: str, header: Header, number: int, applied: Applied) -> Change | None:
    cells = rest.split(cc5.SEPARATOR)
    width = len(header.keys) if code == cc5.DELETE else len(header.fields)
    if cells[-1] == "" and len(cells) > 1:
        cells.pop()
    elif code == cc5.UPSERT:
        cells = []
    if len(cells) != width or not cells[0]:
        applied.refuse(number, "", "it has more or fewer values than there are fields, or no key")
        return None
    key = cc5.unescaped(cells[0])
    if code == cc5.DELETE:
        applied.deletes += 1
        return key, None
    fields = {}
    for each, cell in zip(header.fields, cells, strict=True):
        value = _value(each, cell)
        if value is None:
            applied.refuse(number, each.name, f"the value is no {each.type}")
            return None
        fields[each.name] = value
    applied.upserts += 1
    return key, fields


def _value(each: Field, cell: str) -> msgspec.Raw | None:
    """The cell as JSON; None if it is not of its field's type."""
    return _READ[each.type](cell) if cell else _NULL


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def _like(pattern: str) -> Callable[[str], msgspec.Raw | None]:
    compiled = re.compile(pattern)
    return lambda cell: msgspec.Raw(cell.encode()) if compiled.fullmatch(cell) else None


def _int(cell: str) -> msgspec.Raw | None:
    return msgspec.Raw(str(int(cell)).encode()) if re.fullmatch(cc5.INT, cell, re.ASCII) else None


def _date(cell: str) -> msgspec.Raw | None:
    if not re.fullmatch(cc5.DATED, cell, re.ASCII):
        return None
    try:
        datetime.strptime(cell, cc5.DATE if len(cell) == len("yyyyMMdd") else cc5.MOMENT)  # noqa: DTZ007 - a day
    except ValueError:
        return None
    return _raw(cell)


def _array(cell: str) -> msgspec.Raw:
    return _raw(cc5.unescaped(cell).split(cc5.ELEMENT_SEPARATOR))


def _json(kind: type) -> Callable[[str], msgspec.Raw | None]:
    def read(cell: str) -> msgspec.Raw | None:
        text = cell.replace(cc5.PIPE, cc5.SEPARATOR).replace(cc5.BREAK, "\\n")
        try:
            return msgspec.Raw(text.encode()) if isinstance(msgspec.json.decode(text), kind) else None
        except (msgspec.MsgspecError, RecursionError):
            return None

    return read


_READ: dict[FieldType, Callable[[str], msgspec.Raw | None]] = {
    "string": lambda cell: _raw(cc5.unescaped(cell)),
    "int": _int,
    "number": _like(cc5.NUMBER),
    "bool": _like(cc5.BOOL),
    "date": _date,
    "array": _array,
    "list": _json(list),
    "object": _json(dict),
}
