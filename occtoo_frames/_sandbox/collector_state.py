"""What the collector remembers: folders, databases and jobs, as one small file that changes all at once.

Takes changes, keeps them; a database's rows stand in parquet files beside it, which a change only points to. Knows no
HTTP and reads no upload.
"""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_hex
from typing import Any

import msgspec

from occtoo_frames._sandbox.collector_files import Variable


@dataclass(slots=True)
class Database:
    """Rows in parts, and their variables."""

    folder: str
    name: str
    variables: list[Variable]
    parts: list[str]
    rows: int


@dataclass(slots=True)
class Work:
    """An upload that was taken: what to do with which file, and whom to tell."""

    action: str
    target: str
    database: str
    file: str
    format: str
    name: str
    callback: str | None = None


@dataclass(slots=True)
class State:
    """All of it. ``jobs`` are as the wire shows them; ``works`` those that have not ended."""

    folders: dict[str, bool] = field(default_factory=dict)
    databases: dict[str, Database] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    works: dict[str, Work] = field(default_factory=dict)


class Shelf:
    """The state and the files it points to, in one folder that is made when first needed.

    Args:
        folder: Where.
        durable: Whether what was said to be done survives a kill.
    """

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self._folder, self._durable = folder, durable
        self._file = folder / "state.json"
        self.state = State()
        if self._file.is_file():
            self.state = msgspec.json.decode(self._file.read_bytes(), type=State)

    def new(self, ending: str) -> Path:
        """A path that nothing stands in yet."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"{token_hex(8)}.{ending}"

    def path(self, name: str) -> Path:
        """Where a file of the state stands."""
        return self._folder / name

    def save(self) -> None:
        """What the state says now is what it will say after a restart; files that it has let go of are gone."""
        self._folder.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_suffix(".part")
        with beside.open("wb") as stream:
            stream.write(msgspec.json.encode(self.state))
            if self._durable:
                stream.flush()
                os.fsync(stream.fileno())
        beside.replace(self._file)

    def drop(self, *names: str) -> None:
        """These files are gone."""
        for name in names:
            self.path(name).unlink(missing_ok=True)


def merged(held: list[Variable], added: list[Variable]) -> tuple[list[Variable], list[str]]:
    """A database's variables after an append, and what it has to say: labels of values join, the older one stays."""
    said: list[str] = []
    out: list[Variable] = []
    fresh = {variable.name.upper(): dict(variable.labels) for variable in added}
    for variable in held:
        old, new = dict(variable.labels), fresh[variable.name.upper()]
        differ = sum(old.get(value, label) != label for value, label in new.items())
        if differ:
            said.append(f"{variable.name}: the labels of {differ} values differ, and those of the database stay")
        out.append(replace(variable, labels=tuple({**new, **old}.items())))
    return out, said
