"""Ctrl-C and SIGTERM in processes and kernels of their own, while requests are on the wire."""

import ast
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from jupyter_client.manager import KernelManager

from occtoo_frames._cli.local import variables

ROWS = 15_000
PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
TAKEN = "import signal\n\nsignal.signal(signal.SIGTERM, signal.default_int_handler)\n"
IMPORTS = "POST /import/{source}"
SCRIPT = """
import json, sys
import polars as pl
import occtoo_frames as of
frame = pl.DataFrame({{"sku": [f"s{{number}}" for number in range({rows})], "name": "x"}})
try:
    of.push(frame, {source!r}, "sku", progress=False)
except of.PushInterruptedError as error:
    report = error.report
    accepted = report.rows.filter(pl.col("outcome") == "accepted")["key"].to_list()
    said = {{"cause": type(error.__cause__).__name__, "counts": report.counts, "accepted": accepted}}
    said |= {{"seconds": report.seconds, "words": str(error)}}
    print(json.dumps(said))
"""


@pytest.fixture
def surroundings(box):
    """An environment that names the sandbox."""
    return {**os.environ, **variables(box.connection)}


@pytest.fixture
def begin(surroundings):
    """Starts a process; what is left of it at the end is killed."""
    running = []

    def start(*words):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        running.append(subprocess.Popen([sys.executable, *words], env=surroundings, **pipes))  # noqa: S603 - our own code
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def slow(box, source):
    """The source takes two imports at once and the others slowly."""
    box.faults("slow", on=source, after=2, times=None, delay_s=1.0)
    return source


def until_busy(box, runs):
    """Returns when six imports more have come in, of which four are still on the wire."""
    before, end = box.requests_seen[IMPORTS], time.monotonic() + 90
    while box.requests_seen[IMPORTS] < before + 6:
        assert runs()
        assert time.monotonic() < end
        time.sleep(0.02)


def stored(box, source):
    """The keys that the source holds when everything has settled."""
    time.sleep(1.2)  # what was abandoned on the wire arrives
    box.settle()
    return set(box.entries(source))


@pytest.mark.parametrize(("number", "first"), [(signal.SIGINT, ""), (signal.SIGTERM, TAKEN)])
def test_a_signal_in_a_process_gives_the_report(box, slow, begin, number, first):
    """What was in flight ends; each row has its outcome; nothing unsent is there, nothing accepted is missing.

    Ctrl-C by itself, SIGTERM with the lines that the page on reliability has for it.
    """
    assert first in PAGE.read_text(encoding="utf-8")
    process = begin("-c", first + SCRIPT.format(rows=ROWS, source=slow))
    until_busy(box, lambda: process.poll() is None)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    said = json.loads(out)
    assert process.returncode == 0, err
    assert said["cause"] == "KeyboardInterrupt"
    assert f"the push to '{slow}' stopped: interrupted by Ctrl-C. " in said["words"]
    assert sum(said["counts"].values()) == ROWS
    assert said["counts"]["unknown"] == 0
    assert said["counts"]["accepted"] >= 2_000
    assert said["seconds"] < 30
    assert stored(box, slow) == set(said["accepted"])


def test_sigterm_ends_a_script_that_does_not_take_it(box, slow, begin):
    """At once: a library takes no signals; the journal is there, and the rest can be pushed."""
    process = begin("-c", SCRIPT.format(rows=ROWS, source=slow))
    until_busy(box, lambda: process.poll() is None)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (-signal.SIGTERM, "")
    box.clear_faults()
    resumed = SCRIPT.replace("progress=False", "progress=False, resume=True") + "print(json.dumps('done'))"
    out, err = begin("-c", resumed.format(rows=ROWS, source=slow)).communicate(timeout=60)
    assert json.loads(out) == "done", err
    assert len(stored(box, slow)) == ROWS


def test_ctrl_c_twice_abandons_what_is_in_flight(box, source, begin):
    """Nobody has to wait for a server that does not answer; those rows are unknown."""
    box.faults("slow", on=source, after=2, times=None, delay_s=20.0)
    process = begin("-c", SCRIPT.format(rows=ROWS, source=source))
    until_busy(box, lambda: process.poll() is None)
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.communicate(timeout=1.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    counts = json.loads(out)["counts"]
    assert process.returncode == 0, err
    assert (counts["accepted"], counts["unknown"]) == (2_000, 4_000)
    assert sum(counts.values()) == ROWS


@pytest.mark.soak
def test_ctrl_c_before_a_server_that_does_not_answer_ends_within_30_s(box, source, begin):
    """With the report, and rows that are unknown."""
    box.faults("slow", on=source, after=2, times=None, delay_s=50.0)
    process = begin("-c", SCRIPT.format(rows=ROWS, source=source))
    until_busy(box, lambda: process.poll() is None)
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert 25 < time.monotonic() - started < 35
    assert json.loads(out)["counts"]["unknown"] == 4_000


@pytest.fixture
def table(tmp_path):
    """A file of the rows."""
    path = tmp_path / "table.parquet"
    pl.DataFrame({"sku": [f"s{number}" for number in range(ROWS)], "name": "x"}).write_parquet(path)
    return path


@pytest.mark.parametrize("number", [pytest.param(signal.SIGINT, marks=pytest.mark.soak), signal.SIGTERM])
def test_a_signal_ends_the_command_with_its_code_and_the_report(box, slow, begin, table, number):
    """130 or 143, and one JSON document on standard output."""
    command = Path(sys.executable).with_name("occtoo-frames")
    process = begin(str(command), "push", str(table), slow, "--key", "sku", "--json")
    until_busy(box, lambda: process.poll() is None)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number, err
    counts = json.loads(out)["report"]["counts"]
    assert sum(counts.values()) == ROWS
    assert counts["unknown"] == 0
    assert len(stored(box, slow)) == counts["accepted"]


@pytest.fixture
def kernel(surroundings):
    """A running kernel: its manager and a client of it."""
    manager = KernelManager()
    manager.start_kernel(env=surroundings)
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=120)
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def reply_to(client, asked):
    """The kernel's reply to one request; late ones to others are passed over."""
    while (message := client.get_shell_msg(timeout=60))["parent_header"].get("msg_id") != asked:
        continue
    assert message["content"]["status"] == "ok", message["content"]
    return message["content"]


def test_an_interrupted_kernel_lives_and_has_the_report(box, slow, kernel):
    """In Jupyter the push ends, and the next cell runs."""
    manager, client = kernel
    pushing = client.execute(SCRIPT.format(rows=ROWS, source=slow))
    until_busy(box, manager.is_alive)
    manager.interrupt_kernel()
    reply_to(client, pushing)
    rest = "sum(report.counts.values()), report.counts['unknown'], len(accepted)"
    reply = reply_to(client, client.execute("", user_expressions={"rest": rest}))
    total, unknown, accepted = ast.literal_eval(reply["user_expressions"]["rest"]["data"]["text/plain"])
    assert (total, unknown) == (ROWS, 0)
    assert len(stored(box, slow)) == accepted
