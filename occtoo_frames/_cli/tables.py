"""The commands that take a table: plan, push, delete."""

from enum import StrEnum
from typing import Annotated

import typer

import occtoo_frames as of
from occtoo_frames._cli.options import Json, Table, takes_table
from occtoo_frames._cli.output import Output
from occtoo_frames._cli.views import plan_document, plan_view, report_view

Source = Annotated[str, typer.Argument(help="The source's id.", show_default=False)]
Concurrency = Annotated[int, typer.Option(min=1, help="Requests under way at a time.")]
_FAILED = 1


class OnInvalid(StrEnum):
    """What happens when rows break a rule."""

    RAISE = "raise"
    SKIP = "skip"


@takes_table
def plan(table: Table, *, as_json: Json = False) -> None:
    """Show what a push would do, and every cell that the platform would refuse. Touches no network."""
    output = Output(as_json=as_json)
    planned = of.plan(str(table.file), table.key, **table.options)
    output.show(*plan_view(planned, table.file.name))
    output.answer(plan_document(planned))
    _end(ok=planned.ok)


@takes_table
def push(
    table: Table,
    source: Source,
    *,
    on_invalid: Annotated[OnInvalid, typer.Option(help="Rows that break a rule.")] = OnInvalid.RAISE,
    concurrency: Concurrency = 4,
    as_json: Json = False,
) -> None:
    """Push a table's rows into a source."""
    output = Output(as_json=as_json)
    report = of.push(
        str(table.file),
        source,
        table.key,
        **table.options,
        on_invalid=on_invalid.value,
        concurrency=concurrency,
    )
    output.show(*report_view(report, source))
    output.answer(report.to_dict())
    _end(ok=report.ok)


def delete(
    file: Annotated[str, typer.Argument(help="A .csv, .parquet or .xlsx file.", show_default=False)],
    source: Source,
    *,
    key: Annotated[list[str], typer.Option(help="The key column; several are joined by a hyphen.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    concurrency: Concurrency = 4,
    as_json: Json = False,
) -> None:
    """Delete the entries whose keys stand in a table."""
    output = Output(as_json=as_json)
    column = key[0] if len(key) == 1 else key
    if not yes:
        entries = of.plan(file, column, properties=[]).counts["entries"]
        typer.confirm(f"Delete up to {entries:,} entries of {source!r}?", abort=True, err=True)
    report = of.delete(file, source, column, concurrency=concurrency)
    output.show(*report_view(report, source))
    output.answer(report.to_dict())
    _end(ok=report.ok)


def _end(*, ok: bool) -> None:
    if not ok:
        raise typer.Exit(_FAILED)
