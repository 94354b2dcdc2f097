"""Where this machine keeps what it knows of a source.

Takes whose source it is, gives the path of its file. One file holds the journal of the last run and the snapshot:
both move in one transaction.
"""

import json
import re
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from platformdirs import user_state_path


@dataclass(frozen=True, slots=True)
class Owner:
    """What a journal and a snapshot belong to: nothing is ever skipped because another tenant had it.

    Attributes:
        origin: The ingest address.
        provider: The data provider's id.
        source: The source's id.
    """

    origin: str
    provider: str
    source: str

    def path(self, folder: str | None) -> Path:
        """The file in ``folder``, which is the user's state directory if None."""
        home = user_state_path("occtoo-frames", appauthor=False) / "sources" if folder is None else Path(folder)
        identity = json.dumps([self.origin.rstrip("/").lower(), self.provider, self.source])
        name = re.sub(r"[^A-Za-z0-9_-]+", "-", self.source)[:40]
        return home / f"{name}-{blake2b(identity.encode(), digest_size=12).hexdigest()}.sqlite"
