"""A push beside another one to the same source: it has no journal, but leaves no lie in the snapshot.

Takes the plan that is sent, gives its batches. What the snapshot says of their keys is in doubt before they are sent,
and again after: the other push may have written meanwhile.
"""

from collections.abc import Iterator, Sequence

from occtoo_frames._push.batch import Batch
from occtoo_frames._push.delivery import Receipt
from occtoo_frames._push.plan import PushPlan
from occtoo_frames._sync.parts import batches_and_entries
from occtoo_frames._sync.store import Store
from occtoo_frames._sync.store_snapshot import SnapshotTables


class Guest:
    """Takes the place of a Journal that somebody else holds.

    Args:
        store: The file of the source, opened as a guest.
        plan: What is sent.
    """

    kept: tuple[Receipt, ...] = ()

    def __init__(self, store: Store, plan: PushPlan) -> None:
        self._snapshot, self._plan = SnapshotTables(store), plan
        self._open: dict[int, tuple[int, list[str]]] = {}

    def batches(self) -> Iterator[Batch]:
        """Every batch; nothing is certain of its entries any more."""
        for batch, part, _ in batches_and_entries(self._plan, values=False):
            self._open[batch.number] = (len(batch), part.keys.to_list())
            self._snapshot.doubt(self._open[batch.number][1])
            yield batch

    def hear(self, receipt: Receipt) -> None:
        """Nothing is certain of its entries still."""
        left, keys = self._open[receipt.batch]
        if left == receipt.count:
            self._snapshot.doubt(keys)
            del self._open[receipt.batch]
        else:
            self._open[receipt.batch] = (left - receipt.count, keys)

    def close(self, receipts: Sequence[Receipt]) -> None:
        """Nothing is on its way any more."""
        for _, keys in self._open.values() if receipts else ():
            self._snapshot.doubt(keys)
