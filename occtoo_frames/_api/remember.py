"""``of.remember``: the snapshot of a source, built from what a destination gives."""

import polars as pl

from occtoo_frames._api.asked import must_be_flags, must_be_source
from occtoo_frames._api.opening import open_destination
from occtoo_frames._api.read import read_destination
from occtoo_frames._frames.source import Source
from occtoo_frames._push.options import Options
from occtoo_frames._push.plan import PushPlan
from occtoo_frames._push.planning import make_plan
from occtoo_frames._read.document import Endpoint
from occtoo_frames._session.connection import Connection, current_connection
from occtoo_frames.protocol.destination import ID


def remember(
    source: str,
    url: str,
    *,
    list_separator: str = "|",
    progress: bool | None = None,
    connection: Connection | None = None,
) -> int:
    """How many entries of ``source`` this machine knows now: those that the endpoint at ``url`` gives, and no others.

    For a machine that never pushed, or one whose snapshot was lost or has gone stale. Values of the properties that
    the endpoint publishes count as accepted; all others are not known, and the next push with ``changed_only`` sends
    them. Keys that the endpoint does not give are not known either, so ``mirror`` does not delete them.

    Args:
        source: The source's id on the platform, whose entries the endpoint publishes under their own keys.
        url: The endpoint's address.
        list_separator: Joins the elements of lists, as in the pushes to come.
        progress: Show a bar; by default only where a person is looking and it takes longer.
        connection: Whose snapshot; the default connection if left out.

    Raises:
        ConfigurationError: ``source`` is no id, a push to it is under way, the data provider is not known, or ``url``
            is no address of an endpoint.
        ResponseError: The endpoint cannot be read.
    """
    from occtoo_frames._sync.known import Left, known
    from occtoo_frames._sync.parts import batches_and_entries
    from occtoo_frames._sync.place import Owner
    from occtoo_frames._sync.store import Store
    from occtoo_frames._sync.store_snapshot import SnapshotTables

    must_be_source(source)
    must_be_flags(progress=progress)
    used = current_connection(connection)
    used.require("provider")
    plan = _read(url, list_separator, used, progress=progress)
    owner = Owner(used.ingest_url, used.provider_id or "", source)
    with Store(owner.path(used.state_dir), (owner.origin, owner.provider, owner.source)) as store:
        snapshot = SnapshotTables(store)
        numbers = snapshot.properties([(column.property, column.language) for column in plan.sent_as])
        snapshot.replace(
            Left.of(part, prints, known(len(batch), ()), numbers) for batch, part, prints in batches_and_entries(plan)
        )
        return snapshot.count()


def _read(url: str, list_separator: str, connection: Connection, *, progress: bool | None) -> PushPlan:
    """What the endpoint gives, every value as its exact text, as it would be pushed."""
    endpoint = open_destination(url, connection).endpoint()
    languages = list(endpoint.languages)
    table: pl.DataFrame = read_destination(
        url,
        columns=_columns(endpoint, localised=bool(languages)),
        language=languages or None,
        types={one.id: pl.String for one in endpoint.properties if not one.dtype.is_nested() and one.id != ID},
        frame="polars",
        progress=progress,
        connection=connection,
    )
    localised = {one.id: languages for one in endpoint.properties if one.localized and not one.is_relation}
    options = Options(lang_cols=localised or None, list_separator=list_separator)
    return make_plan(Source(table, "polars", table.schema), ID, options)


def _columns(endpoint: Endpoint, *, localised: bool) -> list[str]:
    """The properties whose texts are certain: localised ones only where all their languages can be asked for."""
    return [one.id for one in endpoint.properties if not one.is_relation and (localised or not one.localized)]
