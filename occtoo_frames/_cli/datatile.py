"""The command that uploads a file of variables to DATATILE's collector, and the one that asks for its job."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

import occtoo_frames as of
from occtoo_frames._cli.options import Json
from occtoo_frames._cli.output import Output
from occtoo_frames._cli.views import polars_of, problems_table

_FAILED, _UNSURE = 1, 3


class Mode(StrEnum):
    """What becomes of the target."""

    CREATE = "create"
    RELOAD = "reload"
    APPEND = "append"


class Format(StrEnum):
    """What a table is written as."""

    ZSAV = "zsav"
    SAV = "sav"
    XLSX = "xlsx"
    CSV = "csv"


class Names(StrEnum):
    """What happens to columns that no variable may be called."""

    STRICT = "strict"
    SAFE = "safe"


Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the end of the job.")]


def datatile(
    file: Annotated[Path, typer.Argument(help="A .zsav, .sav, .xlsx, .csv or .parquet file.", show_default=False)],
    target: Annotated[str, typer.Argument(help="A folder's hash (create) or a database's.", show_default=False)],
    *,
    mode: Annotated[Mode, typer.Option(help="Make a database, replace its rows, or add to them.")] = Mode.CREATE,
    written: Annotated[Format, typer.Option("--format", help="What a table is written as.")] = Format.ZSAV,
    labels: Annotated[Path | None, typer.Option(help="A codebook: a table with column, label.")] = None,
    names: Annotated[Names, typer.Option(help="Find legal names for columns.")] = Names.STRICT,
    allow: Annotated[list[str] | None, typer.Option(help="A loss to accept, such as null-text. Repeatable.")] = None,
    callback: Annotated[str | None, typer.Option(help="An address that is told about the job.")] = None,
    wait: Wait = True,
    turn: Annotated[bool, typer.Option("--turn", help="Wait while another upload to the target is running.")] = False,
    as_json: Json = False,
) -> None:
    """Upload a table to DATATILE's collector and say what became of it."""
    output = Output(as_json=as_json)
    try:
        report = of.datatile.upload(
            str(file),
            target=target,
            mode=mode.value,
            format=written.value,
            labels=None if labels is None else str(labels),
            names=names.value,
            allow=allow or (),
            name=file.stem,
            callback=callback,
            wait=wait,
            when_busy="wait" if turn else "fail",
        )
    except of.InvalidRowsError as error:
        output.show(problems_table(polars_of(error.problems)))
        raise
    _end(output, report, wait=wait)


def datatile_job(
    job_id: Annotated[str, typer.Argument(help="The job's id, as the upload said it.", show_default=False)],
    *,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Ask DATATILE's collector what has become of an upload."""
    _end(Output(as_json=as_json), of.datatile.job(job_id, wait=wait), wait=wait)


def _end(output: Output, report: Any, *, wait: bool) -> None:
    output.show(*_view(report))
    output.answer(report.to_dict())
    if report.outcome == "failed":
        raise typer.Exit(_FAILED)
    if report.outcome == "unknown" or (wait and report.outcome == "pending"):
        raise typer.Exit(_UNSURE)


def _view(report: Any) -> Iterator[RenderableType]:
    first, *rest = repr(report).splitlines()
    yield Text(first, style="green" if report.ok else "red" if report.outcome == "failed" else "yellow")
    yield from (Text(line) for line in rest)
    yield from (Text(f"  {moment['at']}  {moment['status']}", style="dim") for moment in report.to_dict()["history"])
