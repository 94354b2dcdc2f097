"""A gigabyte through the collector in bounded memory: the client in one process, the sandbox in another."""

import json
import os
import subprocess
import sys

import pytest

_SERVE = """
import json, sys
from occtoo_frames._sandbox.serve import serve
def ready(platform):
    collector = platform.collector
    print(json.dumps([platform.url, collector.token, collector.folder]), flush=True)
serve(on_ready=ready)
"""

_UPLOAD = """
import json, sys, threading, time
import occtoo_frames as of
url, token, folder, path = sys.argv[1:]
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
of.connect(datatile_url=url, datatile_token=token, timeout_s=300)
start, most, over = resident(), 0, threading.Event()
def watch():
    global most
    while not over.wait(0.02):
        most = max(most, resident())
watcher = threading.Thread(target=watch)
watcher.start()
report = of.datatile.upload(path, target=folder)
over.set()
watcher.join()
print(json.dumps({"grown": most - start, **report.to_dict()}))
"""


@pytest.fixture
def server():
    """The address, token and folder of a collector in a process of its own."""
    with subprocess.Popen([sys.executable, "-c", _SERVE], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own code
        yield json.loads(process.stdout.readline())
        process.terminate()


@pytest.mark.soak
@pytest.mark.timeout(1_200)
def test_a_gigabyte_of_csv_goes_through_in_bounded_memory(server, tmp_path):
    """Under 150 MB above the start; every row arrives."""
    path = tmp_path / "big.csv"
    block = "".join(f"{number},name of number {number},{number / 7:.6f},{'x' * 60}\n" for number in range(100_000))
    rows = 0
    with path.open("w", encoding="utf-8") as stream:
        stream.write("id,name,score,text\n")
        while stream.tell() < 1_000_000_000:
            stream.write(block)
            rows += 100_000
    command = [sys.executable, "-c", _UPLOAD, *server, str(path)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ, timeout=1_000)  # noqa: S603 - our own code
    told = json.loads(ran.stdout)
    assert (told["outcome"], told["database_rows"]) == ("done", rows)
    assert told["bytes_sent"] > 1_000_000_000
    assert told["grown"] < 150_000_000
