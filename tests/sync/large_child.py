"""One push of a large table in a process of its own; says what it took.

Arguments: a parquet file, a source, a folder for its snapshot. Writes a line of JSON.
"""

import json
import os
import sys
from pathlib import Path

if hasattr(os, "sched_setaffinity"):  # the peak then does not depend on which of two threads is quicker
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import occtoo_frames as of
from occtoo_frames.protocol.http import Response

JSON = {"content-type": "application/json"}


class Yes:
    """A source that takes everything."""

    def send(self, request, *, timeout_s):  # noqa: ARG002 - a transport's signature
        """Accepted."""
        if request.url.endswith("/tokens"):
            token = {"accessToken": "token", "expiresIn": 3600}
            return Response(200, JSON, json.dumps({"result": token, "errors": []}).encode())
        return Response(202, JSON, b'{"id":"1","errors":[]}')


path, source, folder = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
connection = of.Connection(
    provider_id="p", provider_secret="secret", ingest_url="https://x.test", transport=Yes(), state_dir=folder
)
report = of.push(path, source, "sku", "auto", changed_only=True, connection=connection, progress=False)
status = Path("/proc/self/status").read_text(encoding="ascii")
peak = int(status.partition("VmHWM:")[2].split()[0])  # what getrusage says begins with the parent's own peak
said = {"counts": report.counts, "requests": report.requests, "peak_kib": peak}
sys.stdout.write(json.dumps(said) + "\n")
