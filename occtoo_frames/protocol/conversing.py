"""How conversations are held: the one loop that does their steps, and the patience with which they ask again.

Takes a conversation of any steps and what does one of them, gives what the conversation comes to. Knows no wire; the
time that patience reckons with is given to it.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from occtoo_frames.protocol.meaning import Asked, Meaning

S = TypeVar("S")
T = TypeVar("T")

_FIRST_S, _LONGEST_S, _GROWTH = 0.05, 10.0, 1.6
_LOST = 5
"""How many times in a row an answer may be of no help."""

_FINAL = frozenset({Meaning.EXPIRED, Meaning.FORBIDDEN, Meaning.MISSING})
"""What asking again does not mend."""


def drive(steps: Generator[S, Any, T], do: Callable[[S], object]) -> T:
    """What ``steps`` come to, each of them done by ``do``, whose answer is sent back; they are closed in any case."""
    try:
        step = next(steps)
        while True:
            step = steps.send(do(step))
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        steps.close()


@dataclass(frozen=True, slots=True)
class Pause:
    """A step of a conversation: wait so long."""

    seconds: float


@dataclass(slots=True)
class Patience:
    """How long something is waited for that does not say when it ends: one patience for all of its waits.

    The pauses grow, and ``total_s`` are over when so much time has passed since the first was asked for: what the
    requests in between take counts as well.

    Attributes:
        total_s: How long in all.
        now: A monotonic clock in seconds.
    """

    total_s: float
    now: Callable[[], float]
    _began: float | None = field(default=None, init=False)
    _next_s: float = field(default=_FIRST_S, init=False)
    _lost: int = field(default=0, init=False)

    def pause(self) -> Pause | None:
        """The wait before asking again, or None if patience is over."""
        now = self.now()
        self._began = now if self._began is None else self._began
        left_s = self._began + self.total_s - now
        if left_s <= 0:
            return None
        seconds, self._next_s = min(self._next_s, left_s), min(_GROWTH * self._next_s, _LONGEST_S)
        return Pause(seconds)

    def after(self, asked: Asked, *, helped: bool) -> Pause | None:
        """The same after an answer; it ends early if too many in a row were of no help, or this one says never."""
        self._lost = 0 if helped else self._lost + 1
        if self._lost == _LOST or (not helped and asked.meaning in _FINAL):
            return None
        return self.pause()
