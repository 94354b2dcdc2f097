"""The verbs that talk with the collector: upload a table or file, and ask for a job."""

import os
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import polars as pl

from occtoo_frames._frames.csvs import separator_of
from occtoo_frames._frames.exit import to_kind
from occtoo_frames._given import must_be_patience
from occtoo_frames._push.problems import Place, gathered, problems
from occtoo_frames._push.shown import counted, problem_lines
from occtoo_frames._session.connection import Connection, current_connection
from occtoo_frames._session.errors import error_of
from occtoo_frames.datatile.checks import FORMATS, SPSS, Format
from occtoo_frames.datatile.conversation import Fate, Order, Outcome, follow
from occtoo_frames.datatile.conversation import upload as uploading
from occtoo_frames.datatile.driver import Driver, server_of
from occtoo_frames.datatile.files import WrittenFile, written
from occtoo_frames.datatile.multipart import Form
from occtoo_frames.datatile.names import Names, name_problems
from occtoo_frames.datatile.prepared import prepare
from occtoo_frames.datatile.report import UploadReport
from occtoo_frames.exceptions import (
    ConfigurationError,
    FileMissingError,
    InvalidRowsError,
    PushInterruptedError,
    UnsupportedFrameError,
)
from occtoo_frames.protocol.conversing import Patience
from occtoo_frames.protocol.datatile import CALLBACK_PART, Action, Job
from occtoo_frames.protocol.http import Response

_ACTIONS = ("create", "reload", "append")
_WORDS = {
    401: "check datatile_token: a new token ends the one before it",
    403: "the token's role may not do this to this target",
    404: "there is no such target: create takes the hash of a folder, reload and append that of a database",
    409: "another upload to this target is running; when_busy='wait' waits for its turn",
    413: "the file is larger than the collector takes; zsav is the smallest format, or append in parts",
    415: "the collector does not take this kind of file; it takes zsav, sav, xlsx and csv",
    429: "the collector takes no more uploads for now; try again later, or raise max_wait_s of the retry policy",
}


