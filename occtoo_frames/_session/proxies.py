"""Proxies: takes what a user wrote, gives what requests go through, or says why nothing could; and how they are shown.

A proxy that is written wrongly would be found out late, as a server that cannot be reached, or, where only its scope is
misspelt, not at all: requests would go past it.
"""

import re
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TypeAlias
from urllib.parse import urlsplit

from occtoo_frames._session.secret import MASK, Secret
from occtoo_frames.exceptions import ConfigurationError

Proxies: TypeAlias = Mapping[str, str] | str | None
"""One proxy's address, or addresses by what they are for."""

_PASSWORD = re.compile(r"(//[^:/@]*:).*@")  # up to the last one, as addresses are read
_SCOPE = re.compile(r"(https?|all)(://[a-z0-9._-]+)?")
_SOCKS = frozenset({"socks4", "socks4a", "socks5", "socks5h"})
_RULE = "a proxy is http:// or https://, a host and a port, such as http://proxy.example.com:3128"
_QUOTED = "special characters of a user name or password are written as urllib.parse.quote writes them"


class Masked:
    """Proxies that show no password, neither in a repr nor among the attributes of what holds them.

    They may be of any kind, and wrong: what is given is masked first and checked then.
    """

    __slots__ = ("__proxies",)

    def __init__(self, proxies: "Proxies | Secret") -> None:
        given = proxies.reveal() if isinstance(proxies, Secret) else proxies
        self.__proxies = None if isinstance(given, str | Mapping) and not given else given

    def reveal(self) -> Proxies:
        """The proxies themselves."""
        return self.__proxies

    @property
    def shown(self) -> Proxies:
        """The proxies with the passwords masked."""
        if isinstance(self.__proxies, Mapping):
            return {_shown_scope(scope): _shown(address) for scope, address in self.__proxies.items()}
        return None if self.__proxies is None else _shown(self.__proxies)

    def __bool__(self) -> bool:
        return self.__proxies is not None

    def __repr__(self) -> str:
        return repr(self.shown)


def checked_proxies(given: Masked, name: str) -> Masked:
    """``given``, if requests can go through it.

    Args:
        given: One address for all requests, or addresses by scope: ``http``, ``https`` or ``all``, or one of them with
            a host, such as ``https://host``.
        name: Where it was said, for the message, which never repeats an address: it may hold a password.

    Raises:
        ConfigurationError: It is neither, an address is none of a proxy, or a scope is misspelt.
    """
    flaw = _flaw_of(given.reveal())
    if flaw is not None:  # raised here, where no local variable holds an address
        raise ConfigurationError(f"{name}: {flaw}")
    return given


def _flaw_of(proxies: Proxies) -> str | None:
    """Why no request can go through ``proxies``, or None."""
    if proxies is None or isinstance(proxies, str):
        return proxies and _flaw(proxies)
    if isinstance(proxies, Mapping):
        return next((flaw for scope, address in proxies.items() if (flaw := _scope_flaw(scope, address))), None)
    return f"give an address, or a dict of them, not {type(proxies).__name__}"


def _shown(address: object) -> str:
    """``address`` with its password masked; one that is none may hold it anywhere, and is masked whole."""
    if not isinstance(address, str) or _flaw(address) is not None:
        return MASK
    return _PASSWORD.sub(rf"\1{MASK}@", address)


def _shown_scope(scope: object) -> str:
    """``scope``, masked if it may be an address: in a dict that was written the wrong way round it is one."""
    known = isinstance(scope, str) and _SCOPE.fullmatch(scope)
    return str(scope) if known or not re.search("//|@", str(scope)) else MASK


def _scope_flaw(scope: object, address: object) -> str | None:
    if not isinstance(scope, str) or not _SCOPE.fullmatch(scope):
        return (
            f"nothing is sent through the proxy of {_shown_scope(scope)!r}: its key is 'http', 'https' or 'all', or "
            "one of them with a host in small letters and no port, such as 'https://ingest.occtoo.com'"
        )
    flaw = _flaw(address)
    return flaw and f"the one of {scope!r}: {flaw}"


def _flaw(address: object) -> str | None:
    """Why no request can go through ``address``, or None."""
    if not isinstance(address, str):
        return f"{_RULE}; got {type(address).__name__}"
    try:
        split = urlsplit(address)
        host, _ = split.hostname, split.port
    except ValueError:
        return f"{_RULE}; the host or the port of this one cannot be read ({_QUOTED})"
    if split.scheme in _SOCKS:
        return None if find_spec("socks") else f"{split.scheme} needs another library: pip install 'requests[socks]'"
    if "://" not in address or split.scheme not in {"http", "https"}:
        return f"{_RULE}; write the address with its http:// or https://"
    if not host or re.search(r"\s", address) or split.path not in {"", "/"} or split.query or split.fragment:
        return f"{_RULE}; this one has no host, a space, or something after the port ({_QUOTED})"
    return None
