"""A page's blocks of code, run in order: what they show must be what the page says they show.

Takes a Markdown file. Python blocks share one namespace; an expression followed by lines that start with ``# →`` must
show that text (``...`` stands for anything). Console blocks run their ``occtoo-frames`` lines. A block after
``<!-- not run: reason -->`` is only compiled, one after ``<!-- file: name -->`` is written to the folder, and
``<!-- exit: 1 -->`` says with which code the next console block ends. Gives nothing; a page that lies raises.
"""

import ast
import contextlib
import doctest
import io
import os
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>not run|file|exit): (?P<said>.+?) -->\n+)?^```(?P<kind>\w+)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_CHECKER = doctest.OutputChecker()
_LOOSELY = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
_EXPECTED = "# →"


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, its text, the line it starts on and what the comment before it says."""

    kind: str
    code: str
    line: int
    mark: str | None = None
    said: str | None = None


def blocks(text: str) -> Iterator[Block]:
    """Every fenced block of a page, in order."""
    for found in _BLOCK.finditer(text):
        line = text.count("\n", 0, found.start("code"))
        yield Block(found["kind"], found["code"], line, found["mark"], found["said"])


@dataclass(slots=True)
class Runner:
    """Runs a page in the current folder, with one namespace, and ``command`` for its command lines."""

    page: Path
    command: Callable[[list[str]], tuple[int, str]]
    namespace: dict[str, object]

    def run(self) -> int:
        """How many blocks were run; each did what the page says.

        Raises:
            AssertionError: Something else was shown, or a command ended with another code.
        """
        ran = 0
        for block in blocks(self.page.read_text(encoding="utf-8")):
            if block.mark == "file":
                Path(block.said).write_text(block.code, encoding="utf-8")
            elif block.kind == "python":
                ran += self._python(block)
            elif block.kind == "console" and block.mark != "not run":
                ran += self._console(block)
        return ran

    def _python(self, block: Block) -> int:
        source = "\n" * block.line + block.code
        tree = _Showing(source.splitlines()).visit(ast.parse(source, str(self.page)))
        code = compile(ast.fix_missing_locations(tree), str(self.page), "exec")
        if block.mark == "not run":
            return 0
        self.namespace["__shows__"] = self._shows
        exec(code, self.namespace)  # noqa: S102 - the pages are ours
        return 1

    def _shows(self, thunk: Callable[[], object], expected: str, line: int) -> None:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            value = thunk()
        shown = out.getvalue() + ("" if value is None else f"{value!r}\n")
        if not _CHECKER.check_output(expected, shown, _LOOSELY):
            raise AssertionError(f"{self.page.name}:{line} says\n{expected}\nand shows\n{shown}")

    def _console(self, block: Block) -> int:
        expected = int(block.said) if block.mark == "exit" else 0
        lines = [line[2:] for line in block.code.replace("\\\n", "").splitlines() if line.startswith("$ ")]
        commands = [shlex.split(os.path.expandvars(line), comments=True) for line in lines]
        ours = [words[1:] for words in commands if words[0] == "occtoo-frames"]
        for words in ours:
            code, out = self.command(words)
            assert code == expected, f"{self.page.name}:{block.line} {words} ended with {code}:\n{out}"
        return len(ours)


class _Showing(ast.NodeTransformer):
    """Turns each expression that has expected lines below it into a check of what it shows."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def visit_Expr(self, node: ast.Expr) -> ast.Expr:
        """The expression itself, or a check of it."""
        expected = self._expected_below(node.end_lineno)
        if not expected:
            return node
        nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
        arguments = [ast.Lambda(nothing, node.value), ast.Constant(expected), ast.Constant(node.end_lineno)]
        return ast.copy_location(ast.Expr(ast.Call(ast.Name("__shows__", ast.Load()), arguments, [])), node)

    def _expected_below(self, line: int) -> str:
        said = []
        for text in self.lines[line:]:
            if not text.strip().startswith(_EXPECTED):
                break
            said.append(text.strip().removeprefix(_EXPECTED).removeprefix(" "))
        return "".join(f"{text}\n" for text in said)
