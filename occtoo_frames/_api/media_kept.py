"""``of.read_media`` and ``of.delete_media``: the files that the platform has, asked for and deleted."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any, TypeVar

import polars as pl

from occtoo_frames._api.media_run import Courier, stopped_by
from occtoo_frames._frames.exit import must_be_kind, to_kind
from occtoo_frames._given import is_list
from occtoo_frames._push.media_files import facts, find, remove
from occtoo_frames._push.media_plan import ITEMS
from occtoo_frames._push.media_report import MediaReport, MediaRun
from occtoo_frames._push.media_talk import NotDoneError, Talk
from occtoo_frames._push.media_upload import Ending, MediaState
from occtoo_frames._session.connection import Connection, current_connection
from occtoo_frames._session.run import Run
from occtoo_frames.exceptions import ConfigurationError, PushInterruptedError
from occtoo_frames.protocol.media import MediaFile
from occtoo_frames.typing import FrameKind

T = TypeVar("T")

_READ = pl.Schema({
    "unique_identifier": pl.String(),
    "file_id": pl.String(),
    "state": pl.String(),
    "public_url": pl.String(),
    "source_url": pl.String(),
    "filename": pl.String(),
    "mime_type": pl.String(),
    "size": pl.Int64(),
    "width": pl.Int64(),
    "height": pl.Int64(),
})  # fmt: skip
_THREADS = 4


def read_media(
    unique_identifiers: Iterable[str] | None = None,
    file_ids: Iterable[str] | None = None,
    *,
    frame: FrameKind = "pandas",
    connection: Connection | None = None,
) -> Any:
    """A frame with a row for each file asked for, in that order; identifiers first.

    Columns: unique_identifier, file_id, state (``ready``, ``pending`` while the bytes are not all there, ``missing``
    if the platform has no such file), public_url, source_url, filename, mime_type, size (bytes), width, height
    (pixels).

    Args:
        unique_identifiers: Any number of them; they are asked for fifty at a time.
        file_ids: Any number of them; each is a request.
        frame: The kind of frame to give.
        connection: Whose credentials; the default connection if left out.

    Raises:
        ResponseError: The platform did not answer as it should.
        ConfigurationError: Nothing is asked for, there is no such kind of frame, or credentials are missing.
    """
    must_be_kind(frame)
    if unique_identifiers is None and file_ids is None:
        raise ConfigurationError("read_media needs unique_identifiers= or file_ids=")
    identifiers, ids = _texts(unique_identifiers, "unique_identifiers"), _texts(file_ids, "file_ids")
    used = current_connection(connection)
    hold = _holder(used, used.session.run())
    try:
        known = hold(find(used.ingest_url, list(dict.fromkeys(identifiers))))
        files = _each(ids, lambda file_id: hold(facts(used.ingest_url, file_id)))
    except NotDoneError as error:
        raise stopped_by(error) from None
    rows = [_row(identifier, None, known.get(identifier)) for identifier in identifiers]
    rows += [_row(None, file_id, file) for file_id, file in zip(ids, files, strict=True)]
    return to_kind(pl.DataFrame(rows, schema=_READ, orient="row"), frame)


def delete_media(
    file_ids: Iterable[str],
    *,
    frame: FrameKind = "pandas",
    connection: Connection | None = None,
) -> MediaReport:
    """The report of a deletion: the files are gone, and their identifiers free.

    A row for each id, also where one is given twice; its state is ``deleted``, ``skipped`` if the platform had no such
    file, or ``failed``. Entries that name the files are not touched.

    Args:
        file_ids: The files, by the ids that the platform gave them.
        frame: The kind of frame that the report gives.
        connection: Whose credentials; the default connection if left out.

    Raises:
        PushInterruptedError: The run could not go on; ``.report`` says what became of every file.
        ConfigurationError: There is no such kind of frame, or credentials are missing.
    """
    must_be_kind(frame)
    ids = _texts(file_ids, "file_ids")
    used = current_connection(connection)
    run, started = used.session.run(), monotonic()
    deletion = _Deletion(used.ingest_url, _holder(used, run), run)
    each = list(dict.fromkeys(ids))
    ended = dict(zip(each, _each(each, deletion.delete), strict=True))
    endings = [ended[file_id] for file_id in ids]
    cost = MediaRun(run.requests, run.retries, monotonic() - started, run.bytes_sent, deletion.why)
    items = pl.DataFrame({"row": range(len(ids))}, schema={"row": pl.Int64})
    items = items.select(
        *(pl.col(name) if name == "row" else pl.lit(None, dtype).alias(name) for name, dtype in ITEMS.items())
    )
    report = MediaReport(items, endings, height=len(ids), kind=frame, run=cost, deletes=True)
    if deletion.stopped is not None:
        said = f"the deletion stopped: {deletion.why}. {report.told()}; .report has each of them"
        raise PushInterruptedError(said, report) from deletion.stopped
    return report


class _Deletion:
    """Deletes one file after another, from several threads, until one ends the run."""

    def __init__(self, base_url: str, hold: Callable[[Talk[bool]], bool], run: Run) -> None:
        self._base_url, self._hold, self._run = base_url, hold, run
        self.stopped: Exception | None = None

    @property
    def why(self) -> str | None:
        """Why it stopped, or None."""
        return None if self.stopped is None else str(self.stopped)

    def delete(self, file_id: str) -> Ending:
        """What became of one file."""
        try:
            there = self._hold(remove(self._base_url, file_id))
        except NotDoneError as error:
            if error.stops and not self._run.stop.is_set():
                self.stopped = stopped_by(error)
                self._run.stop.set()
            return Ending(MediaState.FAILED, file_id, None, str(error))
        if there:
            return Ending(MediaState.DELETED, file_id)
        return Ending(MediaState.SKIPPED, file_id, None, "the platform has no such file")


def _holder(connection: Connection, run: Run) -> Callable[[Talk[T]], T]:
    connection.require("provider")
    return Courier(connection.session, run).hold


def _each(ids: Sequence[str], do: Callable[[str], T]) -> list[T]:
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="occtoo-media") as pool:
        return list(pool.map(do, ids))


def _texts(values: Iterable[str] | None, name: str) -> list[str]:
    if isinstance(values, str):
        raise ConfigurationError(f"{name} takes a list or a column, not one text: [{values!r}]")
    if values is not None and not is_list(values):
        raise ConfigurationError(f"{name} takes a list or a column, got {values!r}")
    found = list(values if values is not None else ())
    if not all(isinstance(value, str) and value for value in found):
        raise ConfigurationError(f"{name} takes texts, none of them empty or missing")
    return found


def _row(identifier: str | None, file_id: str | None, file: MediaFile | None) -> tuple[object, ...]:
    if file is None:
        return (identifier, file_id, "missing", *[None] * 7)
    state = "pending" if file.public_url is None else "ready"
    facts = (file.public_url, file.source_url, file.filename, file.mime_type, file.size, file.width, file.height)
    return (identifier or file.unique_identifier, file.id, state, *facts)
