"""What a file is, by its bytes: its media type, and an image's width and height. Trusts no name and no header.

Takes a path; opens it for reading only. The name decides where bytes are silent (text) or fit several kinds (zip).
"""

from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path, PurePosixPath

import imagesize
import puremagic

_HEAD = 8_192
UNKNOWN = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Kind:
    """The media type, and the pixels of an image."""

    mime_type: str
    width: int | None = None
    height: int | None = None


def kind_of(path: Path, filename: str) -> Kind:
    """What the file at ``path`` is, which its owner calls ``filename``."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    mime_type = _sniffed(head, filename)
    if not mime_type.startswith("image/"):
        return Kind(mime_type)
    width, height = _pixels(path)
    return Kind(mime_type, width, height) if width > 0 and height > 0 else Kind(mime_type)


def extension_of(filename: str) -> str | None:
    """The end of a file's name, with its dot and in lower case; None without one."""
    return PurePosixPath(filename).suffix.lower() or None


def _sniffed(head: bytes, filename: str) -> str:
    named = guess_type(filename, strict=False)[0]
    if head.startswith(b"PK\x03\x04"):
        return named or "application/zip"
    try:
        found = str(puremagic.from_string(head, mime=True))
    except (puremagic.PureError, ValueError):
        found = ""
    return found or (named if named and not _is_binary(named) else None) or UNKNOWN


def _is_binary(mime_type: str) -> bool:
    """True for kinds whose bytes would have said so."""
    return mime_type.partition("/")[0] in {"image", "video", "audio", "font"}


def _pixels(path: Path) -> tuple[int, int]:
    try:
        width, height = imagesize.get(path)
    except (ValueError, OSError, IndexError, TypeError, OverflowError):  # a damaged image is still a file
        return -1, -1
    return int(width), int(height)