def upload(
    frame_or_path: Any,
    *,
    target: str,
    mode: Action = "create",
    format: Format = "zsav",  # noqa: A002 - the word that users know
    labels: Any = None,
    value_labels: Any = None,
    names: Names = "strict",
    allow: Collection[str] = (),
    read_options: Mapping[str, Any] | None = None,
    name: str = "dataset",
    callback: str | None = None,
    wait: bool = True,
    when_busy: Literal["fail", "wait"] = "fail",
    max_wait_s: float = 3_600.0,
    connection: Connection | None = None,
) -> UploadReport:
    """The table is in a database of the collector, or the report says what became of it.

    The file is written first, and checked: whatever the format would change without a word is a problem, and nothing
    is sent. It is read from disk while it is sent, anew for each attempt. create and append are sent once: where no
    answer tells whether the collector took the file, the outcome is ``unknown``, and ``report.check`` says what to
    look at. A reload is repeated, since it cannot happen twice.

    Args:
        frame_or_path: Any table that ``push`` takes; or a .zsav, .sav, .xlsx or .csv file, which is sent as it is. Of
            an .xlsx or .csv ``labels``, ``value_labels``, ``names``, ``allow`` and ``read_options`` make a table,
            written as ``format``.
        target: The hash of a folder for create, of a database for reload and append.
        mode: create makes a database, reload replaces its rows, append adds to them.
        format: What a table is written as: zsav, sav, xlsx or csv. A file that is sent as it is keeps its own.
        labels: ``{column: label}``, or a codebook: a table with ``column`` and ``label``, and ``value`` and
            ``value_label`` if it says the labels of values too.
        value_labels: ``{column: {value: label}}``, or a table with ``column``, ``value`` and ``label``. Categories
            and enums bring their own.
        names: ``"strict"`` makes a problem of a column whose name no variable may have; ``"safe"`` finds a legal name
            for it and keeps its own as its label.
        allow: Losses to accept: ``null-text``, ``empty-text``, ``value-trailing-space``, ``value-precision``,
            ``label-length``, ``value-label-length``, ``time-zone``, ``index``.
        read_options: How to read a path: ``separator`` and ``encoding`` of a csv, ``sheet`` of an xlsx.
        name: What the file is called, without its ending, if a table is uploaded.
        callback: An address that the collector tells about the job.
        wait: Whether to wait for the end of the job.
        when_busy: While another upload to the target is running, ``"fail"`` or ``"wait"``.
        max_wait_s: How long to wait for the job and the turn.
        connection: Instead of the default one.

    Raises:
        InvalidRowsError: The file would not hold what the table holds; ``.problems`` says where. Nothing was sent.
        ResponseError: The collector refused it; the message says what to do. Nothing was done.
        ConnectionFailedError: The collector could not be reached. Nothing was done.
        PushInterruptedError: Ctrl-C; ``.report`` says what is known.
        ConfigurationError: An option is none, or address and token are missing.
    """
    if mode not in _ACTIONS:
        raise ConfigurationError(f"mode={mode!r}: it is one of {', '.join(_ACTIONS)}")
    if when_busy not in {"fail", "wait"}:
        raise ConfigurationError(f"when_busy={when_busy!r}: it is 'fail' or 'wait'")
    _must_say(target, "target", "the hash of a folder or database")
    if callback is not None:
        _must_say(callback, "callback", "an address")
    must_be_patience(max_wait_s, "max_wait_s")
    chosen = current_connection(connection)
    server = server_of(chosen)
    said = {"labels": labels, "value_labels": value_labels, "read_options": read_options or None}
    with _file(frame_or_path, fmt=format, names=names, allow=allow, name=name, said=said) as (path, sent):
        form = Form(path, path.name, {} if callback is None else {CALLBACK_PART: callback})
        order = Order(
            server=server,
            action=mode,
            target=target,
            body=form,
            content_type=form.content_type,
            wait=wait,
            turn=when_busy == "wait",
            patience=Patience(max_wait_s, chosen.session.clock.now),
        )
        return _uploaded(chosen, order, sent, path.stat().st_size)


def job(
    job_id: str, *, wait: bool = False, max_wait_s: float = 3_600.0, connection: Connection | None = None
) -> UploadReport:
    """What has become of an earlier upload's job.

    Args:
        job_id: As in ``UploadReport.job_id``.
        wait: Whether to wait for its end.
        max_wait_s: How long.
        connection: Instead of the default one.

    Raises:
        ConfigurationError: An option is none, or address and token are missing.
        ResponseError: The collector knows no such job, or refused to tell.
    """
    _must_say(job_id, "job_id", "the id of a job")
    must_be_patience(max_wait_s, "max_wait_s")
    driver = Driver(current_connection(connection))
    started = time.monotonic()
    patience = Patience(max_wait_s if wait else 0.0, driver.connection.session.clock.now)
    fate = driver.drive(follow(server_of(driver.connection), Job(job_id, "unknown"), patience))
    _raise_refusal(fate, {})
    seen = fate.job
    return UploadReport(
        fate=fate,
        mode=None if seen is None or seen.action is None else seen.action.lower(),
        target=None if seen is None else seen.target,
        requests=driver.run.requests,
        retries=driver.run.retries,
        seconds=time.monotonic() - started,
    )


def _must_say(value: object, option: str, what: str) -> None:
    """Nothing, if ``value`` is a text, and neither empty nor blank."""
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(f"{option}={value!r}: it is {what}, a text")


