"""Values that hold a caller's table, such as plans and reports: handed on in parts, not pickled as a whole."""

from typing import Any, ClassVar, Self


class KeptHere:
    """A value that never changes and may hold a table; a copy of it is itself."""

    _HAND_ON: ClassVar[str]
    """What to do instead of pickling one that holds a table."""

    @property
    def _holds_table(self) -> bool:
        """Whether it does."""
        return True

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __getstate__(self) -> object:
        if not self._holds_table:
            return super().__getstate__()
        name = type(self).__name__
        article = "an" if name[0] in "AEIOU" else "a"
        raise TypeError(f"{article} {name} is not pickled, since it holds the table: {self._HAND_ON}")
