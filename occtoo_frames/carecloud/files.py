"""``of.carecloud.write_sync_file`` and ``read_sync_file``: a table as a file, and back."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from occtoo_frames._frames.door import open_frame
from occtoo_frames._frames.exit import must_be_kind, to_kind
from occtoo_frames._frames.source import Source
from occtoo_frames._given import must_be_texts, to_path
from occtoo_frames._push.shown import problem_lines
from occtoo_frames._session.connection import Connection, current_connection
from occtoo_frames.carecloud.dtypes import Dtypes, dtypes_of
from occtoo_frames.carecloud.layout import Deletes, EmptyText, Layout, entity_of, layout_of
from occtoo_frames.carecloud.reading import read_rows
from occtoo_frames.carecloud.sync_file import SyncFile, write_table
from occtoo_frames.exceptions import ConfigurationError, FileMissingError, InvalidRowsError
from occtoo_frames.protocol.carecloud import FILE_TYPE, KEY
from occtoo_frames.protocol.cc5 import MOMENT, FieldType, Header
from occtoo_frames.typing import INDEX, Frame, FrameKind, Key, OnInvalid, Properties


def write_sync_file(
    frame: Frame,
    path: str | os.PathLike[str],
    *,
    entity: str,
    key: Key,
    properties: Properties = None,
    types: Mapping[str, FieldType] | None = None,
    delete: str | None = None,
    deletes: Deletes = "remove",
    empty_text: EmptyText = "problem",
    key_separator: str = "-",
    customer: str = "",
    workspace: str | None = None,
    bucket: str | None = None,
    reference: str | None = None,
    action: str = "upsert",
    created: datetime | None = None,
    read_options: Mapping[str, Any] | None = None,
    on_invalid: OnInvalid = "raise",
) -> SyncFile:
    """The sync file of ``frame``, complete at ``path``; a slice of the table is in memory at a time.

    Args:
        frame: The table; see ``plan``.
        path: Where the file goes; what stands there is replaced once the new one is complete.
        entity: ``family``, ``family_member``, ``provider``, ``claim``, ``care``, ``provider_payment``,
            ``family_case``, ``document``, ``note`` or ``claim_attendance``.
        key: The column, columns or INDEX of the key, written as ``entityId``.
        properties: The columns to write, or ``{column: field}``; a field that is left out stays as it is there.
        types: ``{column: type}`` where it is not the dtype's own: ``string``, ``int``, ``number``, ``bool``,
            ``date``, ``array``, ``list`` (JSON) or ``object`` (JSON); text must say such values then.
        delete: The column that says which rows are deletions: boolean, or text of true and false.
        deletes: ``"remove"`` writes them as deletions, ``"disable"`` as the field ``disabled``.
        empty_text: A null is written as nothing and so is an empty text: ``"problem"`` refuses those, ``"null"``
            writes them, and empty lists, as nulls.
        key_separator: Joins the columns of the key.
        customer: The customer, in the file's first line.
        workspace: The workspace's id; by default the connection's.
        bucket: The bucket's id; by default the connection's.
        reference: The file's reference id; by default a new one.
        action: The action code; which ones there are besides ``upsert`` is not documented, so none is refused.
        created: The create time; by default now, in UTC.
        read_options: How to read a path.
        on_invalid: ``"raise"`` writes no file if a row has a problem, ``"skip"`` writes the other rows.

    Raises:
        InvalidRowsError: Rows or columns have problems; see ``.problems``. There is no new file.
        FrameError: The table cannot be written as asked.
        ConfigurationError: An option is none.
        FileNotWrittenError: There can be no file at ``path``, or no room is left for it.
    """
    said = Said(
        entity, key, properties, types, delete, deletes, empty_text, key_separator, customer, workspace, bucket,
        reference, action, created, on_invalid,
    )  # fmt: skip
    source = open_frame(frame, with_index=key is INDEX, read_options=read_options)
    return write_as(source, to_path(path), said, None)[0]


@dataclass(frozen=True, slots=True)
class Said:
    """What was said about a table and its file; see ``write_sync_file``."""

    entity: str
    key: Key
    properties: Properties = None
    types: Mapping[str, FieldType] | None = None
    delete: str | None = None
    deletes: Deletes = "remove"
    empty_text: EmptyText = "problem"
    key_separator: str = "-"
    customer: str = ""
    workspace: str | None = None
    bucket: str | None = None
    reference: str | None = None
    action: str = "upsert"
    created: datetime | None = None
    on_invalid: OnInvalid = "raise"


def write_as(source: Source, path: Path, said: Said, connection: Connection | None) -> tuple[SyncFile, Layout]:
    """The sync file of a table, and its layout; workspace and bucket that were not said are the connection's."""
    _check(said)
    known = entity_of(said.entity)
    layout = layout_of(
        source,
        said.key,
        properties=said.properties,
        types=said.types,
        delete=said.delete,
        deletes=said.deletes,
        key_separator=said.key_separator,
        empty_text=said.empty_text,
    )
    usual = current_connection(connection) if said.workspace is None or said.bucket is None else None
    header = Header(
        entity_type=known.type,
        datasource=known.datasource,
        keys=(KEY,),
        fields=layout.fields,
        workspace=said.workspace if said.workspace is not None else (usual and usual.carecloud_workspace) or "",
        bucket=said.bucket if said.bucket is not None else (usual and usual.carecloud_bucket) or "",
        customer=said.customer,
        file_type=FILE_TYPE,
        created=(said.created or datetime.now(UTC)).strftime(MOMENT),
        reference=said.reference if said.reference is not None else uuid4().hex,
        action=said.action,
    )
    return write_table(source, layout, header, path, on_invalid=said.on_invalid), layout


