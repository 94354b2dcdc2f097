"""A sandbox with a source, said in the environment, and a command line to run in it."""

import json
from dataclasses import dataclass

import polars as pl
import pytest
from typer.testing import CliRunner

import occtoo_frames as of
from occtoo_frames._cli.local import variables
from occtoo_frames_command.commands import app


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, and what stands on standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict:
        """The one JSON document on standard output."""
        return json.loads(self.out)


@pytest.fixture
def run():
    """Runs ``occtoo-frames`` with the given words."""

    def runs(*words: object, answers: str | None = None) -> Ended:
        ended = CliRunner().invoke(app, [str(word) for word in words], input=answers)
        if ended.exception is not None and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        return Ended(ended.exit_code, ended.stdout, ended.stderr)

    return runs


@pytest.fixture
def box(monkeypatch):
    """A sandbox that the environment names, with a source ``products``."""
    with of.sandbox() as opened:
        opened.add_source("products")
        for name, value in variables(opened.connection).items():
            monkeypatch.setenv(name, value)
        yield opened


@pytest.fixture
def table(tmp_path):
    """A csv file of two good rows."""
    frame = pl.DataFrame({"sku": ["a-1", "a-2"], "name_en": ["Chair", "Table"], "name_sv": ["Stol", "Bord"]})
    frame.write_csv(tmp_path / "good.csv")
    return tmp_path / "good.csv"


@pytest.fixture
def dirty(tmp_path):
    """A csv file of one good row and one whose key holds a space."""
    pl.DataFrame({"sku": ["a-1", "a 2"], "name": ["Chair", "Table"]}).write_csv(tmp_path / "dirty.csv")
    return tmp_path / "dirty.csv"
