"""The entries of a source as columns of text, as of now: made when someone asks, and then only what changed.

Takes documents from the store; gives frames that are never changed again. Knows no types beyond the kind of each
column, no destination and no HTTP.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from threading import Lock

import polars as pl

from occtoo_frames._sandbox import kinds
from occtoo_frames._sandbox.kinds import Kind
from occtoo_frames._sandbox.store import Documents, Store
from occtoo_frames._sandbox.store_inbox import Change

KEY = "@key"
CHANGED = "@changed"
_TOO_MANY = 200_000


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The entries of a source at one moment.

    Attributes:
        frame: One row an entry, by key: ``@key``, ``@changed`` (microseconds, UTC) and each column as text.
        kinds: The kind of each column; it only ever widens while the platform runs.
    """

    frame: pl.DataFrame
    kinds: dict[str, Kind]

    @property
    def columns(self) -> list[str]:
        """Every column but the two of its own, the first seen first."""
        return self.frame.columns[2:]


class Snapshots:
    """The newest snapshot of each source of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: dict[int, Snapshot] = {}
        self._dirty: dict[int, set[str]] = {}
        self._marking = Lock()
        self._making = Lock()

    def mark(self, change: Change) -> None:
        """The next snapshot has these entries as they are now."""
        with self._marking:
            dirty = self._dirty.get(change.source)
            if dirty is None:
                return
            dirty.update(change.keys)
            if len(dirty) > _TOO_MANY:
                del self._dirty[change.source]

    def of(self, source: int) -> Snapshot:
        """The entries of a source, all that is visible among them."""
        with self._making:
            dirty = self._begin(source)
            held = self._held.get(source)
            if held is None or dirty is None:
                held = self._whole(source)
            elif dirty:
                held = self._amended(source, held, dirty)
            self._held[source] = held
            return held

    def _begin(self, source: int) -> set[str] | None:
        with self._marking:
            dirty = self._dirty.get(source)
            self._dirty[source] = set()
            return dirty

    def _whole(self, source: int) -> Snapshot:
        columns = self._store.tracked(source)
        pieces = [_frame(documents, columns) for documents in self._store.all_documents(source)]
        frame = _by_key([_empty(columns), *pieces])
        return Snapshot(frame, kinds.find(frame, columns))

    def _amended(self, source: int, held: Snapshot, dirty: set[str]) -> Snapshot:
        columns = self._store.tracked(source)
        fresh = _frame(self._store.documents(source, list(dirty)), columns).sort(KEY)
        added = [name for name in columns if name not in held.frame.columns]
        grown = held.frame.with_columns(pl.lit(None, pl.String).alias(name) for name in added)
        kept = grown.filter(~pl.col(KEY).is_in(list(dirty))).select(fresh.columns)
        frame = _by_key([kept, fresh])
        return Snapshot(frame, kinds.join(held.kinds, kinds.find(fresh, columns)))


def _by_key(pieces: list[pl.DataFrame]) -> pl.DataFrame:
    # rechunk, sort the keys, gather: half the time of DataFrame.sort on wide frames of text
    whole = pl.concat(pieces, rechunk=True)
    return whole.select(pl.all().gather(whole[KEY].arg_sort()))


def _frame(documents: Documents, columns: Iterable[str]) -> pl.DataFrame:
    own = pl.DataFrame({KEY: documents.keys, CHANGED: documents.changed}, schema={KEY: pl.String, CHANGED: pl.Int64})
    schema = dict.fromkeys(columns, pl.String())
    if not documents.keys or not schema:
        return own.with_columns(pl.lit(None, pl.String).alias(name) for name in schema)
    return own.hstack(pl.read_ndjson(BytesIO("\n".join(documents.docs).encode()), schema=schema))


def _empty(columns: Iterable[str]) -> pl.DataFrame:
    return pl.DataFrame(schema={KEY: pl.String, CHANGED: pl.Int64, **dict.fromkeys(columns, pl.String())})
