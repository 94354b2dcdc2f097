"""All of a push of files: what became of every row.

Takes the items and the endings of what was sent for them, gives the MediaReport. Every item has exactly one state; the
counts add up to them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from occtoo_frames._frames.exit import to_kind
from occtoo_frames._frames.source import Source
from occtoo_frames._push.kept_here import KeptHere
from occtoo_frames._push.media_upload import Ending, MediaState
from occtoo_frames.exceptions import InvalidRowsError
from occtoo_frames.typing import FrameKind

NOTHING = "there is no link and no file in this row"
_ALWAYS = (MediaState.UPLOADED, MediaState.SKIPPED, MediaState.FAILED, MediaState.PENDING)
_BAD = (MediaState.FAILED, MediaState.PENDING)
_TOLD = pl.Schema({
    "file_id": pl.String(),
    "state": pl.String(),
    "public_url": pl.String(),
    "mime_type": pl.String(),
    "size": pl.Int64(),
    "width": pl.Int64(),
    "height": pl.Int64(),
    "reason": pl.String(),
    "name": pl.String(),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class MediaRun:
    """What a run cost, and why it ended early."""

    requests: int = 0
    retries: int = 0
    seconds: float = 0.0
    bytes_sent: int = 0
    stopped: str | None = None


@dataclass(frozen=True)
class MediaReport(KeptHere):
    """What became of every file.

    Attributes:
        run: What it cost.
        identifiers: What the input calls the file of each row, where it does.
        previews: Hosts whose pictures may be shown in a notebook.
        deletes: Whether files were to be deleted.
    """

    _HAND_ON = "hand on .to_dict(), .rows, .entries() or .failed()"

    items: pl.DataFrame = field(repr=False)
    endings: Sequence[Ending] = field(repr=False)
    height: int
    kind: FrameKind
    run: MediaRun
    source: Source | None = field(default=None, repr=False)
    identifiers: pl.Series | None = field(default=None, repr=False)
    previews: tuple[str, ...] = ()
    deletes: bool = False

    @property
    def _holds_table(self) -> bool:
        """True unless files were asked for by their ids."""
        return self.source is not None

    @property
    def ok(self) -> bool:
        """True if nothing failed and nothing is pending."""
        return not any(self.counts[state] for state in _BAD)

    @cached_property
    def counts(self) -> dict[str, int]:
        """Rows by state, as a plain dict: uploaded, skipped, failed, pending, and of ``delete_media`` deleted."""
        found = dict(self.row_table.group_by("state").len().iter_rows())
        told = {*_ALWAYS, *found, *([MediaState.DELETED] if self.deletes else ())}
        states = [*_ALWAYS, *(state for state in MediaState if state in told and state not in _ALWAYS)]
        return {state.value: int(found.get(state, 0)) for state in states}

    @cached_property
    def rows(self) -> Any:
        """A frame of the caller's kind with a row for each row of the input, or for each file where it has several.

        Columns: row (0-based position in the input), unique_identifier, file_id, state, public_url, mime_type, size
        (bytes), width, height (pixels), reason.
        """
        return to_kind(self.row_table.drop("name"), self.kind)

    @cached_property
    def row_table(self) -> pl.DataFrame:
        """``rows`` as polars, with the file's name."""
        told = pl.DataFrame([_told(ending) for ending in self.endings], schema=_TOLD, orient="row")
        known = pl.Series(
            "known", [ending.file and ending.file.unique_identifier for ending in self.endings], pl.String
        )
        both = pl.concat([self.items.select("row", "unique_identifier", "filename"), told], how="horizontal")
        both = both.with_columns(
            unique_identifier=pl.coalesce("unique_identifier", known), name=pl.coalesce("name", "filename")
        ).drop("filename")
        rest = pl.DataFrame({"row": range(self.height)}, schema={"row": pl.Int64})
        rest = (
            rest.with_columns(unique_identifier=pl.lit(None) if self.identifiers is None else self.identifiers)
            .join(both, on="row", how="anti")
            .with_columns(state=pl.lit(MediaState.SKIPPED.value), reason=pl.lit(NOTHING))
        )
        return pl.concat([both, rest], how="diagonal").sort("row", maintain_order=True)

    @property
    def requests(self) -> int:
        """How many requests were made, tokens aside."""
        return self.run.requests

    @property
    def retries(self) -> int:
        """How many of them were repetitions."""
        return self.run.retries

    @property
    def seconds(self) -> float:
        """How long the run took."""
        return self.run.seconds

    @property
    def bytes_sent(self) -> int:
        """How many bytes of bodies were sent."""
        return self.run.bytes_sent

    @property
    def stopped(self) -> str | None:
        """Why the run ended early, or None."""
        return self.run.stopped

    @cached_property
    def failed_table(self) -> pl.DataFrame:
        """The rows of ``row_table`` whose file failed or is pending."""
        return self.row_table.filter(pl.col("state").is_in(list(_BAD)))

    def failed(self) -> Any:
        """The input's own rows of which a file failed or is pending, ready to be mended and pushed again.

        The caller's columns (and pandas index) as they came, then ``state`` and ``reason``; several reasons of a row
        are joined.
        """
        bad = self.failed_table
        told = bad.group_by("row", maintain_order=True).agg("state", "reason")
        told = told.with_columns(pl.col("state").list.first(), pl.col("reason").list.drop_nulls().list.join("; "))
        if self.source is None:
            return to_kind(bad, self.kind)
        positions, reasons = told["row"].to_numpy(), told.select("state", "reason")
        if self.source.restore is None:
            own = self.source.rows(positions).drop(reasons.columns, strict=False)
            return to_kind(pl.concat([own, reasons], how="horizontal"), self.kind)
        frame = self.source.restore(positions).copy()
        for name in reasons.columns:
            frame[name] = reasons[name].to_list()
        return frame

    def raise_for_failures(self) -> None:
        """Returns if the push is ``ok``.

        Raises:
            InvalidRowsError: Files failed or are pending; ``.problems`` is the frame of ``failed()``.
        """
        if not self.ok:
            from occtoo_frames._push.shown import failure_lines

            lines = failure_lines(self.failed_table, "unique_identifier", "state")
            raise InvalidRowsError(
                f"{self.told()}. Push those that failed again (see .problems).{lines}", self.failed()
            )

    def entries(
        self,
        *,
        url: str | None = "url",
        name: str | None = "name",
        mime_type: str | None = "mimeType",
        size: str | None = "size",
        width: str | None = None,
        height: str | None = None,
    ) -> Any:
        """A frame ready to be pushed into a source of media: a row for each file that is there, its key ``file_id``.

        Each argument is the property id of that fact, or None to leave it out.
        """
        wanted = {"public_url": url, "name": name, "mime_type": mime_type, "size": size, "width": width,
                  "height": height}  # fmt: skip
        there = self.row_table.filter(pl.col("public_url").is_not_null(), ~pl.col("state").is_in(list(_BAD)))
        facts = [pl.col(fact).alias(said) for fact, said in wanted.items() if said is not None]
        return to_kind(there.unique("file_id", keep="first", maintain_order=True).select("file_id", *facts), self.kind)

    def file_ids(self) -> list[list[str]]:
        """For each row of the input the ids of its files that the platform has taken, in order, each once."""
        taken = self.row_table.filter(pl.col("file_id").is_not_null(), pl.col("state") != MediaState.FAILED)
        found: list[list[str]] = [[] for _ in range(self.height)]
        for row, ids in taken.group_by("row").agg(pl.col("file_id").unique(maintain_order=True)).iter_rows():
            found[row] = ids
        return found

    def to_dict(self) -> dict[str, Any]:
        """The report without its rows, as plain values that JSON can hold."""
        return {
            "ok": self.ok,
            "counts": self.counts,
            "requests": self.requests,
            "retries": self.retries,
            "bytes_sent": self.bytes_sent,
            "seconds": round(self.seconds, 3),
            "stopped": self.stopped,
        }

    def told(self) -> str:
        """The counts in words."""
        return ", ".join(f"{count:,} {state}" for state, count in self.counts.items() if count) or "no files"

    def __repr__(self) -> str:
        from occtoo_frames._push.media_shown import media_text

        return media_text(self)

    def _repr_html_(self) -> str:
        from occtoo_frames._push.media_shown import media_html

        return media_html(self)


def _told(ending: Ending) -> tuple[object, ...]:
    file = ending.file
    if file is None:
        return (ending.file_id, ending.state.value, None, None, None, None, None, ending.reason, None)
    facts = (file.public_url, file.mime_type, file.size, file.width, file.height)
    return (ending.file_id, ending.state.value, *facts, ending.reason, file.filename)
