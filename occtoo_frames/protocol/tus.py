"""The words of TUS 1.0.0, the protocol of resumable uploads: https://tus.io/protocols/resumable-upload.

Header names are lower case; that is how both sides of this package see them.
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping

VERSION = "1.0.0"
EXTENSIONS = ("creation", "checksum")
CHECKSUMS = ("sha1", "sha256", "md5")
"""Algorithms of ``Upload-Checksum``; servers must know sha1 (TUS), the others are ours."""

CHUNK_BYTES = 4 * 1024 * 1024
"""What the known client sends in one PATCH (seen)."""

CHUNK_TYPE = "application/offset+octet-stream"
OFFSET, LENGTH, METADATA, CHECKSUM = "upload-offset", "upload-length", "upload-metadata", "upload-checksum"

OFFSET_DIFFERS = 409
LOCKED = 423
CHECKSUM_DIFFERS = 460
"""Not a registered status; TUS gives it this meaning."""


def to_metadata(values: Mapping[str, str]) -> str:
    """The header ``Upload-Metadata``: names bare, values in base 64."""
    return ",".join(f"{name} {b64encode(value.encode()).decode()}".rstrip() for name, value in values.items())


def from_metadata(header: str) -> dict[str, str]:
    """What the header ``Upload-Metadata`` says, names in lower case.

    Raises:
        ValueError: It is malformed, or holds a name twice.
    """
    values: dict[str, str] = {}
    for pair in filter(None, header.split(",")):
        name, _, encoded = pair.strip().partition(" ")
        if not name or name.lower() in values:
            raise ValueError("Upload-Metadata holds an empty name, or one twice")
        try:
            values[name.lower()] = b64decode(encoded.strip(), validate=True).decode()
        except (Base64Error, UnicodeDecodeError):
            raise ValueError(f"the value of {name!r} in Upload-Metadata is not base 64 of UTF-8") from None
    return values


def from_checksum(header: str) -> tuple[str, bytes]:
    """The algorithm and the digest that ``Upload-Checksum`` says.

    Raises:
        ValueError: It is malformed, or its algorithm is not known.
    """
    algorithm, _, encoded = header.strip().partition(" ")
    if algorithm not in CHECKSUMS:
        raise ValueError(f"no such checksum: {algorithm!r} (there are {', '.join(CHECKSUMS)})")
    try:
        return algorithm, b64decode(encoded, validate=True)
    except Base64Error:
        raise ValueError("the digest in Upload-Checksum is not base 64") from None


def number(headers: Mapping[str, str], name: str) -> int | None:
    """The non-negative number in a header, or None if there is none."""
    text = headers.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None  # noqa: PLR2004 - 64 bits
