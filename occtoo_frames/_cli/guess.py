"""What a table that nobody has described probably means: its key, its lists, its facets.

Takes a polars frame, gives guesses and the reasons for them. Decides nothing that an option could not undo.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from re import escape

import polars as pl

from occtoo_frames.exceptions import ConfigurationError
from occtoo_frames.protocol.rules import ID_CHARACTERS, KEY_MAX_LENGTH

_LEGAL_KEY = f"^[{escape(ID_CHARACTERS)}]{{1,{KEY_MAX_LENGTH}}}$"
_KEY_NAMES = (
    "sku", "key", "id", "product_id", "article_number", "artikelnummer", "item_number", "product_number",
    "code", "gtin", "ean", "upc", "handle", "number",
)  # fmt: skip
_FACET_VALUES = (2, 30)
_MAX_FACETS = 3
_LIST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class GuessedKey:
    """A column that is probably the key, and why."""

    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    column: str
    rank: int
    unique: float
    legal: float

    @property
    def score(self) -> float:
        return self.unique + self.legal + 1.0 - self.rank / len(_KEY_NAMES)


def guess_key(frame: pl.DataFrame) -> GuessedKey:
    """The column whose values are most unique, most legal as keys, and whose name sounds most like a key.

    Raises:
        ConfigurationError: No column has unique and legal values in more than half of the rows.
    """
    columns = [name for name, dtype in frame.schema.items() if dtype == pl.String or dtype.is_integer()]
    found = [_candidate(frame, name) for name in columns] if frame.height else []
    likely = [one for one in found if min(one.unique, one.legal) > 1 / 2]
    if not likely:
        raise ConfigurationError(
            f"no column of {frame.width} looks like a key, unique and made of letters, digits, _ and -: "
            "name one with --key"
        )
    best = max(likely, key=lambda one: one.score)
    return GuessedKey(best.column, f"{best.unique:.0%} of its values are unique, {best.legal:.0%} are legal keys")


def _candidate(frame: pl.DataFrame, column: str) -> _Candidate:
    values = frame[column].cast(pl.String)
    name = column.strip().lower().replace(" ", "_").replace("-", "_")
    rank = _KEY_NAMES.index(name) if name in _KEY_NAMES else len(_KEY_NAMES)
    legal = values.str.contains(_LEGAL_KEY).fill_null(value=False).sum()
    return _Candidate(column, rank, values.drop_nulls().n_unique() / frame.height, int(legal) / frame.height)


def guess_lists(frame: pl.DataFrame, columns: Sequence[str], separator: str = "|") -> list[str]:
    """The text columns of which a fifth and more of the values hold the separator."""
    return [
        name
        for name in columns
        if frame.schema[name] == pl.String
        and (frame[name].str.contains(separator, literal=True).mean() or 0.0) >= _LIST_SHARE  # type: ignore[operator]
    ]


def guess_facets(frame: pl.DataFrame, columns: Sequence[str]) -> list[str]:
    """At most three text columns with a few values that occur again and again."""
    least, most = _FACET_VALUES
    found = [
        name
        for name in columns
        if frame.schema[name] == pl.String
        and least <= frame[name].drop_nulls().n_unique() <= min(most, frame.height // 2)
    ]
    return found[:_MAX_FACETS]
