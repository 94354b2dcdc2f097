"""Ctrl-C while pages are on the wire: heard at once, and not when all of them have come."""

import os
import signal
import sys
import time
from typing import Any

import pytest
from scripted import keyed, read

from occtoo_frames.protocol.http import Response

ENTRIES: dict[str, dict[str, Any]] = {f"k{n:03}": {"stock": n} for n in range(300)}


@pytest.mark.skipif(sys.platform == "win32", reason="there a process cannot send itself a Ctrl-C")
@pytest.mark.parametrize("options", [{}, {"limit": 290}])
def test_a_read_that_is_interrupted_ends_with_the_page_on_the_wire(options: dict[str, Any]) -> None:
    """The engine's own handler lets the main thread wait on; the read does not wait without looking up."""
    asked = 0
    server = keyed(ENTRIES)

    def answer(query: dict[str, Any]) -> Response:
        nonlocal asked
        asked += 1
        if asked == 3:
            os.kill(os.getpid(), signal.SIGINT)
        if asked >= 3:
            time.sleep(0.05)
        return server(query)

    with pytest.raises(KeyboardInterrupt):
        read(answer, page_size=2, **options)
    assert asked < 100
