"""What is wrong with a table's links and files, found before anything is sent.

Takes items and what was found out about cells, links and files; gives problems and the items that have any. Opens no
file and no connection.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from occtoo_frames._frames.source import Flaw
from occtoo_frames._push.media_names import filename_flaw, safe_filename
from occtoo_frames._push.media_plan import Columns
from occtoo_frames._push.media_types import content_flaw, is_accepted, named_type
from occtoo_frames._push.problems import SCHEMA, SHOWN_CHARACTERS
from occtoo_frames.protocol.addresses import link_flaw
from occtoo_frames.protocol.media import MAX_IDENTIFIER_LENGTH

RULES = ("media-link", "media-file", "media-type", "media-filename", "media-identifier")


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found out about one file: its size and first bytes, or why it cannot be read."""

    size: int = 0
    head: bytes = b""
    flaw: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """Problems, the position of each one's item, and the items that have any."""

    problems: pl.DataFrame
    items: list[int]
    refused: list[int]


def check(
    items: pl.DataFrame,
    columns: Columns,
    *,
    flaws: Sequence[Flaw],
    look: Callable[[int, str | None], Looked],
    accept: Sequence[str] | None = None,
    dead: Mapping[str, str] = MappingProxyType({}),
) -> Checked:
    """The problems of ``items``, known before anything is sent.

    Args:
        items: As ``items_of`` gives them.
        columns: Whose they are.
        flaws: The cells of these that cannot be read.
        look: Gives what is known of a file: of the path of an item, or of the bytes of its row and column.
        accept: The media types that may be sent, such as ``image/*``; None for all.
        dead: What is wrong with links that were tried.
    """
    found = _Findings(items)
    found.look_at_cells(columns, flaws)
    found.look_at_links(dead)
    found.look_at_files(look)
    found.look_at_names(columns, accept)
    found.look_at_identifiers(columns)
    return found.checked()


class _Findings:
    """Problems of items, at most one of a rule for each."""

    def __init__(self, items: pl.DataFrame) -> None:
        self._items = items
        self._found: list[tuple[int, str, str | None, str, str]] = []
        self._wrong: set[int] = set()
        self._known: set[tuple[int, str]] = set()

    def look_at_cells(self, columns: Columns, flaws: Sequence[Flaw]) -> None:
        """Cells that are not empty and cannot be read, of whichever column an item is made of."""
        cells = {
            (flaw.column, row): (value, flaw.message)
            for flaw in flaws
            if flaw.rows is not None
            for row, value in zip(flaw.rows.tolist(), flaw.values, strict=True)
        }
        behind = None
        for item, (row, column) in enumerate(self._items.select("row", "column").iter_rows() if cells else ()):
            kind = "link" if column in columns.link else "file"
            wanted = {kind: column, "filename": columns.filename, "identifier": columns.unique_identifier}
            for what, name in wanted.items():
                if (name, row) in cells:
                    value, message = cells[name, row]
                    self._add(item, f"media-{what}", value, f"the {what} cannot be read: {message}", "mend the cell")
            if row == behind and columns.unique_identifier is not None:
                said = "its number in the row is not known, since a cell before it cannot be read"
                self._add(item, "media-identifier", None, said, "mend that cell")
            behind = row if (column, row) in cells else behind

    def look_at_links(self, dead: Mapping[str, str]) -> None:
        """Addresses that nobody may fetch, and those that gave nothing when they were tried."""
        links = self._items["link"]
        flaws = {link: link_flaw(link) for link in links.drop_nulls().unique()}
        for item, link in enumerate(links):
            if link is not None and (flaw := flaws[link]) is not None:
                self._add(item, "media-link", link, f"the link {flaw.removeprefix('it ')}", "give an http(s) address")
            elif link in dead:
                self._add(item, "media-link", link, f"the link gives no file: {dead[link]}", "mend it or leave it out")

    def look_at_files(self, look: Callable[[int, str | None], Looked]) -> None:
        """Files that are not there, empty, or something else than their names say."""
        files = self._items.select("path", "held", "filename")
        for item, (path, held, filename) in enumerate(files.iter_rows()):
            if path is None and not held:
                continue
            looked = look(item, path)
            shown = path or filename
            if looked.flaw is not None:
                self._add(item, "media-file", shown, f"the file {looked.flaw}", "check the path")
            elif not looked.size:
                self._add(item, "media-file", shown, "the file has no bytes", "leave it out, or mend it")
            elif (flaw := content_flaw(filename or "", looked.head)) is not None:
                self._add(item, "media-type", shown, flaw, "name it as what it is, or mend it")

    def look_at_names(self, columns: Columns, accept: Sequence[str] | None) -> None:
        """Names that a file cannot have, and types that were not asked for."""
        for item, (filename, held) in enumerate(self._items.select("filename", "held").iter_rows()):
            if filename is None and item in self._wrong:
                continue
            if filename is None:
                said = "bytes need a name" if held else "the name is missing"
                self._add(item, "media-filename", None, said, f"fill {columns.filename or 'filename='}")
            elif (flaw := filename_flaw(filename)) is not None:
                self._add(item, "media-filename", filename, f"the name {flaw}", f"try {safe_filename(filename)!r}")
            elif accept is not None and named_type(filename) is not None and not self._fits(filename, accept):
                said = f"{named_type(filename)} is not among {', '.join(accept)}"
                self._add(item, "media-type", filename, said, "leave it out, or widen accept=")

    def look_at_identifiers(self, columns: Columns) -> None:
        """Identifiers that are missing, malformed or given twice."""
        if columns.unique_identifier is None:
            return
        known = self._items["unique_identifier"]
        twice = set(known.filter(known.is_duplicated()).drop_nulls())
        for item, identifier in enumerate(known):
            if identifier is None or not identifier.strip():
                self._add(item, "media-identifier", None, "the identifier is missing", "give each file one")
            elif len(identifier) > MAX_IDENTIFIER_LENGTH or not identifier.isprintable():
                said = f"the identifier is longer than {MAX_IDENTIFIER_LENGTH} characters or holds control characters"
                self._add(item, "media-identifier", identifier, said, "shorten or clean it")
            elif identifier in twice:
                said = "several files have this identifier"
                self._add(item, "media-identifier", identifier, said, "an identifier is of one file, for good")

    def checked(self) -> Checked:
        """What was found."""
        found = sorted(self._found)
        told = self._items[[item for item, *_ in found]].select("row", "column", key="unique_identifier")
        rest = pl.DataFrame(
            [(rule, value, message, hint) for _, rule, value, message, hint in found],
            schema=dict.fromkeys(("rule", "value", "message", "hint"), pl.String),
            orient="row",
        )
        empty = [pl.lit(None, pl.String).alias(name) for name in ("property", "language")]
        frame = pl.concat([told, rest], how="horizontal").with_columns(*empty)
        shown = frame.with_columns(pl.col("value").str.slice(0, SHOWN_CHARACTERS))
        return Checked(
            shown.select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items()),
            [item for item, *_ in found],
            sorted(self._wrong),
        )

    def _add(self, item: int, rule: str, value: str | None, message: str, hint: str) -> None:
        if (item, rule) not in self._known:  # what cannot be read looks as if it were missing, too
            self._found.append((item, rule, value, message, hint))
        self._known.add((item, rule))
        self._wrong.add(item)

    @staticmethod
    def _fits(filename: str, accept: Sequence[str]) -> bool:
        return is_accepted(named_type(filename), accept)
