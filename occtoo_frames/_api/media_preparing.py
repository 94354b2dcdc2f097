"""A table's files made ready: looked at, checked and packed, with the way back to the rows that named them.

Takes a caller's table and which columns say what; gives parcels, and from their endings the report. Reads files and,
if asked to, tries links; sends nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from occtoo_frames._api.media_cells import read_cells
from occtoo_frames._api.media_content import BytesContent, FileContent, digest, held, looker
from occtoo_frames._api.media_journal import Journal, Slip
from occtoo_frames._api.media_probe import probe
from occtoo_frames._frames.door import open_frame
from occtoo_frames._frames.exit import to_kind
from occtoo_frames._frames.source import Source
from occtoo_frames._push.media_findings import Checked, check
from occtoo_frames._push.media_plan import Columns, identifiers_of, items_of, units_of
from occtoo_frames._push.media_report import MediaReport, MediaRun
from occtoo_frames._push.media_tus import Content
from occtoo_frames._push.media_upload import Ending, MediaState, Parcel
from occtoo_frames.typing import Frame


def prepare(
    frame: Frame,
    columns: Columns,
    *,
    accept: Sequence[str] | None,
    check_links: bool,
    options: Mapping[str, Any] | None,
) -> "Prepared":
    """The files of ``frame``, looked at and checked.

    Args:
        frame: The caller's table.
        columns: Which columns say what.
        accept: The media types that may be sent.
        check_links: Try each link.
        options: How to read a path.

    Raises:
        FrameError: A column is missing or of a type that cannot be used.
    """
    source = open_frame(frame, read_options=options)
    source.require(columns.names, "push_media")
    table, flaws = read_cells(frame, source, columns)
    items = items_of(table, columns, flaws)
    links = items["link"].drop_nulls().unique(maintain_order=True).to_list()
    dead = probe(links, accept) if check_links else {}
    checked = check(items, columns, flaws=flaws, look=looker(table, items), accept=accept, dead=dead)
    return Prepared(source, table, items, identifiers_of(table, columns), checked)


@dataclass(frozen=True)
class Prepared:
    """A table's files, before anything is sent.

    Attributes:
        source: The caller's table.
        table: Its columns that say something about files.
        items: A row for each file.
        identifiers: The identifier of each of the table's rows.
        checked: What is wrong with them.
    """

    source: Source
    table: pl.DataFrame
    items: pl.DataFrame
    identifiers: pl.Series
    checked: Checked

    @property
    def problems(self) -> Any:
        """What is wrong, as a frame of the caller's kind."""
        return to_kind(self.checked.problems, self.source.kind)

    @cached_property
    def _units(self) -> tuple[list[int], list[int]]:
        sent, places = units_of(self.items, self.checked.refused)
        return sent, places.tolist()

    def parcels(self, journal: Journal) -> list[Parcel]:
        """What is sent: a parcel for each file without a problem, the same one once."""
        sent, _ = self._units
        chosen = self.items[sent].select("filename", "unique_identifier", "link", "path").rows()
        return [
            Parcel(name, identifier, link=link)
            if link is not None
            else Parcel(
                name, identifier, content=self._opener(item, path), memory=_remembering(journal, name, path, item)
            )
            for item, (name, identifier, link, path) in zip(sent, chosen, strict=True)
        ]

    def report(self, endings: Sequence[Ending], run: MediaRun, previews: Sequence[str]) -> MediaReport:
        """What became of every row, of the ``endings`` of its parcels."""
        wrong = self._reasons()
        _, places = self._units
        of_items = [
            Ending(MediaState.FAILED, reason=wrong[item]) if place < 0 else endings[place]
            for item, place in enumerate(places)
        ]
        return MediaReport(
            self.items,
            of_items,
            height=self.table.height,
            kind=self.source.kind,
            run=run,
            source=self.source,
            identifiers=self.identifiers,
            previews=tuple(previews),
        )

    def _reasons(self) -> dict[int, str]:
        found: dict[int, list[str]] = {}
        said = self.checked.problems.select("message", "hint").rows()
        for item, (message, hint) in zip(self.checked.items, said, strict=True):
            found.setdefault(item, []).append(f"{message} ({hint})")
        return {item: "; ".join(reasons) for item, reasons in found.items()}

    def _opener(self, item: int, path: str | None) -> Callable[[], Content]:
        if path is None:
            return lambda: BytesContent(held(self.table, self.items, item))
        return lambda: FileContent(Path(path))


def _remembering(journal: Journal, name: str, path: str | None, item: int) -> Callable[[Content, str | None], Slip]:
    """The slip of a content: another place, name, identifier or byte is another upload."""
    place = item if path is None else str(Path(path).absolute())

    def slip(content: Content, identifier: str | None) -> Slip:
        return journal.slip(identifier, name, place, content.size, digest(content))

    return slip
