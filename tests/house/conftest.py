"""Every file of the project's own, parsed once."""

import ast
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Written:
    """One Python file: its path in the project, its text and its tree."""

    path: Path

    @property
    def name(self) -> str:
        """Its path from the root, with slashes."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        """What stands in it."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """What stands in it, parsed."""
        return ast.parse(self.text)


@pytest.fixture(scope="session")
def package() -> list[Written]:
    """The files of the package, and of the command beside it."""
    folders = ("occtoo_frames", "occtoo_frames_command")
    return [Written(path) for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.fixture(scope="session")
def everything(package) -> list[Written]:
    """The files of the package, its tests, benchmarks and pages."""
    folders = ("tests", "benchmarks", "docs")
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [*package, *(Written(path) for path in found if "_build" not in path.parts)]
