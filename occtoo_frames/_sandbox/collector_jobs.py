"""What a job does: reads the file that arrived and makes of it what a database will hold.

Takes the work and the database as it is, gives the database as it will be. Changes nothing that anybody sees: a
failure leaves everything as it was.
"""

from dataclasses import dataclass
from pathlib import PurePath

import polars as pl

from occtoo_frames._sandbox.collector_files import Table, UnreadableError, parse
from occtoo_frames._sandbox.collector_state import Database, Shelf, Work, merged


@dataclass(frozen=True, slots=True)
class Done:
    """The database as it will be, what to say, and which files it needs no more."""

    database: Database
    warnings: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def apply(shelf: Shelf, work: Work, held: Database | None, max_rows: int) -> Done:
    """The database after this work.

    Raises:
        UnreadableError: The file cannot be read, or does not fit; there is nothing left of it.
    """
    part = shelf.new("parquet")
    try:
        table = parse(shelf.path(work.file), work.format, part, max_rows)
        if work.action == "append" and held is not None:
            return _appended(shelf, held, table, part.name, max_rows)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    name, folder = (PurePath(work.name).stem, work.target) if held is None else (held.name, held.folder)
    made = Database(folder, name, list(table.variables), [part.name], table.rows)
    return Done(made, dropped=() if held is None else tuple(held.parts))


def _appended(shelf: Shelf, held: Database, table: Table, part: str, max_rows: int) -> Done:
    own = {variable.name.upper(): variable.name for variable in held.variables}
    new = {variable.name.upper(): variable.name for variable in table.variables}
    if set(own) != set(new):
        differ = sorted(own.keys() ^ new.keys())[:5]
        raise UnreadableError("variables", f"the file's variables are not those of the database: {', '.join(differ)}")
    if held.rows + table.rows > max_rows:
        raise UnreadableError("quota", f"the database would have more than {max_rows:,} rows")
    _align(shelf, held, part, {new[name]: own[name] for name in own})
    variables, warnings = merged(held.variables, list(table.variables))
    parts = [*held.parts, part]
    return Done(Database(held.folder, held.name, variables, parts, held.rows + table.rows), tuple(warnings))


def _align(shelf: Shelf, held: Database, part: str, names: dict[str, str]) -> None:
    """The part has the names and types of the database, if only empty variables had another."""
    before = pl.read_parquet_schema(shelf.path(held.parts[0]))
    frame = pl.read_parquet(shelf.path(part)).rename(names)
    for name, dtype in before.items():
        if frame.schema[name] != dtype:
            if frame[name].null_count() < frame.height:
                raise UnreadableError(
                    "variables", f"{name} is {frame.schema[name]} in the file, {dtype} in the database"
                )
            frame = frame.with_columns(pl.lit(None, dtype).alias(name))
    frame.select(list(before)).write_parquet(shelf.path(part))
