"""How plans, reports and frames look in a terminal.

Takes them, gives rich renderables and JSON-ready documents. Prints nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
from rich import box
from rich.console import RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

SHOWN_ROWS = 12
_CELL = 48
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


def heading(number: int, text: str) -> Text:
    """A step of the demo."""
    return Text.assemble("\n", (f" {number} ", "bold reverse cyan"), " ", (text, "bold"))


def frame_table(frame: pl.DataFrame, *, title: str | None = None, rows: int = SHOWN_ROWS) -> Table:
    """The first rows of a frame; how many there are stands below."""
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for name, dtype in frame.schema.items():
        table.add_column(Text(name), justify="right" if dtype.is_numeric() else "left", overflow="fold")
    for row in frame.head(rows).iter_rows():
        table.add_row(*(_cell(value) for value in row))
    if frame.height > rows:
        table.caption = f"{rows} of {frame.height:,} rows"
    return table


def _cell(value: object) -> Text:
    if value is None:
        return Text("", style="dim")
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    line = " ".join(text.split())
    return Text(line if len(line) <= _CELL else f"{line[: _CELL - 1]}…")


def plan_view(plan: Any, name: str) -> Iterator[RenderableType]:
    """A plan: its numbers, its columns, and its problems with their hints."""
    counts = plan.counts
    parts: list[str | tuple[str, str]] = [
        (f"{counts['rows']:,} rows", "bold"),
        " become ",
        (f"{counts['entries']:,} entries", "bold green"),
        f" with {counts['properties']:,} values in {counts['batches']:,} request(s), {_size(counts['bytes'])}",
    ]
    if counts["invalid"]:
        parts += ["; ", (f"{counts['invalid']:,} rows cannot be sent", "bold red")]
    yield Panel(Text.assemble(*parts), title=f"plan of {name}", title_align="left", border_style="cyan")
    yield columns_table(polars_of(plan.columns))
    for warning in plan.warnings:
        yield Text(f"! {warning}", style="yellow")
    if not plan.ok:
        yield problems_table(polars_of(plan.problems))


def columns_table(columns: pl.DataFrame, *, rows: int = 60) -> Table:
    """What each column becomes."""
    return frame_table(
        columns.select("column", "property", "language", "dtype", "written_as", "example"),
        title="Columns",
        rows=rows,
    )


def problems_table(problems: pl.DataFrame) -> Table:
    """What cannot be sent, why, and what to do."""
    shown = problems.select("row", pl.col("key").fill_null(""), "column", "rule", "message", "hint")
    table = frame_table(shown, title=f"Problems ({problems.height:,})")
    table.columns[3].style = "red"
    table.columns[5].style = "green"
    return table


def report_view(report: Any, source: str) -> Iterator[RenderableType]:
    """A report: its outcomes, what it took, and the rows that did not arrive."""
    told = [
        (f"{count:,} {name.replace('_', ' ')}", f"bold {_OUTCOMES.get(name, '')}")
        for name, count in report.counts.items()
        if count
    ]
    line = Text("   ").join(Text(*part) for part in told)
    line.append(f"\n{_size(report.bytes_sent)} in {report.requests:,} request(s), {report.seconds:.1f} s")
    yield Panel(line, title=f"push into {source}", title_align="left", border_style="cyan")
    failed = polars_of(report.rows).filter(~pl.col("outcome").is_in(["accepted", "unchanged"]))
    if failed.height:
        yield frame_table(failed.select("row", "key", "outcome", "rule", "reason"), title="Not arrived")


def facets_view(facets: pl.DataFrame) -> Iterator[RenderableType]:
    """Facets as bars, the greatest first."""
    widest = max(facets["count"].max() or 1, 1)
    for (name,), values in facets.group_by("property", maintain_order=True):
        table = Table(box=None, title=str(name), title_justify="left", title_style="bold", pad_edge=False)
        for _ in range(3):
            table.add_column()
        for value, count in values.select("value", "count").sort("count", descending=True).head(8).iter_rows():
            bar = Text("█" * max(1, round(24 * count / widest)), style="cyan")
            table.add_row(Text(str(value)), Text(f"{count:,}", justify="right"), bar)
        yield table


def plan_document(plan: Any) -> dict[str, object]:
    """A plan for programs."""
    return {
        "ok": plan.ok,
        "counts": dict(plan.counts),
        "columns": polars_of(plan.columns).to_dicts(),
        "problems": polars_of(plan.problems).to_dicts(),
        "warnings": [str(warning) for warning in plan.warnings],
    }


def options_line(options: Mapping[str, object]) -> str:
    """What is not the default, as Python would be told."""
    return ", ".join(f"{name}={value!r}" for name, value in options.items() if value is not None)


def _size(count: int) -> str:
    for unit, size in (("MB", 1_000_000), ("kB", 1_000)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"
