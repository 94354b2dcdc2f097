"""The commands of DATATILE: a table checked, written as a file of variables, uploaded; and what became of a job."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

import occtoo_frames as of
from occtoo_frames._cli.options import Json, ReadOptions, reads_file
from occtoo_frames._cli.output import Output
from occtoo_frames._cli.spelling import with_options
from occtoo_frames._cli.views import polars_of, problems_shown, problems_table, summary
from occtoo_frames._push.shown import counted

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


Table = Annotated[str, typer.Argument(help="A .csv, .parquet or .xlsx file.", show_default=False)]
Written = Annotated[Format, typer.Option("--format", help="What the table is written as.")]
Labels = Annotated[str | None, typer.Option(metavar="FILE", help="A codebook: a table with column and label.")]
HowNamed = Annotated[Names, typer.Option(help="Find legal names for columns, or not.")]
Allow = Annotated[list[str] | None, typer.Option(help="A loss to accept, such as null-text. Repeatable.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the end of the job.")]

app = typer.Typer(help="DATATILE Data Collector: files of variables, uploads, jobs.", no_args_is_help=True)


@app.command()
@reads_file
def check(
    table: Table,
    *,
    written: Written = Format.ZSAV,
    labels: Labels = None,
    names: HowNamed = Names.STRICT,
    read_options: ReadOptions,
    as_json: Json = False,
) -> None:
    """Show everything that a file would change or refuse. Touches no network."""
    output = Output(as_json=as_json)
    problems = of.datatile.check(
        table, format=written.value, labels=labels, names=names.value, read_options=read_options
    )
    found = polars_of(problems)
    output.show(Text("no problems", style="green") if found.is_empty() else problems_table(found))
    output.answer({"ok": found.is_empty(), "problems": with_options(found).to_dicts()})
    if not found.is_empty():
        raise typer.Exit(_FAILED)


@app.command()
@reads_file
def write(
    table: Table,
    out: Annotated[Path, typer.Argument(help="A .zsav, .sav, .xlsx or .csv file to write.", show_default=False)],
    *,
    labels: Labels = None,
    names: HowNamed = Names.STRICT,
    read_options: ReadOptions,
    allow: Allow = None,
    as_json: Json = False,
) -> None:
    """Write a table as a file of variables."""
    output = Output(as_json=as_json)
    with problems_shown(output):
        file = of.datatile.write_file(
            table, out, labels=labels, names=names.value, allow=allow or (), read_options=read_options
        )
    output.note(f"{counted(file.rows, 'row')} in {out}")
    output.answer({"file": str(out), "rows": file.rows, "size": file.size, "format": file.format})


@app.command()
@reads_file
def upload(
    file: Annotated[str, typer.Argument(help="A .zsav, .sav, .xlsx, .csv or .parquet file.", show_default=False)],
    target: Annotated[str, typer.Argument(help="A folder's hash (create) or a database's.", show_default=False)],
    *,
    mode: Annotated[Mode, typer.Option(help="Make a database, replace its rows, or add to them.")] = Mode.CREATE,
    written: Written = Format.ZSAV,
    labels: Labels = None,
    names: HowNamed = Names.STRICT,
    read_options: ReadOptions,
    allow: Allow = None,
    callback: Annotated[str | None, typer.Option(help="An address that is told about the job.")] = None,
    wait: Wait = True,
    turn: Annotated[bool, typer.Option("--turn", help="Wait while another upload to the target is running.")] = False,
    as_json: Json = False,
) -> None:
    """Upload a file or table, and say what became of it."""
    output = Output(as_json=as_json)
    with problems_shown(output):
        report = of.datatile.upload(
            file,
            target=target,
            mode=mode.value,
            format=written.value,
            labels=labels,
            names=names.value,
            allow=allow or (),
            read_options=read_options,
            name=Path(file).stem,
            callback=callback,
            wait=wait,
            when_busy="wait" if turn else "fail",
        )
    _end(output, report, wait=wait)


@app.command()
def job(
    job_id: Annotated[str, typer.Argument(help="The job's id, as the upload said it.", show_default=False)],
    *,
    wait: Wait = False,
    as_json: Json = False,
) -> None:
    """Say what has become of an upload."""
    _end(Output(as_json=as_json), of.datatile.job(job_id, wait=wait), wait=wait)


def _end(output: Output, report: Any, *, wait: bool) -> None:
    output.done(report)
    output.show(*_view(report))
    output.answer(report.to_dict())
    if report.outcome == "failed":
        raise typer.Exit(_FAILED)
    if report.outcome == "unknown" or (wait and report.outcome == "pending"):
        raise typer.Exit(_UNSURE)


def _view(report: Any) -> Iterator[RenderableType]:
    yield from summary(report, failed=report.outcome == "failed")
    yield from (Text(f"  {moment['at']}  {moment['status']}", style="dim") for moment in report.to_dict()["history"])
