"""Names that must stand in a set, and what was probably meant where one does not."""

from collections.abc import Iterable
from difflib import get_close_matches

from occtoo_frames.exceptions import ColumnNotFoundError


def must_stand(name: str, among: Iterable[str], what: str) -> None:
    """Nothing, if ``name`` stands among the names.

    Raises:
        ColumnNotFoundError: It does not; the message says which one is alike.
    """
    names = list(among)
    if name not in names:
        raise ColumnNotFoundError(f"no {what} {name!r}; {hint(name, names)}")


def hint(name: str, names: Iterable[str]) -> str:
    """Which of the names is alike, or the first ones of them."""
    listed = list(names)
    close = get_close_matches(name, listed, n=1) if isinstance(name, str) else []
    if close:
        return f"did you mean {close[0]!r}?"
    more = f" and {len(listed) - 10} more" if len(listed) > 10 else ""  # noqa: PLR2004 - as many as one reads
    return f"there are {', '.join(listed[:10]) or 'none'}{more}"
