"""An upload's report as a notebook shows it. Takes the report, gives HTML; whatever a server said is escaped."""

from html import escape
from typing import TYPE_CHECKING

from occtoo_frames._push.shown import page, size, table

if TYPE_CHECKING:
    from occtoo_frames.datatile.report import UploadReport


def report_html(report: "UploadReport") -> str:
    """The outcome, its numbers, and the states that the job went through."""
    tiles = {
        "rows": "?" if report.rows is None else f"{report.rows:,}",
        "file": size(report.size),
        "requests": f"{report.requests:,}",
        "time": f"{report.seconds:.1f} s",
    }
    verdict = f'<span class="{"good" if report.ok else "bad"}">{escape(report.outcome)}</span>'
    told = [text for text in (report.reason, report.check, *report.warnings) if text]
    notes = "".join(f'<div class="note">{escape(text)}</div>' for text in told)
    job = report.fate.job
    states = table(("status", "at"), job.history) if job is not None and job.history else ""
    title = f"Upload to DATATILE ({escape(report.mode or 'job')}) · {verdict}"
    return page(title, tiles, notes + states)
