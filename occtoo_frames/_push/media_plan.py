"""A table's links and files as parcels: what is sent under which name.

Takes a polars table of the chosen columns and which of its cells cannot be read; gives items (a row for each link or
file of each row of the table, and for each cell that may hold some) and units (what is really sent: the same link
without an identifier goes up once). What is wrong with items stands in ``media_findings``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from occtoo_frames._frames.source import Flaw
from occtoo_frames._push.media_names import name_of_link, numbered, safe_filename
from occtoo_frames.exceptions import PlanError
from occtoo_frames.protocol.addresses import link_flaw

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


def items_of(table: pl.DataFrame, columns: Columns, flaws: Sequence[Flaw] = ()) -> pl.DataFrame:
    """``ITEMS`` of a table: a row for each link and file, in the table's order, then in that of the columns.

    A cell with a flaw may hold a file, too: it is an item without a link, a path and bytes.

    Raises:
        PlanError: A column is of a type that cannot hold what it should.
    """
    named = pl.lit(None, pl.String) if columns.filename is None else _text(table, columns.filename, "filename")
    rows = table.with_row_index("\x00row").select(
        pl.col("\x00row").cast(pl.Int64),
        named.alias("\x00named"),
        identifiers_of(table, columns).alias("\x00identified"),
        *{*columns.link, *columns.path},
    )
    ordered = [*((name, "link") for name in columns.link), *((name, "path") for name in columns.path)]
    parts = [
        _part(rows, name, kind, columns.separator, _rows_of(name, flaws)).with_columns(order=pl.lit(order))
        for order, (name, kind) in enumerate(ordered)
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


def _rows_of(name: str, flaws: Sequence[Flaw]) -> pl.Series:
    """The rows whose cell in a column has a flaw."""
    found = [row for flaw in flaws if flaw.column == name and flaw.rows is not None for row in flaw.rows.tolist()]
    return pl.Series(found, dtype=pl.Int64)


def _part(rows: pl.DataFrame, name: str, kind: str, separator: str | None, flawed: pl.Series) -> pl.DataFrame:
    """The items of one column."""
    dtype, value = rows.schema[name], pl.col(name)
    held = dtype == pl.Binary and kind == "path"
    if dtype == pl.Null:
        value = value.cast(pl.List(pl.String))
    elif dtype == pl.String:
        value = value.str.split(separator) if separator else pl.concat_list(value)
    elif held:
        value = pl.concat_list(value)
    elif dtype != pl.List(pl.String):
        said = "text, a list of text" + (", or bytes" if kind == "path" else "")
        raise PlanError(f"{kind}: column {name!r} is {dtype}; it takes {said}")
    cells = rows.select(row="\x00row", named="\x00named", identified="\x00identified", values=value)
    long = cells.with_columns(within=pl.int_ranges(pl.col("values").list.len()))
    long = long.filter(pl.col("values").list.len() > 0).explode("values", "within")
    if not held:
        long = long.with_columns(pl.col("values").str.strip_chars()).filter(pl.col("values") != "")
    long = long.filter(pl.col("values").is_not_null()).with_columns(pl.col("within").cast(pl.Int64))
    lost = cells.filter(pl.col("row").is_in(flawed.implode())).with_columns(
        values=pl.lit(None, long.schema["values"]), within=pl.lit(0, pl.Int64)
    )
    none = pl.lit(None, pl.String)
    text = none if held else pl.col("values").cast(pl.String)
    return pl.concat([long, lost]).select(
        "row", "named", "identified", "within", column=pl.lit(name), held=pl.lit(held) & pl.col("values").is_not_null(),
        link=text if kind == "link" else none, path=text if kind == "path" else none,
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
