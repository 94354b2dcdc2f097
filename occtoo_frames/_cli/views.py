"""How plans, reports and frames look in a terminal.

Takes them, gives rich renderables and JSON-ready documents. Prints nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import polars as pl
from rich import box
from rich.console import RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from occtoo_frames._cli.output import Output
from occtoo_frames._cli.spelling import in_options, with_options
from occtoo_frames._push.shown import counted, mended_first, size
from occtoo_frames._push.visible import visible
from occtoo_frames.exceptions import InvalidRowsError

SHOWN_ROWS = 12
_CELL = 40
_OF_A_FAILURE = ("row", "key", "unique_identifier", "file_id", "outcome", "state", "rule", "reason")
_OUTCOMES = {
    "accepted": "green",
    "unchanged": "dim",
    "rejected": "red",
    "not_sent": "yellow",
    "unknown": "magenta",
}


def polars_of(frame: Any) -> pl.DataFrame:
    """``frame`` of any kind as polars."""
    return frame if isinstance(frame, pl.DataFrame) else pl.DataFrame(frame)


def failed_table(report: Any) -> pl.DataFrame | None:
    """The rows that did not arrive, each with its outcome and reason; None of a report that knows no rows."""
    table: pl.DataFrame | None = getattr(report, "failed_table", None)
    if table is None:
        return None
    reasons = table["reason"].drop_nulls().unique()  # few, however many rows a run has left out
    told = {reason: in_options(reason) for reason in reasons}
    return table.select(*(name for name in _OF_A_FAILURE if name in table.columns)).with_columns(
        pl.col("reason").replace_strict(told, return_dtype=pl.String) if told else pl.col("reason")
    )


def failures_of(report: Any) -> Iterator[dict[str, Any]]:
    """The rows that did not arrive, for programs: row, key, outcome, rule, reason."""
    return polars_of(failed_table(report)).iter_rows(named=True)


def failed_view(failed: pl.DataFrame) -> Iterator[RenderableType]:
    """The rows that did not arrive; those that have to be mended before those that only were not sent."""
    if failed.height:
        ordered = mended_first(failed, "outcome" if "outcome" in failed.columns else "state")
        yield frame_table(ordered, title="Not arrived", whole=True)


def heading(number: int, text: str) -> Text:
    """A step of the demo."""
    return Text.assemble("\n", (f" {number} ", "bold reverse cyan"), " ", (text, "bold"))


def frame_table(frame: pl.DataFrame, *, title: str | None = None, rows: int = SHOWN_ROWS, whole: bool = False) -> Table:
    """The first rows of a frame, each on one line unless they are to be ``whole``; how many there are stands below."""
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for place, (name, dtype) in enumerate(frame.schema.items()):
        table.add_column(
            Text(visible(name)),
            justify="right" if dtype.is_numeric() else "left",
            no_wrap=place == 0,  # what says whose row it is gives way last
        )
    for row in frame.head(rows).iter_rows():
        table.add_row(*(_cell(value, whole=whole) for value in row))
    if frame.height > rows:
        table.caption = f"{rows} of {frame.height:,} rows"
        table.caption_justify = "left"
    return table


def _cell(value: object, *, whole: bool) -> Text:
    if value is None:
        return Text("")
    line = visible(" ".join(_plain(value).split()))
    if whole:
        return Text(line, overflow="fold")
    return Text(line if len(line) <= _CELL else f"{line[: _CELL - 1]}…", no_wrap=True, overflow="ellipsis")


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def plan_view(plan: Any, name: str) -> Iterator[RenderableType]:
    """A plan: its numbers, its columns, and its problems with their hints."""
    counts = plan.counts
    values, requests = counted(counts["properties"], "value"), counted(counts["batches"], "request")
    parts: list[str | tuple[str, str]] = [
        (counted(counts["rows"], "row"), "bold"),
        " becomes " if counts["rows"] == 1 else " become ",
        (counted(counts["entries"], "entry", "entries"), "bold green"),
        f" with {values} in {requests}, {size(counts['bytes'])}",
    ]
    if counts["invalid"]:
        parts += ["; ", (f"{counted(counts['invalid'], 'row')} cannot be sent", "bold red")]
    yield Panel(Text.assemble(*parts), title=Text(visible(f"plan of {name}")), title_align="left", border_style="cyan")
    columns = polars_of(plan.columns)
    yield columns_table(columns)
    for column, note in columns.filter(pl.col("note") != "").select("column", "note").iter_rows():
        yield Text(visible(f"  {column}: {note}"), style="dim")
    yield from _warned(plan.warnings)
    if not plan.ok:
        yield problems_table(polars_of(plan.problems))


def columns_table(columns: pl.DataFrame, *, rows: int = 60) -> Table:
    """What each column becomes: its property, its language, and a value as it is sent."""
    shown = columns.select(
        "column",
        pl.col("property").alias("becomes"),
        pl.col("language").alias("in"),
        pl.col("dtype").str.extract(r"^(\w+)").alias("from"),
        pl.col("example").alias("sent, for example, as"),
    )
    table = frame_table(shown, title="Columns", rows=rows)
    for column, style in zip(table.columns, ("", "bold", "cyan", "dim", "green"), strict=True):
        column.style = style
    return table


def preview(read: pl.DataFrame, languages: Sequence[str]) -> Table:
    """The first entries that were read: the key, one property in its languages, and some others."""
    ends = tuple(f"_{language}" for language in languages)
    localised = [name for name in read.columns if name.endswith(ends)]
    first = localised[0].removesuffix(next(end for end in ends if localised[0].endswith(end))) if localised else ""
    plain = [name for name in read.columns if name not in localised and name != "id"]
    shown = [name for name in localised if name.startswith(f"{first}_")]
    return frame_table(read.select("id", *shown[:3], *plain[:4]), rows=5)


def problems_table(problems: pl.DataFrame) -> Table:
    """What cannot be sent, why, and what to do."""
    shown = with_options(problems).select("row", pl.col("key").fill_null(""), "column", "rule", "message", "hint")
    table = frame_table(shown, title=f"Problems ({problems.height:,})", whole=True)
    table.columns[3].style = "red"
    table.columns[5].style = "green"
    return table


@contextmanager
def problems_shown(output: Output) -> Iterator[None]:
    """The problems of a table stand there before the error of them goes on."""
    try:
        yield
    except InvalidRowsError as error:
        output.show(problems_table(polars_of(error.problems)))
        raise


def summary(report: Any, *, failed: bool) -> Iterator[Text]:
    """The lines that a report shows of itself, the first in the colour of its outcome."""
    first, *rest = in_options(repr(report)).splitlines()
    yield Text(first, style="green" if report.ok else "red" if failed else "yellow")
    yield from map(Text, rest)


def report_view(report: Any, title: str) -> Iterator[RenderableType]:
    """A report: its outcomes, what it took, and the rows that did not arrive."""
    if report.forecast is not None:
        yield Panel(Text(in_options(str(report))), title="dry run", title_align="left", border_style="cyan")
        return
    told = [
        (f"{count:,} {name.replace('_', ' ')}", f"bold {_OUTCOMES.get(name, '')}")
        for name, count in report.counts.items()
        if count
    ]
    line = Text("   ").join(Text(*part) for part in told)
    line.append(f"\n{size(report.bytes_sent)} in {counted(report.requests, 'request')}, {report.seconds:.1f} s")
    yield Panel(line, title=Text(title), title_align="left", border_style="cyan")
    yield from _warned(report.warnings)
    failed = failed_table(report)
    if failed is not None:
        yield from failed_view(failed)


def facets_view(facets: pl.DataFrame) -> Iterator[RenderableType]:
    """Facets as bars, the greatest first."""
    widest = max(facets["count"].max() or 1, 1)
    for (name,), values in facets.group_by("property", maintain_order=True):
        table = Table(box=None, title=str(name), title_justify="left", title_style="bold", pad_edge=False)
        for side in ("left", "right", "left"):
            table.add_column(justify=side)
        for value, count in values.select("value", "count").sort("count", descending=True).head(8).iter_rows():
            bar = Text("█" * max(1, round(24 * count / widest)), style="cyan")
            table.add_row(_cell(value, whole=True), Text(f"{count:,}"), bar)
        yield table


def _warned(warnings: Iterable[str]) -> Iterator[Text]:
    for warning in warnings:
        yield Text(visible(f"! {in_options(warning)}"), style="yellow")


def plan_document(plan: Any) -> dict[str, object]:
    """A plan for programs."""
    return {
        "ok": plan.ok,
        "counts": dict(plan.counts),
        "columns": polars_of(plan.columns).to_dicts(),
        "problems": with_options(polars_of(plan.problems)).to_dicts(),
        "warnings": [in_options(warning) for warning in plan.warnings],
    }
