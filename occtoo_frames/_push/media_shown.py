"""A report of files as a person sees it: text for a terminal, HTML for a notebook.

Pictures are shown only from ``data:`` addresses of images and from https hosts that the user named; nothing is loaded
from anywhere else, and everything is escaped.
"""

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import polars as pl

from occtoo_frames._push.shown import page, size, table

if TYPE_CHECKING:
    from occtoo_frames._push.media_report import MediaReport

_COLOURS = {
    "uploaded": "#2da44e",
    "skipped": "#8c959f",
    "failed": "#cf222e",
    "pending": "#d4a72c",
    "deleted": "#8250df",
}
_DATA = tuple(f"data:image/{kind};base64," for kind in ("png", "jpeg", "gif", "webp"))
_MOST_ROWS, _MOST_PICTURES, _MOST_DATA = 10, 24, 100_000


def media_text(report: "MediaReport") -> str:
    """The report in a few lines."""
    sent = f"{size(report.bytes_sent)} in {report.requests:,} requests, {report.seconds:.1f} s"
    lines = [f"MediaReport: {report.told()}", f"  {sent}"]
    if report.stopped:
        lines.append(f"  stopped: {report.stopped}")
    if not report.ok:
        lines.append("  .failed() gives the rows whose files are not there, with their reasons")
    return "\n".join(lines)


def media_html(report: "MediaReport") -> str:
    """The report as a notebook shows it."""
    total = sum(report.counts.values()) or 1
    bar = "".join(
        f'<div style="width:{100 * count / total:.3f}%;background:{_COLOURS[state]}" title="{state}: {count:,}"></div>'
        for state, count in report.counts.items()
        if count
    )
    tiles = {state: f"{count:,}" for state, count in report.counts.items() if count or state == "uploaded"}
    tiles |= {"requests": f"{report.requests:,}", "sent": size(report.bytes_sent), "time": f"{report.seconds:.1f} s"}
    stopped = f'<div class="bad">Stopped: {escape(report.stopped)}</div>' if report.stopped else ""
    shown = report.row_table.filter(pl.col("state").is_in(["failed", "pending"])) if not report.ok else report.row_table
    names = ("row", "unique_identifier", "name", "state", "mime_type", "size", "reason")
    rows = table(names, shown.head(_MOST_ROWS).select(names).rows())
    return page("Files", tiles, f'<div class="bar">{bar}</div>{stopped}{_pictures(report)}{rows}')


def may_show(address: str, hosts: tuple[str, ...]) -> bool:
    """True if a picture may be loaded from ``address`` by whoever looks at a notebook."""
    if address.startswith(_DATA):
        return len(address) <= _MOST_DATA
    try:
        split = urlsplit(address)
        host = (split.hostname or "").lower()
    except ValueError:
        return False
    return split.scheme == "https" and "@" not in split.netloc and host in {each.lower() for each in hosts}


def _pictures(report: "MediaReport") -> str:
    if not report.previews:
        return ""
    images = report.row_table.filter(pl.col("mime_type").str.starts_with("image/"), pl.col("public_url").is_not_null())
    shown = [
        f'<img src="{escape(address)}" alt="{escape(name or "")}" title="{escape(name or "")}" loading="lazy" '
        'referrerpolicy="no-referrer" crossorigin="anonymous" '
        'style="height:64px;max-width:120px;object-fit:contain;margin:2px;border:1px solid #8884;border-radius:4px">'
        for address, name in images.select("public_url", "name").iter_rows()
        if may_show(address, report.previews)
    ]
    return f"<div>{''.join(shown[:_MOST_PICTURES])}</div>" if shown else ""
