"""A destination as its OpenAPI document describes it."""

from dataclasses import dataclass, replace
from html import escape
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import polars as pl

from occtoo_frames._read.document import Document, Endpoint, read_document
from occtoo_frames._read.names import hint
from occtoo_frames._read.pandera_schema import Backend, to_schema, to_source
from occtoo_frames._read.references import DocumentError
from occtoo_frames.exceptions import ConfigurationError, ProtocolError
from occtoo_frames.protocol.destination import Address


@dataclass(frozen=True, slots=True)
class Destination:
    """What a destination offers: endpoints, languages, types.

    Attributes:
        address: Where it stands; with an endpoint if it was opened by an endpoint's address.
        document: Its OpenAPI document, read.
    """

    address: Address
    document: Document

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The names of its endpoints."""
        return tuple(self.document.endpoints)

    @property
    def languages(self) -> tuple[str, ...]:
        """The published languages, the default one first; empty if the document does not list them."""
        return self.document.languages

    @property
    def openapi(self) -> dict[str, object]:
        """The OpenAPI document as it came."""
        return dict(self.document.openapi)

    def endpoint(self, name: str | None = None) -> Endpoint:
        """One endpoint: the named one, that of the address, or the only one.

        Raises:
            ConfigurationError: There is none of this name, or none was named and there are several.
        """
        found = self.document.endpoints
        wanted = name or self.address.endpoint
        if wanted is None and len(found) == 1:
            return next(iter(found.values()))
        if wanted is None:
            raise ConfigurationError(
                f"{self.address.base} has several endpoints: {', '.join(found)}; add one to the address"
            )
        if wanted not in found:
            raise ConfigurationError(f"{self.address.base} has no endpoint {wanted!r}; {hint(wanted, found)}")
        return found[wanted]

    def at(self, endpoint: Endpoint) -> Address:
        """The address of an endpoint."""
        return replace(self.address, endpoint=endpoint.id)

    def protected(self) -> Self:
        """The same destination, each endpoint of which needs a token, whatever its document says of that."""
        endpoints = {name: replace(one, protected=True) for name, one in self.document.endpoints.items()}
        return replace(self, document=replace(self.document, endpoints=endpoints))

    def schema(self, endpoint: str | None = None) -> pl.Schema:
        """The polars schema of an endpoint's results in one language."""
        return self.endpoint(endpoint).schema

    def pandera_schema(self, endpoint: str | None = None, *, backend: Backend = "pandas") -> Any:
        """The pandera schema of an endpoint's results in one language, for frames of ``backend``."""
        return to_schema(self.endpoint(endpoint), backend)

    def pandera_source(self, endpoint: str | None = None, *, backend: Backend = "pandas") -> str:
        """The same schema as the source of a Python module."""
        return to_source(self.endpoint(endpoint), backend)

    def describe(self) -> pl.DataFrame:
        """One row a property: endpoint, property, dtype, localized, relation, facet."""
        rows = [
            (end.id, one.id, str(one.dtype), one.localized, one.is_relation, one.facet)
            for end in self.document.endpoints.values()
            for one in end.properties
        ]
        texts = dict.fromkeys(("endpoint", "property", "dtype"), pl.String())
        flags = dict.fromkeys(("localized", "relation", "facet"), pl.Boolean())
        return pl.DataFrame(rows, schema={**texts, **flags}, orient="row")

    def __repr__(self) -> str:
        languages = ", ".join(self.languages) or "not listed"
        return f"Destination({self.address.base}: endpoints {', '.join(self.endpoints)}; languages {languages})"

    def _repr_html_(self) -> str:
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>"
            for row in self.describe().rows()
        )
        heads = "".join(f"<th>{name}</th>" for name in self.describe().columns)
        title = f"{self.document.title or self.address.destination} · {', '.join(self.languages)}"
        return f"<b>{escape(title)}</b><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def to_destination(address: Address, body: bytes) -> Destination:
    """The destination at ``address`` whose document is ``body``.

    Raises:
        ProtocolError: The document cannot be read.
    """
    try:
        return Destination(address, read_document(body))
    except DocumentError as error:
        raise ProtocolError(f"the OpenAPI document at {address.openapi} cannot be read: {error}", status=200) from None


def parse_address(url: str) -> Address:
    """The parts of ``url``.

    Raises:
        ConfigurationError: It is no address of a destination, or asks for something: that is what options are for.
    """
    if not isinstance(url, str):
        raise ConfigurationError(f"url must be the address of a destination as a text, got {type(url).__name__}")
    try:
        address = Address.parse(url)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    asked = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    if asked:
        options = dict.fromkeys(filter(None, map(_option, asked)))
        instead = f", and give {', '.join(options)} to read_destination instead" if options else ""
        raise ConfigurationError(f"{address.url} is followed by a query ({', '.join(asked)}): take it off{instead}")
    return address


def _option(parameter: str) -> str:
    """The option of a read that means what a parameter of an address does; what is no word of queries is a filter."""
    return _OPTIONS.get(parameter.lower(), f"where={{{parameter!r}: ...}}")


_OPTIONS = {
    "language": "language=",
    "top": "limit=",
    "sortasc": "sort=",
    "sortdesc": "sort=",
    "search": "search=",
    "periodsince": "changed_since=",
    "listids": "columns=",
    **dict.fromkeys(("skip", "after", "includetotals", "searchon", "caseinsensitivesearch", "periodbefore"), ""),
}
"""The words of a query in an address, in lower case; empty where no option means the same."""
