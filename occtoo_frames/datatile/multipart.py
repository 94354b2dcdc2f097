"""The body of an upload: a form with the file in it, read from disk while it is sent, anew for each attempt.

Takes a file and fields, gives the header and an Upload. Never holds the file.
"""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from occtoo_frames.protocol.datatile import FILE_PART, MEDIA_TYPES

_QUOTED = {'"': "%22", "\r": "%0D", "\n": "%0A"}


@dataclass(frozen=True, slots=True)
class Form:
    """A multipart form whose last part is a file.

    Attributes:
        path: The file.
        name: What the form says it is called.
        fields: The other parts.
        boundary: What stands between parts; long and random, so that it stands in none.
    """

    path: Path
    name: str
    fields: Mapping[str, str] = field(default_factory=dict)
    boundary: str = field(default_factory=lambda: f"occtoo-frames-{token_hex(24)}")

    @property
    def content_type(self) -> str:
        """The header that says how to take the body apart."""
        return f"multipart/form-data; boundary={self.boundary}"

    @property
    def size(self) -> int:
        """How many bytes there are to read."""
        return len(self._before()) + self.path.stat().st_size + len(self._after())

    def open(self) -> BinaryIO:
        """The form from its beginning."""
        return io.BufferedReader(_Chain(self._before(), self.path, self._after()), _BUFFER)

    def _before(self) -> bytes:
        parts = [self._part(f'name="{_quoted(name)}"', "") + f"{value}\r\n" for name, value in self.fields.items()]
        media_type = MEDIA_TYPES.get(self.path.suffix.lower().lstrip("."), "application/octet-stream")
        parts.append(
            self._part(f'name="{FILE_PART}"; filename="{_quoted(self.name)}"', f"Content-Type: {media_type}\r\n")
        )
        return "".join(parts).encode()

    def _part(self, disposition: str, headers: str) -> str:
        return f"--{self.boundary}\r\nContent-Disposition: form-data; {disposition}\r\n{headers}\r\n"

    def _after(self) -> bytes:
        return f"\r\n--{self.boundary}--\r\n".encode()


class _Chain(io.RawIOBase):
    """What stands before the file, the file, and what stands after it, as one stream."""

    def __init__(self, before: bytes, path: Path, after: bytes) -> None:
        super().__init__()
        self._streams: list[BinaryIO] = [io.BytesIO(before), path.open("rb", buffering=0), io.BytesIO(after)]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while self._streams:
            count: int = self._streams[0].readinto(buffer)  # type: ignore[attr-defined]
            if count:
                return count
            self._streams.pop(0).close()
        return 0

    def close(self) -> None:
        for stream in self._streams:
            stream.close()
        super().close()


_BUFFER = 1 << 18


def _quoted(text: str) -> str:
    return re.sub(r'["\r\n]', lambda found: _QUOTED[found[0]], text)
