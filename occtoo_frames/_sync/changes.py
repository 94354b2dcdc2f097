"""What of a plan the source does not hold already, as far as this machine knows.

Takes a PushPlan and the snapshot, gives the plan of what is to be sent, and what becomes of each entry. Two looks at
the table, a few batches in memory; what stays are some bytes for each entry that is sent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from occtoo_frames._push.batching import body_bytes, cut
from occtoo_frames._push.encoder import Encoder, Slice
from occtoo_frames._push.growing import Growing
from occtoo_frames._push.plan import PushPlan
from occtoo_frames._sync.fingerprints import SIZE, Prints, Wholes
from occtoo_frames._sync.known import Known, differing, known, same
from occtoo_frames._sync.parts import PartFeed, batches_and_entries, bytes_of_bits, chosen, edges_of, only, packed
from occtoo_frames._sync.store_snapshot import SnapshotTables
from occtoo_frames.exceptions import PlanError
from occtoo_frames.protocol.ingest import WIRE

_ILLEGIBLE = ("key-missing", "key-characters", "key-length")


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be sent of a plan.

    Attributes:
        plan: The entries that are sent, those to be deleted because they vanished last.
        chosen: For each entry of the whole plan whether it is among these, bool.
        wholes: For entries that are sent in part, their fingerprints as a whole.
        vanished: How many entries are deleted because their keys vanished.
        counts: creates, updates, unchanged, deletes, as a plain dict.
    """

    plan: PushPlan = field(repr=False)
    chosen: npt.NDArray[np.bool_] = field(repr=False)
    wholes: Wholes = field(repr=False)
    vanished: int
    counts: dict[str, int]


@dataclass(slots=True)
class _Survey:
    """Looks at the batches of a plan, and keeps what they were found to be.

    Attributes:
        encoder: The plan's, to measure.
        numbers: The number of each property and language; None if everything is sent.
        sent: For each entry whether it is sent.
        bits: For each that is, which of its values are, packed.
        sizes: The bytes of each.
        parts: The numbers, among these, of entries of which not all is sent.
        prints: Their fingerprints as a whole, 16 bytes each.
    """

    encoder: Encoder
    numbers: Sequence[int] | None
    sent: Growing
    bits: Growing
    sizes: Growing
    parts: Growing = field(default_factory=partial(Growing, np.int64))
    prints: Growing = field(default_factory=partial(Growing, np.uint8))
    height: int = 0
    properties: int = 0
    creates: int = 0
    updates: int = 0
    deletes: int = 0

    def look(self, part: Slice, prints: Prints, held: Known) -> None:
        """Takes one batch into account."""
        deleted = np.zeros(len(prints), bool) if part.deleted is None else part.deleted
        sent = np.ones(len(prints), bool)
        if self.numbers is not None:
            sent = ~same(held, prints)
            if sent.any():
                cells, there = differing(part, held, self.numbers, sent)
                sent &= cells.any(axis=1) | deleted | ~held.alive
                self._note_parts((cells != there).any(axis=1)[sent], prints[sent])
                self._measure(only(chosen(part, sent), cells[sent]), cells[sent])
        self.sent.extend(sent)
        self.creates += int((sent & ~deleted & ~held.alive).sum())
        self.updates += int((sent & ~deleted & held.alive).sum())
        self.deletes += int((sent & deleted).sum())

    def _note_parts(self, in_part: npt.NDArray[np.bool_], prints: Prints) -> None:
        """Keeps the fingerprints of entries of which not all is sent; those of the others can be taken again."""
        self.parts.extend(self.height + np.flatnonzero(in_part))
        self.prints.extend(prints[in_part].ravel())
        self.height += len(in_part)

    def _measure(self, part: Slice, cells: npt.NDArray[np.bool_]) -> None:
        seen = self.encoder.measure(part)
        self.bits.extend(packed(cells).ravel())
        self.sizes.extend(seen.sizes)
        self.properties += int(seen.counts.sum())


