"""Tells a caller's address about its job: one POST to this machine, and whether anybody listens does not matter.

Takes an address and a document. Speaks just enough HTTP to say it once; reads nothing of the answer.
"""

import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

import orjson

_PATIENCE_S = 2.0
_SAFE = "/%:@!$&'()*+,;=~-._?"


def callback_flaw(url: str) -> str | None:
    """Why nothing is ever posted to ``url``, or None. Only plain http to a loopback address will do (ours)."""
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError:
        return "the callback is no address"
    if split.scheme != "http" or split.username is not None or port == 0:
        return "the callback is no plain http address"
    return None if _loopback(split.hostname or "") else "the callback is no address of this machine"


class Notifier:
    """Posts notices, one after the other, beside everything else."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="occtoo-sandbox-notices")

    def post(self, url: str, document: Mapping[str, object]) -> None:
        """``document`` is posted to ``url`` soon, if anybody listens there."""
        self._pool.submit(_post, url, orjson.dumps(document))

    def stop(self) -> None:
        """Nothing is posted any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _post(url: str, body: bytes) -> None:
    split = urlsplit(url)
    host = "127.0.0.1" if split.hostname == "localhost" else split.hostname or ""
    path = quote(split.path or "/", safe=_SAFE) + (f"?{quote(split.query, safe=_SAFE)}" if split.query else "")
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {split.netloc}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with suppress(OSError), socket.create_connection((host, split.port or 80), _PATIENCE_S) as connection:
        connection.sendall(head.encode() + body)
        connection.recv(1)


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
