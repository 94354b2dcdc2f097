"""What a caller says about a table.

Takes the keyword arguments of ``occtoo_frames.plan``, gives them checked.
"""

from dataclasses import dataclass
from typing import Any

from occtoo_frames.exceptions import PlanError
from occtoo_frames.typing import Duplicates, Ids, LangCols, Nulls, Properties


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a caller says about a table; see ``occtoo_frames.plan``."""

    lang_cols: LangCols = None
    properties: Properties = None
    ids: Ids = "strict"
    delete: str | None = None
    nulls: Nulls = "skip"
    duplicates: Duplicates = "fail"
    list_separator: str = "|"
    key_separator: str = "-"
    language_column: str | None = None
    schema: Any = None
    delete_all: bool = False

    def __post_init__(self) -> None:
        for name, allowed in _ALLOWED.items():
            if getattr(self, name) not in allowed:
                raise PlanError(f"{name}={getattr(self, name)!r}: it is one of {', '.join(map(repr, allowed))}")
        for name in ("list_separator", "key_separator"):
            if not _is_text(getattr(self, name)):
                raise PlanError(f"{name}={getattr(self, name)!r}: it is text")
        if not self.list_separator:
            raise PlanError("list_separator must be at least one character")


def _is_text(value: object) -> bool:
    """True for a str of whole characters; half of a surrogate pair is none."""
    return isinstance(value, str) and value.encode(errors="ignore").decode() == value


_ALLOWED = {
    "ids": ("strict", "camel", "snake"),
    "nulls": ("skip", "clear"),
    "duplicates": ("fail", "first", "last", "merge"),
}
