"""What shall go wrong, when and how often: takes what was asked for, gives the fault that a request meets.

Counts every request by its route. Knows neither what a fault does nor who does it.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from email.utils import format_datetime
from random import Random
from threading import Lock
from typing import TypeAlias

RetryAfter: TypeAlias = float | datetime | str
"""Seconds, a moment with a zone, or the header's very text."""

Kinds: TypeAlias = Mapping[str, frozenset[str]]
"""The kinds of fault there are, and the options each takes beside where, when and how often."""

_STATUSES = range(200, 600)
_AIMS = {"kind", "on", "after", "times", "probability"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        kind: What.
        on: Where: a part of ``POST /import/{source}`` or of ``POST /import/products``; empty for everywhere.
        after: How many requests there are spared before.
        times: How often; None without end.
        probability: How likely, each time.
        status: The status of the answer.
        retry_after: Its header of that name.
        delay_s: How long it takes.
        rate: How many requests a second are spared.
    """

    kind: str
    on: str = ""
    after: int = 0
    times: int | None = 1
    probability: float = 1.0
    status: int | None = None
    retry_after: RetryAfter | None = None
    delay_s: float | None = None
    rate: float | None = None

    def checked(self, kinds: Kinds) -> "Fault":
        """Itself, if it is one of ``kinds`` with what that kind takes.

        Raises:
            ValueError: It is not, and the message says why.
        """
        if self.kind not in kinds:
            raise ValueError(f"no such fault: {self.kind!r} (there are {', '.join(kinds)})")
        given = {field.name for field in fields(self) if getattr(self, field.name) is not None} - _AIMS
        if strange := given - kinds[self.kind]:
            takes = ", ".join(sorted(kinds[self.kind])) or "no option of its own"
            raise ValueError(f"the fault {self.kind!r} takes no {min(strange)}; it takes {takes}")
        for wrong, rule in self._rules():
            if wrong:
                raise ValueError(rule)
        return self

    def _rules(self) -> list[tuple[bool, str]]:
        moment = self.retry_after
        return [
            (not isinstance(self.on, str), f"on={self.on!r}: it is a part of a route, such as 'POST /import'"),
            (not _whole(self.after, 0), f"after={self.after!r}: it is a whole number of at least 0"),
            (
                not (self.times is None or _whole(self.times, 1)),
                f"times={self.times!r}: None or a whole number above 0",
            ),
            (not _within(self.probability, 0, 1), f"probability={self.probability!r}: it lies between 0 and 1"),
            (self.status is not None and self.status not in _STATUSES, f"status={self.status!r}: it is 200 to 599"),
            (self.delay_s is not None and not _within(self.delay_s, 0, 3600), f"delay_s={self.delay_s!r}: 0 to 3600"),
            (self.rate is not None and not _within(self.rate, 0.1, 1e6), f"rate={self.rate!r}: it is 0.1 or more"),
            (isinstance(moment, datetime) and moment.tzinfo is None, "retry_after: a moment needs its zone"),
        ]

    @property
    def patience(self) -> str | None:
        """The text of ``Retry-After``, or None."""
        if isinstance(self.retry_after, datetime):
            return format_datetime(self.retry_after.astimezone(UTC), usegmt=True)
        return None if self.retry_after is None else f"{self.retry_after}"


class Traffic:
    """The faults to come and the requests seen; safe to use from any thread.

    Args:
        kinds: Which faults there are.
        seed: Of the chance with which faults of a probability strike.
    """

    def __init__(self, kinds: Kinds, seed: int = 0) -> None:
        self._kinds = kinds
        self._waiting: list[_Waiting] = []
        self._seen: Counter[str] = Counter()
        self._met: Counter[str] = Counter()
        self._changing = Lock()
        self._random = Random(seed)  # noqa: S311 - faults need no secrecy, tests need the same ones again

    def add(self, fault: Fault) -> None:
        """``fault`` happens from now on, after those added before.

        Raises:
            ValueError: It is none.
        """
        waiting = _Waiting(fault.checked(self._kinds))
        with self._changing:
            self._waiting.append(waiting)

    def clear(self) -> None:
        """Nothing goes wrong on purpose any more."""
        with self._changing:
            self._waiting.clear()

    @property
    def seen(self) -> Counter[str]:
        """How many requests each route got."""
        with self._changing:
            return Counter(self._seen)

    @property
    def met(self) -> Counter[str]:
        """How often each kind of fault has happened."""
        with self._changing:
            return Counter(self._met)

    def meet(self, method: str, path: str, now: float) -> Fault | None:
        """The fault that this request, now counted, meets.

        Args:
            method: Its method.
            path: Its path.
            now: Seconds that only grow.
        """
        places = (route_name(method, path), f"{method} {path}")
        with self._changing:
            self._seen[places[0]] += 1
            aimed = [item for item in self._waiting if any(item.fault.on in place for place in places)]
            ready = [item for item in aimed if not item.spares()]
            struck = next((item.fault for item in ready if item.strikes(self._random.random, now)), None)
            self._waiting = [item for item in self._waiting if item.left != 0]
            if struck is not None:
                self._met[struck.kind] += 1
        return struck


class _Waiting:
    """A fault and what is left of it."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.left = fault.times
        self._spared = 0
        self._rate = fault.rate
        self._room = math.inf
        self._then = 0.0

    def spares(self) -> bool:
        """True if the request that is here now is one of the first, which are spared."""
        self._spared += 1
        return self._spared <= self.fault.after

    def strikes(self, chance: Callable[[], float], now: float) -> bool:
        """True if the request that is here now meets it."""
        if (self._rate and self._has_room(now, self._rate)) or chance() >= self.fault.probability:
            return False
        if self.left is not None:
            self.left -= 1
        return True

    def _has_room(self, now: float, rate: float) -> bool:
        """A bucket that fills with ``rate`` tokens a second and holds those of one."""
        self._room = min(max(1.0, rate), self._room + (now - self._then) * rate)
        self._then = now
        if self._room < 1:
            return False
        self._room -= 1
        return True


_ROUTES = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"/import/[^/]+", "/import/{source}"),
        (r"/destinations/[^/]+/token", "/destinations/{destinationId}/token"),
        (r"/media/uploads/files/[^/]+", "/media/uploads/files/{fileId}"),
        (r"/media/uploads/(?!(?:links|files)$)[^/]+", "/media/uploads/{uploadId}"),
        (r"/media/files/(?!batch$)[^/]+", "/media/files/{fileId}"),
        (r"/media/public/[^/]+/[^/]+", "/media/public/{fileId}/{name}"),
        (r"/appfile/file/(?!(?:path|import)$)[^/]+", "/appfile/file/{fileId}"),
        (r"/appdata/[^/]+/query", "/appdata/{entity}/query"),
        (r"/appdata/import/file/async", "/appdata/import/file/async"),
        (r"/storage/.+", "/storage/{path}"),
        (r"/api/v2/upload/jobs/[^/]+", "/api/v2/upload/jobs/{jobId}"),
        (r"/api/v2/upload/create/[^/]+", "/api/v2/upload/create/{folder}"),
        (r"/api/v2/upload/reload/[^/]+", "/api/v2/upload/reload/{database}"),
        (r"/api/v2/upload/append/[^/]+", "/api/v2/upload/append/{database}"),
        (r"/[^/]+/[^/]+/[^/]+/openapi", "/{tenant}/{destination}/{version}/openapi"),
        (r"/[^/]+/[^/]+/[^/]+/[^/]+", "/{tenant}/{destination}/{version}/{endpoint}"),
    )
)


def route_name(method: str, path: str) -> str:
    """The method and the route that a path belongs to, names in it left out."""
    plain = f"/{path.strip('/')}"
    found = next((name for pattern, name in _ROUTES if pattern.fullmatch(plain)), plain)
    return f"{method} {found}"


def _whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _within(value: object, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most
