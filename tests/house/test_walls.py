"""Walls that the import linter cannot hold, since it knows the standard library by its first names only."""

import ast
from pathlib import Path

_PACKAGE = Path(__file__).parents[2] / "occtoo_frames"
_ALLOWED = {"_pinned.py"}


def _imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def test_only_the_transport_and_the_pinned_probe_speak_http():
    """The transport has its library; the probe of a judged address must not resolve its name again."""
    speaking = {path.name for path in _PACKAGE.rglob("*.py") if "http.client" in set(_imports(path))}
    assert speaking <= _ALLOWED
