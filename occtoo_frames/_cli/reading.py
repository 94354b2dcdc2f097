"""The command that reads: an endpoint to the terminal, into a pipe or a file."""

from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

import occtoo_frames as of
from occtoo_frames._cli.options import Json
from occtoo_frames._cli.output import Output
from occtoo_frames._cli.views import frame_table

Conditions = Annotated[
    list[str] | None,
    typer.Option(metavar="PROPERTY=VALUE", help="Repeatable; the same property again means any of."),
]


def read(
    url: Annotated[str, typer.Argument(help="The endpoint's address.", show_default=False)],
    *,
    language: Annotated[list[str] | None, typer.Option(help="Repeatable.")] = None,
    column: Annotated[list[str] | None, typer.Option(help="A property to read. Repeatable.")] = None,
    where: Conditions = None,
    exclude: Conditions = None,
    sort: Annotated[list[str] | None, typer.Option(metavar="[-]PROPERTY", help="Repeatable; - for descending.")] = None,
    limit: Annotated[int | None, typer.Option(min=0)] = None,
    out: Annotated[Path | None, typer.Option(help="A .csv, .parquet or .xlsx file to write.")] = None,
    as_json: Json = False,
) -> None:
    """Read a published endpoint: a table in a terminal, csv in a pipe, or a file."""
    output = Output(as_json=as_json)
    if out is not None and out.suffix.lower() not in _WRITERS:
        raise typer.BadParameter(f"{out.name}: only {', '.join(_WRITERS)} are written")
    frame = of.read_destination(
        url,
        columns=column,
        where=conditions(where or []),
        exclude=conditions(exclude or []),
        language=_one_or_more(language),
        sort=sort,
        limit=limit,
        frame="polars",
    )
    if out is not None:
        _WRITERS[out.suffix.lower()](frame, out)
        output.note(f"{frame.height:,} rows in {out}")
        output.answer({"rows": frame.height, "file": str(out)})
    elif as_json:
        output.answer({"count": frame.height, "rows": frame.to_dicts()})
    elif output.is_terminal:
        output.show(frame_table(frame, rows=40))
    else:
        output.raw(flat(frame).write_csv())


def conditions(said: list[str]) -> dict[str, list[str]] | None:
    """``where`` for ``property=value``; None without any.

    Raises:
        BadParameter: One holds no equals sign.
    """
    found: dict[str, list[str]] = {}
    for text in said:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise typer.BadParameter(f"a condition is PROPERTY=VALUE, such as category=Seating; got {text!r}")
        found.setdefault(name, []).append(value)
    return found or None


def flat(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame as csv can hold it: lists of text joined by ``|``, other nested values as JSON."""
    return frame.with_columns(
        _flat_column(pl.col(name), dtype) for name, dtype in frame.schema.items() if dtype.is_nested()
    )


def _flat_column(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.List) and dtype.inner == pl.String:
        return column.list.join("|")
    if isinstance(dtype, pl.Struct):
        return column.struct.json_encode()
    return column.list.eval(pl.element().struct.json_encode()).list.join("\n")


def _one_or_more(languages: list[str] | None) -> str | list[str] | None:
    if not languages:
        return None
    return languages[0] if len(languages) == 1 else languages


def _write_csv(frame: pl.DataFrame, path: Path) -> None:
    flat(frame).write_csv(path)


def _write_parquet(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path)


def _write_excel(frame: pl.DataFrame, path: Path) -> None:
    flat(frame).write_excel(path, worksheet="entries", autofit=True)


_WRITERS: dict[str, Any] = {".csv": _write_csv, ".parquet": _write_parquet, ".xlsx": _write_excel}
