"""What a start loads, told by what is loaded afterwards and by no clock; and that every name behind it is there."""

import ast
import graphlib
import importlib
import json
import pickle
import pydoc
import random
import subprocess
import sys
from pathlib import Path

import grimp
import pytest
import typer.main
from typer.testing import CliRunner

import occtoo_frames as of
from occtoo_frames_command.commands import _LISTED, app, loaded

_ROOT = Path(__file__).parents[2]
_DOOR = {"occtoo_frames", "occtoo_frames.accessor", "occtoo_frames.exceptions", "occtoo_frames.typing"}
_THREADS = """
import json, sys, threading
import occtoo_frames as of

names, found, gate = json.loads(sys.argv[1]), [], threading.Barrier(8)

def look(order):
    gate.wait()
    found.append({name: id(getattr(of, name)) for name in order})

threads = [threading.Thread(target=look, args=(order,)) for order in names]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(found), all(one == found[0] for one in found))
"""


def _fresh(code: str, *said: str) -> str:
    words = [sys.executable, "-W", "error", "-c", code, *said]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - our own code
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_import_loads_four_small_files_beyond_pandas_and_polars():
    """No library, no room: neither ours nor anybody's."""
    loaded = _fresh(
        "import sys, pandas, polars; before = set(sys.modules); import occtoo_frames; print(*set(sys.modules) - before)"
    )
    assert set(loaded.split()) == _DOOR


@pytest.mark.parametrize("backwards", [False, True])
def test_every_name_is_there_however_one_begins(backwards):
    """From the first to the last, or from the last to the first."""
    code = "import sys, occtoo_frames as of; print(*(getattr(of, name) is not None for name in sys.argv[1:]))"
    told = _fresh(code, *sorted(of.__all__, reverse=backwards))
    assert set(told.split()) == {"True"}


def test_every_name_comes_with_a_star():
    """And none beside them."""
    told = _fresh("before = set(globals()); from occtoo_frames import *; print(*set(globals()) - before - {'before'})")
    assert set(told.split()) == set(of.__all__)


def test_the_accessors_are_there_at_once_and_load_their_verbs_when_used():
    """On all three kinds of frame; a namespace that is looked at loads nothing either."""
    told = _fresh(
        "import sys, pandas as pd, polars as pl, occtoo_frames\n"
        "frames = pd.DataFrame({'sku': ['a']}), pl.DataFrame({'sku': ['a']}), pl.LazyFrame({'sku': ['a']})\n"
        "spaces = [frame.occtoo for frame in frames]\n"
        "print('occtoo_frames._api' in sys.modules, *(space.plan('sku').ok for space in spaces))\n"
    )
    assert told.split() == ["False", "True", "True", "True"]


def test_an_accessor_whose_verb_cannot_be_loaded_is_still_there():
    """The error is the library's own, not that a frame had no such attribute."""
    told = _fresh(
        "import sys, polars as pl, occtoo_frames\n"
        "sys.modules['langcodes'] = sys.modules['occtoo_frames._api.plan'] = None\n"
        "frame = pl.DataFrame({'sku': ['a']})\n"
        "try: frame.occtoo.plan('sku')\n"
        "except ImportError as error: print(error.name)\n"
    )
    assert told.strip() == "occtoo_frames._api.plan"


def test_what_a_type_checker_sees_is_what_is_loaded():
    """The imports that are never run name the same things, from the same places."""
    tree = ast.parse((_ROOT / "occtoo_frames" / "__init__.py").read_text(encoding="utf-8"))
    seen = next(node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    imports = {alias.name: line.module for line in seen.body for alias in line.names}
    assert {name: imports.pop(name) for name in of._NAMESPACES} == dict.fromkeys(of._NAMESPACES, "occtoo_frames")
    assert imports == of._HOMES
    eager = set(of.__all__) - set(of._HOMES) - set(of._NAMESPACES)
    assert eager <= set(vars(of))


@pytest.mark.parametrize("name", of._HOMES)
def test_a_name_is_the_same_thing_whichever_way_it_comes(name):
    """So that ``except`` and ``isinstance`` hold, and pickles find it."""
    thing = getattr(of, name)
    assert thing is getattr(importlib.import_module(of._HOMES[name]), name)
    assert thing is vars(of)[name]
    assert pickle.loads(pickle.dumps(thing)) is thing  # noqa: S301 - pickled in this line


def test_the_errors_of_a_room_are_those_of_the_package():
    """The root is one."""
    for name, error in vars(of.exceptions).items():
        if isinstance(error, type) and name in of.__all__:
            assert getattr(of, name) is error


def test_a_name_that_does_not_exist_is_no_attribute():
    """Said as Python says it, with what was probably meant."""
    with pytest.raises(AttributeError, match="module 'occtoo_frames' has no attribute 'plam'") as caught:
        _ = of.plam
    assert (caught.value.name, caught.value.obj) == ("plam", of)
    assert not hasattr(of, "__wrapped__")
    with pytest.raises(ImportError, match="cannot import name 'plam'"):
        from occtoo_frames import plam  # noqa: F401 - it must fail


def test_a_name_that_cannot_be_loaded_is_not_said_to_be_missing(monkeypatch):
    """An attribute that a library lacks would otherwise look like a name that the package lacks."""
    monkeypatch.setitem(of._HOMES, "gone", "occtoo_frames.typing")
    with pytest.raises(ImportError, match=r"occtoo_frames\.gone cannot be loaded: .*typing.* has no attribute 'gone'"):
        _ = of.gone


def test_dir_and_help_show_every_name():
    """As if all of it had been loaded."""
    assert set(of.__all__) <= set(dir(of))
    page = pydoc.plain(pydoc.render_doc(of))
    assert all(name in page for name in of.__all__)


def test_threads_may_look_at_names_at_the_same_time():
    """Eight of them, each in an order of its own, find the same things."""
    orders = [random.sample(of.__all__, len(of.__all__)) for _ in range(8)]
    assert _fresh(_THREADS, json.dumps(orders)).split() == ["8", "True"]


def test_no_module_imports_itself_in_a_circle():
    """With circles, two threads that load at the same time could see a module half made."""
    graph = grimp.build_graph("occtoo_frames", exclude_type_checking_imports=True)
    imported = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    graphlib.TopologicalSorter(imported).prepare()


@pytest.mark.parametrize(("words", "shown"), [("--help", "COMMAND"), ("--version", "occtoo-frames ")])
def test_the_list_of_commands_and_the_version_load_no_table_library(words, shown):
    """Nor anything of ours but the list itself."""
    told = _fresh(
        "import sys\nfrom occtoo_frames_command import main\n"
        "try: main()\nexcept SystemExit as end: print(end.code, *sys.modules)",
        words,
    )
    *shows, last = told.splitlines()
    code, *modules = last.split()
    assert code == "0"
    assert shown in "\n".join(shows)
    assert not {"pandas", "polars", "numpy", "pyarrow", "requests", "occtoo_frames"} & set(modules)


@pytest.mark.parametrize("name", _LISTED)
def test_the_list_says_of_a_command_what_the_command_says_itself(name):
    """Whole: the list is written down a second time, so that it can be shown without loading the commands."""
    listed = typer.main.get_command(app).commands[name]
    assert listed.help == loaded(name).help
    assert " ".join(_LISTED[name][1].split()[:4]) in CliRunner().invoke(app, ["--help"]).stdout


def test_the_version_is_that_of_the_distribution():
    """In one line."""
    from importlib.metadata import version

    assert CliRunner().invoke(app, ["--version"]).stdout == f"occtoo-frames {version('occtoo_frames')}\n"
