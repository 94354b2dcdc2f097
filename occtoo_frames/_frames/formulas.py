"""The formulas of a sheet that nobody has calculated yet.

Takes an .xlsx file and the name of a sheet, gives the places of such cells. A program that writes a formula without a
spreadsheet at hand leaves its value to whoever opens the file next, and the reader takes the cell for an empty one. So
the sheet's own XML is looked through for formulas that are followed by no value.
"""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from xml.etree import ElementTree as ET
from zipfile import ZipFile

_BOOK = PurePosixPath("xl/workbook.xml")
_CHUNK = 4_194_304
_PLACE = re.compile(rb"""\sr=["']([A-Z]+)([0-9]+)["']""")
_EMPTY_TEXT = re.compile(rb"""\st=["']str["']""")


class Formula(NamedTuple):
    """A formula without a value: its 0-based row and column in the sheet, and what it says."""

    row: int
    column: int
    text: str


def uncalculated(file: Path, sheet: str) -> list[Formula]:
    """The formulas of ``sheet`` that have no value; one whose value is an empty text has one."""
    with ZipFile(file) as book:
        member = _member(book, sheet)
        if member is None:
            return []
        return [formula for found in _found(book, member) if (formula := _formula(*found)) is not None]


def letters(column: int) -> str:
    """What a spreadsheet calls its 0-based ``column``: A to Z, then AA."""
    return (letters(column // 26 - 1) if column >= 26 else "") + chr(ord("A") + column % 26)  # noqa: PLR2004 - of the alphabet


def _member(book: ZipFile, sheet: str) -> str | None:
    """Where the XML of ``sheet`` stands; None if it is not where spreadsheets have it."""
    links = _BOOK.parent / "_rels" / f"{_BOOK.name}.rels"
    if not {str(_BOOK), str(links)} <= set(book.namelist()):
        return None
    ids = [
        value
        for element in ET.fromstring(book.read(str(_BOOK))).iter()  # noqa: S314 - the reader has read it before
        if element.tag.endswith("}sheet") and element.get("name") == sheet
        for name, value in element.attrib.items()
        if name.endswith("}id")
    ]
    targets = {element.get("Id"): element.get("Target", "") for element in ET.fromstring(book.read(str(links)))}  # noqa: S314 - as above
    member = str(_BOOK.parent / targets.get(ids[0], "")).lstrip("/") if ids else ""
    return member if member in book.namelist() else None


def _found(book: ZipFile, member: str) -> Iterator[tuple[bytes, bytes]]:
    """The tag of each cell whose formula has no value, and the formula; the sheet is never held whole."""
    with book.open(member) as stream:
        held = stream.read(_CHUNK)
        named = re.search(rb"<(\w+:)?worksheet\b", held)
        prefix = named[1] or b"" if named else b""
        tag = b"<" + prefix + b"c "
        bare = re.compile(
            rb"<%bf(?:\s[^>]*)?(?:/>|>([^<]*)</%bf>)\s*(?:</%bc>|<%bv\s*/>|<%bv\s*>\s*</%bv>)" % ((prefix,) * 6)
        )
        while held:
            more = stream.read(_CHUNK)
            cut = max(held.rfind(tag), 0) if more else len(held)  # the last cell may go on in what follows
            here, held = held[:cut], held[cut:] + more
            for formula in bare.finditer(here):
                start = here.rfind(tag, 0, formula.start())
                yield here[start : here.find(b">", start)], formula[1] or b""


def _formula(cell: bytes, text: bytes) -> Formula | None:
    place = _PLACE.search(cell)
    if place is None or _EMPTY_TEXT.search(cell):
        return None
    column = 0
    for letter in place[1]:
        column = column * 26 + letter - ord("A") + 1
    return Formula(int(place[2]) - 1, column - 1, "=" + unescape(text.decode(errors="replace")))
