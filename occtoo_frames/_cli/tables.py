"""The commands that take a table: plan, push, delete."""

from typing import Annotated, Any

import typer

import occtoo_frames as of
from occtoo_frames._cli.options import (
    CorrelationId,
    Duplicates,
    Json,
    Key,
    KeySeparator,
    OnInvalid,
    ReadOptions,
    Refused,
    SameKey,
    Table,
    reads_file,
    takes_table,
)
from occtoo_frames._cli.output import Output
from occtoo_frames._cli.views import (
    failures_of,
    plan_document,
    plan_view,
    polars_of,
    problems_table,
    report_view,
)
from occtoo_frames._push.shown import counted

Source = Annotated[str, typer.Argument(help="The source's id.", show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Send nothing; tell what would be sent.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where the same push was interrupted.")]
Concurrency = Annotated[int, typer.Option(min=1, help="Requests under way at a time.")]
_FAILED = 1


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
    on_invalid: Refused = OnInvalid.RAISE,
    changed_only: Annotated[
        bool, typer.Option("--changed-only", help="Send only what differs from what this machine last had accepted.")
    ] = False,
    mirror: Annotated[bool, typer.Option("--mirror", help="Delete the entries whose keys vanished.")] = False,
    max_delete: Annotated[float, typer.Option(min=0, max=1, help="The share that --mirror may delete.")] = 0.1,
    dry_run: DryRun = False,
    resume: Resume = False,
    concurrency: Concurrency = 4,
    correlation_id: CorrelationId = None,
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
        changed_only=changed_only,
        mirror=mirror,
        max_delete=max_delete,
        dry_run=dry_run,
        resume=resume,
        concurrency=concurrency,
        correlation_id=correlation_id,
    )
    output.done(report)
    output.show(*report_view(report, f"push into {source}"))
    output.answer({**report.to_dict(), "failed": failures_of(report)})
    _end(ok=report.ok)


@reads_file
def delete(
    file: Annotated[str, typer.Argument(help="A .csv, .parquet or .xlsx file.", show_default=False)],
    source: Source,
    *,
    key: Key,
    key_separator: KeySeparator = "-",
    duplicates: SameKey = Duplicates.FAIL,
    read_options: ReadOptions,
    on_invalid: Refused = OnInvalid.RAISE,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: DryRun = False,
    resume: Resume = False,
    concurrency: Concurrency = 4,
    correlation_id: CorrelationId = None,
    as_json: Json = False,
) -> None:
    """Delete the entries whose keys stand in a table."""
    output = Output(as_json=as_json)
    column = key[0] if len(key) == 1 else key
    described: dict[str, Any] = {
        "key_separator": key_separator,
        "duplicates": duplicates.value,
        "read_options": read_options,
    }
    if not yes and not dry_run:
        planned = of.plan(file, column, properties=[], **described)
        if not planned.ok:
            output.show(problems_table(polars_of(planned.problems)))
        if planned.ok or on_invalid is OnInvalid.SKIP:  # else there is nothing to ask: it is refused
            output.confirm(f"Delete up to {counted(planned.counts['entries'], 'entry', 'entries')} of {source!r}?")
    report = of.delete(
        file,
        source,
        column,
        **described,
        on_invalid=on_invalid.value,
        dry_run=dry_run,
        resume=resume,
        concurrency=concurrency,
        correlation_id=correlation_id,
    )
    output.done(report)
    output.show(*report_view(report, f"deletion from {source}"))
    output.answer({**report.to_dict(), "failed": failures_of(report)})
    _end(ok=report.ok)


def _end(*, ok: bool) -> None:
    if not ok:
        raise typer.Exit(_FAILED)
