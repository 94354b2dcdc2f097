"""Files and functions stay small enough to be read at once."""

import ast
from collections.abc import Iterator

_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def _functions(files) -> Iterator[tuple[str, int]]:
    for file in files:
        for node in ast.walk(file.tree):
            if isinstance(node, _FUNCTION):
                yield f"{file.name}:{node.lineno} {node.name}", _length(node)


def _length(node: _FUNCTION) -> int:
    """Lines of a function without its docstring."""
    first = node.body[0]
    said = ast.get_docstring(node) is not None
    return node.end_lineno - node.lineno + 1 - (first.end_lineno - first.lineno + 1 if said else 0)


def test_no_file_is_longer_than_500_lines(everything):
    """At 300 lines one talks about a file, at 500 it is split."""
    long = {file.name: lines for file in everything if (lines := file.text.count("\n")) > 500}
    assert not long


def test_no_function_is_longer_than_50_lines(everything):
    """Docstrings aside."""
    assert not {name: lines for name, lines in _functions(everything) if lines > 50}


def test_nine_functions_in_ten_are_under_25_lines(package):
    """Docstrings aside."""
    lengths = [lines for _, lines in _functions(package)]
    assert sum(lines < 25 for lines in lengths) >= 0.9 * len(lengths)
