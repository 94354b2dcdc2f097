"""The commands under one roof: which there are, what each is for, and that an error ends with its exit code.

Takes a command line, gives an exit code. What a command does stands in its own file in ``occtoo_frames._cli``, which is
loaded when the command is called for: the list of commands and the version are shown without pandas and polars.
"""

import io
import json
import signal
import sys
from importlib import import_module
from importlib.metadata import version as version_of
from types import FrameType
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

_USAGE, _CTRL_C = 2, 130
_UsageError: Any = typer.BadParameter.__base__
"""What typer raises for any wrong command line; which module it comes from differs between its versions."""
_LISTED = {
    "demo": ("demo:demo", "Push a table into a sandbox and read it back: the sample catalogue, or your own file."),
    "sandbox": ("local:sandbox", "Run the platform's HTTP contract on 127.0.0.1 until Ctrl-C."),
    "plan": (
        "tables:plan",
        "Show what a push would do, and every cell that the platform would refuse. Touches no network.",
    ),
    "push": ("tables:push", "Push a table's rows into a source."),
    "delete": ("tables:delete", "Delete the entries whose keys stand in a table."),
    "read": ("reading:read", "Read a published endpoint: a table in a terminal, csv in a pipe, or a file."),
    "facets": ("reading:facets", "How often each value of an endpoint's facets occurs."),
    "profile": ("profile:profile", "Show the connection that the environment, a profile or the keyring gives."),
    "carecloud": ("carecloud:app", "CareCloud Portal: sync files, imports, queries."),
    "datatile": ("datatile:app", "DATATILE Data Collector: files of variables, uploads, jobs."),
    "media": ("media:app", "Files and links to the platform's media, and back."),
}
"""Where each command stands, and its own words of what it does; a test holds the words equal."""


class TerminatedError(KeyboardInterrupt):
    """SIGTERM came: the run ends as for Ctrl-C, with another exit code."""

    exit_code = 143

    def __str__(self) -> str:
        return "ended by SIGTERM"


class Commands(TyperGroup):
    """The group that loads a command when it is called for, and turns errors into words and exit codes."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that ``args`` begin with, its name, and what follows it."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, listed and loaded(str(listed.name)), rest

    def invoke(self, ctx: Any) -> Any:
        """What the command gives.

        Raises:
            Exit: With the code of the error that the command ended with.
        """
        as_json = "--json" in ctx.args
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:  # told here: it may have come while the package was being loaded
            raise typer.Exit(_stopped(error, as_json=as_json)) from None
        except _UsageError as error:
            if not as_json:
                raise
            raise typer.Exit(_usage(error)) from None
        except Exception as error:
            code = _told(error, as_json=as_json)
            if code is None:
                raise
            raise typer.Exit(code) from None


def _usage(error: Any) -> int:
    """The exit code of a wrong command line, which was told as the one JSON document."""
    _answer("UsageError", error.format_message(), int(error.exit_code))
    return int(error.exit_code)


def _stopped(error: KeyboardInterrupt, *, as_json: bool) -> int:
    """The exit code of a command that a signal ended, which was told; there is never a second document."""
    code, told = getattr(error, "exit_code", _CTRL_C), sys.modules.get("occtoo_frames._cli.output")
    if as_json and not (told and told.Output.begun):
        _answer(type(error).__name__, "stopped", code)
    else:
        sys.stderr.write("stopped\n")
    return int(code)


def _answer(error: str, message: str, code: int) -> None:
    """The one JSON document, in letters that every encoding has."""
    sys.stdout.write(json.dumps({"error": error, "message": message, "exit_code": code}, indent=2) + "\n")
    sys.stdout.flush()


def loaded(name: str) -> Any:
    """The command ``name`` with its options; what it needs is loaded with it."""
    module, _, attribute = _LISTED[name][0].partition(":")
    command = getattr(import_module(f"occtoo_frames._cli.{module}"), attribute)
    roof = typer.Typer(pretty_exceptions_enable=False)
    if isinstance(command, typer.Typer):
        roof.add_typer(command, name=name)
    else:
        roof.command(name)(command)
    return typer.main.get_group(roof).commands[name]


def _told(error: Exception, *, as_json: bool) -> int | None:
    """The exit code of an error that was told; None for one that the command line itself tells of."""
    if "occtoo_frames._cli" not in sys.modules:  # nothing of ours was loaded whose error it could be
        return None
    from occtoo_frames._cli.ending import told

    return told(error, as_json=as_json)


def _show_version(asked: bool) -> None:  # noqa: FBT001 - typer's form of a callback
    if asked:
        sys.stdout.write(f"occtoo-frames {version_of('occtoo_frames')}\n")
        raise typer.Exit


def _first(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Nothing is done before the command."""


app = typer.Typer(
    cls=Commands,
    name="occtoo-frames",
    help="Tables into and out of the Occtoo experience data platform (unofficial).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.callback()(_first)
for _name, (_, _help) in _LISTED.items():
    app.command(_name, help=_help)(lambda: None)


def run() -> None:
    """The command line was carried out.

    Raises:
        SystemExit: With the exit code.
    """
    _must_be_heard()
    signal.signal(signal.SIGTERM, _terminate)
    try:
        app()
    except OSError as error:  # of help, a version or a usage document: commands tell of their own
        sys.stdout = None
        sys.stderr.write(f"standard output cannot be written: {error.strerror or error}\n")
        raise SystemExit(_USAGE) from None


def _must_be_heard() -> None:
    """Nothing is begun that nobody could be told about; letters that a terminal does not have stand there as escapes.

    Raises:
        SystemExit: There is no standard output.
    """
    sys.stderr = sys.stderr or io.StringIO()
    if sys.stdout is None:
        sys.stderr.write("standard output is closed: nothing was done\n")
        raise SystemExit(_USAGE)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise TerminatedError
