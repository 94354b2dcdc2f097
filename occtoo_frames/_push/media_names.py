"""Names of files: which are refused, and how one is made safe. Takes texts, gives texts; opens nothing.

A name that somebody gave is refused if it is wrong, since nobody likes to find another name than the one given; a name
that is read off an address or a path is made safe.
"""

import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

MAX_BYTES = 255
"""The longest name of common file systems, in UTF-8."""

NAMELESS = "file"

_INVISIBLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\uffff]"
)
_ILLEGAL = re.compile(r'[<>:"|?*]')
_SLASHES = re.compile(r"[/\\\u2044\u2215\u29f8\uff0f\uff3c]")
_DEVICE = re.compile(r"(con|prn|aux|nul|clock\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)  # fmt: skip


def filename_flaw(name: str) -> str | None:
    """Why a file cannot be called ``name``; None if it can."""
    checks = (
        (not name.strip(), "is empty"),
        (_INVISIBLE.search(name), "holds control or invisible characters"),
        (_SLASHES.search(name), "holds a slash"),
        (_ILLEGAL.search(name), 'holds one of < > : " | ? *'),
        (not name.strip(" ."), "is made of dots"),
        (name != name.strip() or name.endswith("."), "begins or ends with a space, or ends with a dot"),
        (_DEVICE.fullmatch(name), "is the name of a device"),
        (len(name.encode(errors="replace")) > MAX_BYTES, f"is longer than {MAX_BYTES} bytes"),
    )
    return next((said for wrong, said in checks if wrong), None)


def safe_filename(text: str) -> str:
    """A name near ``text`` that a file can have, always one without a flaw; ``file`` if nothing is left of it."""
    name = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    name = _SLASHES.split(name.rstrip("/\\"))[-1]
    name = _ILLEGAL.sub("_", name).strip().strip(".").strip()
    name = f"_{name}" if _DEVICE.fullmatch(name) else name
    return _cut(name).rstrip(" .") or NAMELESS


def name_of_link(link: str) -> str:
    """What to call the file at an address: the last part of its path, made safe."""
    return safe_filename(unquote(urlsplit(link).path, errors="ignore"))


def numbered(name: str, number: int) -> str:
    """``name`` for the file of this number: the first keeps it, the others get ``-2``, ``-3`` before the extension."""
    if number == 1:
        return name
    suffix = PurePosixPath(name).suffix
    return f"{name.removesuffix(suffix)}-{number}{suffix}"


def _cut(name: str) -> str:
    if len(name.encode()) <= MAX_BYTES:
        return name
    suffix = PurePosixPath(name).suffix
    suffix = suffix if len(suffix.encode()) <= 16 else ""  # noqa: PLR2004 - longer than any extension
    kept = name.encode()[: MAX_BYTES - len(suffix.encode())].decode(errors="ignore")
    return kept + suffix if suffix else kept
