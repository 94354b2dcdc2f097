"""A disk on which any write or sync fails: a clean error or a correct continuation."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import occtoo_frames as of
from occtoo_frames._cli.local import variables

HERE = Path(__file__).parent
CHILD = """
import sys
sys.argv, sys.stdin = ["push"], open("/dev/null")
exec(open({child!r}).read())
try:
    push({source!r}, {resume!r})
except of.OcctooError as error:
    print(type(error).__name__, error)
    sys.exit(3)
"""


@pytest.fixture
def shim(tmp_path):
    """The library that makes writes fail."""
    path = tmp_path / "failing.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", str(path), str(HERE / "failing.c"), "-ldl"], check=True)  # noqa: S603, S607 - our own code, the system's compiler
    return path


def _push(box, state, source, *, resume=True, **failing):
    code = CHILD.format(child=str(HERE / "killed_child.py"), source=source, resume=resume)
    surroundings = {**os.environ, **variables(box.connection), "XDG_STATE_HOME": str(state), **failing}
    words = [sys.executable, "-c", code]
    return subprocess.run(words, env=surroundings, capture_output=True, text=True, check=False)  # noqa: S603 - our own code


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no C compiler")
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO], ids=["no space", "i/o error"])
@pytest.mark.parametrize("kind", ["write", "sync"])
def test_a_disk_that_fails_at_any_write_loses_nothing(tmp_path, shim, kind, number):
    """The push ends well or with words of ours; the next one, on a sound disk, goes on or is told to begin anew."""
    expected = {f"s{row}": {"name": f"å {row}"} for row in range(200)}
    failed = 0
    with of.sandbox() as box:
        for at in [*range(1, 12), *range(12, 140, 9)]:
            source, state = f"{kind}-{number}-{at}", tmp_path / str(at)
            box.add_source(source)
            failing = {"LD_PRELOAD": str(shim), "FAIL_BELOW": str(state), "FAIL_KIND": kind}
            ended = _push(box, state, source, FAIL_AT=str(at), FAIL_WITH=str(number), **failing)
            assert ended.returncode in {0, 3}, ended.stderr
            failed += ended.returncode == 3
            assert _push(box, state, source).returncode == 0, json.dumps([at, ended.stdout])
            box.settle()
            assert box.entries(source) == expected
    assert failed > 5
