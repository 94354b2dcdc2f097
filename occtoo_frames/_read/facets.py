"""How often each value of a property occurs: the platform's facets as a table.

Takes an answer; gives a frame, in which what has no value is counted as null. Which properties are counted, and how
many values of each, the destination decides.
"""

from collections.abc import Sequence

import msgspec
import polars as pl

from occtoo_frames._read.document import Endpoint
from occtoo_frames._read.options import must_take
from occtoo_frames._read.page import broken, open_page
from occtoo_frames._read.paging import ask
from occtoo_frames._read.where import Condition, Selection, to_filter
from occtoo_frames.exceptions import ConfigurationError
from occtoo_frames.protocol.destination import Facet, Query
from occtoo_frames.protocol.http import Request, Response

SCHEMA = pl.Schema({"property": pl.String(), "header": pl.String(), "value": pl.String(), "count": pl.Int64()})
_MOST = 2**63 - 1


def facet_request(
    endpoint: Endpoint, url: str, selection: Selection, language: str | None, search: Sequence[str]
) -> Request:
    """Asks for the facets of the selection, and for one entry.

    Raises:
        ConfigurationError: The selection cannot be asked of the platform, so that it would count too many.
    """
    if selection.residual:
        unasked = [one for one in selection.conditions if to_filter(endpoint, [one]) is None]
        told = " and ".join(f"{_said(one)} of {one.subject.id!r}" for one in unasked)
        raise ConfigurationError(
            f"facets are counted by the platform, which cannot be asked for {told} at this endpoint: leave that "
            "out, or read the entries with read_destination and count them"
        )
    for option, value, member in (("language", language, "language"), ("search", search, "search")):
        if value:
            must_take(endpoint, member, option)
    filters = () if selection.filter is None else (selection.filter,)
    return ask(url, Query(top=1, language=language, search=tuple(search), filters=filters))


def _said(one: Condition) -> str:
    """What a condition is about, in words."""
    if one.between is not None:
        return "a range"
    if not one.values:
        return "none of the values"
    if None in one.values or "" in one.values:
        return "missing or empty values"
    return "JSON values" if one.subject.loose else f"{one.subject.dtype} values"


def to_facets(response: Response) -> pl.DataFrame:
    """The facets in an answer: property, header, value, count; no rows if it has none.

    Raises:
        ProtocolError: It cannot be read.
    """
    page = open_page(response.body)
    try:
        listed = msgspec.json.decode(page.facets, type=list[object] | None) or []
        facets = [Facet.from_wire(one) for one in listed]
        rows = [(one.property_id, one.header, key, count) for one in facets for key, count in one.values]
    except (msgspec.DecodeError, TypeError, ValueError) as error:
        raise broken(0, f"its facets are none: {error}") from None
    if any(count > _MOST for *_, count in rows):
        raise broken(0, "its facets are none: a count is larger than any number of 64 bits")
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
