"""The entries of a source as columns of text, as of now: made when someone asks, and then only what changed.

Takes documents from the store; gives frames that are never changed again. Knows no types beyond the kind of each
column, no destination and no HTTP.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

import numpy as np
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
            held = self._held.pop(source, None)  # so that a making that fails is begun anew
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
        frame = _frame(_ahead(self._store.all_documents(source)), columns)
        if not frame[KEY].is_sorted():
            frame = frame.select(pl.all().gather(frame[KEY].arg_sort()))
        return Snapshot(frame, kinds.find(frame, columns))

    def _amended(self, source: int, held: Snapshot, dirty: set[str]) -> Snapshot:
        columns = self._store.tracked(source)
        fresh = _frame(self._store.documents(source, sorted(dirty)), columns).sort(KEY)
        added = [name for name in columns if name not in held.frame.columns]
        grown = held.frame.with_columns(pl.lit(None, pl.String).alias(name) for name in added)
        frame = _replaced(grown, pl.Series(sorted(dirty), dtype=pl.String), fresh)
        return Snapshot(frame, kinds.join(held.kinds, kinds.find(fresh, columns)))


def _replaced(frame: pl.DataFrame, dirty: pl.Series, fresh: pl.DataFrame) -> pl.DataFrame:
    """``frame`` without the entries whose keys are ``dirty`` and with the ``fresh`` ones, all of them by key.

    Rows are numbered through both frames. A column that is as it was is not laid down again.
    """
    keys, rows = frame[KEY], np.arange(frame.height)
    gone = np.flatnonzero(keys.is_in(dirty.implode()).to_numpy())
    kept = np.delete(rows, gone)
    places = np.searchsorted(kept, keys.search_sorted(fresh[KEY]).to_numpy())
    order = pl.Series(np.insert(kept, places, frame.height + np.arange(fresh.height)), dtype=pl.UInt32)
    before = frame[gone]
    same = {name for name in frame.columns if before[KEY].equals(fresh[KEY]) and before[name].equals(fresh[name])}
    others = [name for name in frame.columns if name not in same]
    laid = pl.concat([frame.select(others), fresh.select(others)], rechunk=True).select(pl.all().gather(order))
    return pl.DataFrame([(frame if name in same else laid)[name] for name in frame.columns])


def _frame(pieces: Iterable[Documents], columns: Iterable[str]) -> pl.DataFrame:
    schema = dict.fromkeys(columns, pl.String())
    empty = pl.DataFrame(schema={KEY: pl.String, CHANGED: pl.Int64, **schema})
    return pl.concat([empty, *(_piece(documents, schema) for documents in pieces)], rechunk=True)


def _ahead(pieces: Iterator[Documents]) -> Iterator[Documents]:
    """The same pieces, the next one read while one is looked at."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = reader.submit(next, pieces, None)
            yield piece


def _piece(documents: Documents, schema: dict[str, pl.String]) -> pl.DataFrame:
    own = pl.DataFrame({KEY: documents.keys, CHANGED: documents.changed})
    return own.hstack(pl.read_ndjson(documents.docs, schema=schema)) if schema else own
