"""Plans and reports as a person sees them: text for a terminal, HTML for a notebook.

Takes a PushPlan or PushReport, gives text. Everything that comes from the table or the server is escaped.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

import polars as pl

from occtoo_frames._push.visible import visible
from occtoo_frames.exceptions import PlanError

if TYPE_CHECKING:
    from occtoo_frames._push.plan import PushPlan
    from occtoo_frames._push.report import PushReport

_MOST_COLUMNS, _MOST_PROBLEMS, _FIRST = 30, 10, 5
_ONLY_NOT_SENT = ["not_sent", "unknown", "pending"]

_STYLE = """<style>
.occtoo{font:13px/1.45 system-ui,sans-serif;max-width:1000px;color:inherit}
.occtoo h4{margin:0 0 6px;font-size:15px}
.occtoo .tiles{display:flex;flex-wrap:wrap;gap:8px;margin:6px 0 10px}
.occtoo .tile{border:1px solid #8884;border-radius:6px;padding:4px 12px}
.occtoo .tile b{display:block;font-size:17px;font-variant-numeric:tabular-nums}
.occtoo .bar{display:flex;height:10px;border-radius:5px;overflow:hidden;margin:4px 0 10px;background:#8882}
.occtoo table{border-collapse:collapse;margin:4px 0 10px;font-size:12px}
.occtoo th,.occtoo td{text-align:left;padding:2px 10px 2px 0;border-bottom:1px solid #8883;vertical-align:top}
.occtoo code{font-size:12px}
.occtoo .good{color:#1a7f37}.occtoo .bad{color:#cf222e}.occtoo .note{opacity:.7}
</style>"""

_COLOURS = {
    "accepted": "#2da44e",
    "unchanged": "#8c959f",
    "rejected": "#cf222e",
    "not_sent": "#d4a72c",
    "unknown": "#8250df",
}


def plan_text(plan: "PushPlan") -> str:
    """The plan in a few lines: what would be sent, what cannot be, and the first problems."""
    counts = plan.counts
    lines = [
        _headline(counts),
        *(f"  {_written(row)}" for row in _sent(plan)[:_MOST_COLUMNS]),
    ]
    lines += _warned(plan.warnings)
    if plan.ok:
        return _joined([*lines, "  no problems"])
    lines.append(
        f"  {counted(plan.found.height, 'problem')} in {counted(counts['invalid'], 'row')}: {_by_rule(plan.found)}"
    )
    return _joined([*lines, *(f"    {line}" for line in _first_problems(plan.found))])


def _headline(counts: Mapping[str, int]) -> str:
    made = f"{counted(counts['rows'], 'row')} → {counted(counts['entries'], 'entry', 'entries')}"
    sent = f"{size(counts['bytes'])} in {counted(counts['batches'], 'batch', 'batches')}"
    return f"PushPlan: {made}, {counted(counts['properties'], 'value')}, {sent}"


def problem_lines(found: pl.DataFrame) -> str:
    """The first problems as the lines that end a message, and how many more there are."""
    return _first_of(_first_problems(found), found.height)


def failure_lines(failed: pl.DataFrame, name: str = "key", said: str = "outcome") -> str:
    """The same of rows that failed; ``name`` is the column that names a row, ``said`` that of what came of it."""
    lines = []
    for row in mended_first(failed, said).head(_FIRST).iter_rows(named=True):
        where = f"row {row['row']}" + (f", key {row[name]!r}" if row[name] is not None else "")
        parts = [where, row[said].replace("_", " "), row.get("rule"), row["reason"]]
        lines.append(": ".join(part for part in parts if part))
    return _first_of(lines, failed.height)


def mended_first(failed: pl.DataFrame, said: str) -> pl.DataFrame:
    """Rows that have to be mended before those that only were not sent, or of which nobody knows."""
    return failed.sort(pl.col(said).is_in(_ONLY_NOT_SENT), maintain_order=True)


def _first_of(lines: Iterable[str], total: int) -> str:
    shown = [f"\n  {visible(line)}" for line in lines]
    return "".join(shown) + (f"\n  … and {total - len(shown):,} more" if total > len(shown) else "")


def _first_problems(found: pl.DataFrame) -> list[str]:
    """The first problems, a line each: where, what, and what to do."""
    lines = []
    for row in found.head(_FIRST).iter_rows(named=True):
        where = "the whole table" if row["row"] is None else f"row {row['row']}"
        where += f", key {row['key']!r}" if row["key"] is not None else ""
        where += f", column {row['column']!r}" if row["column"] is not None else ""
        lines.append(f"{where}: {row['rule']}: {row['message']} ({row['hint']})")
    return lines


def plan_html(plan: "PushPlan") -> str:
    """The plan as a notebook shows it."""
    counts = plan.counts
    tiles = {
        "rows": f"{counts['rows']:,}",
        "entries": f"{counts['entries']:,}",
        "values": f"{counts['properties']:,}",
        "bytes": size(counts["bytes"]),
        "batches": f"{counts['batches']:,}",
        "invalid rows": f"{counts['invalid']:,}",
    }
    verdict = '<span class="good">no problems</span>' if plan.ok else f'<span class="bad">{_by_rule(plan.found)}</span>'
    columns = table(
        ("column", "property", "language", "dtype", "written as", "example"),
        [
            [row[name] for name in ("column", "property", "language", "dtype", "written_as", "example")]
            for row in _sent(plan)[:_MOST_COLUMNS]
        ],
    )
    return page(f"Plan of a push · {verdict}", tiles, _notes(plan.warnings) + columns + _problem_table(plan.found))


def report_text(report: "PushReport") -> str:
    """The report in a few lines."""
    if report.forecast is not None:
        return _forecast_text(report)
    lines = [
        f"PushReport: {_outcomes(report.counts)} → {report.target!r}",
        f"  {counted(report.requests, 'request')}, {counted(report.retries, 'retry', 'retries')}, {_pace(report)}",
    ]
    lines += _warned(report.warnings)
    if report.stopped:
        lines.append(f"  stopped: {report.stopped}")
    if not report.ok:
        lines.append("  .failed() gives the rows that did not land, with their reasons")
    return _joined(lines)


def _forecast_text(report: "PushReport") -> str:
    lines = [f"PushReport of a dry run: {_foretold(forecast(report))} → {report.target!r}"]
    lines += _warned(report.warnings)
    lines += [f"  it would be refused: {report.stopped}"] if report.stopped else []
    return _joined([*lines, "  nothing was sent"])


def _joined(lines: Iterable[str]) -> str:
    """Lines as one text: names of columns and keys may hold anything."""
    return "\n".join(map(visible, lines))


def forecast(report: "PushReport") -> dict[str, int]:
    """What a dry run says that a run would do."""
    counts = report.counts
    return {name: counts[name] for name in ("creates", "updates", "unchanged", "deletes", "invalid", "requests")}


def report_html(report: "PushReport") -> str:
    """The report as a notebook shows it."""
    if report.forecast is not None:
        tiles = {name: f"{count:,}" for name, count in forecast(report).items()} | {
            "body": size(report.counts["bytes"])
        }
        refused = f'<div class="bad">Refused: {escape(report.stopped)}</div>' if report.stopped else ""
        return page(
            f"Dry run of a push to {escape(report.target)} · nothing was sent", tiles, _notes(report.warnings) + refused
        )
    total = sum(report.counts[name] for name in _COLOURS) or 1
    bar = "".join(
        f'<div style="width:{100 * count / total:.3f}%;background:{_COLOURS[name]}" title="{name}: {count:,}"></div>'
        for name, count in report.counts.items()
        if count and name in _COLOURS
    )
    tiles = {
        name.replace("_", " "): f"{count:,}" for name, count in report.counts.items() if count or name == "accepted"
    }
    tiles |= {"requests": f"{report.requests:,}", "sent": size(report.bytes_sent), "time": f"{report.seconds:.1f} s"}
    stopped = f'<div class="bad">Stopped: {escape(report.stopped)}</div>' if report.stopped else ""
    failed = _failed_table(report) if not report.ok else ""
    return page(
        f"Push to {escape(report.target)}",
        tiles,
        f'<div class="bar">{bar}</div>{_notes(report.warnings)}{stopped}{failed}',
    )


def _failed_table(report: "PushReport") -> str:
    try:
        failed = report.failed_table
    except PlanError as error:  # the file is another one by now; the rest can be shown all the same
        return _notes([str(error)])
    bad = failed.head(_MOST_PROBLEMS).select("row", "key", "outcome", "rule", "reason")
    return table(bad.columns, bad.rows()) if bad.height else ""


def size(count: int) -> str:
    """A number of bytes for people: ``1.5 MB``."""
    for unit, factor in (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} bytes"


def counted(count: int, one: str, many: str | None = None) -> str:
    """``1 row``, ``2 rows``; ``many`` where an s is not enough."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def _warned(warnings: Iterable[str]) -> list[str]:
    return [f"  warning: {warning}" for warning in warnings]


def _notes(warnings: Iterable[str]) -> str:
    return "".join(f'<div class="note">{escape(warning)}</div>' for warning in warnings)


def _pace(report: "PushReport") -> str:
    return f"{size(report.bytes_sent)} in {report.seconds:.1f} s"


def _sent(plan: "PushPlan") -> list[dict[str, str | None]]:
    return plan.column_table.filter(pl.col("property").is_not_null()).rows(named=True)


def _written(row: Mapping[str, str | None]) -> str:
    language = f" [{row['language']}]" if row["language"] else ""
    same = row["column"] == row["property"] and not language
    return f"{row['column']}" + ("" if same else f" → {row['property']}{language}")


def _by_rule(found: pl.DataFrame) -> str:
    counted = found.group_by("rule", maintain_order=True).len()
    return ", ".join(f"{rule} {count:,}" for rule, count in counted.iter_rows())


def _outcomes(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items() if count) or "no rows"


def _foretold(counts: Mapping[str, int]) -> str:
    """``1 create, 2 updates``: what is counted are nouns, but for what stays as it is."""
    one = {name: name if name in {"unchanged", "invalid"} else name.removesuffix("s") for name in counts}
    return ", ".join(counted(count, one[name], name) for name, count in counts.items() if count) or "no rows"


def _problem_table(found: pl.DataFrame) -> str:
    if found.is_empty():
        return ""
    shown = found.head(_MOST_PROBLEMS).select("row", "key", "column", "rule", "value", "message", "hint")
    rest = found.height - shown.height
    more = f'<div class="note">… and {rest:,} more in <code>.problems</code></div>' if rest else ""
    return table(shown.columns, shown.rows()) + more


def table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table of HTML, every cell escaped and cut to a readable length."""
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(f"<tr>{''.join(f'<td>{_cell(value)}</td>' for value in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return escape(text if len(text) <= 80 else text[:79] + "…")  # noqa: PLR2004 - a readable width


def page(title: str, tiles: Mapping[str, str], rest: str) -> str:
    """A notebook's view: ``title`` and ``rest`` are HTML, the tiles are escaped."""
    shown = "".join(f'<div class="tile"><b>{escape(value)}</b>{escape(name)}</div>' for name, value in tiles.items())
    return f'{_STYLE}<div class="occtoo"><h4>{title}</h4><div class="tiles">{shown}</div>{rest}</div>'
