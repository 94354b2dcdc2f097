"""``of.read_changes``: what was created, updated and deleted since the last time."""

from contextlib import closing
from dataclasses import replace
from typing import Any

import polars as pl

from occtoo_frames._api.decoding import decoded
from occtoo_frames._api.opening import Grant, grant_of, open_destination
from occtoo_frames._api.pages import compare_total, pages
from occtoo_frames._api.reading import Reader
from occtoo_frames._frames.exit import must_be_kind, to_kind
from occtoo_frames._given import to_count, to_seconds
from occtoo_frames._read.changes import ReadCursor, changes, moment, must_be_cursor, nothing_known
from occtoo_frames._read.decode import Decoder
from occtoo_frames._read.limits import ReadLimits, to_limits
from occtoo_frames._read.options import Types, must_be_one_language, must_take
from occtoo_frames._read.page import Page
from occtoo_frames._read.paging import Walk
from occtoo_frames._read.plan import ReadPlan
from occtoo_frames._read.planning import ReadOptions, plan_read
from occtoo_frames._session.connection import Connection, current_connection
from occtoo_frames._session.session import Session
from occtoo_frames.exceptions import ConfigurationError
from occtoo_frames.protocol.destination import ID
from occtoo_frames.typing import FrameKind


def read_changes(
    url: str,
    since: ReadCursor | None = None,
    *,
    language: str | None = None,
    spare_s: float = 300.0,
    page_size: int = 1000,
    types: Types = None,
    limits: ReadLimits | None = None,
    frame: FrameKind = "pandas",
    connection: Connection | None = None,
) -> tuple[Any, ReadCursor]:
    """What changed since a cursor, and the cursor for the next time.

    The first read, without a cursor, gives every entry as created. Later ones ask the platform for what changed since
    (with ``spare_s`` seconds to spare) and sweep all ids, since the platform never tells of deletions. An entry is
    told of once for each state it is found in; states that came and went between two reads are not.

    Args:
        url: The endpoint's address.
        since: The cursor of the last read; None for the first one.
        language: The language of localised properties.
        spare_s: How far before the last read to ask, for imports that become visible late.
        page_size: Entries a request; the usual 1,000 are fewer where the endpoint takes no more at once.
        types: polars types that replace the document's.
        limits: When to stop with an error: of the entries, and of the sweep of ids.
        frame: ``"pandas"``, ``"polars"`` or ``"pyarrow"``.
        connection: Where to ask; the process's default without one.

    Returns:
        A frame (id, change, properties), in order of keys, and the next cursor, which can be saved and loaded.

    Raises:
        ConfigurationError: An option is wrong, ``since`` is no cursor, or another endpoint's or language's, or the
            endpoint cannot be asked for a period.
        ResponseError: The platform refuses.
    """
    must_be_kind(frame)
    page_size = to_count(page_size, "page_size", 1)
    must_be_one_language(language, "read_changes")
    spare_s = to_seconds(spare_s, "spare_s")
    must_be_cursor(since)
    used = current_connection(connection)
    asked = None if since is None else since.since
    options = ReadOptions(
        language=language, changed_since=asked, page_size=page_size, types=types, limits=to_limits(limits)
    )
    plan = replace(plan_read(open_destination(url, used), options), with_json=True)
    must_take(plan.endpoint, "period", "read_changes")
    language = plan.languages[0]
    if since is not None and (since.url, since.language) != (plan.url, language):
        raise ConfigurationError(
            f"the cursor is of {since.url} in {since.language!r}, not of {plan.url} in {language!r}"
        )
    grant = grant_of(plan.endpoint)
    clock = used.session.call(plan.walk(language).count_request(), grant=grant)
    read = Reader(plan, used.session, grant).frames()[language]
    known = nothing_known() if since is None else since.known
    ids = read[ID] if since is None else _sweep(plan, used.session, grant)
    changed, now_known = changes(read, ids, known)
    cursor = ReadCursor(plan.url, language, moment(clock, spare_s), now_known)
    return to_kind(changed, frame), cursor


def _sweep(plan: ReadPlan, session: Session, grant: Grant) -> pl.Series:
    """Every id there is: bare ids where the endpoint's document offers them, whole entries otherwise."""
    bare = plan.endpoint.accepts.takes("listIds")
    query = replace(plan.walk(plan.languages[0]).query, since=None, list_ids=bare)
    walk = Walk(plan.url, query, plan.page_size, limits=plan.limits)
    decoder = Decoder([plan.endpoint[ID]])
    parts, total = [pl.Series(ID, [], dtype=pl.String)], None

    def ids_of(group: list[Page]) -> pl.Series:
        if bare:
            return pl.Series(ID, [key for page in group for key in page.ids()], dtype=pl.String)
        return decoder.decode(*group)[ID]

    with session.hiding(), closing(pages(session, walk, grant)) as stream:
        for group, part in decoded(stream, ids_of):
            parts.append(part)
            total = group[0].total if group[0].number == 0 else total
    ids = pl.concat(parts)
    compare_total(session, walk, grant, len(ids), total)
    return ids
