"""What is wrong with keys: parts that are missing, characters that the platform refuses, too many of them.

Takes slices of the table and their keys, gives frames of problems that name the column at fault. A look at the bytes of
all keys says whether there is anything to find; only then are the parts of a key looked at.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from occtoo_frames._frames.source import Source
from occtoo_frames._push.cells import Renderer, place_of_key, shown
from occtoo_frames._push.escaping import bytes_of, contiguous, offsets_of
from occtoo_frames._push.naming import suggest_ids
from occtoo_frames._push.problems import NO_COLUMN, Place, problems
from occtoo_frames._push.rendering import Refusal
from occtoo_frames.protocol.rules import ID_CHARACTERS, KEY_MAX_LENGTH

_ILLEGAL = f"[^{ID_CHARACTERS[:-1]}-]"
_LEGAL_BYTES = ID_CHARACTERS.encode()
_MADE_OF = "; a key is made of A-Z a-z 0-9 _ -"


@dataclass(frozen=True, slots=True)
class KeyRules:
    """Looks at the keys of one table.

    Attributes:
        renderer: Knows the parts of a key.
        flawed: For each column of the key the rows whose cell the engine could not hold; they are not missing.
        casts: What to do with columns of the key that hold no text: made legal, theirs would be other entries.
    """

    renderer: Renderer
    flawed: Mapping[str, npt.NDArray[np.int64]]
    casts: Mapping[str, str]

    @classmethod
    def of(cls, source: Source, renderer: Renderer) -> "KeyRules":
        """Those of a table."""
        key = renderer.layout.key
        rows = {name: [flaw.rows for flaw in source.flaws if flaw.column == name] for name in key}
        flawed = {name: [found for found in each if found is not None] for name, each in rows.items()}
        return cls(
            renderer,
            {name: np.concatenate(each) for name, each in flawed.items() if each},
            {
                name: f"the column is {source.dtypes.get(name, source.schema[name])}: cast it to "
                + ("integers or text" if source.schema[name].is_numeric() else "text")
                for name in key
                if not isinstance(source.schema[name], pl.String | pl.Categorical | pl.Enum)
            },
        )

    def problems(self, frame: pl.DataFrame, keys: pl.Series, first_row: int) -> Iterator[pl.DataFrame]:
        """What is wrong with the ``keys`` of ``frame``, whose first row stands at ``first_row``."""
        if _all_legal(keys):
            return
        parts = self.renderer.key_parts(frame)
        told = pl.repeat(value=False, n=len(keys), eager=True)
        for (name, rendering, whole), part in zip(self.renderer.key, parts, strict=True):
            refused = () if whole else rendering.refuse(frame[name], part)
            missing = self._missing(name, part, first_row) & ~told
            for refusal in refused:
                missing &= ~refusal.mask
                yield self._textless(frame[name], refusal, first_row)
            told |= missing
            yield from self._told_missing(name, missing, keys, first_row)
            yield from self._illegal(name, part, keys, first_row)
        if len(parts) > 1:
            yield from self._badly_joined(keys, first_row)
        yield from self._too_long(keys, first_row)

    def _missing(self, name: str, part: pl.Series, first_row: int) -> pl.Series:
        missing = (part.is_null() | (part == "")).fill_null(value=True)
        if name in self.flawed and missing.any():
            missing &= pl.Series(~np.isin(np.arange(first_row, first_row + len(part)), self.flawed[name]))
        return missing

    def _told_missing(self, name: str, missing: pl.Series, keys: pl.Series, first_row: int) -> Iterator[pl.DataFrame]:
        if missing.any():
            rows = missing.arg_true()
            yield problems(
                "key-missing",
                f"{self._what} is missing",
                "fill it in, or drop the row",
                rows=_rows(rows, first_row),
                keys=keys.gather(rows),
                place=Place(name),
            )

    @property
    def _what(self) -> str:
        return "the key" if len(self.renderer.layout.key) == 1 else "a part of the key"

    def _textless(self, column: pl.Series, refusal: Refusal, first_row: int) -> pl.DataFrame:
        """Of cells that are there, and have no text: they are not missing."""
        rows = refusal.mask.arg_true()
        return problems(
            "key-characters",
            f"{self._what} is {refusal.message}{_MADE_OF}",
            self.casts[column.name],
            rows=_rows(rows, first_row),
            values=shown(column.gather(rows), column.dtype),
            place=Place(column.name),
        )

    def _illegal(self, name: str, part: pl.Series, keys: pl.Series, first_row: int) -> Iterator[pl.DataFrame]:
        illegal = part.str.contains(_ILLEGAL).fill_null(value=False)
        if illegal.any():
            rows = illegal.arg_true()
            refused = part.gather(rows)
            odd = refused.str.extract_all(_ILLEGAL).list.unique(maintain_order=True).list.join("")
            yield problems(
                "key-characters",
                "the key holds '" + odd + f"'{_MADE_OF}",
                self.casts[name] if name in self.casts else _suggested(refused),
                rows=_rows(rows, first_row),
                keys=keys.gather(rows),
                values=refused,
                place=Place(name),
            )

    def _badly_joined(self, keys: pl.Series, first_row: int) -> Iterator[pl.DataFrame]:
        rows = keys.is_not_null().arg_true()
        if len(rows) and re.search(_ILLEGAL, self.renderer.key_separator):
            joined = keys.gather(rows)
            yield problems(
                "key-characters",
                f"the parts of the key are joined by {self.renderer.key_separator!r}{_MADE_OF}",
                "choose another key_separator",
                rows=_rows(rows, first_row),
                keys=joined,
                values=joined,
                place=NO_COLUMN,
            )

    def _too_long(self, keys: pl.Series, first_row: int) -> Iterator[pl.DataFrame]:
        long = (keys.str.len_chars() > KEY_MAX_LENGTH).fill_null(value=False)
        if long.any():
            rows = long.arg_true()
            refused = keys.gather(rows)
            yield problems(
                "key-length",
                "the key has " + refused.str.len_chars().cast(pl.String) + f" characters, {KEY_MAX_LENGTH} is the most",
                "shorten it",
                rows=_rows(rows, first_row),
                keys=refused,
                values=refused,
                place=place_of_key(self.renderer.layout),
            )


def _all_legal(keys: pl.Series) -> bool:
    """True if no key has a problem: a look at the bytes of all at once."""
    if keys.null_count() or not len(keys):
        return not len(keys)
    text = contiguous(keys)
    lengths = np.diff(offsets_of(text))
    if lengths.min() == 0 or lengths.max() > KEY_MAX_LENGTH:
        return False
    return not bytes_of(text).tobytes().translate(None, _LEGAL_BYTES)


def _suggested(refused: pl.Series) -> pl.Series:
    suggestions = suggest_ids(refused)
    return ("use '" + suggestions + "'").set(suggestions == "", "replace them")


def _rows(positions: pl.Series, first_row: int) -> npt.NDArray[np.int64]:
    return positions.cast(pl.Int64).to_numpy() + first_row
