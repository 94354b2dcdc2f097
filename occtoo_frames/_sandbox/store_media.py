"""What the platform remembers of uploads: one document each, in the store's file. Their bytes lie elsewhere."""

from collections.abc import Iterable, Mapping

from occtoo_frames._sandbox.store import Store

_TABLE = "CREATE TABLE IF NOT EXISTS media (id TEXT PRIMARY KEY, document TEXT NOT NULL)"
_SAVE = "INSERT INTO media VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET document = excluded.document"


class MediaStore:
    """The documents of uploads by id."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.transaction() as db:
            db.execute(_TABLE)

    def load(self) -> list[str]:
        """Every document, the first saved first."""
        with self._store.transaction() as db:
            return [document for (document,) in db.execute("SELECT document FROM media ORDER BY rowid")]

    def save(self, documents: Mapping[str, str]) -> None:
        """``documents`` are remembered under their ids, all or none."""
        with self._store.transaction() as db:
            db.executemany(_SAVE, documents.items())

    def forget(self, ids: Iterable[str]) -> None:
        """Nothing is remembered of these."""
        with self._store.transaction() as db:
            db.executemany("DELETE FROM media WHERE id = ?", [(each,) for each in ids])
