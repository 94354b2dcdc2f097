"""Which uploads have begun, so that the next process goes on with them: one small file each, gone when it has ended.

Takes who sends what where; remembers the id of the file that the platform made for it. A slip belongs to the address
of the platform, the data provider, and the very bytes; one that is lost or damaged costs an upload from the start.
"""

import json
import os
import time
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from tempfile import NamedTemporaryFile

from platformdirs import user_state_path

_OLD_S = 14 * 24 * 3600


class Journal:
    """The slips of one data provider at one platform.

    Args:
        base_url: The platform.
        provider_id: The data provider.
        folder: Where slips lie; the user's state folder if left out.
    """

    def __init__(self, base_url: str, provider_id: str | None, folder: Path | None = None) -> None:
        self._owner = (base_url, provider_id)
        self._folder = folder or user_state_path("occtoo-frames") / "media"
        self._clear()

    def slip(self, *marks: object) -> "Slip":
        """The slip of an upload, known by these marks."""
        name = blake2b(json.dumps([*self._owner, *marks]).encode(), digest_size=20).hexdigest()
        return Slip(self._folder / f"{name}.json")

    def _clear(self) -> None:
        """Slips so old that the platform has forgotten, too, are gone."""
        with suppress(OSError):
            for path in self._folder.glob("*.json"):
                if path.stat().st_mtime < time.time() - _OLD_S:
                    path.unlink(missing_ok=True)


class Slip:
    """What is remembered of one upload; as ``Memory``. A disk that cannot be written to costs resumption only."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def recall(self) -> str | None:
        """The id of the file that was begun."""
        file_id = self._read().get("file_id")
        return file_id if isinstance(file_id, str) and file_id else None

    def announced(self) -> bool:
        """True if it was about to begin, and may have."""
        return "file_id" in self._read()

    def announce(self) -> None:
        """It is about to begin; known after a kill, too."""
        self._write(None)

    def note(self, file_id: str) -> None:
        """It has begun; known after a kill, too."""
        self._write(file_id)

    def forget(self) -> None:
        """It has ended."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _read(self) -> dict[str, object]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, file_id: str | None) -> None:
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with NamedTemporaryFile("w", dir=self._path.parent, delete=False, encoding="utf-8") as file:
                json.dump({"file_id": file_id}, file)
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).replace(self._path)
