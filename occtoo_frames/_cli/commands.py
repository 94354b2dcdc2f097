"""The commands under one roof: which there are, and which exit code each error ends with.

Takes a command line, gives an exit code. What a command does stands in its own file.
"""

import signal
from collections.abc import Mapping
from types import FrameType
from typing import Any

import typer
from typer.core import TyperGroup

from occtoo_frames import exceptions as trouble
from occtoo_frames._cli.carecloud import app as carecloud
from occtoo_frames._cli.datatile import app as datatile
from occtoo_frames._cli.demo import demo
from occtoo_frames._cli.local import sandbox
from occtoo_frames._cli.media import app as media
from occtoo_frames._cli.output import Output
from occtoo_frames._cli.profile import profile
from occtoo_frames._cli.reading import facets, read
from occtoo_frames._cli.tables import delete, plan, push

ROWS_FAILED, USAGE, INTERRUPTED, CTRL_C, TERMINATED = 1, 2, 3, 130, 143

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


class TerminatedError(KeyboardInterrupt):
    """SIGTERM came: the run ends as for Ctrl-C, with another exit code."""


def exit_code(error: BaseException) -> int:
    """The code that a command ending with ``error`` has."""
    for link in (error, error.__cause__):
        if isinstance(link, KeyboardInterrupt):
            return TERMINATED if isinstance(link, TerminatedError) else CTRL_C
    return next(code for kind, code in _CODES.items() if isinstance(error, kind))


class Commands(TyperGroup):
    """The group that turns errors into words and exit codes."""

    def invoke(self, ctx: Any) -> Any:
        """What the command gives.

        Raises:
            Exit: With the code of the error that the command ended with.
        """
        as_json = "--json" in ctx.args
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise
        except (trouble.OcctooError, OSError, KeyboardInterrupt) as error:
            code, output = exit_code(error), Output(as_json=as_json)
            if isinstance(error, Exception):
                report = getattr(error, "report", None)
                output.fail(error, code, report and report.to_dict())
            else:
                output.note("stopped")
            raise typer.Exit(code) from None


app = typer.Typer(
    cls=Commands,
    name="occtoo-frames",
    help="Tables into and out of the Occtoo experience data platform (unofficial).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (demo, sandbox, plan, push, delete, read, facets, profile):
    app.command()(command)
app.add_typer(carecloud, name="carecloud")
app.add_typer(datatile, name="datatile")
app.add_typer(media, name="media")


def run() -> None:
    """The command line was carried out.

    Raises:
        SystemExit: With the exit code.
    """
    signal.signal(signal.SIGTERM, _terminate)
    app()


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise TerminatedError
