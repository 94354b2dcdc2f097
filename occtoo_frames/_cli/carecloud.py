"""The commands of CareCloud: a table as a sync file, a file or table imported, its state, records asked for."""

import re
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import RenderableType
from rich.text import Text

import occtoo_frames as of
from occtoo_frames._cli.options import Json, OnInvalid, ReadOptions, Refused, once, reads_file
from occtoo_frames._cli.output import Output
from occtoo_frames._cli.reading import Conditions, conditions
from occtoo_frames._cli.spelling import in_options, with_options
from occtoo_frames._cli.views import (
    failed_table,
    failed_view,
    frame_table,
    polars_of,
    problems_shown,
    problems_table,
    summary,
)
from occtoo_frames._push.nesting import as_json
from occtoo_frames.protocol import cc5

_FAILED, _UNSURE = 1, 3

Entity = Annotated[str, typer.Option(help="family, family_member, provider, claim, care, note, …", show_default=False)]
Table = Annotated[str, typer.Argument(help="A .csv, .parquet or .xlsx file.", show_default=False)]
Types = Annotated[
    list[str] | None,
    typer.Option("--type", metavar="COLUMN=TYPE", help="int, number, bool, date, array, list, object. Repeatable."),
]
Delete = Annotated[str | None, typer.Option("--delete-column", help="A boolean column: true deletes.")]


class Deletes(StrEnum):
    """How deletions are written."""

    REMOVE = "remove"
    DISABLE = "disable"


class EmptyText(StrEnum):
    """What an empty text is."""

    PROBLEM = "problem"
    NULL = "null"


class Mode(StrEnum):
    """When the portal answers."""

    ASYNC = "async"
    SYNC = "sync"


app = typer.Typer(help="CareCloud Portal: sync files, imports, queries.", no_args_is_help=True)


@app.command()
@reads_file
def write(
    file: Table,
    out: Annotated[Path, typer.Argument(help="The .cc5txt file to write.", show_default=False)],
    *,
    entity: Entity,
    key: Annotated[list[str], typer.Option(help="The key column; several are joined by a hyphen.")],
    types: Types = None,
    delete_column: Delete = None,
    deletes: Annotated[Deletes, typer.Option(help="Delete, or set the field disabled.")] = Deletes.REMOVE,
    empty_text: Annotated[EmptyText, typer.Option(help="Empty texts: refuse, or write as nulls.")] = EmptyText.PROBLEM,
    on_invalid: Refused = OnInvalid.RAISE,
    read_options: ReadOptions,
    as_json: Json = False,
) -> None:
    """Write a table as a sync file. Touches no network."""
    output = Output(as_json=as_json)
    with problems_shown(output):
        written = of.carecloud.write_sync_file(
            file,
            out,
            entity=entity,
            key=key[0] if len(key) == 1 else key,
            types=declared(types or []),
            delete=delete_column,
            deletes=deletes.value,
            empty_text=empty_text.value,
            on_invalid=on_invalid.value,
            read_options=read_options,
        )
    output.show(Text(repr(written)))
    if not written.ok:
        output.show(problems_table(polars_of(written.problems)))
    told = {"file": str(out), "ok": written.ok, "counts": written.counts, "md5": written.md5}
    output.answer({**told, "problems": with_options(polars_of(written.problems)).to_dicts()})
    if not written.ok:
        raise typer.Exit(_FAILED)


@app.command("import")
@reads_file
def import_(
    file: Annotated[str, typer.Argument(help="A .cc5txt, .csv, .parquet or .xlsx file.", show_default=False)],
    *,
    entity: Entity,
    key: Annotated[list[str] | None, typer.Option(help="The key column of a table.")] = None,
    types: Types = None,
    delete_column: Delete = None,
    deletes: Annotated[Deletes, typer.Option(help="Delete, or set the field disabled.")] = Deletes.REMOVE,
    empty_text: Annotated[EmptyText, typer.Option(help="Empty texts: refuse, or write as nulls.")] = EmptyText.PROBLEM,
    on_invalid: Refused = OnInvalid.RAISE,
    read_options: ReadOptions,
    mode: Annotated[Mode, typer.Option(help="Whether the portal answers at once or at the end.")] = Mode.ASYNC,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the end of the import.")] = True,
    max_wait: Annotated[float, typer.Option(min=0, help="How many seconds to wait.")] = 600.0,
    as_json: Json = False,
) -> None:
    """Import a sync file, or a table as one, and say what became of its rows."""
    output = Output(as_json=as_json)
    with problems_shown(output):
        report = of.carecloud.import_file(
            file,
            entity=entity,
            key=None if not key else key[0] if len(key) == 1 else key,
            types=declared(types or []),
            delete=delete_column,
            deletes=deletes.value,
            empty_text=empty_text.value,
            on_invalid=on_invalid.value,
            read_options=read_options,
            mode=mode.value,
            wait=wait,
            max_wait_s=max_wait,
        )
    output.done(report)
    failed = _failed(report, wait=wait)
    output.show(*_view(report), *failed_view(failed))
    output.answer({**report.to_dict(), "failed": failed.iter_rows(named=True)})
    if report.counts["rejected"] or report.counts["not_sent"]:
        raise typer.Exit(_FAILED)
    if wait and report.counts["unknown"]:
        raise typer.Exit(_UNSURE)


