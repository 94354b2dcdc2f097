"""Everything that a command says: for people in colours, for a pipe without, for programs as one JSON document.

Takes renderables, documents and errors; writes to standard output what was asked for and to standard error the rest.
Whatever stands in them, a terminal is shown nothing that it would act upon. Knows no plan, report or frame. The only
file of the package that prints.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

_PIPE_WIDTH = 140
_LINE = json.JSONEncoder(ensure_ascii=False, default=str)
_WHOLE = json.JSONEncoder(ensure_ascii=False, default=str, indent=2)
_NO = 3
"""The exit code of a command that was stopped before it did anything."""


class Output:
    """What one run of a command says."""

    def __init__(self, *, as_json: bool) -> None:
        from occtoo_frames._cli.paper import Paper

        self.as_json = as_json
        self.is_terminal = sys.stdout.isatty()
        self._people = Paper(width=None if self.is_terminal else _PIPE_WIDTH, highlight=False)
        self._aside = Paper(stderr=True, highlight=False, soft_wrap=True)

    def show(self, *things: "RenderableType") -> None:
        """``things`` stand on standard output, unless that is for JSON."""
        if not self.as_json:
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
        sys.stdout.write(text)

    def answer(self, document: Mapping[str, object]) -> None:
        """With ``--json``: ``document`` stands on standard output, dates and decimals as text.

        An iterator in it is a list that is written an element at a time, each on a line: it may be a million rows.
        """
        if self.as_json:
            from occtoo_frames._push.visible import visible_json

            for piece in _pieces(document):
                sys.stdout.write(visible_json(piece))
            sys.stdout.flush()

    def fail(self, error: Exception, code: int, known: Mapping[str, object]) -> None:
        """The error is told: in red on standard error, or with what else is ``known`` as the one JSON document."""
        from occtoo_frames._cli.spelling import in_options

        message = in_options(str(error))
        if self.as_json:
            told: dict[str, object] = {"error": type(error).__name__, "message": message, "exit_code": code}
            problems = getattr(error, "problems", None)
            if problems is not None:
                told["problems"] = _rows_of(problems)
            self.answer({**told, **known})
        else:
            self._aside.print(f"{type(error).__name__}: {message}", style="red", markup=False)


def _pieces(document: Mapping[str, object]) -> Iterator[str]:
    before = "{\n"
    for name, value in document.items():
        yield f"{before}  {_LINE.encode(name)}: "
        before = ",\n"
        if isinstance(value, Iterator):
            yield from _elements(value)
        else:
            yield _WHOLE.encode(value).replace("\n", "\n  ")
    yield "\n}\n"


def _elements(rows: Iterator[object]) -> Iterator[str]:
    before = "["
    for row in rows:
        yield f"{before}\n    {_LINE.encode(row)}"
        before = ","
    yield "[]" if before == "[" else "\n  ]"


def _rows_of(frame: Any) -> list[dict[str, Any]]:
    import polars as pl

    from occtoo_frames._cli.spelling import with_options

    return with_options(frame if isinstance(frame, pl.DataFrame) else pl.DataFrame(frame)).to_dicts()
