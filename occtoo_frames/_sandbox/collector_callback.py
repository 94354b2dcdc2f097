"""Tells a caller's address about its job. Posts to this machine only; whether anybody listens does not matter."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from urllib.parse import urlsplit

import orjson

_PATIENCE_S = 2.0


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
    connection = HTTPConnection(host, split.port or 80, timeout=_PATIENCE_S)
    path = (split.path or "/") + (f"?{split.query}" if split.query else "")
    with suppress(OSError, HTTPException, ValueError):
        connection.request("POST", path, body, {"Content-Type": "application/json", "Host": split.netloc})
        connection.getresponse().read(1)
    connection.close()


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
