"""``of.destination``: what a destination offers."""

from occtoo_frames._api.opening import open_destination
from occtoo_frames._read.destination import Destination
from occtoo_frames._session.connection import Connection, current_connection


def destination(url: str, connection: Connection | None = None) -> Destination:
    """The destination at ``url``: endpoints, languages, and the type of every property.

    Args:
        url: The address of the destination (``…/{tenant}/{destination}/{version}``) or of one of its endpoints.
        connection: Where to ask; the process's default without one.

    Raises:
        ConfigurationError: ``url`` is no address of a destination.
        ResponseError: Its OpenAPI document cannot be had or read.
    """
    return open_destination(url, current_connection(connection))
