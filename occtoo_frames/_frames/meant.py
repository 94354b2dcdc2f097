"""What may have been meant by the name of a column that does not stand in the table; takes names, gives a sentence."""

import unicodedata
from collections.abc import Sequence

from occtoo_frames.typing import INDEX


def hint_for(name: str, columns: Sequence[str], index: Sequence[str], role: str) -> str:
    """What to do about ``name``, which is none of ``columns``; ``index`` are the names of the levels of an index."""
    if name == str(INDEX):
        return f"{INDEX} is no column and stands alone; reset_index() makes columns of the index, which a list can name"
    if name in index:
        return _of_the_index(name, several=len(index) > 1, key=role == "key")
    if not columns:
        return "it has no columns"
    close = _close(name, columns)
    if not close:
        return f"there are {some(columns)}"
    shown = [ascii(column) if _composed(column) == _composed(name) else repr(column) for column in close]
    return f"did you mean {' or '.join(shown)}?"


def some(names: Sequence[str], most: int = 5) -> str:
    """The first of ``names``, and how many more there are."""
    shown = ", ".join(map(repr, names[:most]))
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def _of_the_index(name: str, *, several: bool, key: bool) -> str:
    place = "a level of its index" if several else "its index"
    taken = "key=of.INDEX takes all levels, and " if several else "key=of.INDEX takes it, and "
    return f"{name!r} is {place}: {taken if key else ''}reset_index() makes it a column"


def _close(name: str, columns: Sequence[str]) -> list[str]:
    """Those that differ in case or in the way in which an accent is written, else those that are spelled nearly so."""
    alike = [column for column in columns if _folded(column) == _folded(name)]
    if alike:
        return alike[:3]
    from difflib import get_close_matches

    by_folded = {_folded(column): column for column in reversed(columns)}
    return [by_folded[close] for close in get_close_matches(_folded(name), by_folded, n=3)]


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _folded(name: str) -> str:
    return _composed(name).casefold()
