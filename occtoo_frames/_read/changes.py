"""What changed since a cursor: created, updated, deleted.

Takes what the platform says changed, every id there is, and the cursor of the last time; gives the changes and the
next cursor. The platform's period is asked for with some seconds to spare, since its clock and its asynchronous
imports may tell of a change later than it happened; fingerprints then drop what was told before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Self

import polars as pl

from occtoo_frames._frames.beside import beside
from occtoo_frames._read.fingerprints import fingerprints
from occtoo_frames._read.shape import RAW
from occtoo_frames.exceptions import ConfigurationError, FileMissingError
from occtoo_frames.protocol.destination import ID
from occtoo_frames.protocol.http import Response

CHANGE = "change"
_PRINT = "fingerprint"
_SCHEMA = pl.Schema({ID: pl.String(), _PRINT: pl.Binary()})


@dataclass(frozen=True, slots=True)
class ReadCursor:
    """Where a series of ``read_changes`` stands.

    Attributes:
        url: The endpoint.
        language: The language that is read.
        since: The moment the next read asks from, as the platform spells it.
        known: The ids that were there, and a fingerprint of each entry.
    """

    url: str
    language: str | None
    since: str
    known: pl.DataFrame = field(repr=False)

    def save(self, path: str | Path) -> None:
        """The cursor stands in ``path``, a parquet file; an older one is replaced when this one is whole.

        Raises:
            FileNotWrittenError: There can be no such file, or no room is left for it.
        """
        told = {"url": self.url, "language": self.language or "", "since": self.since}
        with beside(path) as part:
            self.known.write_parquet(part, metadata=told)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The cursor that was saved in ``path``.

        Raises:
            ConfigurationError: It is no cursor.
            FileMissingError: There is no such file.
        """
        if not Path(path).is_file():
            raise FileMissingError(f"there is no file {path}")
        try:
            told, known = pl.read_parquet_metadata(path), pl.read_parquet(path)
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be read: {error.strerror or error}") from None
        except pl.exceptions.PolarsError:
            raise ConfigurationError(f"{path} holds no cursor of read_changes: it is no parquet file") from None
        if known.schema != _SCHEMA or not {"url", "language", "since"} <= told.keys():
            raise ConfigurationError(f"{path} holds no cursor of read_changes")
        return cls(told["url"], told["language"] or None, told["since"], known)


def must_be_cursor(since: object) -> None:
    """Nothing, if ``since`` is a cursor, or None.

    Raises:
        ConfigurationError: It is something else.
    """
    if since is not None and not isinstance(since, ReadCursor):
        raise ConfigurationError(
            f"since must be the ReadCursor of the last read_changes, or None for the first one, got {since!r}; "
            "read_destination(changed_since=) reads what changed since a moment"
        )


def moment(response: Response, spare_s: float) -> str:
    """The server's time of an answer, less some seconds; our own clock's where it does not say."""
    try:
        asked = _stated(response) - timedelta(seconds=spare_s)
    except OverflowError:
        asked = datetime.min.replace(tzinfo=UTC)
    return asked.isoformat().replace("+00:00", "Z")


def _stated(response: Response) -> datetime:
    try:
        stated = parsedate_to_datetime(response.headers.get("date", ""))
        return (stated if stated.tzinfo else stated.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.now(UTC)


def changes(read: pl.DataFrame, ids: pl.Series, known: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What changed, and what is known now.

    Args:
        read: The entries the platform tells of, with their JSON.
        ids: Every id there was after they were read.
        known: What was known before.

    Returns:
        The changes in order of their keys (id, change, then the properties; deleted entries have only an id; a property
        called change comes as change_property, or with a longer name where there is one called so), and the next
        cursor's ``known``.
    """
    there = read.filter(pl.col(ID).is_in(ids.implode()))
    prints = pl.DataFrame({ID: there[ID], _PRINT: fingerprints(there[RAW])}, schema=_SCHEMA)
    told = prints.join(known, on=ID, how="left", suffix="_before", maintain_order="left")
    before = pl.col(f"{_PRINT}_before")
    kind = pl.when(before.is_null()).then(pl.lit("created")).otherwise(pl.lit("updated"))
    fresh = told.select(ID, kind.alias(CHANGE)).filter(told[_PRINT].ne_missing(told[f"{_PRINT}_before"]))
    gone = known.filter(~pl.col(ID).is_in(ids.implode())).select(ID, pl.lit("deleted").alias(CHANGE))
    listed = pl.concat([fresh, gone]).sort(ID)
    named = there.drop(RAW).rename({CHANGE: _free_name(there.columns)}, strict=False)
    whole = listed.join(named, on=ID, how="left", maintain_order="left")
    kept = known.join(pl.concat([prints.select(ID), gone.select(ID)]), on=ID, how="anti")
    return whole, pl.concat([kept, prints]).sort(ID)


def _free_name(taken: Sequence[str]) -> str:
    """What a property called change is called beside the change: change_property, unless another is called so."""
    name = f"{CHANGE}_property"
    while name in taken:
        name += "_property"
    return name


def nothing_known() -> pl.DataFrame:
    """What is known before the first read."""
    return _SCHEMA.to_frame()