def _uploaded(connection: Connection, order: Order, sent: WrittenFile | None, size: int) -> UploadReport:
    driver, started = Driver(connection), time.monotonic()

    def report(fate: Fate) -> UploadReport:
        return UploadReport(
            fate=fate,
            mode=order.action,
            target=order.target,
            size=size,
            sent_rows=None if sent is None else sent.rows,
            columns=None if sent is None else sent.columns,
            losses=None if sent is None else sent.losses,
            requests=driver.run.requests,
            retries=driver.run.retries,
            bytes_sent=driver.run.bytes_sent,
            seconds=time.monotonic() - started,
            kind="pandas" if sent is None else sent.kind,
        )

    try:
        fate = driver.drive(uploading(order))
    except KeyboardInterrupt as stopped:
        if not driver.begun:
            raise
        known = report(driver.interrupted(order.action))
        raise PushInterruptedError(f"the upload was interrupted: {known.outcome}; see .report", known) from stopped
    if fate.outcome is Outcome.REFUSED:
        _raise_refusal(fate, _WORDS)
    return report(fate)


def _raise_refusal(fate: Fate, words: Mapping[int, str]) -> None:
    """Returns if no request was refused."""
    if fate.asked is None or fate.request is None:
        return
    status = fate.asked.event.status if isinstance(fate.asked.event, Response) else 0
    why = "; ".join(filter(None, (fate.asked.fatal, words.get(status)))) or None
    raise error_of(fate.asked, fate.request, why=why) from None


@contextmanager
def _file(
    frame_or_path: Any, *, fmt: Format, names: Names, allow: Collection[str], name: str, said: dict[str, Any]
) -> Iterator[tuple[Path, WrittenFile | None]]:
    """The file to send: the one that was named, or one that is written and goes away again."""
    given = {**said, "names": None if names == "strict" else names, "allow": allow or None}
    asked = [option for option, value in given.items() if value is not None]
    path = Path(frame_or_path) if isinstance(frame_or_path, str | os.PathLike) else None
    ending = "" if path is None else path.suffix.lower().lstrip(".")
    if path is not None and (ending in SPSS or (ending in FORMATS and not asked)):
        _require_sendable(path, asked)
        yield path, None
        return
    if not isinstance(name, str) or not name or name != Path(name).name or "\0" in name:
        raise ConfigurationError(f"name={name!r}: it names a file, without a folder")
    with TemporaryDirectory(prefix="occtoo-frames-") as folder:
        prepared = prepare(frame_or_path, fmt, names=names, allow=allow, **said)
        file = written(prepared, Path(folder) / f"{name}.{fmt}")
        yield file.path, file


def _require_sendable(path: Path, asked: list[str]) -> None:
    """Returns if the file may be sent unread; only a csv's header is looked at."""
    if not path.is_file():
        raise FileMissingError(f"there is no file {path}")
    if asked:
        raise ConfigurationError(f"{path.name} is sent as it is: leave out {', '.join(asked)}, or upload the table")
    if path.suffix.lower() == ".csv":
        _require_variables(path)


def _require_variables(path: Path) -> None:
    """Returns if what stands between the commas of a csv's header may be called so."""
    header = _header(path)
    found = name_problems({column: column for column in header})
    if not found:
        return
    why = f"{counted(len(found), 'column')} of {path.name} cannot be variables: rename them"
    if (separator := separator_of(path)) != ",":
        why = f"the columns of {path.name} are separated by {separator!r}, not by commas: read it as a table"
        hint = f"say read_options={{'separator': {separator!r}}} (--csv-separator {separator!r})"
        found = [problems("variable-name", "names of several columns stand here", hint, place=Place(header[0]))]
    table = gathered(found)
    raise InvalidRowsError(f"{why} (see .problems).{problem_lines(table)}", to_kind(table, "pandas"))


def _header(path: Path) -> list[str]:
    try:
        return pl.scan_csv(path, infer_schema=False, n_rows=0, glob=False).collect_schema().names()
    except pl.exceptions.PolarsError as error:
        raise UnsupportedFrameError(f"{path.name} cannot be read as csv: {error}") from None
