"""Names and words that the house does without."""

import ast
import re

import pytest

_VAGUE = {"utils", "util", "helpers", "helper", "manager", "misc", "common"}
_PRINTS = "occtoo_frames/_cli/output.py"
_UNDONE = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b|verify=False|time\.sleep\(0\)")
_OF_A_MACHINE = re.compile(r"(?<![\w.])/(home|root|Users)/\w|[A-Z]:\\\\Users")


def test_no_module_has_a_vague_name(everything):
    """A file is called after what it takes or gives."""
    assert not [file.name for file in everything if file.path.stem.strip("_") in _VAGUE]


def test_only_the_output_room_prints(package):
    """Everything a command says goes through one file."""
    printing = [
        f"{file.name}:{node.lineno}"
        for file in package
        for node in ast.walk(file.tree)
        if file.name != _PRINTS and isinstance(node, ast.Call) and ast.unparse(node.func) in {"print", "typer.echo"}
    ]
    assert not printing


@pytest.mark.parametrize("pattern", [_UNDONE, _OF_A_MACHINE], ids=["undone", "of a machine"])
def test_nothing_is_left_undone_or_tied_to_a_machine(package, pattern):
    """No marks of unfinished work, no paths of whoever wrote it."""
    found = [f"{file.name}: {hit[0]}" for file in package if (hit := pattern.search(file.text))]
    assert not found


def test_every_ignored_rule_is_argued(everything):
    """A ``noqa`` says after a dash why."""
    bare = re.compile(r"# [n]oqa(?!.* - \w).*$", re.MULTILINE)
    found = {file.name: hits for file in everything if (hits := bare.findall(file.text))}
    assert not found


def test_every_test_says_its_fact_in_a_sentence(everything):
    """Each test has a docstring."""
    silent = [
        f"{file.name}:{node.lineno}"
        for file in everything
        if file.path.name.startswith("test_")
        for node in ast.walk(file.tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert not silent
