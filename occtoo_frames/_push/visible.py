"""Texts as a terminal may show them: what it would act upon, or reorder, stands there as an escape.

Takes texts of tables, whoever wrote them; gives texts that stay on their line and colour, move or hide nothing.
"""

import re

import polars as pl

_ACTED_UPON = "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
"""Control characters, ends of lines, and what turns the direction of writing for all that follows."""
_ONE = re.compile(_ACTED_UPON)


def visible(text: str) -> str:
    r"""``text`` with escapes, as Python writes them, for what a terminal would act upon: ``\x1b``, ``\n``."""
    return _ONE.sub(lambda found: repr(found[0])[1:-1], text)


def visible_lines(text: str) -> str:
    """The same of each line of ``text``."""
    return "\n".join(map(visible, text.split("\n")))


def visible_json(document: str) -> str:
    """A JSON text that means the same: JSON itself leaves some of them as they are."""
    return _ONE.sub(lambda found: "\n" if found[0] == "\n" else f"\\u{ord(found[0]):04x}", document)


def visible_texts(texts: pl.Series) -> pl.Series:
    """The same of every text."""
    if not texts.str.contains(_ACTED_UPON).any():
        return texts
    return texts.map_elements(visible, return_dtype=pl.String)
