"""A compressed body as what is in it: the bytes of a request in, at most so many out. Knows no route.

The limit stands for what is inside, so that a small body cannot become a large one in memory.
"""

import zlib

from occtoo_frames.protocol.coding import is_gzip

_GZIP_CONTAINER = 16 + zlib.MAX_WBITS
_MOST_MEMBERS = 100
"""Each costs time, however little is in it."""


class BrokenCodingError(ValueError):
    """The body is not in the coding that its request names."""


class BodyTooLargeError(ValueError):
    """There is more in the body than the limit allows."""


def known_coding(content_encoding: str) -> bool | None:
    """True for gzip, False for none, None for a coding that is not known, or for several."""
    if content_encoding.strip().lower() in {"", "identity"}:
        return False
    return True if is_gzip(content_encoding) else None


def inflated(body: bytes, limit: int) -> bytes:
    """What is in the members of a gzip ``body``, one after the other (RFC 1952, section 2.2).

    Raises:
        BrokenCodingError: It is no gzip, its checksum is wrong, it ends too early, or it is in too many pieces.
        BodyTooLargeError: It has more than ``limit`` bytes.
    """
    pieces: list[bytes] = []
    rest, left = memoryview(body), limit
    while rest or not pieces:
        if len(pieces) == _MOST_MEMBERS:
            raise BrokenCodingError(f"more than {_MOST_MEMBERS} members")
        member = zlib.decompressobj(_GZIP_CONTAINER)
        try:
            pieces.append(member.decompress(rest, left + 1))
        except zlib.error as error:
            raise BrokenCodingError(str(error)) from None
        left -= len(pieces[-1])
        if left < 0:
            raise BodyTooLargeError
        if not member.eof:
            raise BrokenCodingError("the body ends before its compression does")
        rest = rest[len(rest) - len(member.unused_data) :]
    return b"".join(pieces)
