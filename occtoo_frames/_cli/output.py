"""Everything that a command says: for people in colours, for a pipe without, for programs as one JSON document.

Takes renderables, documents and errors; writes to standard output what was asked for and to standard error the rest.
Whatever stands in them, a terminal is shown nothing that it would act upon. Knows no plan, report or frame. The only
file of the package that prints.
"""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from rich.console import RenderableType

_PIPE_WIDTH = 140
_NO = 3
"""The exit code of a command that was stopped before it did anything."""


class Output:
    """What one run of a command says.

    Attributes:
        begun: Whether a document, or a part of one, stands on standard output: there is never a second one.
    """

    begun: ClassVar[bool] = False

    def __init__(self, *, as_json: bool) -> None:
        from occtoo_frames._cli.paper import Paper

        Output.begun = False
        self.as_json = as_json
        self.is_terminal = sys.stdout is not None and sys.stdout.isatty()
        self._done: str | None = None
        self._people = Paper(width=None if self.is_terminal else _PIPE_WIDTH, highlight=False)
        self._aside = Paper(stderr=True, highlight=False, soft_wrap=True)

    def done(self, report: object) -> None:
        """``report`` tells of a run that is over; should standard output fail, standard error says its first line."""
        self._done = str(report).partition("\n")[0]

    def show(self, *things: "RenderableType") -> None:
        """``things`` stand on standard output, unless that is for JSON."""
        from occtoo_frames._cli.stdout import reaching

        if not self.as_json:
            with reaching(self._done):
                for thing in things:
                    self._people.print(thing)

    def note(self, text: str) -> None:
        """``text`` stands on standard error, as it is."""
        self._aside.print(text, markup=False)

    def confirm(self, question: str) -> None:
        """Returns if somebody says yes to it.

        Raises:
            ConfigurationError: There is nobody to ask.
            Exit: No was said; nothing more is done.
            KeyboardInterrupt: A signal came instead of an answer.
        """
        import typer

        from occtoo_frames.exceptions import ConfigurationError

        if self.as_json:
            raise ConfigurationError("nobody is asked with --json: say --yes")
        try:
            if typer.confirm(question, err=True):
                return
        except typer.Abort as aborted:
            if isinstance(aborted.__context__, KeyboardInterrupt):
                raise aborted.__context__ from None
            raise ConfigurationError("nobody answers here: say --yes") from None
        self.note("nothing was done")
        raise typer.Exit(_NO)

    def raw(self, text: str) -> None:
        """``text`` stands on standard output, byte for byte."""
        from occtoo_frames._cli.stdout import put

        put([text], self._done)

    def answer(self, document: Mapping[str, object]) -> None:
        """With ``--json``: ``document`` stands on standard output."""
        if self.as_json:
            from occtoo_frames._cli.document import pieces
            from occtoo_frames._cli.stdout import put
            from occtoo_frames._push.visible import visible_json

            Output.begun = True
            put(map(visible_json, pieces(document)), self._done)

    def fail(self, error: Exception, code: int, known: Mapping[str, object]) -> None:
        """The error is told: in red on standard error, or with what else is ``known`` as the one JSON document."""
        from occtoo_frames._cli.spelling import in_options

        message = in_options(str(error))
        if self.as_json and sys.stdout is not None:
            told: dict[str, object] = {"error": type(error).__name__, "message": message, "exit_code": code}
            problems = getattr(error, "problems", None)
            if problems is not None:
                told["problems"] = _rows_of(problems)
            self.answer({**told, **known})
        else:
            self._aside.print(f"{type(error).__name__}: {message}", style="red", markup=False)


def _rows_of(frame: Any) -> list[dict[str, Any]]:
    import polars as pl

    from occtoo_frames._cli.spelling import with_options

    return with_options(frame if isinstance(frame, pl.DataFrame) else pl.DataFrame(frame)).to_dicts()
