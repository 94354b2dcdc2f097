"""Base addresses: takes what a user wrote, gives an address that credentials may be sent to, or says why not."""

from functools import lru_cache
from ipaddress import ip_address
from typing import TypeAlias
from urllib.parse import urlsplit

from occtoo_frames._session.secret import Secret
from occtoo_frames.exceptions import ConfigurationError

Origin: TypeAlias = tuple[str, str, int]
"""Scheme, host and port: what a token is bound to."""

_PORTS = {"http": 80, "https": 443}


def checked_address(given: Secret, name: str) -> str:
    """The address without trailing slashes, if credentials may be sent there.

    It must be https; plain http is taken for this machine's own addresses only (``localhost``, ``127.0.0.0/8``,
    ``::1``), where nobody listens in, and there is no switch for more.

    Args:
        given: The address; until it is checked it may hold a password.
        name: The setting's name, for the message.

    Raises:
        ConfigurationError: It is no such address.
    """
    flaw = _flaw(_trimmed(given))
    if flaw is not None:  # raised here, where no local variable holds the address
        raise ConfigurationError(f"{name} {flaw}")
    return _trimmed(given)


@lru_cache(maxsize=64)
def origin_of(url: str) -> Origin:
    """The scheme, host and port of ``url``, lower case, the port always said.

    Remembered, since it is asked several times for each request of a run.

    Raises:
        ValueError: It is no http(s) address.
    """
    split = urlsplit(url)
    if split.scheme not in _PORTS or not split.hostname:
        raise ValueError("no http(s) address")
    return split.scheme, split.hostname.rstrip("."), split.port or _PORTS[split.scheme]


def is_loopback(host: str) -> bool:
    """True if ``host`` is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _trimmed(address: Secret) -> str:
    return address.reveal().strip().rstrip("/")


def _flaw(address: str) -> str | None:
    """Why no credentials may be sent to ``address``, or None."""
    try:
        split = urlsplit(address)
        scheme, host, _ = origin_of(address)
    except ValueError:
        return "is no http(s) address"
    if split.username is not None or split.password is not None:
        return "holds a user name: an address takes none"
    if split.query or split.fragment:
        return "has a query or fragment: give the address up to its path"
    if scheme == "http" and not is_loopback(host):
        return f"is plain http to {host}: credentials are sent over https only"
    return None


def shown(url: str) -> str:
    """``url`` without user, query and fragment, as it may stand in messages and logs."""
    try:
        split = urlsplit(url)
    except ValueError:
        return "the address"
    return f"{split.scheme}://{split.netloc.rpartition('@')[2]}{split.path}"
