"""``of.read_facets``: how often the values of an endpoint's properties occur."""

from typing import Any

import polars as pl

from occtoo_frames._api.opening import grant_of, open_destination
from occtoo_frames._frames.exit import must_be_kind, to_kind
from occtoo_frames._given import to_texts
from occtoo_frames._read.facets import facet_request, to_facets
from occtoo_frames._read.options import Language, to_languages
from occtoo_frames._read.where import select
from occtoo_frames._session.connection import Connection, current_connection
from occtoo_frames.typing import FrameKind, Texts, Where


def read_facets(
    url: str,
    *,
    where: Where = None,
    exclude: Where = None,
    language: Language = None,
    search: str | Texts | None = None,
    frame: FrameKind = "pandas",
    connection: Connection | None = None,
) -> Any:
    """How often each value of the endpoint's facets occurs under a filter: property, header, value, count.

    The platform counts, for the properties that are facets in the destination, and gives as many values of each as
    the destination says. A list of languages adds a column ``language`` after ``property``.

    Args:
        url: The endpoint's address.
        where: As in ``read_destination``; only what the platform can be asked for.
        exclude: In the same words, what is not counted.
        language: The language of headers and localised values, or a list of them.
        search: Texts to search for.
        frame: ``"pandas"``, ``"polars"`` or ``"pyarrow"``.
        connection: Where to ask; the process's default without one.

    Raises:
        ConfigurationError: An option is wrong, or the platform cannot be asked for the filter.
        ResponseError: The platform refuses.
    """
    must_be_kind(frame)
    used = current_connection(connection)
    destination = open_destination(url, used)
    endpoint = destination.endpoint()
    selection = select(endpoint, where, exclude)
    parts = []
    for one in to_languages(endpoint, language):
        request = facet_request(endpoint, destination.at(endpoint).url, selection, one, to_texts(search, "search"))
        with used.session.hiding():
            facets = to_facets(used.session.call(request, grant=grant_of(endpoint)))
        named = pl.lit(one, dtype=pl.String).alias("language")
        several = language is not None and not isinstance(language, str)
        parts.append(facets.insert_column(1, named) if several else facets)
    return to_kind(pl.concat(parts), frame)


def facet_chart(facets: Any, property_id: str | None = None) -> Any:
    """A bar chart of facets: one bar a value, longest first. Needs the extra ``plot``.

    Args:
        facets: What ``read_facets`` gave, in any kind of frame.
        property_id: The property to show; all of them, one below the other, without it.
    """
    import altair as alt

    length, value = alt.X("count:Q"), alt.Y("value:N", sort="-x", title=None)
    bars = alt.Chart(facets).mark_bar().encode(x=length, y=value, tooltip=["header:N", "value:N", "count:Q"])
    if property_id is not None:
        return bars.transform_filter(alt.datum.property == property_id).properties(title=property_id)
    return bars.facet(row=alt.Row("header:N", title=None)).resolve_scale(y="independent")