def _check(said: Said) -> None:
    if said.on_invalid not in {"raise", "skip"}:
        raise ConfigurationError(f"on_invalid={said.on_invalid!r}: it is 'raise' or 'skip'")
    for option, text in (("customer", said.customer), ("key_separator", said.key_separator)):
        if not isinstance(text, str):
            raise ConfigurationError(f"{option}={text!r}: it is a text, empty if there is none")
    if said.types is not None and not isinstance(said.types, Mapping):
        raise ConfigurationError(f"types={said.types!r}: it says the types of columns, such as {{'born': 'date'}}")
    must_be_texts("the name of a column", delete=said.delete)
    must_be_texts("an id", workspace=said.workspace, bucket=said.bucket, reference=said.reference)
    if said.created is not None and not isinstance(said.created, datetime):
        raise ConfigurationError(f"created={said.created!r}: it is a datetime")
    if not isinstance(said.action, str) or not said.action.strip():
        raise ConfigurationError(f"action={said.action!r}: it is 'upsert', or another code that the portal knows")


def read_sync_file(
    path: str | os.PathLike[str],
    *,
    schema: Dtypes | None = None,
    delete: str | None = None,
    frame: FrameKind = "pandas",
) -> Any:
    """The rows of a sync file as a frame, a column for each field.

    ``int`` comes as 64 bits and ``number`` as floats where these are exact, else as decimals; ``date`` as dates, or as
    datetimes if one has a time; ``array`` as lists of text; ``list`` and ``object`` as JSON texts. Nothing between two
    pipes is null; ``#Enter#`` is a line feed. A polars ``schema`` of the table that was written gives its own
    types back, also of what lists and structs hold; a cell that its dtype does not hold whole is a problem.

    Args:
        path: The file.
        schema: polars dtypes of some fields; a name that is none of the file's is passed over, as the table's own
            name of the key is.
        delete: The name of a boolean column that says which rows are deletions. Without a name the column is called
            ``delete``, and is there only if the file has some.
        frame: ``"pandas"``, ``"polars"`` or ``"pyarrow"``.

    Raises:
        InvalidRowsError: Cells are not of their type; see ``.problems``, which shows no values.
        UnsupportedFrameError: It is no sync file, or was cut off, or its last line counts other rows.
        ConfigurationError: An option is none.
        FileMissingError: There is no such file.
    """
    must_be_kind(frame)
    must_be_texts("the name of a column", delete=delete)
    dtypes, file = dtypes_of(schema), to_path(path)
    if not file.is_file():
        raise FileMissingError(f"there is no file {os.fspath(path)}")
    read = read_rows(file, dtypes, delete)
    if read.problems.height:
        raise InvalidRowsError(
            f"{file.name}: {read.problems.height:,} values cannot be read; see .problems."
            f"{problem_lines(read.problems)}",
            to_kind(read.problems, frame),
        )
    return to_kind(read.frame, frame)
