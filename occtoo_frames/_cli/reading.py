"""The commands that read: an endpoint, or how often its values occur, to the terminal, into a pipe or a file."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

import occtoo_frames as of
from occtoo_frames._cli.files import WRITERS, csv_cells, write
from occtoo_frames._cli.options import Json
from occtoo_frames._cli.output import Output
from occtoo_frames._cli.views import frame_table
from occtoo_frames._push.shown import counted

Conditions = Annotated[
    list[str] | None,
    typer.Option(metavar="PROPERTY=VALUE", help="Repeatable; the same property again means any of."),
]
Ranges = Annotated[
    list[str] | None,
    typer.Option(metavar="PROPERTY=LOW..HIGH", help="Within a range, ends included; one may be left out. Repeatable."),
]
Address = Annotated[str, typer.Argument(help="The endpoint's address.", show_default=False)]
Languages = Annotated[list[str] | None, typer.Option(metavar="LANG,…", help="One or several: en,sv. Repeatable.")]
Texts = Annotated[list[str] | None, typer.Option(help="A text to search for, as the platform does. Repeatable.")]
Out = Annotated[Path | None, typer.Option(help="A .csv, .parquet or .xlsx file to write.")]


class Layout(StrEnum):
    """Where several languages stand."""

    WIDE = "wide"
    LONG = "long"


def read(
    url: Address,
    *,
    language: Languages = None,
    column: Annotated[list[str] | None, typer.Option(help="A property to read. Repeatable.")] = None,
    where: Conditions = None,
    between: Ranges = None,
    exclude: Conditions = None,
    search: Texts = None,
    changed_since: Annotated[str | None, typer.Option(help="A time with zone: 2026-03-01T00:00:00Z.")] = None,
    sort: Annotated[list[str] | None, typer.Option(metavar="[-]PROPERTY", help="Repeatable; - for descending.")] = None,
    limit: Annotated[int | None, typer.Option(min=0)] = None,
    explode: Annotated[str | None, typer.Option(metavar="RELATION", help="Its entries are the rows.")] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Id and JSON of each entry, as it came.")] = False,
    layout: Annotated[Layout, typer.Option(help="Languages as columns, or as rows.")] = Layout.WIDE,
    page_size: Annotated[int, typer.Option(min=1, help="Entries a request.")] = 1000,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Read a published endpoint: a table in a terminal, csv in a pipe, or a file."""
    output = Output(as_json=as_json)
    _must_be_writable(out)
    with _warnings_told(output):
        frame = of.read_destination(
            url,
            columns=column,
            where=conditions(where or [], between or []),
            exclude=conditions(exclude or []),
            language=languages(language),
            search=search,
            changed_since=changed_since,
            sort=sort,
            limit=limit,
            explode=explode,
            raw=raw,
            layout=layout.value,
            page_size=page_size,
            frame="polars",
        )
    _give(output, frame, out)


def facets(
    url: Address,
    *,
    language: Languages = None,
    where: Conditions = None,
    between: Ranges = None,
    exclude: Conditions = None,
    search: Texts = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """How often each value of an endpoint's facets occurs."""
    output = Output(as_json=as_json)
    _must_be_writable(out)
    with _warnings_told(output):
        frame = of.read_facets(
            url,
            where=conditions(where or [], between or []),
            exclude=conditions(exclude or []),
            language=languages(language),
            search=search,
            frame="polars",
        )
    _give(output, frame, out)


def _must_be_writable(out: Path | None) -> None:
    if out is not None and out.suffix.lower() not in WRITERS:
        raise typer.BadParameter(f"{out.name or out}: only {', '.join(WRITERS)} are written")


@contextmanager
def _warnings_told(output: Output) -> Iterator[None]:
    """What a read warns of stands on standard error, once and in words."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield
    for text in dict.fromkeys(str(one.message) for one in caught if issubclass(one.category, UserWarning)):
        output.note(text)


def _give(output: Output, frame: pl.DataFrame, out: Path | None) -> None:
    """The frame is in the file, or on standard output in the form that fits."""
    if out is not None:
        for note in write(frame, out):
            output.note(note)
        output.note(f"{counted(frame.height, 'row')} in {out}")
        output.answer({"rows": frame.height, "file": str(out)})
    elif output.as_json:
        output.answer({"count": frame.height, "rows": frame.to_dicts()})
    elif output.is_terminal:
        output.show(frame_table(frame, rows=40))
    else:
        output.raw(csv_cells(frame).write_csv())


def conditions(said: list[str], ranges: list[str] | None = None) -> Mapping[str, Any] | None:
    """``where`` for ``property=value`` and ``property=low..high``; None without any.

    Raises:
        BadParameter: One is not of that form, or a property has both.
    """
    found: dict[str, list[str]] = {}
    for text in said:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise typer.BadParameter(f"a condition is PROPERTY=VALUE, such as category=Seating; got {text!r}")
        found.setdefault(name, []).append(value)
    spans: dict[str, of.Between] = {}
    for name, span in map(_range, ranges or []):
        if name in found or name in spans:
            raise typer.BadParameter(f"{name} has a range and another condition: only one of them can be asked for")
        spans[name] = span
    return {**found, **spans} or None


def _range(text: str) -> tuple[str, of.Between]:
    name, equals, span = text.partition("=")
    low, dots, high = span.partition("..")
    if not (name and equals and dots and (low or high)):
        raise typer.BadParameter(f"a range is PROPERTY=LOW..HIGH, such as price=10..20 or price=10..; got {text!r}")
    return name, of.between(low or None, high or None)


def languages(said: list[str] | None) -> str | list[str] | None:
    """``language`` for ``en`` and ``sv``, or ``en,sv``; None without any.

    Raises:
        BadParameter: One is empty.
    """
    tags = [tag.strip() for text in said or () for tag in text.split(",")]
    if not all(tags):
        raise typer.BadParameter(f"--language takes LANG or LANG,LANG, such as en,sv; got {','.join(said or ())!r}")
    return tags[0] if len(tags) == 1 else tags or None
