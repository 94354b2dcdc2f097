"""The wire itself: takes a request, gives the response or the failure. The only file that names the HTTP library.

The library's adapter says which pool of connections, proxy and certificates an address has; requests then go to that
pool itself. What the library would do around each (follow redirects, keep cookies, read the environment, look at the
address and its proxy anew) is left out, and took longer than the pool. Certificates are always verified, every wait
has an end, an answer has a largest size, and no exception of the library, which would show addresses, leaves.
"""

import logging
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from threading import Lock
from time import monotonic
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import default_headers, select_proxy
from urllib3 import Timeout
from urllib3 import exceptions as lower

from occtoo_frames._session.address import shown
from occtoo_frames._session.bodies import PIECE, Body, Stream, UnreadableError, body_of
from occtoo_frames.protocol.http import Event, Failure, Request, Response

MAX_ANSWER_BYTES = 256 * 1024 * 1024
_PATIENCE = 10
"""How many times ``timeout_s`` a whole answer may take, however steadily it drips."""

_POOLS = 10
"""How many hosts the library keeps connections to; those asked last stay."""


_SIGNED = re.compile(r"(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s]+")


def _unsigned(record: logging.LogRecord) -> bool:
    """Takes signatures out of what the library below logs of each address; every record passes."""
    if isinstance(record.args, tuple):
        record.args = tuple(_SIGNED.sub(r"\1***", part) if isinstance(part, str) else part for part in record.args)
    return True


logging.getLogger("urllib3.connectionpool").addFilter(_unsigned)


class Transport(Protocol):
    """What carries requests; tests put a list of answers in its place."""

    def send(self, request: Request, *, timeout_s: float) -> Event:
        """The answer to ``request``, or why there is none."""


class RequestsTransport:
    """Carries requests over HTTP with one pool of connections, from any number of threads.

    Args:
        proxies: ``{"https": url}`` as in requests, or one address for all; the environment is never asked.
        ca_bundle: A file of certificates to trust instead of certifi's.
        max_answer_bytes: The largest answer that is read, after decompression.
        pool_size: Connections kept open to one host.
    """

    def __init__(
        self,
        proxies: Mapping[str, str] | str | None = None,
        ca_bundle: str | None = None,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
        pool_size: int = 128,
    ) -> None:
        self._adapter: Any = _adapter(pool_size)
        self._routes: dict[str, _Route] = {}
        self._lock = Lock()
        self._verify = ca_bundle or True
        self._proxies = {"all": proxies} if isinstance(proxies, str) else dict(proxies or {})
        self._headers = {**default_headers(), "User-Agent": _user_agent()}
        self._max_answer_bytes = max_answer_bytes

    def send(self, request: Request, *, timeout_s: float) -> Event:
        """The answer to ``request``, or why there is none.

        ``timeout_s`` is the longest silence while connecting, sending and receiving. A body that is a memoryview
        is sent from where it lies; an upload is read a piece at a time, and never held whole. What has to be fresh
        gets a connection of its own, which is closed behind it.
        """
        body = body_of(request)
        try:
            if "@" in urlsplit(request.url).netloc:
                return Failure("an address with a user name in it would replace the token", sent=False, final=True)
            return self._exchange(request, body, timeout_s)
        except UnreadableError as error:
            return Failure(str(error), sent=False, final=True)
        except (OSError, ValueError, lower.HTTPError) as error:
            return _failure(error, None if body is None else body.begun, self._proxy(request.url))

    def _proxy(self, url: str) -> str | None:
        """The proxy that ``url`` is asked through, without its user and password."""
        try:
            address = select_proxy(url, self._proxies)
        except ValueError:
            return None
        return shown(address).rstrip("/") if address else None

    def _exchange(self, request: Request, body: Any, timeout_s: float) -> Event:
        deadline = monotonic() + _PATIENCE * timeout_s
        route = self._way(_adapter(1), request.url) if request.fresh else self._route(request.url)
        raw = route.pool.urlopen(
            request.method,
            route.target,
            body=body,
            headers=self._all_headers(request, body),
            retries=self._adapter.max_retries,
            timeout=Timeout(connect=timeout_s, read=timeout_s),
            redirect=False,
            assert_same_host=False,
            preload_content=False,
            decode_content=False,
        )
        try:
            headers = {name.lower(): value for name, value in raw.headers.itermerged()}
            content = self._read(raw, max(deadline, monotonic() + timeout_s), request)
        finally:
            raw.close()  # of a connection that can be used again nothing is left to close
            raw.release_conn()
            if request.fresh:
                route.pool.close()
        if isinstance(content, Failure):
            return content
        return Response(raw.status, headers, content)

    def _route(self, url: str) -> "_Route":
        """The way to ``url``, looked for once: a push asks for the same one again and again.

        No more are remembered than there are pools, so that the pool of each is one that the library still keeps.
        """
        route = self._routes.get(url)
        if route is None:
            with self._lock:
                route = self._way(self._adapter, url)
                if len(self._routes) >= _POOLS:
                    self._routes.clear()
                self._routes[url] = route
        return route

    def _way(self, adapter: Any, url: str) -> "_Route":
        """The way to ``url`` through the connections of ``adapter``; a new one has none that lie idle."""
        address = requests.PreparedRequest()
        address.prepare_url(url, None)
        pool = adapter.get_connection_with_tls_context(address, self._verify, proxies=self._proxies)
        adapter.cert_verify(pool, address.url, self._verify, None)
        return _Route(pool, adapter.request_url(address, self._proxies))

    def _all_headers(self, request: Request, body: Body | Stream | None) -> Mapping[str, str]:
        """The headers of ``request`` and those of every request, with the length of its body."""
        said = {name.lower() for name in request.headers}
        headers = {name: value for name, value in self._headers.items() if name.lower() not in said}
        headers.update(request.headers)
        if body is not None or request.method not in {"GET", "HEAD"}:
            headers["Content-Length"] = str(0 if body is None else len(body))
        return headers

    def _read(self, raw: Any, deadline: float, request: Request) -> bytes | Failure:
        pieces: list[bytes] = []
        size, on_wire = 0, request.max_wire_bytes
        cap = self._max_answer_bytes if request.max_answer_bytes is None else request.max_answer_bytes
        while piece := raw.read1(PIECE, decode_content=True):
            size += len(piece)
            if on_wire is not None and raw.tell() > on_wire:
                return _too_large(f"{on_wire:,} bytes on the wire", capped=True)
            if size > cap:
                return _too_large(f"{cap:,} bytes", capped=request.max_answer_bytes is not None)
            if monotonic() > deadline:
                return Failure("the answer did not end in time", sent=True)
            pieces.append(piece)
        return b"".join(pieces)


