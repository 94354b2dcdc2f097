"""``of.push`` and ``of.delete``: a table's entries sent, and what became of every row."""

from collections.abc import Mapping
from typing import Any

from occtoo_frames._api.deliver import deliver
from occtoo_frames._api.progress import progress_bar
from occtoo_frames._api.verify import verify
from occtoo_frames._push.plan import PushPlan
from occtoo_frames._push.report import PushReport
from occtoo_frames._push.shown import first_problems
from occtoo_frames._session.connection import Connection, current_connection
from occtoo_frames.exceptions import ConfigurationError, InvalidRowsError, PushInterruptedError
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
    concurrency: int = 4,
    progress: bool | None = None,
    correlation_id: str | None = None,
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
        concurrency: How many requests are on the wire at once.
        progress: Show a bar; by default only in a terminal or notebook, and after two seconds.
        correlation_id: Shown to the platform with each request.
        connection: Whose credentials; the default connection if left out.

    Raises:
        InvalidRowsError: Rows have problems and ``on_invalid`` is ``"raise"``; see ``.problems``. Nothing was sent.
        PushInterruptedError: The run could not go on; ``.report`` says what became of every row.
        FrameError: The table cannot be planned; see ``plan``.
        ConfigurationError: Credentials are missing.
    """
    from occtoo_frames._api.plan import plan

    planned = plan(
        frame,
        key,
        lang_cols,
        properties=properties,
        ids=ids,
        delete=delete,
        nulls=nulls,
        duplicates=duplicates,
        list_separator=list_separator,
        key_separator=key_separator,
        language_column=language_column,
        schema=schema,
        read_options=read_options,
    )
    return send(
        planned,
        source,
        on_invalid=on_invalid,
        concurrency=concurrency,
        progress=progress,
        correlation_id=correlation_id,
        connection=connection,
    )


def delete(
    frame: Frame,
    source: str,
    key: Key,
    *,
    key_separator: str = "-",
    duplicates: Duplicates = "fail",
    read_options: Mapping[str, Any] | None = None,
    on_invalid: OnInvalid = "raise",
    concurrency: int = 4,
    progress: bool | None = None,
    correlation_id: str | None = None,
    connection: Connection | None = None,
) -> PushReport:
    """The report of a deletion: the entries of ``source`` whose keys stand in ``frame`` are deleted.

    Arguments and errors as of ``push``; columns other than the key are not looked at.
    """
    from occtoo_frames._api.plan import plan_deletion

    planned = plan_deletion(frame, key, key_separator=key_separator, duplicates=duplicates, read_options=read_options)
    return send(
        planned,
        source,
        on_invalid=on_invalid,
        concurrency=concurrency,
        progress=progress,
        correlation_id=correlation_id,
        connection=connection,
    )


def send(
    plan: PushPlan,
    source: str,
    *,
    on_invalid: OnInvalid = "raise",
    concurrency: int = 4,
    progress: bool | None = None,
    correlation_id: str | None = None,
    connection: Connection | None = None,
) -> PushReport:
    """The report of sending exactly ``plan`` to ``source``; arguments and errors as of ``push``."""
    if on_invalid not in {"raise", "skip"}:
        raise ConfigurationError(f"on_invalid={on_invalid!r}: it is 'raise' or 'skip'")
    if on_invalid == "raise" and not plan.ok:
        raise InvalidRowsError(_refusal(plan), plan.problems)
    used = current_connection(connection)
    plan.check_unchanged()
    with progress_bar(plan.counts["entries"], "entries", progress=progress) as bar:
        delivery = deliver(
            plan.batches(),
            source=source,
            connection=used,
            concurrency=concurrency,
            correlation_id=correlation_id,
            on_receipt=lambda receipt: bar.update(receipt.count) and None,
        )
    stopped = delivery.stopped
    report = PushReport(
        plan=plan,
        target=source,
        receipts=delivery.receipts,
        requests=delivery.requests,
        retries=delivery.retries,
        seconds=delivery.seconds,
        waited_s=delivery.waited_s,
        bytes_sent=delivery.bytes_sent,
        stopped=None if stopped is None else str(stopped) or type(stopped).__name__,
        verifier=lambda report, url: verify(report, url, used),
    )
    if stopped is not None:
        raise PushInterruptedError(_interruption(report), report) from stopped
    return report


def _refusal(plan: PushPlan) -> str:
    lines = "\n".join(f"  {line}" for line in first_problems(plan.found, 5))
    more = "" if plan.found.height <= 5 else f"\n  … and {plan.found.height - 5:,} more"  # noqa: PLR2004 - shown above
    return (
        f"{plan.counts['invalid']:,} of {plan.counts['rows']:,} rows have problems; nothing was sent. Mend them (see "
        f".problems), or send the other rows with on_invalid='skip'.\n{lines}{more}"
    )


def _interruption(report: PushReport) -> str:
    counts = {name: count for name, count in report.counts.items() if count}
    return f"the push to {report.target!r} stopped: {report.stopped}. Rows so far: {counts}; .report has each of them"
