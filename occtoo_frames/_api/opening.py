"""Opening a destination: its OpenAPI document over a connection, and whose token its endpoints need."""

from typing import Literal, TypeAlias

from occtoo_frames._read.destination import Destination, parse_address, to_destination
from occtoo_frames._read.document import Endpoint
from occtoo_frames._session.connection import Connection
from occtoo_frames.exceptions import AuthenticationError
from occtoo_frames.protocol.http import Request

Grant: TypeAlias = Literal["application"] | None

_JSON = {"Accept": "application/json"}


def open_destination(url: str, connection: Connection) -> Destination:
    """The destination that ``url`` stands in.

    The document is asked for without a token first, since most destinations are public, and with one if the platform
    wants it and the connection has an application's credentials. Its endpoints then need one too, whether it says so or
    not.

    Raises:
        ConfigurationError: ``url`` is no address of a destination.
        ResponseError: The document cannot be had or read.
    """
    address = parse_address(url)
    request = Request("GET", address.openapi, _JSON)
    session, public = connection.session, True
    try:
        response = session.call(request, grant=None)
    except AuthenticationError:
        if connection.client_id is None:
            raise
        response, public = session.call(request, grant="application"), False
    with session.hiding():
        destination = to_destination(address, response.body)
    return destination if public else destination.protected()


def grant_of(endpoint: Endpoint) -> Grant:
    """Whose token the endpoint needs."""
    return "application" if endpoint.protected else None
