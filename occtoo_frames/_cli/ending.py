"""Which exit code each error ends with: takes what a command raised, tells it, gives the code.

An error that brings a report is told with the rows that did not arrive, as a run that came to its end.
"""

from collections.abc import Mapping
from typing import Any

from occtoo_frames import exceptions as trouble
from occtoo_frames._cli.output import Output

ROWS_FAILED, USAGE, INTERRUPTED, CTRL_C = 1, 2, 3, 130

_CODES: Mapping[type[BaseException], int] = {
    trouble.InvalidRowsError: ROWS_FAILED,
    trouble.ConfigurationError: USAGE,
    trouble.FrameError: USAGE,
    trouble.AuthenticationError: USAGE,
    trouble.NotFoundError: USAGE,
    trouble.RejectedError: USAGE,
    OSError: USAGE,
    trouble.OcctooError: INTERRUPTED,
}
"""The first that fits; what is left of our errors is a server or network that cannot be talked with."""


def exit_code(error: BaseException) -> int:
    """The code that a command ending with ``error`` has; an interrupt by a signal may bring its own."""
    for link in (error, error.__cause__):
        if isinstance(link, KeyboardInterrupt):
            return int(getattr(link, "exit_code", CTRL_C))
    return next(code for kind, code in _CODES.items() if isinstance(error, kind))


def told(error: Exception, *, as_json: bool) -> int | None:
    """The exit code of ``error``, which was told; None for one that is neither ours nor the system's."""
    if isinstance(error, BrokenPipeError) or not isinstance(error, trouble.OcctooError | OSError):
        return None
    code, output = exit_code(error), Output(as_json=as_json and not Output.begun)
    report = getattr(error, "report", None)
    if report is not None:
        output.done(report)
    try:
        output.fail(error, code, {} if report is None else _known(report, output))
    except trouble.FileNotWrittenError as unwritten:
        output.note(str(unwritten))
        output.fail(error, code, {})
    return code


def _known(report: Any, output: Output) -> dict[str, object]:
    """What is known of a run that did not come to its end, for the document; people are shown its rows."""
    from occtoo_frames._cli.views import failed_table, failed_view

    known: dict[str, object] = {"report": report.to_dict()}
    try:
        failed = failed_table(report)
    except trouble.PlanError as gone:  # the file is another one by now
        output.note(str(gone))
        return known
    if failed is None:
        return known
    output.show(*failed_view(failed))
    return {**known, "failed": failed.iter_rows(named=True)}
