"""The verbs that stay on this machine: check a table, write it as a file of variables."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from occtoo_frames._frames.beside import beside
from occtoo_frames._frames.exit import to_kind
from occtoo_frames._given import to_path
from occtoo_frames.datatile.checks import Format
from occtoo_frames.datatile.names import Names
from occtoo_frames.datatile.prepared import Prepared, prepare
from occtoo_frames.datatile.writers import write
from occtoo_frames.typing import FrameKind


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that was written.

    Attributes:
        kind: pandas, polars or pyarrow: what the caller works with.
        columns: A frame of the caller's kind: column, variable, dtype, label.
        losses: The problems that were allowed, as a frame of the caller's kind.
    """

    path: Path
    format: str
    rows: int
    size: int
    kind: FrameKind = field(repr=False)
    columns: Any = field(repr=False)
    losses: Any = field(repr=False)


def check(
    frame: Any,
    *,
    format: Format = "zsav",  # noqa: A002 - the word that users know
    names: Names = "strict",
    labels: Any = None,
    value_labels: Any = None,
    read_options: Mapping[str, Any] | None = None,
) -> Any:
    """Everything in ``frame`` that a file of ``format`` would change or refuse, as a frame of problems.

    Its columns are those of ``plan(...).problems``; it is empty if the file holds what the table holds. Touches no
    network and writes nothing. The arguments are those of ``upload``.
    """
    said: dict[str, Any] = {"labels": labels, "value_labels": value_labels, "read_options": read_options}
    prepared = prepare(frame, format, names=names, **said)
    return to_kind(prepared.found, prepared.source.kind)


def write_file(
    frame: Any,
    path: Any,
    *,
    format: Format | None = None,  # noqa: A002 - the word that users know
    names: Names = "strict",
    labels: Any = None,
    value_labels: Any = None,
    allow: Collection[str] = (),
    read_options: Mapping[str, Any] | None = None,
) -> WrittenFile:
    """The table stands in ``path``, whole or not at all.

    Args:
        frame: Any table that ``push`` takes.
        path: Where to; an older file is replaced.
        format: zsav, sav, xlsx or csv; without it, the path's ending says.
        names: As in ``upload``.
        labels: As in ``upload``.
        value_labels: As in ``upload``.
        allow: As in ``upload``.
        read_options: As in ``upload``.

    Raises:
        InvalidRowsError: The file would not hold what the table holds; ``.problems`` says where.
    """
    target = to_path(path)
    chosen: Any = format or target.suffix.lower().lstrip(".")
    said: dict[str, Any] = {"labels": labels, "value_labels": value_labels, "read_options": read_options}
    prepared = prepare(frame, chosen, names=names, allow=allow, **said)
    return written(prepared, target)


def written(prepared: Prepared, target: Path) -> WrittenFile:
    """The prepared table stands in ``target``, whole or not at all.

    Raises:
        InvalidRowsError: Something was found that was not allowed.
        FileNotWrittenError: There can be no file at ``target``, or no room is left for it.
    """
    prepared.require()
    with beside(target) as part:
        write(prepared, part)
    return WrittenFile(
        path=target,
        format=prepared.fmt,
        rows=prepared.rows,
        size=target.stat().st_size,
        kind=prepared.source.kind,
        columns=to_kind(_columns(prepared), prepared.source.kind),
        losses=prepared.losses,
    )


def _columns(prepared: Prepared) -> pl.DataFrame:
    rows = [
        (column, variable, prepared.source.dtypes.get(column, ""), prepared.labels.get(column))
        for column, variable in prepared.variables.items()
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(("column", "variable", "dtype", "label"), pl.String), orient="row")
