"""The façade: sorted, documented, light to import, and the same through the accessors."""

import copy
import inspect
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

import occtoo_frames as of

_ROOT = Path(__file__).parents[2]
_HEAVY = {
    "altair", "fastexcel", "keyring", "openpyxl", "orjson", "pandera", "pyreadstat", "pyspark", "rich",
    "sqlite3", "starlette", "typer", "uvicorn", "xlsxwriter",
}  # fmt: skip
_VERBS = ("plan", "push", "delete", "validate", "to_entries", "from_entries", "push_media", "link_media")
_ACCESSORS = (pd.DataFrame.occtoo, pl.DataFrame.occtoo, pl.LazyFrame.occtoo)


def _fresh(code: str) -> str:
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603 - our own code
    return ran.stdout


def test_the_import_loads_nothing_heavy():
    """No validation, spreadsheet, server, command line, plot or Spark library comes with the package."""
    loaded = set(_fresh("import sys, occtoo_frames; print(*sys.modules)").split())
    assert not loaded & _HEAVY


def test_the_names_are_sorted():
    """``__all__`` reads like an index: constants, classes, functions, each by the alphabet."""
    assert list(of.__all__) == sorted(of.__all__, key=lambda name: (not name.isupper(), name[0].islower(), name))


@pytest.mark.parametrize("name", of.__all__)
def test_every_public_name_exists_and_is_documented(name):
    """What is a function or class says what is true after the call."""
    thing = getattr(of, name)
    if inspect.isroutine(thing) or inspect.isclass(thing):
        assert inspect.getdoc(thing)


@pytest.mark.parametrize("name", of.__all__)
def test_every_public_name_stands_in_the_reference(name):
    """The page names it."""
    page = (_ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert re.search(rf"\bocctoo_frames(\.\w+)*\.{name}\b", page)


def test_whatever_takes_a_table_first_is_a_verb_of_frames():
    """A new one is not forgotten."""
    functions = {name: getattr(of, name) for name in of.__all__ if inspect.isfunction(getattr(of, name))}
    first = {name: next(iter(inspect.signature(function).parameters)) for name, function in functions.items()}
    assert {name for name, parameter in first.items() if parameter in {"frame", "entries"}} == set(_VERBS)


@pytest.mark.parametrize("verb", _VERBS)
@pytest.mark.parametrize("accessor", _ACCESSORS, ids=["pandas", "polars", "polars lazy"])
def test_an_accessor_takes_what_the_function_takes(accessor, verb):
    """The same parameters in the same order with the same defaults, but for the frame."""
    function = list(inspect.signature(getattr(of, verb)).parameters.values())
    method = list(inspect.signature(getattr(accessor, verb)).parameters.values())
    assert [str(parameter) for parameter in method[1:]] == [str(parameter) for parameter in function[1:]]


@pytest.mark.parametrize(
    "error",
    [
        of.ColumnNotFoundError("no column 'sku'"),
        of.FileMissingError("there is no file t.csv"),
        of.exceptions.FileNotWrittenError("t.csv cannot be written: no space left on device"),
        of.InvalidRowsError("1 row breaks a rule", pl.DataFrame({"row": [3]})),
        of.RateLimitedError("too many requests", status=429, request_id="r1", errors=("slow down",)),
        of.UploadFailedError("it failed", {"state": "failed"}),
        of.PushInterruptedError("it stopped", {"accepted": 3}),
    ],
)
def test_an_error_comes_whole_out_of_another_process(error):
    """A pool of processes would wait for ever for one that cannot be made again."""
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301 - our own bytes
        assert (type(again), str(again), list(vars(again))) == (type(error), str(error), list(vars(error)))
        assert str(vars(again)) == str(vars(error))
