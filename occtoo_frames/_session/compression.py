"""Which bodies go compressed: takes what answers said and how long bodies took, says how the next one goes.

Knows no wire and reads no clock. A body goes compressed to a server that said it takes that, and unless told otherwise
only where the link is slow and compressing was seen to help.
"""

import zlib
from collections import deque
from dataclasses import replace
from statistics import median
from threading import Lock
from typing import Literal, TypeAlias

from occtoo_frames.exceptions import ConfigurationError
from occtoo_frames.protocol.coding import GZIP, takes_gzip
from occtoo_frames.protocol.http import Event, Request, Response

Compress: TypeAlias = Literal["auto"] | bool
"""``"auto"``: where the link is slow. True: on any link. False: never. Only where the server said it takes that."""

LEVEL = 1
"""Of zlib. Level 6 takes longer than a fast link, and makes bodies little smaller."""

LEAST_BYTES = 32 * 1024
"""Shorter bodies go as they are, and their time is that of the way, not of the bytes."""

SLOW = 50_000_000
"""Bytes a second; above that a core compresses hardly faster than the link carries."""

RECENT = 6
"""How many bodies of each kind are looked back at, and have to be there before anything follows from them."""

GAIN = 1.25
"""How many times faster compressed bodies have to be to be kept."""

RECHECK = 32
"""On a slow link one body in so many goes the other way, so that a change is noticed."""

_GZIP_CONTAINER = 16 + zlib.MAX_WBITS


def checked_compress(compress: object) -> Compress:
    """``compress``, if it is one of the three.

    Raises:
        ConfigurationError: It is not.
    """
    if isinstance(compress, bool):
        return compress
    if isinstance(compress, str) and compress == "auto":
        return "auto"
    raise ConfigurationError(f"compress={compress!r}: it is 'auto', True or False")


def compressed(request: Request) -> Request | None:
    """``request`` with its body in gzip, or None if it is short, no bytes, or would grow. Holds no lock of Python's.

    The same bytes in give the same bytes out.
    """
    if not isinstance(request.body, bytes | memoryview) or request.size < LEAST_BYTES:
        return None
    packed = zlib.compress(request.body, LEVEL, _GZIP_CONTAINER)
    if len(packed) >= request.size:
        return None
    return replace(request, headers={**request.headers, "Content-Encoding": GZIP}, body=packed)


class Link:
    """What is known of the way to one resource; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._taken = self._proven = False
        self._rates: dict[bool, deque[float]] = {kind: deque(maxlen=RECENT) for kind in (False, True)}
        self._bodies = 0

    @property
    def is_proven(self) -> bool:
        """True if a compressed body was taken."""
        return self._proven

    def hear(self, event: Event, *, size: int, seconds: float, packed: bool) -> None:
        """Takes what an answer says, and notes how fast its body was carried if it was accepted.

        Args:
            event: What came back. An answer that says nothing of codings changes nothing.
            size: How many bytes the body has uncompressed.
            seconds: How long it took, compressing included, until the answer was there.
            packed: True if it went compressed.
        """
        if not isinstance(event, Response):
            return
        with self._lock:
            said = event.headers.get("accept-encoding")
            if said is not None:
                self._taken = takes_gzip(said)
            if event.ok and size >= LEAST_BYTES:
                self._rates[packed].append(size / max(seconds, 1e-9))

    def prove(self) -> None:
        """A compressed body was taken."""
        self._proven = True

    def forget(self) -> None:
        """Nothing was said of codings, as far as anybody remembers."""
        with self._lock:
            self._taken = self._proven = False

    def wants(self, compress: Compress) -> bool:
        """True if the next body goes compressed."""
        with self._lock:
            if compress == "auto":
                return self._taken and self._is_worth_it()
            return self._taken and compress

    def _is_worth_it(self) -> bool:
        plain, packed = self._rates[False], self._rates[True]
        if len(plain) < RECENT or median(plain) >= SLOW:
            return False
        worth = len(packed) < RECENT or median(packed) > GAIN * median(plain)
        self._bodies += 1
        return worth != (self._bodies % RECHECK == 0)
