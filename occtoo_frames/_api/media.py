"""``of.push_media``: the files that a table names, sent to the platform, and what became of every one."""

from collections.abc import Mapping
from time import monotonic
from typing import Any

from occtoo_frames._api.asked import must_be_flags
from occtoo_frames._api.media_journal import Journal
from occtoo_frames._api.media_preparing import prepare
from occtoo_frames._api.media_run import Delivery
from occtoo_frames._api.progress import progress_bar
from occtoo_frames._given import must_be_patience, must_be_texts, to_count, to_texts
from occtoo_frames._push.media_findings import Checked
from occtoo_frames._push.media_plan import Columns
from occtoo_frames._push.media_report import MediaReport, MediaRun
from occtoo_frames._push.media_upload import OnExisting, Terms
from occtoo_frames._push.shown import problem_lines
from occtoo_frames._session.connection import Connection, current_connection
from occtoo_frames._session.errors import ended_by
from occtoo_frames.exceptions import ConfigurationError, InvalidRowsError, PushInterruptedError
from occtoo_frames.typing import Frame, OnInvalid, Texts


def push_media(
    frame: Frame,
    *,
    link: str | Texts | None = None,
    path: str | Texts | None = None,
    filename: str | None = None,
    unique_identifier: str | None = None,
    on_existing: OnExisting = "skip",
    wait: bool = True,
    separator: str | None = None,
    accept: str | Texts | None = None,
    check_links: bool = False,
    on_invalid: OnInvalid = "raise",
    max_wait_s: float = 300.0,
    concurrency: int = 4,
    previews: Texts = (),
    read_options: Mapping[str, Any] | None = None,
    progress: bool | None = None,
    connection: Connection | None = None,
) -> MediaReport:
    """The report of a push of files: each link and file that ``frame`` names is with the platform, or has a reason.

    Links are fetched by the platform itself, fifty a request. Files are streamed in pieces and go on after a cut, also
    in another process: run the same call again. The same link or path without an identifier goes up once.

    Args:
        frame: The table: any frame that ``push`` takes.
        link: The column of http(s) addresses, or several: text, or lists of text.
        path: The column of files, or several: paths as text or of ``pathlib``, lists of them, or the bytes themselves.
        filename: The column of names; without it they are read off links and paths. Bytes need one.
        unique_identifier: The column of identifiers, text or integers, under which files are known for good. The later
            files of a row get ``-2``, ``-3`` behind it.
        on_existing: An identifier in use is left alone (``"skip"``), is a failure (``"fail"``), or gets the new file
            (``"replace"``): the old one is deleted only after the platform took the new one under another name.
        wait: Wait until the platform has processed the files.
        separator: Stands between several links or paths in one text, such as ``"|"``.
        accept: The media types that may be sent, such as ``"image/*"``.
        check_links: Try each link from here first; only addresses on the public internet are called.
        on_invalid: ``"raise"`` sends nothing if a row has a problem, ``"skip"`` sends the other rows' files.
        max_wait_s: How long the files of one request are waited for; then they are pending.
        concurrency: How many files are under way at once, each with a piece of 4 MiB in memory.
        previews: Hosts whose pictures a notebook may load from https addresses; none by default.
        read_options: How to read a path.
        progress: Show a bar; by default only in a terminal or notebook, and after two seconds.
        connection: Whose credentials; the default connection if left out.

    Raises:
        InvalidRowsError: Files have problems and ``on_invalid`` is ``"raise"``; see ``.problems``. Nothing was sent.
        PushInterruptedError: The run could not go on; ``.report`` says what became of every row.
        FrameError: A column is missing or of a type that cannot be used.
        ConfigurationError: Options are malformed, or credentials are missing.
    """
    columns = _columns(link, path, filename, unique_identifier, separator)
    _check_options(columns, on_existing, on_invalid, max_wait_s)
    concurrency = to_count(concurrency, "concurrency", 1)
    must_be_flags(wait=wait, check_links=check_links, progress=progress)
    accepted, shown = to_texts(accept, "accept") or None, _hosts(previews)
    prepared = prepare(frame, columns, accept=accepted, check_links=check_links, options=read_options)
    if on_invalid == "raise" and prepared.checked.refused:
        raise InvalidRowsError(_refusal(prepared.checked, prepared.items.height), prepared.problems)
    used = current_connection(connection)
    used.require("provider")
    terms = Terms(used.ingest_url, on_existing, max_wait_s if wait else 0.0)
    parcels = prepared.parcels(Journal(used.ingest_url, used.provider_id))
    started = monotonic()
    with progress_bar(len(parcels), "files", progress=progress) as bar:
        delivery = Delivery(used.session, terms, parcels, bar.update)
        endings = delivery.carry(concurrency)
    report = prepared.report(endings, _cost(delivery, monotonic() - started), shown)
    if delivery.stopped is not None:
        said = f"the push of files stopped: {report.stopped}. {report.told()}; .report has each of them"
        raise PushInterruptedError(said, report) from delivery.stopped
    return report


def _columns(
    link: object, path: object, filename: str | None, unique_identifier: str | None, separator: str | None
) -> Columns:
    """Which columns say what.

    Raises:
        ConfigurationError: Something else than names was given, or no column of links or files.
    """
    links, paths = to_texts(link, "link"), to_texts(path, "path")
    if not links and not paths:
        raise ConfigurationError("push_media needs link= or path=: the column of addresses or of files")
    must_be_texts("the name of a column", filename=filename, unique_identifier=unique_identifier)
    must_be_texts("what stands between several links or paths", separator=separator)
    return Columns(links, paths, filename, unique_identifier, separator)


def _check_options(columns: Columns, on_existing: str, on_invalid: str, max_wait_s: float) -> None:
    if on_existing not in {"skip", "fail", "replace"}:
        raise ConfigurationError(f"on_existing={on_existing!r}: it is 'skip', 'fail' or 'replace'")
    if on_existing != "skip" and columns.unique_identifier is None:
        raise ConfigurationError(f"on_existing={on_existing!r} needs unique_identifier=: nothing else is ever in use")
    if on_invalid not in {"raise", "skip"}:
        raise ConfigurationError(f"on_invalid={on_invalid!r}: it is 'raise' or 'skip'")
    must_be_patience(max_wait_s, "max_wait_s")


def _hosts(previews: object) -> tuple[str, ...]:
    if isinstance(previews, str):
        raise ConfigurationError("previews= takes a list of hosts")
    return to_texts(previews, "previews")


def _cost(delivery: Delivery, seconds: float) -> MediaRun:
    run, stopped = delivery.run, delivery.stopped
    said = None if stopped is None else ended_by(stopped)
    return MediaRun(run.requests, run.retries, seconds, run.bytes_sent, said)


def _refusal(checked: Checked, files: int) -> str:
    return (
        f"{len(checked.refused):,} of {files:,} files have problems; nothing was sent. Mend them (see .problems), or "
        f"send the others with on_invalid='skip'.{problem_lines(checked.problems)}"
    )
