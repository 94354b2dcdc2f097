"""One GET from an address that was judged first: the name is resolved once, and what was judged is what is called.

Takes a link and a judge of addresses; gives the answer's head and hands its body on in pieces. Follows no redirect,
sends no token, no cookie and nothing from the environment, reads no more than it is told to. Knows no platform, and
no side: whoever fetches what others wrote fetches it here.
"""

import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from time import monotonic
from typing import Any, TypeAlias
from urllib.parse import quote, urlsplit

from occtoo_frames.protocol.addresses import host_of, link_flaw

Judge: TypeAlias = Callable[[str, str], str | None]
"""Takes a host and an address it resolved to, gives why it may not be called, or None."""

_PIECE = 64 * 1024
_PORTS = {"http": 80, "https": 443}
_SAFE = "/%:@!$&'()*+,;=~-._?[]"


class LinkError(Exception):
    """The link was not fetched; the message says why, in words for whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Head:
    """How the answer began: status, and headers under lower-case names."""

    status: int
    headers: Mapping[str, str]


def fetch(
    link: str,
    judge: Judge,
    sink: Callable[[Head, bytes], bool],
    *,
    timeout_s: float = 10.0,
    patience_s: float = 60.0,
    headers: Mapping[str, str] | None = None,
) -> Head:
    """The head of the answer to a GET of ``link``; its body went into ``sink``.

    Args:
        link: The address.
        judge: Asked for every address that the host has; one that may not be called is enough to refuse.
        sink: Given each piece of the body; False ends it there.
        timeout_s: The longest silence.
        patience_s: How long it may take altogether.
        headers: Sent with it.

    Raises:
        LinkError: It may not be called, or could not be had.
    """
    flaw = link_flaw(link)
    if flaw is not None:
        raise LinkError(flaw)
    deadline = monotonic() + patience_s
    try:
        connection = _connection(link, judge, timeout_s)
        try:
            return _get(connection, link, sink, headers or {}, deadline)
        finally:
            connection.close()
    except ssl.SSLCertVerificationError as error:
        raise LinkError(f"its certificate is not trusted: {error.verify_message}") from None
    except TimeoutError:
        raise LinkError("no answer in time") from None
    except (OSError, HTTPException, ValueError) as error:
        raise LinkError(f"it cannot be reached ({type(error).__name__})") from None


def _connection(link: str, judge: Judge, timeout_s: float) -> HTTPConnection:
    """A connection to an address that was judged; the name is not resolved again."""
    split, host = urlsplit(link), host_of(link)
    port = split.port or _PORTS[split.scheme]
    places = _resolve(host, port)
    for _, place in places:
        flaw = judge(host, str(place[0]))
        if flaw is not None:
            raise LinkError(flaw)
    connection = HTTPConnection(host, port, timeout=timeout_s)
    family, place = places[0]
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout_s)
        sock.connect(place)
        if split.scheme == "https":
            sock = ssl.create_default_context().wrap_socket(sock, server_hostname=host)
    except BaseException:
        sock.close()
        raise
    connection.sock = sock
    return connection


def _resolve(host: str, port: int) -> list[tuple[int, tuple[Any, ...]]]:
    """Every address of ``host``, with its family."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise LinkError(f"the name {host} could not be resolved") from None
    return [(family, place) for family, *_, place in found]


def _get(
    connection: HTTPConnection,
    link: str,
    sink: Callable[[Head, bytes], bool],
    headers: Mapping[str, str],
    deadline: float,
) -> Head:
    split = urlsplit(link)
    path = quote(split.path or "/", safe=_SAFE) + (f"?{quote(split.query, safe=_SAFE)}" if split.query else "")
    common = {"User-Agent": "occtoo_frames", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}
    connection.request("GET", path, headers={**common, **headers})
    answer = connection.getresponse()
    head = Head(answer.status, {name.lower(): value for name, value in answer.getheaders()})
    while piece := answer.read1(_PIECE):
        if not sink(head, piece):
            break
        if monotonic() > deadline:
            raise LinkError("it takes too long")
    else:
        if answer.length:
            raise LinkError("the answer was cut off")
    return head
