"""The whole way, once: plan, push, publish, read back, compare, against a sandbox of its own.

Takes a file or the sample catalogue; shows each step and ends with what to try next. Leaves nothing running unless
asked to.
"""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import polars as pl
import typer
from rich.panel import Panel
from rich.text import Text

import occtoo_frames as of
from occtoo_frames._api.verify import Comparison, compare
from occtoo_frames._cli.guess import guess_facets, guess_key, guess_lists
from occtoo_frames._cli.local import SAMPLE, Port, Shop, sample, wait
from occtoo_frames._cli.options import Json, ReadOptions, reads_file, said_again
from occtoo_frames._cli.output import Output
from occtoo_frames._cli.views import (
    facets_view,
    frame_table,
    heading,
    plan_document,
    plan_view,
    polars_of,
    preview,
    report_view,
)
from occtoo_frames._frames.door import open_frame
from occtoo_frames._push.shown import counted

_FAILED = 1


@dataclass(frozen=True, slots=True)
class Described:
    """A table, what was guessed about it, and its plan.

    Attributes:
        said: The options that were said of it, and not guessed.
    """

    name: str
    file: Path | None
    plan: Any
    shop: Shop
    guesses: tuple[str, ...]
    said: tuple[str, ...]


@reads_file
def demo(
    file: Annotated[Path | None, typer.Argument(help="A .csv, .parquet or .xlsx file of your own.")] = None,
    *,
    key: Annotated[str | None, typer.Option(help="The key column, instead of a guess.")] = None,
    read_options: ReadOptions,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the sandbox running until Ctrl-C.")] = False,
    port: Port = 0,
    as_json: Json = False,
) -> None:
    """Push a table into a sandbox and read it back: the sample catalogue, or your own file."""
    output, started = Output(as_json=as_json), perf_counter()
    table = describe(file, key, read_options)
    output.show(heading(1, f"A plan of {table.name}: what would be sent, before anything is"))
    output.show(*(Text(f"· {guess}", style="cyan") for guess in table.guesses))
    output.show(*plan_view(table.plan, table.name))
    with of.sandbox(port=port) as box:
        comparison = _there_and_back(output, box, table, started)
        if keep:
            output.show(Text("Ctrl-C ends it."))
            wait()
    if comparison.differences.height:
        raise typer.Exit(_FAILED)


def describe(file: Path | None, key: str | None, read_options: ReadOptions) -> Described:
    """The table with its plan; for a file of the user's own, by guesses that are said."""
    table = sample() if file is None else file
    source = open_frame(table, read_options=read_options)
    frame = pl.DataFrame(source.with_nulls.lazy().collect())  # for guesses; the plan tells what it lacks
    name = "the sample catalogue" if file is None else file.name
    said = (*([] if key is None else ["--key", key]), *said_again(read_options))
    if key is None and file is not None:
        guessed = guess_key(frame)
        key, guesses = guessed.column, [f"key: {guessed.column!r} ({guessed.reason})"]
    else:
        key, guesses = key or "sku", []
    plan = of.plan(table, key, "auto", read_options=read_options)
    if "property-id" in polars_of(plan.problems)["rule"]:
        plan = of.plan(table, key, "auto", ids="snake", read_options=read_options)
        guesses.append("names that are no legal property ids are written in snake_case")
    shop, found = (SAMPLE, []) if file is None else _shop(file, frame, polars_of(plan.columns))
    return Described(name, file, plan, shop, (*guesses, *found), said)


def _shop(file: Path, frame: pl.DataFrame, columns: pl.DataFrame) -> tuple[Shop, list[str]]:
    sent = columns.filter(pl.col("property").is_not_null())
    languages = sent["language"].drop_nulls().unique(maintain_order=True).to_list()
    plain = dict(sent.filter(pl.col("language").is_null()).select("column", "property").iter_rows())
    lists = guess_lists(frame, list(plain))
    facets = guess_facets(frame, [column for column in plain if column not in lists])
    source = re.sub(r"[^a-z0-9-]+", "-", file.stem.lower()).strip("-") or "table"
    said = [f"languages: {', '.join(languages) or 'none'}", f"facets: {', '.join(facets) or 'none'}"]
    said += [f"lists joined by |: {', '.join(lists)}"] if lists else []
    types = {plain[column]: "List" for column in lists}
    return Shop(source, languages or ["en"], types, [plain[column] for column in facets]), said


def _there_and_back(output: Output, box: Any, table: Described, started: float) -> Comparison:
    output.show(heading(2, f"Push the good rows into {box.url}"))
    box.add_source(table.shop.source)
    report = table.plan.push(table.shop.source, on_invalid="skip", progress=False)
    output.show(*report_view(report, f"push into {table.shop.source}"))

    languages = list(table.shop.languages)
    output.show(heading(3, f"Publish it, and read it back in {', '.join(languages)}"))
    url = table.shop.publish(box)
    read = of.read_destination(url, language=languages, frame="polars", progress=False)
    output.show(preview(read, languages))
    facets = of.read_facets(url, language=languages[0], frame="polars")
    output.show(*facets_view(facets))

    output.show(heading(4, "Compare what was read with what was sent"))
    comparison = compare(table.plan.entry_table(), read)
    output.show(*_verdict(comparison, read.height, len(languages), perf_counter() - started))
    output.show(_next(box.url, url, table))
    output.answer(
        {
            "guessed": list(table.guesses),
            "plan": plan_document(table.plan),
            "push": report.to_dict(),
            "url": url,
            "read": {"entries": read.height, "languages": languages},
            "facets": facets.to_dicts(),
            "compared": {"values": comparison.values, "differences": comparison.differences.height},
        }
    )
    return comparison


def _verdict(found: Comparison, entries: int, languages: int, seconds: float) -> list[Any]:
    wrong = found.differences.height
    line = Text.assemble(
        (counted(wrong, "difference"), "bold red" if wrong else "bold green"),
        f" in {counted(found.values, 'value')} of {counted(entries, 'entry', 'entries')}"
        f" in {counted(languages, 'language')}, after {seconds:.1f} s",
    )
    shown = [Panel(line, border_style="red" if wrong else "green")]
    return [*shown, frame_table(found.differences, title="Differences")] if wrong else shown


def _next(origin: str, url: str, table: Described) -> Panel:
    port, languages = origin.rpartition(":")[2], list(table.shop.languages)
    words = ["sandbox", "--seed"] if table.file is None else ["demo", str(table.file), *table.said, "--keep"]
    again = shlex.join([*words, "--port", port])
    text = Text.assemble(
        "The sandbox ran at ", (origin, "bold cyan"), ". To bring it back:\n\n",
        (f"  occtoo-frames {again}\n\n", "green"),
        "and in Python:\n\n",
        ("  import occtoo_frames as of\n", "green"),
        (f"  shop = of.read_destination('{url}', language={languages})\n", "green"),
        ("  shop.describe()", "green"),
    )  # fmt: skip
    return Panel(text, title="next", title_align="left", border_style="cyan")
