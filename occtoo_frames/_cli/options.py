"""What is said about a table on a command line, once for all commands that take one.

Takes options as text, gives the arguments of ``plan`` and ``push``. Opens nothing.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from occtoo_frames.typing import LangCols

File = Annotated[Path, typer.Argument(help="A .csv, .parquet or .xlsx file.", show_default=False)]
Key = Annotated[list[str], typer.Option(help="The key column; several are joined by --key-separator.")]
KeySeparator = Annotated[str, typer.Option(help="Between the columns of a key.")]
CsvSeparator = Annotated[
    str | None, typer.Option(help=r"Between the columns of a csv, \t for tabs; found if left out.")
]
CsvEncoding = Annotated[str | None, typer.Option(help="Of a csv, such as cp1252; found if left out.")]
Sheet = Annotated[str | None, typer.Option(help="The name of an xlsx's sheet; the first if left out.")]
SheetNumber = Annotated[int | None, typer.Option(min=1, help="The number of an xlsx's sheet, instead of its name.")]
CorrelationId = Annotated[
    str | None, typer.Option(metavar="GUID", help="Shown to the platform with each request of the run.")
]
ReadOptions: TypeAlias = Mapping[str, Any] | None
Json = Annotated[bool, typer.Option("--json", help="Write one JSON document to standard output.")]


class Ids(StrEnum):
    """What happens to column names that are no legal property ids."""

    STRICT = "strict"
    CAMEL = "camel"
    SNAKE = "snake"


class Nulls(StrEnum):
    """What an empty cell sends."""

    SKIP = "skip"
    CLEAR = "clear"


class Duplicates(StrEnum):
    """What happens to rows with the same key."""

    FAIL = "fail"
    FIRST = "first"
    LAST = "last"
    MERGE = "merge"


class OnInvalid(StrEnum):
    """What happens when rows, or files, break a rule."""

    RAISE = "raise"
    SKIP = "skip"


SameKey = Annotated[Duplicates, typer.Option(help="Rows with the same key.")]
Refused = Annotated[OnInvalid, typer.Option(help="Rows that break a rule.")]


@dataclass(frozen=True, slots=True)
class Table:
    """A file and what was said about it, as ``plan`` and ``push`` take it."""

    file: Path
    key: str | list[str]
    options: Mapping[str, Any]


def _table(
    file: File,
    *,
    key: Key,
    key_separator: KeySeparator = "-",
    lang: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=LANG,…", help="A property and its languages: name=en,sv. Repeatable."),
    ] = None,
    auto: Annotated[bool, typer.Option("--auto", help="Find the columns of languages.")] = False,
    language_column: Annotated[str | None, typer.Option(help="The column that holds each row's language.")] = None,
    prop: Annotated[
        list[str] | None,
        typer.Option("--property", metavar="COLUMN[=ID]", help="A column to send. Repeatable; without: all."),
    ] = None,
    ids: Annotated[Ids, typer.Option(help="Make illegal property ids legal.")] = Ids.STRICT,
    delete_column: Annotated[str | None, typer.Option(help="A column of true and false: true deletes.")] = None,
    nulls: Annotated[Nulls, typer.Option(help="Empty cells: leave, or empty the value.")] = Nulls.SKIP,
    duplicates: SameKey = Duplicates.FAIL,
    list_separator: Annotated[str, typer.Option(help="Between the elements of lists.")] = "|",
    csv_separator: CsvSeparator = None,
    csv_encoding: CsvEncoding = None,
    sheet: Sheet = None,
    sheet_number: SheetNumber = None,
) -> Table:
    """The table that the options describe."""
    options: dict[str, Any] = {
        "lang_cols": languages(lang or (), auto=auto),
        "language_column": language_column,
        "properties": properties(prop or ()),
        "ids": ids.value,
        "delete": delete_column,
        "nulls": nulls.value,
        "duplicates": duplicates.value,
        "list_separator": list_separator,
        "key_separator": key_separator,
        "read_options": reading(csv_separator, csv_encoding, sheet, sheet_number),
    }
    return Table(file, key[0] if len(key) == 1 else key, options)


def reading(
    csv_separator: CsvSeparator = None,
    csv_encoding: CsvEncoding = None,
    sheet: Sheet = None,
    sheet_number: SheetNumber = None,
) -> ReadOptions:
    """``read_options`` for what was said about a file; None without any.

    Raises:
        BadParameter: A sheet is said in both ways.
    """
    if sheet is not None and sheet_number is not None:
        raise typer.BadParameter("--sheet takes a name and --sheet-number a number: say one of the two")
    separator = "\t" if csv_separator == r"\t" else csv_separator
    said = {"separator": separator, "encoding": csv_encoding, "sheet": sheet if sheet_number is None else sheet_number}
    return {name: value for name, value in said.items() if value is not None} or None


def said_again(read_options: ReadOptions) -> list[str]:
    """The words of which ``reading`` makes ``read_options``."""
    options = {"separator": "--csv-separator", "encoding": "--csv-encoding", "sheet": "--sheet"}
    said = [
        ("--sheet-number" if isinstance(value, int) else options[name], str(value).replace("\t", r"\t"))
        for name, value in (read_options or {}).items()
    ]
    return [word for pair in said for word in pair]


def languages(said: Sequence[str], *, auto: bool) -> LangCols:
    """``lang_cols`` for ``name=en,sv`` and the like.

    Raises:
        BadParameter: One is not of that form, or both ways are used.
    """
    if auto and said:
        raise typer.BadParameter("--auto finds languages by itself: leave out --lang, or say all with it")
    if auto:
        return "auto"
    pairs = [text.partition("=") for text in said]
    wrong = [text for text, equals, tags in pairs if not (text and equals and tags)]
    if wrong:
        raise typer.BadParameter(f"--lang takes NAME=LANG,LANG, such as name=en,sv; got {wrong[0]!r}")
    found: dict[str, list[str]] = {}
    for name, _, tags in pairs:
        found.setdefault(name, []).extend(tags.split(","))
    return found or None


def properties(said: Sequence[str]) -> dict[str, str] | None:
    """``properties`` for ``Column=id`` or ``column``; None without any.

    Raises:
        BadParameter: A column has two ids.
    """
    pairs = [text.rpartition("=") for text in said]
    return once("--property", [(column or name, name) for column, _, name in pairs])


def once(option: str, pairs: Iterable[tuple[str, str]]) -> dict[str, str] | None:
    """What a repeated ``option`` says of each column; None without any.

    Raises:
        BadParameter: It says two things of one.
    """
    found: dict[str, str] = {}
    for column, value in pairs:
        if found.setdefault(column, value) != value:
            raise typer.BadParameter(f"{option} says both {found[column]!r} and {value!r} of {column!r}")
    return found or None


def takes_table(command: Callable[..., None]) -> Callable[..., None]:
    """``command(table, …)`` as a function whose options are those of a table and its own."""
    return _described("table", _table, command)


def reads_file(command: Callable[..., None]) -> Callable[..., None]:
    """``command(…, read_options, …)`` as a function that has the options of a csv and an xlsx instead."""
    return _described("read_options", reading, command)


def _described(name: str, described: Callable[..., Any], command: Callable[..., None]) -> Callable[..., None]:
    """``command`` with the options of ``described`` in the place of the argument ``name`` that it makes of them."""
    shared = inspect.signature(described).parameters
    both = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for own in inspect.signature(command).parameters.values()
        for parameter in (shared.values() if own.name == name else [own])
    ]

    def with_options(**given: Any) -> None:
        made = described(**{option: given.pop(option) for option in shared})
        command(**{name: made}, **given)

    with_options.__name__ = command.__name__
    with_options.__doc__ = command.__doc__
    with_options.__annotations__ = {parameter.name: parameter.annotation for parameter in both}
    with_options.__signature__ = inspect.Signature(both)  # type: ignore[attr-defined]
    return with_options
