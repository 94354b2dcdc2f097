"""A fingerprint of each entry, which tells whether it is as it was.

Takes entries' JSON; gives some bytes for each. Objects with the same members have the same one, in whatever order they
stand; a member that is null is none, since an endpoint that gains a property gives it to every entry as null. Numbers
and texts are compared as they are written.
"""

from collections.abc import Iterable
from hashlib import blake2b

import msgspec

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])
_BY_NAME = msgspec.json.Encoder(order="sorted")
_NULL = msgspec.Raw(b"null")
_OBJECT, _ARRAY = ord("{"), ord("[")


def fingerprints(entries: Iterable[str]) -> list[bytes]:
    """The fingerprint of each entry."""
    return [blake2b(_object(entry), digest_size=16).digest() for entry in entries]


def _object(text: str | msgspec.Raw) -> bytes:
    """The members that are not null, by name."""
    return _BY_NAME.encode({name: _value(raw) for name, raw in _MEMBERS.decode(text).items() if raw != _NULL})


def _value(raw: msgspec.Raw) -> msgspec.Raw:
    first = memoryview(raw)[0]
    if first == _OBJECT:
        return msgspec.Raw(_object(raw))
    if first == _ARRAY:
        return msgspec.Raw(_BY_NAME.encode([_value(one) for one in _ELEMENTS.decode(raw)]))
    return raw
