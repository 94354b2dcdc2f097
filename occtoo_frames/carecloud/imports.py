"""``of.carecloud.import_file`` and ``status``: a table or a sync file in the portal, and what became of it."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO

from occtoo_frames._frames.door import open_frame
from occtoo_frames._frames.source import Source
from occtoo_frames._given import must_be_patience, must_be_texts, to_texts
from occtoo_frames._push.outcomes import Outcome
from occtoo_frames._session.connection import Connection, current_connection
from occtoo_frames._session.run import Run
from occtoo_frames.carecloud.conversation import Fate, Mode, Parcel, import_steps, status_steps
from occtoo_frames.carecloud.driver import Driver
from occtoo_frames.carecloud.files import Said, write_as
from occtoo_frames.carecloud.layout import Deletes, EmptyText, Layout, entity_of
from occtoo_frames.carecloud.reading import inspect_file
from occtoo_frames.carecloud.report import ImportReport
from occtoo_frames.carecloud.sync_file import SyncFile, keys_at
from occtoo_frames.exceptions import ConfigurationError, FileMissingError, PlanError
from occtoo_frames.protocol.carecloud import Ticket
from occtoo_frames.protocol.cc5 import SUFFIX, FieldType
from occtoo_frames.protocol.conversing import Patience
from occtoo_frames.typing import INDEX, Frame, Key, OnInvalid, Properties, Texts

MAX_FILE_BYTES = 5 * 1024**3
"""The largest object that one PUT may bring (doc, S3)."""

_OF_TABLES: dict[str, tuple[object, ...]] = {
    "properties": (None,),
    "types": (None, {}),
    "delete": (None,),
    "deletes": ("remove",),
    "empty_text": ("problem",),
    "key_separator": ("-",),
    "customer": ("",),
    "on_invalid": ("raise",),
    "read_options": (None, {}),
}
"""What may be said of a table alone, in this order, and what says nothing; empty properties say that there are none."""


def import_file(
    frame_or_path: Frame,
    *,
    entity: str,
    key: Key | None = None,
    wait: bool = True,
    mode: Mode = "async",
    max_wait_s: float = 600.0,
    properties: Properties = None,
    types: Mapping[str, FieldType] | None = None,
    delete: str | None = None,
    deletes: Deletes = "remove",
    empty_text: EmptyText = "problem",
    key_separator: str = "-",
    customer: str = "",
    on_invalid: OnInvalid = "raise",
    read_options: Mapping[str, Any] | None = None,
    folder: str | None = None,
    category: str | None = None,
    tags: str | Texts = (),
    metadata: Mapping[str, str] | None = None,
    description: str | None = None,
    action_id: str | None = None,
    connection: Connection | None = None,
) -> ImportReport:
    """The report of an import: the table, or the sync file at a path, was put into the portal and imported.

    A file is read while it is sent, whatever its size. The import itself is asked for once: if its answer stays out,
    the state of the file is asked for instead.

    Args:
        frame_or_path: A table, see ``plan``, or the path of a ``.cc5txt`` file (a ``SyncFile`` too).
        entity: The entity; see ``write_sync_file``.
        key: The key of a table; see ``write_sync_file`` for it, and for all from ``properties`` to ``read_options``.
            A file that is there already has its own: what would say something else is refused.
        wait: Wait for the end of the import; else rows are ``unknown`` and ``carecloud.status`` tells later.
        mode: ``"async"`` lets the portal answer at once and asks for the state; ``"sync"`` lets it answer at the end.
        max_wait_s: How long to wait for the end.
        properties: The columns to write.
        types: Field types.
        delete: The column that says which rows are deletions: boolean, or text of true and false.
        deletes: How deletions are written.
        empty_text: Whether empty texts are problems or nulls.
        key_separator: Joins the columns of the key.
        customer: The customer, in the file's first line.
        on_invalid: ``"raise"`` sends nothing if a row has a problem, ``"skip"`` sends the other rows.
        read_options: How to read a path.
        folder: Where the portal files it.
        category: The file's category.
        tags: The file's tags; one text is one tag.
        metadata: The file's metadata: texts by their names.
        description: What the action is about.
        action_id: An id of the action of your own.
        connection: Whose credentials; the default connection if left out.

    Raises:
        InvalidRowsError: Rows have problems and ``on_invalid`` is ``"raise"``. Nothing was sent.
        OcctooError: The portal or its storage refused the file; nothing was imported.
        FrameError: The table cannot be written as asked, or the file is no sync file.
        ConfigurationError: An option is none, or credentials or the address are missing.
    """
    _check(mode, max_wait_s)
    used = current_connection(connection)
    table = (properties, types, delete, deletes, empty_text, key_separator, customer)
    said = None if key is None else Said(entity, key, *table, on_invalid=on_invalid)
    must_be_texts("what the portal says of the file", folder=folder, category=category, description=description)
    must_be_texts("an id", action_id=action_id)
    about: dict[str, object] = {
        "Folder": folder,
        "Category": category,
        "ActionId": action_id,
        "Description": description,
    }
    about |= {"Tags": list(to_texts(tags, "tags")), "Metadata": _metadata(metadata)}
    started, driver = monotonic(), Driver(used)
    with tempfile.TemporaryDirectory(prefix="occtoo-frames-") as scratch:
        path = Path(scratch) / f"{entity}{SUFFIX}"
        if _is_sync_file(frame_or_path):
            _must_say_nothing_of_tables(frame_or_path, (*table, on_invalid, read_options))
            made = _Made(_given(frame_or_path, entity, key))
        else:
            made = _written(frame_or_path, said, read_options, path, used)
        parcel = _parcel(made.file, entity, used, about)
        patience = Patience(max_wait_s, used.session.clock.now)
        fate = driver.drive(import_steps(driver.base, parcel, mode=mode, wait=wait, patience=patience))
    return made.report(entity, fate, driver.run, monotonic() - started)


@dataclass(frozen=True, slots=True)
class ImportStatus:
    """What the portal says about a file.

    Attributes:
        outcome: accepted once it is imported, rejected if that failed, unknown until then.
        state: The portal's own word.
        reason: Why it is not accepted, or None.
        errors: What it said about fields and lines, without values.
    """

    file_id: str
    outcome: Outcome
    state: str
    reason: str | None
    errors: tuple[str, ...]


def status(file_id: str, *, wait_s: float = 0.0, connection: Connection | None = None) -> ImportStatus:
    """What became of the file that a report calls ``file_id``.

    Args:
        file_id: The portal's id of the file.
        wait_s: How long to wait for an end.
        connection: Whose credentials; the default connection if left out.

    Raises:
        ConfigurationError: An option is none, or credentials or the address are missing.
    """
    must_be_patience(wait_s, "wait_s")
    if not isinstance(file_id, str) or not file_id:
        raise ConfigurationError(f"file_id={file_id!r}: it is the portal's id of a file")
    used = current_connection(connection)
    driver, patience = Driver(used), Patience(wait_s, used.session.clock.now)
    fate: Fate = driver.drive(status_steps(driver.base, Ticket("", file_id, "", ""), patience))
    said = tuple(f"{error.field}: {error.message}".removeprefix(": ") for error in fate.errors)
    return ImportStatus(file_id, fate.outcome, fate.state, fate.reason, said)


@dataclass(frozen=True, slots=True)
class _Made:
    """A file, and the table that it was made of."""

    file: SyncFile
    source: Source | None = None
    layout: Layout | None = None

    def report(self, entity: str, fate: Fate, run: Run, seconds: float) -> ImportReport:
        """The report of its import."""
        keys = None
        if self.source is not None and self.layout is not None:
            keys = partial(keys_at, self.source, self.layout)
        costs = (run.requests, run.retries, seconds, run.bytes_sent)
        return ImportReport(entity, fate, self.file, *costs, source=self.source, keys=keys)


def _written(
    table: Frame, said: Said | None, options: Mapping[str, Any] | None, path: Path, used: Connection
) -> _Made:  # fmt: skip
    """The file of a table, at ``path``."""
    if said is None:
        raise PlanError("key: name the column of the key")
    source = open_frame(table, with_index=said.key is INDEX, read_options=options)
    file, layout = write_as(source, path, said, used)
    return _Made(file, source, layout)


@dataclass(frozen=True, slots=True)
class _FileBody:
    """A file as a body."""

    path: Path
    size: int

    def open(self) -> BinaryIO:
        """Its bytes from the beginning."""
        return self.path.open("rb")


def _check(mode: str, max_wait_s: float) -> None:
    if mode not in {"async", "sync"}:
        raise ConfigurationError(f"mode={mode!r}: it is 'async' or 'sync'")
    must_be_patience(max_wait_s, "max_wait_s")


def _metadata(said: object) -> dict[str, str]:
    if said is None:
        return {}
    if not isinstance(said, Mapping) or not all(isinstance(text, str) for pair in said.items() for text in pair):
        raise ConfigurationError(f"metadata={said!r}: it says texts by their names, such as {{'origin': 'frames'}}")
    return dict(said)


def _is_sync_file(given: object) -> bool:
    return isinstance(given, SyncFile) or (
        isinstance(given, str | os.PathLike) and os.fspath(given).lower().endswith(SUFFIX)
    )


def _must_say_nothing_of_tables(path: Any, said: tuple[object, ...]) -> None:
    asked = [
        option
        for (option, nothing), value in zip(_OF_TABLES.items(), said, strict=True)
        if not ((value is None or isinstance(value, str | Mapping)) and value in nothing)
    ]
    if asked:
        out = ", ".join(f"{option}=" for option in asked)
        raise ConfigurationError(f"{Path(path).name} is imported as it is: leave out {out}, or import the table")


def _given(path: str | os.PathLike[str], entity: str, key: Key | None) -> SyncFile:
    known = entity_of(entity)
    if not Path(path).is_file():
        raise FileMissingError(f"there is no file {os.fspath(path)}")
    file = inspect_file(Path(path))
    if file.header.entity_type != known.type:
        raise PlanError(f"{file.path.name} is a file of {file.header.entity_type!r}, not of {known.type!r}")
    if key is not None and (key is INDEX or to_texts(key, "key") != file.header.keys):
        raise ConfigurationError(f"{file.path.name} has the key {', '.join(file.header.keys)} already: leave out key=")
    return file


def _parcel(file: SyncFile, entity: str, used: Connection, about: Mapping[str, object]) -> Parcel:
    if file.size > MAX_FILE_BYTES:
        raise PlanError(f"the file takes {file.size:,} bytes, {MAX_FILE_BYTES:,} is the most: send it in parts")
    said = {name: value for name, value in about.items() if value is not None}
    body = _FileBody(file.path, file.size)
    workspace, bucket = used.carecloud_workspace or "", used.carecloud_bucket or ""
    return Parcel(entity_of(entity).type, file.path.name, body, file.md5, workspace, bucket, said)
