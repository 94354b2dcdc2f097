"""Legal property ids made of any column name.

Takes a name as people write it (``Product Name``, ``Färg``, ``price (SEK)``), gives an id in camel or snake case.
"""

import re
import unicodedata
from collections.abc import Sequence

import polars as pl

from occtoo_frames.protocol.rules import KEY_MAX_LENGTH
from occtoo_frames.typing import Ids

_LETTERS = str.maketrans(
    dict(
        zip(
            "ßæÆøØœŒđĐðÐþÞłŁħĦ",
            ["ss", "ae", "Ae", "o", "O", "oe", "Oe", "d", "D", "d", "D", "th", "Th", "l", "L", "h", "H"],
            strict=True,
        )
    )
    | {"\N{LATIN SMALL LETTER DOTLESS I}": "i", "&": " and ", "%": " percent "}
)
_WORD = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+")


def make_id(name: str, ids: Ids) -> str:
    """A legal property id for ``name`` in ``camel`` or ``snake`` case; the empty text if nothing legal is left.

    Letters lose their accents, everything else that an id may not hold separates words.
    """
    words = [word.lower() for word in _WORD.findall(_plain(name))]
    if ids == "snake":
        return "_".join(words)[:KEY_MAX_LENGTH]
    return "".join(word if position == 0 else word.capitalize() for position, word in enumerate(words))[:KEY_MAX_LENGTH]


def suggest_id(text: str) -> str:
    """The legal id closest to ``text``: accents dropped, each run of other characters a hyphen; maybe empty."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", _plain(text)).strip("-")[:KEY_MAX_LENGTH]


def suggest_ids(texts: pl.Series) -> pl.Series:
    """``suggest_id`` of each text; letters are told by themselves, so that every one of them is looked up only once."""
    spelled = {letter: plain for letter in set(texts.str.join("").item()) if (plain := _plain(letter)) != letter}
    latin = texts.str.replace_many(spelled) if spelled else texts
    return latin.str.replace_all("[^A-Za-z0-9_-]+", "-").str.strip_chars("-").str.slice(0, KEY_MAX_LENGTH)


def hint_for_id(illegal: str, name: str | None, ways: Sequence[Ids]) -> str:
    """How a property gets a legal id without another one changing, or being left out.

    Args:
        illegal: The id it has.
        name: What ``properties`` calls it; None if that is where the id comes from.
        ways: What ``ids`` may be.
    """
    suggestion = suggest_id(illegal) or "…"
    if name is None:
        return f"use {suggestion!r} in properties"
    asked = f"name it, and every other column that is sent, in properties={{{name!r}: {suggestion!r}, …}}"
    return f"make it legal with ids={ways[0]!r}, or {asked}" if ways else asked


def _plain(text: str) -> str:
    spread = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(character for character in spread if not unicodedata.combining(character))
