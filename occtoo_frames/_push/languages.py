"""Which columns hold one property in several languages.

Takes column names and dtypes, gives (base, language) for each that is spelled so, and for ``"auto"`` the reason why
others were passed over. Decides on names and types, and on whether there is anything in a column; tags are kept as
written, never standardised.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from occtoo_frames.protocol.rules import is_language

_BRACKETED = re.compile(r"(?P<base>.+?)\s*\[(?P<tag>[^\[\]]+)\]", re.DOTALL)
_SEPARATORS = re.compile(r"[_\-.:@]")

_OTHER_MEANINGS = frozenset({
    "kg", "mg", "lb", "km", "mi", "ml", "ha", "in",  # units
    "eu", "uk",  # sizes
    "lo", "hi",  # ends of a range
    "id", "no", "is", "to", "so", "as", "am", "an", "be", "he", "it", "my", "or", "ms",  # words
})  # fmt: skip
"""Two-letter language tags that more often are something else at the end of a column's name."""

_QUANTITIES = frozenset({
    "price", "cost", "msrp", "tax", "vat", "rate", "discount", "amount", "number", "count", "qty", "quantity", "stock",
    "weight", "width", "height", "length", "depth", "diameter", "volume", "area", "pos", "position",
    "lat", "lon",
})  # fmt: skip
"""Names whose suffixes are units, currencies, sizes or markets."""


@dataclass(frozen=True, slots=True)
class Spelled:
    """A column name read as a base and a language."""

    column: str
    base: str
    language: str


def spellings(column: str) -> Iterator[Spelled]:
    """Every way to read ``column`` as base and tag, the longest tag first; whether the tag is real is not asked."""
    bracketed = _BRACKETED.fullmatch(column)
    if bracketed is not None:
        yield Spelled(column, bracketed["base"], bracketed["tag"].strip())
    for separator in _SEPARATORS.finditer(column):
        base, tag = column[: separator.start()], column[separator.end() :]
        if base.strip() and tag:
            yield Spelled(column, base.rstrip(), tag)


def read_name(column: str) -> Spelled | None:
    """The first reading of ``column`` whose tag is a real language, or None."""
    return next((spelled for spelled in spellings(column) if is_real_language(spelled.language)), None)


@lru_cache(maxsize=4096)
def is_real_language(tag: str) -> bool:
    """True if the IANA registry knows every part of ``tag`` and the platform takes it as a language."""
    from langcodes import tag_is_valid

    return is_language(tag) and bool(tag_is_valid(tag))


def by_base(read: Iterable[Spelled]) -> dict[str, list[Spelled]]:
    """The readings of names, in order, under what they take for the base."""
    groups: dict[str, list[Spelled]] = {}
    for spelled in read:
        groups.setdefault(spelled.base, []).append(spelled)
    return groups


def find_columns(wanted: Sequence[Spelled], language: str) -> list[str]:
    """The columns that are ``wanted`` in ``language``: as written, else without regard to case."""
    exact = [spelled.column for spelled in wanted if spelled.language == language]
    folded = _fold(language)
    return exact or [spelled.column for spelled in wanted if _fold(spelled.language) == folded]


def _fold(tag: str) -> str:
    return tag.lower().replace("_", "-")


def detect(schema: Mapping[str, pl.DataType], empty: Collection[str] = ()) -> tuple[list[Spelled], dict[str, str]]:
    """The columns that ``"auto"`` takes as localised, and for each it passed over the reason.

    Taken is a text column (or list of text) whose name ends in a real two-letter language, region allowed, whose
    base occurs with two or more of them; suffixes that read as units, sizes, currencies or ranges are no languages. A
    column that holds nothing, and so has whatever type, is what the texts beside it are: one of the languages of their
    base, today as on the day when something stands in it.
    """
    groups: dict[str, list[Spelled]] = {}
    idle: list[Spelled] = []
    passed: dict[str, str] = {}
    for column, dtype in schema.items():
        spelled = read_name(column)
        if spelled is None:
            continue
        reason = _unlike_a_translation(spelled, dtype)
        if reason is None:
            groups.setdefault(spelled.base, []).append(spelled)
        else:
            passed[column] = reason
            idle += [spelled] if column in empty else []
    for spelled in idle:
        if _is_one_of(spelled, [beside.language for beside in groups.get(spelled.base, ())]):
            groups[spelled.base].append(spelled)
            del passed[spelled.column]
    taken = []
    for base, group in groups.items():
        reason = _unlike_languages(base, group)
        if reason is None:
            taken += group
        else:
            passed |= {spelled.column: reason for spelled in group}
    return taken, passed


def _is_one_of(spelled: Spelled, languages: Sequence[str]) -> bool:
    """Whether an empty column goes with texts in ``languages``; ``id`` and the like only where these are several."""
    tag = _primary(spelled.language)
    several = len(set(map(_fold, languages))) > 1
    return len(tag) == 2 and bool(languages) and (several or tag not in _OTHER_MEANINGS)  # noqa: PLR2004 - ISO 639-1


def _unlike_a_translation(spelled: Spelled, dtype: pl.DataType) -> str | None:
    if len(_primary(spelled.language)) != 2:  # noqa: PLR2004 - ISO 639-1
        return f"{spelled.language!r} is a language of three letters; name it in lang_cols if it is meant"
    inner = dtype.inner if isinstance(dtype, pl.List | pl.Array) else dtype
    if not isinstance(inner, pl.String | pl.Categorical | pl.Enum):
        return f"ends like a language, but is {dtype}, not text"
    return None


def _unlike_languages(base: str, group: Sequence[Spelled]) -> str | None:
    tags = {_fold(spelled.language) for spelled in group}
    if len(tags) == 1:
        return f"{base!r} stands in one language only; name it in lang_cols if it is meant"
    if {_primary(tag) for tag in tags} <= _OTHER_MEANINGS or (_last_word(base) == "size" and tags & {"eu", "uk"}):
        return f"{', '.join(sorted(tags))} read as units, sizes or words, not as languages"
    if _last_word(base) in _QUANTITIES:
        return f"{base!r} is a quantity: its suffixes read as units, currencies, sizes or markets"
    return None


def _last_word(base: str) -> str:
    return re.split(r"[^a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", base).lower().strip())[-1]


def _primary(tag: str) -> str:
    return _fold(tag).partition("-")[0]
