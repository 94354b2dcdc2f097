"""What a whole read must fulfil: every entry once, and as many as the platform counts."""

import numpy as np
import polars as pl

from occtoo_frames._read.page import open_page
from occtoo_frames.exceptions import ProtocolError
from occtoo_frames.protocol.http import Response


def must_be_unique(ids: pl.Series) -> None:
    """Nothing, if every entry has an id, and no two the same.

    Raises:
        ProtocolError: An entry has none, or stands there twice.
    """
    if ids.null_count():
        raise ProtocolError(f"{ids.null_count():,} of the destination's entries have no id", status=200)
    if ids.n_unique() < len(ids):
        twice = ids.filter(ids.is_duplicated()).unique(maintain_order=True)
        first = ", ".join(repr(one) for one in twice.head(5))
        raise ProtocolError(f"{len(twice):,} ids stand in the destination more than once: {first}", status=200)


class SeenIds:
    """The ids of a read that is not kept, in eight bytes each, so that one that comes again far away is found.

    What is kept of an id is a hash of 64 bits: among ten million different ids the chance that two have the same one is
    one in 400,000. How the platform orders ids is not known, so their order says nothing.
    """

    def __init__(self) -> None:
        self._before = pl.Series([], dtype=pl.String)
        self._hashes: list[np.ndarray[tuple[int], np.dtype[np.uint64]]] = []

    def add(self, ids: pl.Series) -> None:
        """Looks at the next ids, and keeps them in mind.

        Raises:
            ProtocolError: One is missing, or stands twice among them and those just before them.
        """
        must_be_unique(pl.concat([self._before, ids]))
        self._before = ids
        self._hashes.append(ids.hash().to_numpy())

    def must_be_unique(self) -> None:
        """Nothing, if no id came twice in all.

        Raises:
            ProtocolError: One did, far from where it was before.
        """
        hashes = np.concatenate([np.empty(0, np.uint64), *self._hashes])
        hashes.sort()
        twice = np.count_nonzero(hashes[1:] == hashes[:-1])
        if twice:
            raise ProtocolError(
                f"{twice:,} of the destination's entries came more than once, on pages far apart: "
                "read_destination names their ids",
                status=200,
            )


def total_in(response: Response) -> int | None:
    """How many entries the answer says there are."""
    return open_page(response.body).total
