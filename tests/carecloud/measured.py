"""Writes or imports a large sync file and says, as JSON, how much memory that took above the start.

Run as ``measured.py write TABLE FILE`` or ``measured.py import FILE SETTINGS``; a process of its own, since the memory
of one that has done other things says nothing.
"""

import json
import sys
import threading
from pathlib import Path

import occtoo_frames as of


class Watch:
    """Looks at this process's own memory until it is asked."""

    def __init__(self) -> None:
        self.start = self.peak = self.now()
        self._over = threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    @staticmethod
    def now() -> int:
        """Bytes that belong to this process alone; pages of mapped files do not count."""
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))

    def _look(self) -> None:
        while not self._over.wait(0.005):
            self.peak = max(self.peak, self.now())


def main(verb: str, first: str, second: str) -> dict:
    """What was done, and what it took."""
    write, load = of.carecloud.write_sync_file, of.carecloud.import_file  # loads the libraries, which are not meant
    watch = Watch()
    if verb == "write":
        written = write(first, second, entity="note", key="id")
        counts = written.counts
    else:
        connection = of.Connection(**json.loads(second))
        counts = load(first, entity="note", max_wait_s=3_000, connection=connection).counts
    return {"counts": counts, "above": watch.peak - watch.start}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
