"""One request's bytes and where each entry lies in them, so that a part of it can be sent without encoding again."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from occtoo_frames.protocol.ingest import WIRE


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive entries of a plan and the exact body that imports them.

    Attributes:
        number: The batch's position in the run, from 0.
        first: The number of its first entry in the plan, from 0.
        body: The request body.
        starts: Where each entry begins in ``body``: int64, shape (entries,).
    """

    number: int
    first: int
    body: bytes | memoryview = field(repr=False)
    starts: npt.NDArray[np.int64] = field(repr=False)

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def stop(self) -> int:
        """The number of the first entry after it."""
        return self.first + len(self.starts)

    def part(self, start: int, stop: int) -> "Batch":
        """The batch of its entries ``start`` to ``stop`` (end excluded), its bytes cut out of this body."""
        begin = int(self.starts[start])
        if stop < len(self.starts):
            end = int(self.starts[stop]) - len(WIRE.entity_next)
        else:
            end = len(self.body) - len(WIRE.body_close)
        opening = WIRE.body_open.encode()
        body = b"".join((opening, self.body[begin:end], WIRE.body_close.encode()))
        return Batch(self.number, self.first + start, body, self.starts[start:stop] - begin + len(opening))
