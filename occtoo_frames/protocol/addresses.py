"""Which addresses a file may be fetched from: http(s), no user, and a host on the public internet.

Takes what was written and what a name resolved to; gives yes, or why not. Resolves nothing and opens nothing. It is
one rule for whoever fetches, so that an address cannot be public to one side and private to the other.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

MAX_LINK_LENGTH = 2_048
"""Longer addresses are refused. Ours: not verified against the live service."""

_IPV4_PARTS = 4
_SCHEMES = ("http", "https")
_LOCAL_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa", "localdomain")
"""Names, and ends of names, that mean a machine nearby (RFC 6761, 6762, 8375, and custom)."""

_SPECIAL = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
        "::/96", "::1/128", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7",
        "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
"""IANA's special-purpose registries, and the address where one large cloud keeps its machines' secrets."""

_TRANSLATED = ip_network("64:ff9b::/96")
_TRANSLATED_LOCALLY = ip_network("64:ff9b:1::/48")


def link_flaw(link: str) -> str | None:
    """Why ``link`` may not be fetched, as far as its text says; None if nothing speaks against it."""
    if not link.strip():
        return "it is empty"
    if len(link) > MAX_LINK_LENGTH:
        return f"it is longer than {MAX_LINK_LENGTH:,} characters"
    if any(character <= " " or character == "\\" or "\x7f" <= character <= "\xa0" for character in link):
        return "it holds spaces, control characters or backslashes"
    try:
        split = urlsplit(link)
        return _parts_flaw(split, split.port)
    except ValueError:
        return "it is no address"


def _parts_flaw(split: SplitResult, port: int | None) -> str | None:
    if split.scheme not in _SCHEMES:
        return "it does not begin with http:// or https://"
    if "@" in split.netloc:
        return "it holds a user name"
    if not split.hostname or port == 0 or "%" in split.netloc:
        return "it names no host"
    return None


def host_flaw(link: str) -> str | None:
    """Why the host of ``link`` is not on the public internet, as far as its text says; None if it may be."""
    flaw = link_flaw(link)
    if flaw is not None:
        return flaw
    host = host_of(link)
    written = as_written(host)
    if written is not None:
        return address_flaw(written)
    if host.replace(".", "").isdigit() or _is_hexadecimal(host):
        return "its host is a number that is no address"
    if "." not in host or any(host == name or host.endswith(f".{name}") for name in _LOCAL_NAMES):
        return f"{host} names a machine nearby"
    return None


def host_of(link: str) -> str:
    """The host that ``link`` names, in lower case ASCII, without brackets or a final dot; empty if none."""
    split: SplitResult = urlsplit(link)
    host = (split.hostname or "").rstrip(".")
    try:
        return host.encode("ascii").decode() if host.isascii() else host.encode("idna").decode().lower().rstrip(".")
    except UnicodeError:
        return ""


def as_written(host: str) -> IPv4Address | IPv6Address | None:
    """The address that ``host`` spells in any way that a resolver takes: ``127.1``, ``0x7f000001`` and the like."""
    try:
        return ip_address(host)
    except ValueError:
        return _loosely(host)


def address_flaw(address: str | IPv4Address | IPv6Address) -> str | None:
    """Why ``address`` is not one of the public internet; None if it is."""
    found = ip_address(address) if isinstance(address, str) else address
    for inner in _inside(found):
        if inner.is_private or not inner.is_global or any(inner in network for network in _SPECIAL):
            return f"{found} is not an address of the public internet"
    return None


def _inside(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """The address, and those that are wrapped in it: mapped, 6to4, Teredo, NAT64."""
    if isinstance(address, IPv4Address):
        return [address]
    number = int(address)
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    found: list[IPv4Address | IPv6Address] = [IPv6Address(number)]
    if address.sixtofour is not None:
        found.append(address.sixtofour)
    if address.teredo is not None:
        found += address.teredo
    if address in _TRANSLATED:
        return [IPv4Address(number & 0xFFFFFFFF)]
    if address in _TRANSLATED_LOCALLY:
        found.append(IPv4Address("0.0.0.0"))  # noqa: S104 - a local translator reaches whatever it likes
    return found


def _loosely(host: str) -> IPv4Address | None:
    """As ``inet_aton``: one to four numbers, decimal, octal or hexadecimal, the last one filling the rest."""
    numbers = [_number(part) for part in host.split(".")]
    if len(numbers) > _IPV4_PARTS or any(number is None for number in numbers):
        return None
    known = [number for number in numbers if number is not None]
    rest = 8 * (5 - len(known))
    if any(number > 255 for number in known[:-1]) or known[-1] >= 1 << rest:  # noqa: PLR2004 - a byte
        return None
    value = known[-1]
    for position, number in enumerate(known[:-1]):
        value |= number << (24 - 8 * position)
    return IPv4Address(value)


def _number(text: str) -> int | None:
    try:
        if text[:2].lower() == "0x":
            return int(text[2:] or "0", 16) if text.isascii() and "_" not in text else None
        if not (text.isascii() and text.isdigit()):
            return None
        return int(text, 8) if text.startswith("0") else int(text)
    except ValueError:
        return None


def _is_hexadecimal(host: str) -> bool:
    last = host.rpartition(".")[2].lower()
    return last.startswith("0x") or last.isdigit()
