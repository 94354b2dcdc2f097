"""When a read has to be over: takes its ``max_seconds``, says how much of them is left."""

import time
from dataclasses import dataclass, field
from math import inf

from occtoo_frames.exceptions import ReadLimitError


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """The seconds that one language of a read may take, from now on; with None it takes as long as it needs."""

    max_seconds: float | None
    started: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds until it is over; afterwards less than that."""
        return inf if self.max_seconds is None else self.started + self.max_seconds - time.monotonic()

    def check(self) -> None:
        """Returns while there is time left.

        Raises:
            ReadLimitError: It is over.
        """
        if self.left <= 0:
            raise self.error()

    def error(self) -> ReadLimitError:
        """Says that it is over."""
        return ReadLimitError(f"the read takes longer than {self.max_seconds} s; that is its max_seconds")
