"""kill -9 in real processes, over real HTTP: at writes of the journal and at random moments."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

import occtoo_frames as of
from occtoo_frames._cli.local import variables

ROWS, SIZE, CONCURRENCY = 200, 10, 3
BATCHES = ROWS // SIZE
IMPORTS = "POST /import/{source}"
CHILD = Path(__file__).with_name("killed_child.py")


@pytest.fixture
def box():
    """A sandbox."""
    with of.sandbox() as running:
        yield running


@pytest.fixture
def children(box, tmp_path):
    """Pushes to a new source in processes that die as told, then once without dying; gives how they ended."""
    surroundings = {**os.environ, **variables(box.connection), "XDG_STATE_HOME": str(tmp_path)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, str(CHILD)], env=surroundings, **pipes) as process:  # noqa: S603 - our own code

        def run(source, *deaths):
            process.stdin.write(json.dumps({"source": source, "deaths": [*deaths, {}]}) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield run
        process.stdin.close()
        process.wait(60)


def _check(box, children, source, *deaths):
    """The source ends as without a death, each of which made at most a window of batches be sent twice."""
    box.add_source(source)
    before = box.requests_seen[IMPORTS]
    statuses = children(source, *deaths)
    assert statuses[-1] == 0
    assert set(statuses[:-1]) <= {9, 0}
    assert box.requests_seen[IMPORTS] - before <= BATCHES + (CONCURRENCY + 1) * len(deaths)
    box.settle()
    assert box.entries(source) == {f"s{number}": {"name": f"å {number}"} for number in range(ROWS)}


def test_a_killed_process_loses_nothing(box, children):
    """At some writes of the journal and at some moments."""
    for write in (0, 5.5, 20):
        _check(box, children, f"write-{int(2 * write)}", {"write": write})
    _check(box, children, "twice", {"write": 7}, {"write": 4.5})
    _check(box, children, "moment", {"seconds": 0.2})


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_process_killed_at_two_hundred_points_loses_nothing(box, children):
    """Before and after every write of the journal, and at random moments, once or several times in a run."""
    for half in range(2 * (2 * BATCHES + 6)):
        _check(box, children, f"write-{half}", {"write": half / 2})
    chance = random.Random(7)  # noqa: S311 - no secret
    for number in range(130):
        deaths = [{"seconds": chance.uniform(0.01, 0.6)} for _ in range(chance.randint(1, 3))]
        _check(box, children, f"moment-{number}", *deaths)