@dataclass(frozen=True, slots=True)
class _Route:
    """The way to one address.

    Attributes:
        pool: The connections of its host, or of the proxy before it, with their certificates.
        target: What is asked of them, quoted and checked.
    """

    pool: Any
    target: str


def _adapter(connections: int) -> HTTPAdapter:
    return HTTPAdapter(pool_connections=_POOLS, pool_maxsize=connections, max_retries=0)


def _too_large(words: str, *, capped: bool) -> Failure:
    return Failure(f"the answer is larger than {words}", sent=True, final=True, capped=capped)


_UNSENT = (lower.ConnectTimeoutError, lower.ProxyError, requests.ConnectTimeout, requests.exceptions.ProxyError)
_MALFORMED = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidProxyURL,
    lower.LocationValueError,
)
_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (lower.NameResolutionError, "the host's name could not be resolved"),
    (ConnectionRefusedError, "the connection was refused"),
    (lower.ConnectTimeoutError, "no connection in time"),
    (lower.NewConnectionError, "no connection could be made"),
    (lower.ReadTimeoutError, "no answer in time"),
    (lower.DecodeError, "the answer's compression cannot be read"),
    (lower.IncompleteRead, "the answer was cut off"),
    (ssl.SSLError, "the TLS connection failed"),
    (ConnectionResetError, "the connection was reset"),
    (TimeoutError, "the server did not take the request in time"),
)

_REFUSED = re.compile(r"Tunnel connection failed: (\d{3})")
_NO_ENTRY = "407"


def _failure(error: Exception, begun: bool | None, proxy: str | None) -> Failure:  # noqa: FBT001 - None: no body to begin
    causes = tuple(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            reason = f"the server's certificate is not trusted: {cause.verify_message}"
            return Failure(_with_proxy(reason, causes, proxy), sent=False, final=True)
    if any(isinstance(cause, _MALFORMED) for cause in causes) or type(error) in {ValueError, UnicodeEncodeError}:
        return Failure("the address, the proxy or a header of the request is malformed", sent=False, final=True)
    sent = not any(isinstance(cause, _UNSENT) for cause in causes) if begun is None else begun
    known = (reason for kind, reason in _REASONS if any(isinstance(cause, kind) for cause in causes))
    return Failure(_with_proxy(next(known, "the connection broke"), causes, proxy), sent=sent)


def _with_proxy(reason: str, causes: tuple[BaseException, ...], proxy: str | None) -> str:
    """``reason``, with the proxy if there is one: it may be the proxy that is out of reach, and not the server."""
    if proxy is None:
        return reason
    refused = next((found[1] for cause in causes if (found := _REFUSED.search(str(cause)))), None)
    if refused is not None:
        hint = "; check the user name and password in its address" if refused == _NO_ENTRY else ""
        return f"the proxy {proxy} did not let the connection through: it answered {refused}{hint}"
    if any(isinstance(cause, lower.ProxyError) for cause in causes):
        return f"the proxy {proxy} cannot be reached or used: {reason}"
    return f"{reason}, through the proxy {proxy}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything that it wraps, in whichever way the libraries wrapped it."""
    waiting: list[Any] = [error]
    seen: set[int] = set()
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, BaseException) and id(item) not in seen:
            seen.add(id(item))
            yield item
            waiting += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]


def _user_agent() -> str:
    try:
        return f"occtoo_frames/{version('occtoo_frames')}"
    except PackageNotFoundError:
        return "occtoo_frames"
