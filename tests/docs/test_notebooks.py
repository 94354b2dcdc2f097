"""The notebooks run from top to bottom, and each is the same as the script beside it."""

from pathlib import Path

import jupytext
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
SCRIPTS = sorted(FOLDER.glob("[0-9][0-9]-*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_notebook_runs(script, tmp_path):
    """Every cell ends without an exception, in a kernel of its own."""
    notebook = jupytext.read(script)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_the_pair_is_the_same(script):
    """The .ipynb has the cells of the .py, and no outputs that could grow old."""
    cells = jupytext.read(script.with_suffix(".ipynb")).cells
    assert [(cell.cell_type, cell.source) for cell in cells] == [
        (cell.cell_type, cell.source) for cell in jupytext.read(script).cells
    ]
    assert not any(cell.get("outputs") for cell in cells)
