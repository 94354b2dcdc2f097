"""A table's links and files as parcels: what is sent under which name, and what is wrong with the rest.

Takes a polars table of the chosen columns and what was found out about files; gives items (a row for each link or file
of each row of the table), problems, and units (what is really sent: the same link without an identifier goes up once).
Opens no file and no connection.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import polars as pl

from occtoo_frames._push.media_names import filename_flaw, name_of_link, numbered, safe_filename
from occtoo_frames._push.media_types import content_flaw, is_accepted, named_type
from occtoo_frames._push.problems import SCHEMA, SHOWN_CHARACTERS
from occtoo_frames.exceptions import PlanError
from occtoo_frames.protocol.addresses import link_flaw
from occtoo_frames.protocol.media import MAX_IDENTIFIER_LENGTH

RULES = ("media-link", "media-file", "media-type", "media-filename", "media-identifier")

ITEMS = pl.Schema({
    "row": pl.Int64(),
    "column": pl.String(),
    "number": pl.Int64(),
    "link": pl.String(),
    "path": pl.String(),
    "held": pl.Boolean(),
    "filename": pl.String(),
    "unique_identifier": pl.String(),
})  # fmt: skip
"""number: from 1, of the files of one row. held: the bytes stand in the table itself."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns say what.

    Attributes:
        link: Columns of addresses: text, or lists of text.
        path: Columns of paths (text, lists of text) or of the bytes themselves.
        filename: The column of names; without it they are read off the links and paths.
        unique_identifier: The column of identifiers.
        separator: Stands between several links or paths in one text.
    """

    link: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    filename: str | None = None
    unique_identifier: str | None = None
    separator: str | None = None

    @property
    def names(self) -> list[str]:
        """All of them, each once."""
        named = [*self.link, *self.path, self.filename, self.unique_identifier]
        return list(dict.fromkeys(name for name in named if name is not None))


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


def items_of(table: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """``ITEMS`` of a table: a row for each link and file, in the table's order, then in that of the columns.

    Raises:
        PlanError: A column is of a type that cannot hold what it should.
    """
    rows = table.with_row_index("\x00row")
    named = pl.lit(None, pl.String) if columns.filename is None else _text(table, columns.filename, "filename")
    rows = rows.select(
        "\x00row", *{*columns.link, *columns.path}, named=named, identified=identifiers_of(table, columns)
    )
    parts = [
        *(_part(rows, name, "link", position, columns) for position, name in enumerate(columns.link)),
        *(_part(rows, name, "path", len(columns.link) + at, columns) for at, name in enumerate(columns.path)),
    ]
    items = pl.concat(parts).sort("row", "order", "within").drop("order", "within")
    items = items.with_columns(number=pl.int_range(1, pl.len() + 1).over("row"))
    return _with_names(items).select(ITEMS.names())


def identifiers_of(table: pl.DataFrame, columns: Columns) -> pl.Series:
    """The identifier of each row as text, null where there is none.

    Raises:
        PlanError: The column is of a type that cannot hold one.
    """
    if columns.unique_identifier is None:
        return pl.repeat(None, table.height, dtype=pl.String, eager=True)
    return table.select(_text(table, columns.unique_identifier, "unique_identifier")).to_series()


def check(
    items: pl.DataFrame,
    columns: Columns,
    *,
    look: Callable[[int, str | None], Looked],
    accept: Sequence[str] | None = None,
    dead: Mapping[str, str] = MappingProxyType({}),
) -> Checked:
    """The problems of ``items``, known before anything is sent.

    Args:
        items: As ``items_of`` gives them.
        columns: Whose they are.
        look: Gives what is known of a file: of the path of an item, or of the bytes of its row and column.
        accept: The media types that may be sent, such as ``image/*``; None for all.
        dead: What is wrong with links that were tried.
    """
    found = _Findings(items)
    found.look_at_links(dead)
    found.look_at_files(look)
    found.look_at_names(columns, accept)
    found.look_at_identifiers(columns)
    return found.checked()


def units_of(items: pl.DataFrame, refused: Sequence[int]) -> tuple[list[int], np.ndarray]:
    """Which items are sent, and for each item the position of what is sent for it, -1 for none.

    Args:
        items: As ``items_of`` gives them.
        refused: Positions of items with problems.
    """
    good = items.with_row_index("item").filter(~pl.col("item").is_in(pl.Series(refused, dtype=pl.UInt32).implode()))
    alone = pl.col("unique_identifier").is_not_null() | pl.col("held")
    apart = pl.when(alone).then(pl.col("item")).otherwise(None)
    first = good.with_columns(first=pl.col("item").min().over("link", "path", "filename", apart.alias("apart")))
    sent = first["first"].unique().sort()
    places = np.full(items.height, -1, np.int64)
    places[first["item"].to_numpy()] = sent.search_sorted(first["first"]).to_numpy()
    return sent.to_list(), places


class _Findings:
    """Problems of items, at most one of a rule for each."""

    def __init__(self, items: pl.DataFrame) -> None:
        self._items = items
        self._found: list[tuple[int, str, str | None, str, str]] = []
        self._wrong: set[int] = set()

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
        for item, (link, path, filename) in enumerate(self._items.select("link", "path", "filename").iter_rows()):
            if link is not None:
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
        self._found.append((item, rule, value, message, hint))
        self._wrong.add(item)

    @staticmethod
    def _fits(filename: str, accept: Sequence[str]) -> bool:
        return is_accepted(named_type(filename), accept)


def _part(rows: pl.DataFrame, name: str, kind: str, order: int, columns: Columns) -> pl.DataFrame:
    """The items of one column."""
    dtype, value = rows.schema[name], pl.col(name)
    held = dtype == pl.Binary and kind == "path"
    if dtype == pl.Null:
        value = value.cast(pl.List(pl.String))
    elif dtype == pl.String:
        value = value.str.split(columns.separator) if columns.separator else pl.concat_list(value)
    elif held:
        value = pl.concat_list(value)
    elif dtype != pl.List(pl.String):
        said = "text, a list of text" + (", or bytes" if kind == "path" else "")
        raise PlanError(f"{kind}: column {name!r} is {dtype}; it takes {said}")
    long = rows.select(
        pl.col("\x00row").cast(pl.Int64).alias("row"), "named", "identified", values=value
    ).with_columns(within=pl.int_ranges(pl.col("values").list.len()))  # fmt: skip
    long = long.filter(pl.col("values").list.len() > 0).explode("values", "within")
    if not held:
        long = long.with_columns(pl.col("values").str.strip_chars()).filter(pl.col("values") != "")
    long = long.filter(pl.col("values").is_not_null())
    text = pl.lit(None, pl.String) if held else pl.col("values").cast(pl.String)
    none = pl.lit(None, pl.String)
    return long.select(
        "row", "named", "identified", pl.col("within").cast(pl.Int64), column=pl.lit(name), order=pl.lit(order),
        held=pl.lit(held), link=text if kind == "link" else none, path=text if kind == "path" else none,
    )  # fmt: skip


def _with_names(items: pl.DataFrame) -> pl.DataFrame:
    """``items`` with the name and the identifier of each; those of a row's later files are numbered."""
    links = {link: name_of_link(link) for link in items["link"].drop_nulls().unique() if link_flaw(link) is None}
    paths = {path: safe_filename(path) for path in items["path"].drop_nulls().unique()}
    read_off = pl.coalesce(_mapped("link", links), _mapped("path", paths))
    later = pl.col("number") > 1
    names = items.with_columns(
        filename=pl.coalesce("named", read_off),
        unique_identifier=pl.when(later)
        .then(pl.concat_str("identified", pl.lit("-"), pl.col("number").cast(pl.String)))
        .otherwise("identified"),
    )
    again = later & pl.col("named").is_not_null()
    both = names.select("named", "number", again=again).rows()
    given = [numbered(name, number) if again else None for name, number, again in both]
    return names.with_columns(filename=pl.coalesce(pl.Series(given, dtype=pl.String), "filename"))


def _mapped(column: str, names: Mapping[str, str]) -> pl.Expr:
    return pl.col(column).replace_strict(list(names), list(names.values()), default=None, return_dtype=pl.String)


def _text(table: pl.DataFrame, name: str, role: str) -> pl.Expr:
    dtype = table.schema[name]
    if dtype in {pl.String, pl.Null} or dtype.is_integer():
        return pl.col(name).cast(pl.String)
    raise PlanError(f"{role}: column {name!r} is {dtype}; make it text")
