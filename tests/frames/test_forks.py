"""A process that was forked too late says so instead of waiting for ever."""

import subprocess
import sys

import pytest

_SCRIPT = """
import os, pathlib, signal, time, warnings
import pandas as pd, polars as pl
import occtoo_frames as of
warnings.simplefilter("ignore")
frame = pd.DataFrame({"k": ["a"], "v": [1]})
def wait_for_names():  # a thread takes its name when it runs for the first time
    while not any(task.read_text() == "polars-0\\n" for task in pathlib.Path("/proc/self/task").glob("*/comm")):
        time.sleep(0.01)
BEFORE
def report(code=3):
    signal.alarm(60)
    try:
        of.plan(frame, "k")
    except of.ConfigurationError as error:
        code = 0 if "'spawn'" in str(error) else 2
    os._exit(code)
child = os.fork()
if child == 0:
    GRANDCHILD
    report()
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
_DEEPER = "child = os.fork()\n    if child: os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"


@pytest.mark.skipif(sys.platform != "linux", reason="threads are told by the names that Linux keeps of them")
@pytest.mark.parametrize(
    ("before", "grandchild", "code"),
    [
        ("of.plan(frame, 'k')", "pass", "0"),
        ("of.plan; pl.DataFrame({'a': [1]}).select(pl.col('a') + 1); wait_for_names()", "pass", "0"),
        ("of.plan(frame, 'k')", _DEEPER, "0"),
        ("pass", "pass", "3"),
    ],
    ids=["after a plan", "after polars alone", "a fork of a fork", "before any of it"],
)
def test_a_fork_without_the_engines_threads_is_told(before, grandchild, code):
    """Whoever started them; and one that was forked before can do everything."""
    script = _SCRIPT.replace("BEFORE", before).replace("GRANDCHILD", grandchild)
    done = subprocess.run(  # noqa: S603 - the script above
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.strip() == code, done.stderr
