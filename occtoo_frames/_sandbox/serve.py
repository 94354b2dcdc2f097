"""The platform as a process of its own: runs until it is told to stop. Prints nothing; the caller says what to say."""

import signal
from collections.abc import Callable
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any

from occtoo_frames._sandbox.platform import LocalPlatform
from occtoo_frames._sandbox.seed import plant


def serve(
    path: str | Path | None = None,
    port: int = 0,
    *,
    seed: bool = False,
    on_ready: Callable[[LocalPlatform], None] | None = None,
    stop: Event | None = None,
    **options: Any,
) -> int:
    """The number of the signal that ended it, 0 if ``stop`` did; the platform has run and is stopped.

    Args:
        path: The database file, or None to keep nothing.
        port: Where to listen, 0 for a free port.
        seed: Starts with a small catalogue, published.
        on_ready: Called once, when requests are answered.
        stop: Ends it when set; SIGTERM and SIGINT do too, in the main thread.
        **options: As ``LocalPlatform``.
    """
    ended = stop or Event()
    caught: list[int] = []

    def end(number: int, _frame: FrameType | None) -> None:
        caught.append(number)
        ended.set()

    with LocalPlatform(path, port, **options) as platform:
        if seed:
            plant(platform)
        before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            if on_ready is not None:
                on_ready(platform)
            ended.wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    return caught[0] if caught else 0
