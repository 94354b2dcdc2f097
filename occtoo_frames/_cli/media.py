"""The commands about files: push those that a table names, read and delete those that the platform has."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.panel import Panel
from rich.text import Text

import occtoo_frames as of
from occtoo_frames._cli.options import File, Json, OnInvalid, ReadOptions, reads_file
from occtoo_frames._cli.output import Output
from occtoo_frames._cli.spelling import in_options
from occtoo_frames._cli.views import frame_table
from occtoo_frames._frames.beside import beside
from occtoo_frames._push.shown import counted

_FAILED = 1
app = typer.Typer(help="Files and links to the platform's media, and back.", no_args_is_help=True)


class OnExisting(StrEnum):
    """What happens to an identifier in use."""

    SKIP = "skip"
    FAIL = "fail"
    REPLACE = "replace"


@app.command()
@reads_file
def push(
    file: File,
    *,
    link: Annotated[list[str] | None, typer.Option(help="A column of addresses. Repeatable.")] = None,
    path: Annotated[list[str] | None, typer.Option(help="A column of files. Repeatable.")] = None,
    filename: Annotated[str | None, typer.Option(help="The column of names.")] = None,
    identifier: Annotated[str | None, typer.Option(help="The column of unique identifiers.")] = None,
    separator: Annotated[str | None, typer.Option(help="Between several links or files in one cell.")] = None,
    read_options: ReadOptions,
    accept: Annotated[list[str] | None, typer.Option(help="A media type, such as image/*. Repeatable.")] = None,
    on_existing: Annotated[OnExisting, typer.Option(help="Identifiers in use.")] = OnExisting.SKIP,
    on_invalid: Annotated[OnInvalid, typer.Option(help="Files that break a rule.")] = OnInvalid.RAISE,
    check_links: Annotated[bool, typer.Option("--check-links", help="Try each link from here first.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait until files are processed.")] = False,
    concurrency: Annotated[int, typer.Option(min=1, help="Files under way at a time.")] = 4,
    out: Annotated[Path | None, typer.Option(help="A .csv file for the row of each file.")] = None,
    as_json: Json = False,
) -> None:
    """Push the files that a table names: links, or paths."""
    output = Output(as_json=as_json)
    report = of.push_media(
        str(file),
        link=link,
        path=path,
        filename=filename,
        unique_identifier=identifier,
        separator=separator,
        accept=accept,
        on_existing=on_existing.value,
        on_invalid=on_invalid.value,
        check_links=check_links,
        wait=not no_wait,
        concurrency=concurrency,
        read_options=read_options,
    )
    rows = report.row_table
    if out is not None:
        _write(rows, out, output, report)
        output.note(f"{counted(rows.height, 'row')} in {out}")
    _tell(output, report, rows)


@app.command()
def read(
    *,
    identifier: Annotated[list[str] | None, typer.Option(help="A unique identifier. Repeatable.")] = None,
    file_id: Annotated[list[str] | None, typer.Option("--id", help="A file's id. Repeatable.")] = None,
    as_json: Json = False,
) -> None:
    """Show what the platform has: a row for each file asked for."""
    output = Output(as_json=as_json)
    found: pl.DataFrame = of.read_media(identifier, file_id, frame="polars")
    shown = found.select("unique_identifier", "file_id", "state", "mime_type", "size", "public_url")
    output.show(frame_table(shown, rows=found.height, whole=True))
    output.answer({"count": found.height, "rows": found.to_dicts()})


@app.command()
def delete(
    file_ids: Annotated[list[str], typer.Argument(help="The files' ids.", show_default=False)],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Delete files; entries that name them are not touched."""
    output = Output(as_json=as_json)
    if not yes:
        output.confirm(f"Delete {counted(len(file_ids), 'file')}?")
    report = of.delete_media(file_ids, frame="polars")
    _tell(output, report, report.row_table)


def _write(rows: pl.DataFrame, out: Path, output: Output, report: of.MediaReport) -> None:
    """The rows are in ``out``; if not, what became of the files is said nevertheless."""
    try:
        with beside(out) as part:
            rows.drop("name").write_csv(part)
    except OSError:
        output.note(in_options(str(report)))
        raise


def _tell(output: Output, report: of.MediaReport, rows: pl.DataFrame) -> None:
    output.done(report)
    told = in_options(str(report)).partition(": ")[2]
    output.show(Panel(Text(told), title="files", title_align="left", border_style="cyan"))
    output.show(frame_table(rows.select("row", "unique_identifier", "file_id", "state", "reason"), whole=True))
    output.answer({**report.to_dict(), "rows": rows.drop("name").to_dicts()})
    if not report.ok:
        raise typer.Exit(_FAILED)
