"""``of.read_destination``: a destination's endpoint as a table."""

import warnings
from typing import Any

from occtoo_frames._api.opening import grant_of, open_destination
from occtoo_frames._api.progress import progress_bar
from occtoo_frames._api.reading import Reader, told_to
from occtoo_frames._frames.exit import must_be_kind, to_kind
from occtoo_frames._read.limits import ReadLimits, to_limits
from occtoo_frames._read.options import Language, Layout, Types
from occtoo_frames._read.planning import ReadOptions, plan_read
from occtoo_frames._read.shape import shape
from occtoo_frames._session.connection import Connection, current_connection
from occtoo_frames.typing import FrameKind, Style, Texts, Where


def read_destination(
    url: str,
    *,
    columns: str | Texts | None = None,
    where: Where = None,
    exclude: Where = None,
    language: Language = None,
    changed_since: object = None,
    search: str | Texts | None = None,
    sort: str | Texts | None = None,
    limit: int | None = None,
    explode: str | None = None,
    raw: bool = False,
    style: Style = "name_lang",
    layout: Layout = "wide",
    page_size: int = 1000,
    frame: FrameKind = "pandas",
    types: Types = None,
    limits: ReadLimits | None = None,
    connection: Connection | None = None,
    progress: bool | None = None,
) -> Any:
    """The entries of an endpoint as a table: one row each, with the types of its OpenAPI document.

    A full read pages by key and sees every entry exactly once, whatever changes meanwhile. Filters go to the platform
    as far as its document declares them, and are applied again here.

    Args:
        url: The endpoint's address, ``https://global.occtoo.com/{tenant}/{destination}/{version}/{endpoint}``.
        columns: Properties to give, or columns such as ``name_en``; all without it.
        where: ``{"category": ["Shoes", "Boots"], "price": of.between(10, 20)}``: values of one property are
            alternatives, properties all have to fit, a list fits if one of its elements does, None is no value.
        exclude: In the same words, what to leave out.
        language: A language (its texts under the properties' names), or a list of them: one column for each localised
            property and language. Filters, search and sorting by localised properties happen in the first one.
        changed_since: Only entries changed since then: a datetime with zone, or its ISO text. Without deletions.
        search: Texts to search for, as the platform does.
        sort: ``["price", "-name"]``. Nulls come last, ties by key (descending if everything is). Texts by code point;
            but with a limit of at most 10,000 the platform sorts, where it is sure to be asked the right way.
        limit: How many entries at most.
        explode: A relation, whose entries become the rows: parent_id, position, then their properties.
        raw: Give id and json, the entry as the server wrote it.
        style: How a localised property and its language make a column's name.
        layout: ``"wide"``, or ``"long"``: a row for each entry and language.
        page_size: Entries a request; the usual 1,000 are fewer where the endpoint takes no more at once.
        frame: ``"pandas"``, ``"polars"`` or ``"pyarrow"``.
        types: polars types that replace the document's: ``{"price": pl.Float64, "code": pl.String}``; as String a
            property is kept as its exact JSON text.
        limits: When to stop with an error.
        connection: Where to ask; the process's default without one.
        progress: True shows a bar, False none; None decides by the terminal.

    Raises:
        ConfigurationError: An option is wrong, or cannot be asked of this endpoint.
        ColumnNotFoundError: A property is none of the endpoint's.
        ProtocolError: The document or a page cannot be read; a value that does not fit its type is named.
        ResponseError: The platform refuses.
        ReadLimitError: The read is larger than ``limits``.
    """
    must_be_kind(frame)
    options = ReadOptions(
        columns=columns,
        where=where,
        exclude=exclude,
        language=language,
        changed_since=changed_since,
        search=search,
        sort=sort,
        limit=limit,
        explode=explode,
        raw=raw,
        style=style,
        layout=layout,
        page_size=page_size,
        types=types,
        limits=to_limits(limits),
    )
    used = current_connection(connection)
    plan = plan_read(open_destination(url, used), options)
    if changed_since is not None:
        warnings.warn("changed_since gives no deletions: of.read_changes finds them", stacklevel=2)
    with progress_bar(None, "entries", progress=progress) as bar:
        frames = Reader(plan, used.session, grant_of(plan.endpoint), told_to(bar)).frames()
    return to_kind(shape(plan, frames), frame)
