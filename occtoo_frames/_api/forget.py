"""``of.forget``: this machine knows nothing of a source any more."""

from occtoo_frames._api.asked import must_be_source
from occtoo_frames._session.connection import Connection, current_connection


def forget(source: str, *, connection: Connection | None = None) -> bool:
    """True if this machine had a snapshot or journal of ``source``; now it has none.

    The source itself is not touched. The next push with ``changed_only`` sends everything, the next one with
    ``mirror`` deletes nothing.

    Args:
        source: The source's id on the platform.
        connection: Whose snapshot; the default connection if left out.

    Raises:
        ConfigurationError: ``source`` is no id, a push to it is under way, or the file cannot be removed.
    """
    from occtoo_frames._sync.place import Owner
    from occtoo_frames._sync.store import forget as remove

    must_be_source(source)
    used = current_connection(connection)
    return remove(Owner(used.ingest_url, used.provider_id or "", source).path(used.state_dir))