def find_changes(
    plan: PushPlan, snapshot: SnapshotTables | None, *, changed_only: bool, vanished: Sequence[str] = ()
) -> Changes:
    """The entries and values of ``plan`` that are to be sent.

    Args:
        plan: The whole plan.
        snapshot: What is known of the source; None if nothing is.
        changed_only: Leave out what the source holds already.
        vanished: The keys to delete besides.
    """
    identities = [(column.property, column.language) for column in plan.sent_as]
    numbers = snapshot.properties(identities) if snapshot is not None and changed_only else []
    entries, most = len(plan.sizes), len(plan.sizes) if changed_only else 0
    seen = _Survey(
        Encoder(identities, plan.clean),
        numbers if changed_only else None,
        Growing(np.bool_, entries),
        Growing(np.uint8, most * bytes_of_bits(len(identities))),
        Growing(np.uint32, most),
    )
    for batch, part, prints in batches_and_entries(plan):
        found = [] if snapshot is None else snapshot.find(part.keys.to_list())
        seen.look(part, prints, known(len(batch), found))
    return _changes(plan, seen, list(vanished), changed_only=changed_only)


def vanished_keys(plan: PushPlan, snapshot: SnapshotTables) -> list[str]:
    """The keys that the source holds and the table does not; none if the table is empty or a key cannot be read.

    A row that is rejected for another reason has its key: it has not vanished.
    """
    keys = plan.renderer.layout.key
    flawed = any(flaw.column in keys for flaw in plan.source.flaws)
    if flawed or not plan.counts["rows"] or plan.found["rule"].is_in(_ILLEGIBLE).any():
        return []
    return snapshot.vanished(_keys(plan))


def check_brake(vanished: Sequence[str], alive: int, max_delete: float) -> None:
    """Returns if not more than ``max_delete`` of ``alive`` keys have vanished.

    Raises:
        PlanError: More have; the message says how many, and which.
    """
    if len(vanished) > max_delete * alive * (1 + 1e-12):
        shown = ", ".join(map(repr, vanished[:5])) + (", …" if len(vanished) > 5 else "")  # noqa: PLR2004 - shown
        raise PlanError(
            f"{len(vanished):,} of {alive:,} known keys have vanished from the table ({shown}), more than "
            f"max_delete={max_delete:g} allows to delete; nothing was sent. If they are to go, raise max_delete"
        )


def _keys(plan: PushPlan) -> Iterator[list[str]]:
    for frame in plan.source.slices(list(plan.renderer.layout.key)):
        yield plan.renderer.keys(frame).drop_nulls().to_list()


def _changes(plan: PushPlan, seen: _Survey, vanished: list[str], *, changed_only: bool) -> Changes:
    sent = seen.sent.items
    width = len(plan.sent_as)
    bits = seen.bits.items.reshape(-1, bytes_of_bits(width)) if changed_only and width else None
    sizes = seen.sizes.items if changed_only else plan.sizes
    bare = len(WIRE.entity_open) + len(WIRE.deleted)
    gone = pl.Series("key", vanished, dtype=pl.String)
    if vanished:
        sizes = np.concatenate([sizes, (gone.str.len_bytes() + bare).to_numpy().astype(np.uint32)])
    cuts = cut(sizes)
    counts = {
        "rows": plan.counts["rows"],
        "entries": len(sizes),
        "properties": seen.properties if changed_only else plan.counts["properties"],
        "invalid": plan.counts["invalid"],
        "bytes": int(body_bytes(sizes, cuts).sum()),
        "batches": len(cuts) - 1,
    }
    feed = PartFeed(plan.feed, edges_of(plan), width, sent, bits, gone)
    return Changes(
        replace(plan, feed=feed, sizes=sizes, counts=counts),
        sent,
        Wholes(seen.parts.items, seen.prints.items.reshape(-1, SIZE)),
        len(vanished),
        {
            "creates": seen.creates,
            "updates": seen.updates,
            "unchanged": int((~sent).sum()),
            "deletes": seen.deletes + len(vanished),
        },
    )
