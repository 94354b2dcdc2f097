"""``of.push`` and ``of.delete``: a table's entries sent, and what became of every row."""

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any
from uuid import UUID

from occtoo_frames._api.plan import plan, plan_deletion
from occtoo_frames._api.send import send
from occtoo_frames._push.report import PushReport
from occtoo_frames._session.connection import Connection
from occtoo_frames.typing import Duplicates, Frame, Ids, Key, LangCols, Nulls, OnInvalid, Properties


def push(
    frame: Frame,
    source: str,
    key: Key,
    lang_cols: LangCols = None,
    *,
    properties: Properties = None,
    ids: Ids = "strict",
    delete: str | None = None,
    nulls: Nulls = "skip",
    duplicates: Duplicates = "fail",
    list_separator: str = "|",
    key_separator: str = "-",
    language_column: str | None = None,
    schema: Any = None,
    read_options: Mapping[str, Any] | None = None,
    on_invalid: OnInvalid = "raise",
    changed_only: bool = False,
    mirror: bool = False,
    max_delete: float = 0.1,
    dry_run: bool = False,
    resume: bool = False,
    concurrency: int = 4,
    progress: bool | None = None,
    correlation_id: str | UUID | None = None,
    connection: Connection | None = None,
) -> PushReport:
    """The report of a push: ``frame``'s entries imported into ``source``, every row with its outcome.

    Imports create or replace the properties they name and leave all others as they are (the platform's documents).

    Args:
        frame: The table; see ``plan`` for it and for every argument up to ``read_options``.
        source: The source's id on the platform.
        key: The key of each entry.
        lang_cols: Which columns hold a property in a language.
        properties: The columns to send.
        ids: How column names become property ids.
        delete: A boolean column of deletions.
        nulls: Whether nulls are skipped or clear.
        duplicates: What rows sharing a key are.
        list_separator: Joins the elements of a list.
        key_separator: Joins the columns of the key.
        language_column: The column that says each row's language.
        schema: A pandera schema.
        read_options: How to read a path.
        on_invalid: ``"raise"`` sends nothing if a row has a problem, ``"skip"`` sends the other rows.
        changed_only: Send only values that differ from what this machine last had accepted.
        mirror: Delete also the entries whose keys this machine had accepted and the table does not hold any more. The
            key of a rejected row has not vanished; an empty table, or one with a key that cannot be read, deletes
            nothing.
        max_delete: The share of the known keys that ``mirror`` may delete.
        dry_run: Send nothing, and report what would be sent; rows with problems are reported, never raised for.
        resume: Go on where the last push of exactly this to ``source`` was interrupted; batches that it had accepted
            count as accepted. Without such a push it begins at the start.
        concurrency: How many requests are on the wire at once.
        progress: Show a bar; by default only in a terminal or notebook, and after two seconds.
        correlation_id: A GUID that is shown to the platform with each request.
        connection: Whose credentials; the default connection if left out.

    Raises:
        InvalidRowsError: Rows have problems and ``on_invalid`` is ``"raise"``; see ``.problems``. Nothing was sent.
        PushInterruptedError: The run could not go on; ``.report`` says what became of every row.
        FrameError: The table cannot be planned; see ``plan``.
        PlanError: ``mirror`` would delete more than ``max_delete``, or the interrupted push that ``resume`` would go
            on with sent something else; nothing was sent.
        ConfigurationError: Credentials are missing, or this machine's journal of ``source`` is in use by another push,
            damaged, or of a newer version.
    """
    given = dict(locals())
    return send(plan(frame, key, lang_cols, **_options(plan, given)), source, **_options(send, given))


def delete(
    frame: Frame,
    source: str,
    key: Key,
    *,
    key_separator: str = "-",
    duplicates: Duplicates = "fail",
    read_options: Mapping[str, Any] | None = None,
    on_invalid: OnInvalid = "raise",
    dry_run: bool = False,
    resume: bool = False,
    concurrency: int = 4,
    progress: bool | None = None,
    correlation_id: str | UUID | None = None,
    connection: Connection | None = None,
) -> PushReport:
    """The report of a deletion: the entries of ``source`` whose keys stand in ``frame`` are deleted.

    Arguments and errors as of ``push``; columns other than the key are not looked at.
    """
    given = dict(locals())
    return send(plan_deletion(frame, key, **_options(plan_deletion, given)), source, **_options(send, given))


def _options(verb: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What was ``given`` of the keyword-only arguments of ``verb``."""
    parameters = signature(verb).parameters.values()
    return {each.name: given[each.name] for each in parameters if each.kind is each.KEYWORD_ONLY and each.name in given}
