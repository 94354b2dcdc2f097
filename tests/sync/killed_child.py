"""One process that forks a child for each push, so that a child can be killed and the libraries are loaded once.

Reads lines of JSON: source, deaths (one for each child to come: the write of the journal before or after which it
dies, or seconds after which it is killed), each answered by a line with the children's exit statuses.
"""

import json
import os
import signal
import sys
import time
from contextlib import contextmanager

import occtoo_frames as of
from occtoo_frames._api import sending  # noqa: F401 - loaded before the first fork
from occtoo_frames._push import plan, planning
from occtoo_frames._push.batching import cut
from occtoo_frames._sync.store import Store
from occtoo_frames.protocol.rules import Limits

ROWS, SIZE = 200, 10


def push(source, resume):
    """The table is pushed, in bodies of few entries."""
    import pandas as pd

    for module in (plan, planning):
        module.cut = lambda sizes: cut(sizes, Limits(SIZE, 20_000_000, 1_000_000))
    frame = pd.DataFrame({"sku": [f"s{n}" for n in range(ROWS)], "name": [f"å {n}" for n in range(ROWS)]})
    report = of.push(frame, source, "sku", resume=resume, concurrency=3, progress=False)
    assert report.counts["accepted"] == ROWS


def die_at(write):
    """The process kills itself before its write of this number, or, if it is half more, after it."""
    left, real = [write], Store.transaction

    def strike(now):
        if left[0] == now:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def transaction(self):
        strike(0)
        with real(self) as db:
            yield db
        strike(0.5)
        left[0] -= 1

    Store.transaction = transaction


def child(source, death, resume):
    """The exit status of a push in a process of its own."""
    pid = os.fork()
    if pid == 0:
        if "write" in death:
            die_at(death["write"])
        push(source, resume)
        os._exit(0)
    if "seconds" in death:
        time.sleep(death["seconds"])
        os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]


for line in sys.stdin:
    asked = json.loads(line)
    statuses = [child(asked["source"], death, number > 0) for number, death in enumerate(asked["deaths"])]
    sys.stdout.write(json.dumps(statuses) + "\n")
    sys.stdout.flush()