@app.command()
def status(
    file_id: Annotated[str, typer.Argument(help="The file's id, as the import said it.", show_default=False)],
    *,
    wait: Annotated[float, typer.Option(min=0, help="How many seconds to wait for an end.")] = 0.0,
    as_json: Json = False,
) -> None:
    """Ask what became of a file."""
    output = Output(as_json=as_json)
    found = of.carecloud.status(file_id, wait_s=wait)
    reason = None if found.reason is None else in_options(found.reason)
    output.show(Text(f"{found.outcome}: {found.state or reason or ''}"), *(Text(error) for error in found.errors))
    document = {"file_id": found.file_id, "outcome": str(found.outcome), "state": found.state, "reason": reason}
    output.answer({**document, "errors": list(found.errors)})
    if found.outcome != "accepted":
        raise typer.Exit(_FAILED if found.outcome == "rejected" else _UNSURE)


@app.command()
def query(
    entity: Annotated[str, typer.Argument(help="family, family_member, provider, …", show_default=False)],
    *,
    where: Conditions = None,
    limit: Annotated[int | None, typer.Option(min=0)] = None,
    as_json: Json = False,
) -> None:
    """Show an entity's records: a table in a terminal, csv in a pipe. A value 3 finds the text and the number."""
    output = Output(as_json=as_json)
    wanted = {
        name: [form for text in texts for form in forms(text)]
        for name, texts in (conditions(where or []) or {}).items()
    }
    _show(output, of.carecloud.query(entity, wanted or None, limit=limit, frame="polars"))


@app.command()
def read(
    file: Annotated[Path, typer.Argument(help="A .cc5txt file.", show_default=False)], *, as_json: Json = False
) -> None:
    """Show the rows of a sync file. Touches no network."""
    output = Output(as_json=as_json)
    with problems_shown(output):
        frame = of.carecloud.read_sync_file(file, frame="polars")
    _show(output, frame)


def declared(said: list[str]) -> dict[str, Any] | None:
    """``types`` for ``column=type``; None without any.

    Raises:
        BadParameter: One holds no equals sign, or a column has two types.
    """
    pairs = [text.rpartition("=") for text in said]
    wrong = [text for text, (column, _, _) in zip(said, pairs, strict=True) if not column]
    if wrong:
        raise typer.BadParameter(f"--type takes COLUMN=TYPE, such as born=date; got {wrong[0]!r}")
    return once("--type", [(column, kind) for column, _, kind in pairs])


def forms(text: str) -> list[str | Decimal | bool]:
    """What ``text`` may be as JSON, since nothing tells a field's type: itself, and the number or boolean it spells.

    A number beyond floats is a text alone: an integer of thousands of digits is one that nobody reads.
    """
    if re.fullmatch(f"{cc5.INT}|{cc5.NUMBER}", text, re.ASCII) and isfinite(float(text)):
        return [text, Decimal(text)]
    return [text, text == "true"] if text in {"true", "false"} else [text]


def _show(output: Output, frame: pl.DataFrame) -> None:
    if output.as_json:
        output.answer({"count": frame.height, "rows": frame.to_dicts()})
    elif output.is_terminal:
        output.show(frame_table(frame, rows=40))
    else:
        nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
        output.raw(frame.with_columns(as_json(frame[name]).alias(name) for name in nested).write_csv())


def _failed(report: Any, *, wait: bool) -> pl.DataFrame:
    """The rows that were not accepted; those that nobody waits for have not failed."""
    failed = polars_of(failed_table(report))
    return failed if wait else failed.filter(pl.col("outcome") != "unknown")


def _view(report: Any) -> Iterator[RenderableType]:
    yield from summary(report, failed=bool(report.counts["rejected"]))
    if report.error_table.height:
        yield frame_table(report.error_table, title="What the portal said", whole=True)
