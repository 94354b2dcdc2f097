r"""What may be shown of what a server said: takes a text and our secrets, gives the text with these masked.

A server repeats a secret as its language spells texts: ``+`` is ``\u002B`` in one's JSON, ``&#43;`` in another's HTML,
``%2B`` in an address. So the text is read as if all of these stood in it at once, and what is a secret once it is read
is masked where it is spelt. Backslashes are left out on both sides, since any number of them may stand for one. A text
that was cut may end within a secret: its beginning is masked where the text, or a quotation in it, ends, unless it
stands in a word that is set off from the rest, such as ``customer`` of ``customer-7Fq…``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from html import unescape
from itertools import takewhile

from occtoo_frames._session.secret import MASK

_TELLING = 6
"""Masking shorter secrets, or shorter beginnings of one, would tell more than it hides."""

_END = re.compile(r"\ufffd?(?:&[#\w]*|%\w?|u\w{0,3}|x\w?)?(?:['\"…]|\Z)")
"""Where a text, or a quotation in it, ends: perhaps within the spelling of a character."""

_WORD = re.compile(r"[a-z]{1,16}(?=[-_.:])", re.IGNORECASE)
"""A word that is set off from what follows."""

_ESCAPE = re.compile(r"[\\&%]")
_PIECE = re.compile(
    r"(?P<units>(?:\\+u[0-9a-f]{4})+)|(?P<octets>(?:(?:\\+x|%)[0-9a-f]{2})+)|(?P<entity>&#?\w{1,31};)|\\*(?P<plain>.)",
    re.IGNORECASE | re.DOTALL,
)
_LEAD = re.compile(r"\\+[ux]|%", re.IGNORECASE)


def hide(text: str, secrets: Iterable[str]) -> str:
    """``text`` with every one of ``secrets`` masked that is long enough to tell."""
    longest_first = sorted((secret for secret in secrets if len(secret) >= _TELLING), key=len, reverse=True)
    for secret in longest_first:
        text = text.replace(secret, MASK)
    said, places = _read(text) if _ESCAPE.search(text) else (text, None)
    spans = {span for secret in longest_first for form in _forms(secret) for span in _found(said, form)}
    if not spans:
        return text
    if places is not None:
        spans = {(places[start][0], places[end - 1][1]) for start, end in spans}
    return _masked(text, sorted(spans))


@lru_cache(maxsize=16)
def _forms(secret: str) -> frozenset[str]:
    """What ``secret`` may be in a text that is read; itself alone, if nothing in it could be an escape."""
    return frozenset({secret, secret.replace("\\", ""), _read(secret)[0]} if _ESCAPE.search(secret) else {secret})


def _read(text: str) -> tuple[str, Sequence[tuple[int, int]]]:
    """What ``text`` says once nothing in it is escaped, and where each character of it is spelt."""
    said, places = [], []
    for piece in _PIECE.finditer(text):
        characters = _characters(piece).replace("\\", "")
        said.append(characters)
        places += [piece.span()] * len(characters)
    return "".join(said), places


def _characters(piece: re.Match[str]) -> str:
    """The characters that a piece of a text stands for."""
    if piece["entity"]:
        return unescape(piece["entity"])
    if piece["plain"]:
        return piece["plain"]
    octets = bytes.fromhex(_LEAD.sub("", piece[0]))
    return octets.decode("utf-16-be" if piece["units"] else "utf-8", "replace")


def _found(said: str, secret: str) -> Iterator[tuple[int, int]]:
    """Where ``secret`` stands, or its beginning before an end."""
    start = said.find(secret[:_TELLING]) if len(secret) >= _TELLING else -1
    while start >= 0:
        alike = takewhile(lambda pair: pair[0] == pair[1], zip(secret, said[start : start + len(secret)], strict=False))
        end = start + sum(1 for _ in alike)
        if end - start == len(secret) or (_END.match(said, end) and _tells(secret[: end - start], secret)):
            yield start, end
        start = said.find(secret[:_TELLING], start + 1)


def _tells(beginning: str, secret: str) -> bool:
    """True unless ``beginning`` stands in the word with which ``secret`` begins."""
    word = _WORD.match(secret)
    return word is None or len(beginning) > len(word[0])


def _masked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    parts, done = [], 0
    for start, end in spans:
        if start >= done:
            parts += [text[done:start], MASK]
        done = max(done, end)
    return "".join([*parts, text[done:]])
