"""The pieces of a body that are the same for every entry, and their numbers.

Takes the wire form and how each property opens, gives the few dozen texts that the encoder puts between cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from occtoo_frames.protocol.ingest import WireForm


@dataclass(frozen=True, slots=True)
class Constants:
    """The constant pieces and their numbers, counted from the first one.

    Attributes:
        texts: All of them.
        first: Of what opens the first property, when it is the first of an entry; the others follow.
        next: The same, when it is a later one.
        separate: Of three that stand between entries, by what they close: values, no values, a deletion; then three
            that stand between bodies.
        start: Of what stands before everything.
        end: Of three that stand after it.
    """

    texts: pl.Series
    first: int
    next: int
    separate: int
    start: int
    end: int


def constants_of(wire: WireForm, opens: Sequence[str]) -> Constants:
    """Each property's opening as an entry's first and as a later one, and what stands between entries and bodies."""
    closings = [
        wire.property_close + wire.entity_close,
        wire.properties_open + wire.entity_close,
        wire.deleted,
    ]
    firsts = [wire.properties_open + text for text in opens]
    nexts = [wire.property_close + wire.property_next + text for text in opens]
    separators = [closing + wire.entity_next + wire.entity_open for closing in closings]
    boundary = wire.body_close + wire.body_open + wire.entity_open
    boundaries = [closing + boundary for closing in closings]
    ends = [closing + wire.body_close for closing in closings]
    texts = [*firsts, *nexts, *separators, *boundaries, wire.body_open + wire.entity_open, *ends]
    width = len(opens)
    return Constants(pl.Series(texts, dtype=pl.String), 0, width, 2 * width, 2 * width + 6, 2 * width + 7)
