"""What a whole read must fulfil: every entry once, and as many as the platform counts."""

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


def total_in(response: Response) -> int | None:
    """How many entries the answer says there are."""
    return open_page(response.body).total
