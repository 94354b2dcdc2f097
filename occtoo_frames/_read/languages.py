"""Several languages of the same entries as one table: wide (a column for each) or long (a row for each).

Takes one frame a language; gives the joined frame. Entries that stand in only one of the frames are kept, unless the
first language decides which entries there are.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import pairwise

import polars as pl

from occtoo_frames._read.document import Property
from occtoo_frames.exceptions import ConfigurationError
from occtoo_frames.protocol.destination import ID
from occtoo_frames.typing import Style

STYLES: Mapping[str, str] = {
    "name_lang": "{name}_{language}",
    "name-lang": "{name}-{language}",
    "name.lang": "{name}.{language}",
    "name:lang": "{name}:{language}",
    "name@lang": "{name}@{language}",
    "name[lang]": "{name}[{language}]",
}


def wide_name(property_id: str, language: str, style: Style) -> str:
    """How the column of a property in a language is called."""
    return STYLES[style].format(name=property_id, language=language)


def wide_names(properties: Sequence[Property], languages: Sequence[str], style: Style) -> dict[str, list[str]]:
    """The columns of each property, in order.

    Raises:
        ConfigurationError: Two of them would have the same name.
    """
    names = {
        one.id: [wide_name(one.id, language, style) for language in languages] if one.localized else [one.id]
        for one in properties
    }
    every = sorted(name for group in names.values() for name in group)
    twice = [name for name, following in pairwise(every) if name == following]
    if twice:
        raise ConfigurationError(f"two columns would be called {twice[0]!r}: take another style, or layout='long'")
    return names


def to_wide(
    frames: Mapping[str, pl.DataFrame], properties: Sequence[Property], style: Style, *, first_decides: bool
) -> pl.DataFrame:
    """One row an entry; localised properties have a column for each language, the others are the first frame's.

    Rows keep the first frame's order; entries that only later frames hold follow in order of their keys.
    """
    names = wide_names(properties, list(frames), style)
    plain = [one.id for one in properties if not one.localized]
    parts = []
    for position, (language, frame) in enumerate(frames.items()):
        renamed = {one.id: wide_name(one.id, language, style) for one in properties if one.localized}
        kept = plain if position == 0 else [ID, *(_shared(name) for name in plain if name != ID)]
        back = {} if position == 0 else {name: _shared(name) for name in plain if name != ID}
        parts.append(frame.rename(renamed | back).select(*kept, *renamed.values()))
    joined = reduce(lambda left, right: _join(left, right, first_decides=first_decides), parts)
    return joined.select(name for group in names.values() for name in group)


def to_long(frames: Mapping[str, pl.DataFrame], properties: Sequence[Property], *, first_decides: bool) -> pl.DataFrame:
    """A row for each entry and language: id, language, then the properties; a key's rows stand together."""
    order = next(iter(frames.values())).select(ID).with_row_index("\0order")
    named = [pl.lit(language or None, dtype=pl.String).alias("language") for language in frames]
    marked = [
        frame.with_columns(name, pl.lit(position).alias("\0language"))
        for position, (name, frame) in enumerate(zip(named, frames.values(), strict=True))
    ]
    stacked = pl.concat(marked)
    placed = stacked.join(order, on=ID, how="left", maintain_order="left")
    placed = placed.filter(pl.col("\0order").is_not_null()) if first_decides else placed
    placed = placed.sort("\0order", ID, "\0language", nulls_last=True)
    return placed.select(ID, "language", *(one.id for one in properties if one.id != ID))


def _shared(name: str) -> str:
    """What a property that is not localised is called in the later languages until they are joined."""
    return f"\0{name}"


def _join(left: pl.DataFrame, right: pl.DataFrame, *, first_decides: bool) -> pl.DataFrame:
    """The languages side by side."""
    shared = [name for name in right.columns if name.startswith("\0")]
    side = left.join(right, on=ID, how="left", maintain_order="left")
    if not first_decides:
        late = right.join(left, on=ID, how="anti").sort(ID)
        side = pl.concat([side, late.rename({name: name[1:] for name in shared})], how="diagonal")
    return side.drop(shared, strict=False)
