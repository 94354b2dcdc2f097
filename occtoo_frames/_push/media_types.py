"""Whether a file is what its name says: a page of an error saved as ``chair.jpg`` is found before it is sent.

Takes a name and the first bytes; gives what is wrong, or None. Knows the signatures of common images, PDF and video;
what it does not know it lets pass, for the platform looks itself.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from mimetypes import guess_type

HEAD_BYTES = 32
"""How much of a file is looked at."""

_SIGNATURES: tuple[tuple[str, int, tuple[bytes, ...]], ...] = (
    ("image/jpeg", 0, (b"\xff\xd8\xff",)),
    ("image/png", 0, (b"\x89PNG\r\n\x1a\n",)),
    ("image/gif", 0, (b"GIF87a", b"GIF89a")),
    ("image/webp", 8, (b"WEBP",)),
    ("image/bmp", 0, (b"BM",)),
    ("image/tiff", 0, (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    ("application/pdf", 0, (b"%PDF",)),
    ("video/mp4", 4, (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide")),
    ("application/zip", 0, (b"PK",)),
)


def named_type(filename: str) -> str | None:
    """The media type that a name says, None if it says none."""
    return guess_type(filename, strict=False)[0]


def content_flaw(filename: str, head: bytes) -> str | None:
    """Why a file that begins with ``head`` cannot be what ``filename`` says; None if it may be."""
    said = named_type(filename)
    for mime_type, start, marks in _SIGNATURES:
        if mime_type == said and not any(head.startswith(mark, start) for mark in marks):
            return f"its name says {said}, its first bytes do not" + _instead(head)
    return None


def is_accepted(mime_type: str | None, accept: Sequence[str]) -> bool:
    """True if a media type is among ``accept``, such as ``image/*``."""
    return mime_type is not None and any(fnmatchcase(mime_type.lower(), each.lower()) for each in accept)


def _instead(head: bytes) -> str:
    if head.lstrip()[:1] == b"<":
        return ": it looks like HTML or XML"
    for mime_type, start, marks in _SIGNATURES:
        if any(head.startswith(mark, start) for mark in marks):
            return f": it looks like {mime_type}"
    return ""
