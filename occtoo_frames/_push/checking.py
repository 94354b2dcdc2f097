"""One look at every row: which break a rule, and how many bytes each takes on the wire.

Takes a Source and its Renderer, gives what the rest of the plan is made of. A slice is in memory at a time; what
stays are a few bytes a row.
"""

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from occtoo_frames._frames.source import Source
from occtoo_frames._push.ahead import ahead
from occtoo_frames._push.cells import Renderer, place_of
from occtoo_frames._push.encoder import Encoder, Slice, slice_count, slice_rows
from occtoo_frames._push.growing import Growing
from occtoo_frames._push.keys import KeyRules
from occtoo_frames._push.problems import Place, problems
from occtoo_frames._push.repeated import repeated
from occtoo_frames.protocol.rules import PLATFORM_LIMITS


@dataclass(frozen=True, slots=True)
class Checked:
    """What was seen, one item for each row of the table.

    Attributes:
        sizes: Bytes of the row's entry on the wire, uint32.
        counts: How many values it sends, in the smallest unsigned type that holds it.
        digests: A hash of everything it sends, uint32; only of queries, which are run again to be sent.
        deletions: What each row says of its deletion, boolean or null; None if nothing says it.
        twice: The hashes of keys that more than one row has, uint64, ascending; good within this process only.
        clean: For each property, whether no value of the whole table must be escaped.
        problems: One frame of problems for each finding.
        examples: For each column, its first value as text, of entries that are not deleted.
    """

    sizes: npt.NDArray[np.uint32]
    counts: npt.NDArray[np.unsignedinteger]
    digests: npt.NDArray[np.uint32] | None
    deletions: pl.Series | None
    twice: npt.NDArray[np.uint64]
    clean: npt.NDArray[np.bool_]
    problems: list[pl.DataFrame]
    examples: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Look:
    """What was seen of one slice, without the slice: several wait to be gathered."""

    sizes: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    hashes: npt.NDArray[np.uint64]
    digests: npt.NDArray[np.uint32]
    deletions: pl.Series | None
    clean: npt.NDArray[np.bool_]
    problems: list[pl.DataFrame]
    examples: dict[str, str]


def check(source: Source, renderer: Renderer) -> Checked:
    """Every row of ``source`` looked at once."""
    encoder = Encoder(renderer.identities, renderer.clean)
    changeable = source.changeable
    examples: dict[str, str] = {}
    rules = KeyRules.of(source, renderer)

    def look(job: tuple[pl.DataFrame, int]) -> _Look:
        frame, first_row = job
        looked = renderer.look(frame)
        part = renderer.slice_of(frame, [one.text for one in looked])
        seen = encoder.measure(part, clean=[one.clean for one in looked])
        found = [*rules.problems(frame, part.keys, first_row)]
        found += renderer.refusals(frame, looked, part.keys, first_row)
        found += size_problems(seen.sizes, part.keys, np.arange(first_row, first_row + frame.height))
        return _Look(
            seen.sizes,
            seen.counts,
            part.keys.hash().to_numpy(),
            digest(part) if changeable else np.zeros(0, np.uint32),
            renderer.told_deletions(frame),
            seen.clean,
            found,
            _examples(renderer, part, examples),
        )

    found: list[pl.DataFrame] = [*renderer.column_problems(), *_flaws(source, renderer)]
    kept = _room(source, renderer, changeable=changeable)
    clean, deletions = np.ones(len(renderer.columns), bool), list[pl.Series]()
    for one in ahead(look, _numbered(source.slices(renderer.layout.columns, _rows_at_once(source, renderer)))):
        clean &= one.clean
        found += one.problems
        deletions += [] if one.deletions is None else [one.deletions]
        examples.update(one.examples | examples)
        for name, column in kept.items():
            column.extend(getattr(one, name))
    sizes, counts, hashes, digests = (column.items for column in kept.values())
    return Checked(
        sizes,
        counts,
        digests if changeable else None,
        pl.concat(deletions) if deletions else None,
        repeated(hashes),
        clean,
        found,
        examples,
    )


def _rows_at_once(source: Source, renderer: Renderer) -> int:
    """How many rows are looked at together."""
    most = slice_rows(len(renderer.columns))
    height = source.known_height
    return most if height is None else max(math.ceil(height / slice_count(height / most)), 1)


def _room(source: Source, renderer: Renderer, *, changeable: bool) -> dict[str, Growing]:
    """Room for what is kept of every row."""
    height = source.known_height
    return {
        "sizes": Growing(np.uint32, height),
        "counts": Growing(np.min_scalar_type(len(renderer.columns)), height),
        "hashes": Growing(np.uint64, height),
        "digests": Growing(np.uint32, height if changeable else 0),
    }


def _numbered(frames: Iterable[pl.DataFrame]) -> Iterator[tuple[pl.DataFrame, int]]:
    """Each slice with the position of its first row."""
    start = 0
    for frame in frames:
        yield frame, start
        start += frame.height


def digest(part: Slice) -> npt.NDArray[np.uint32]:
    """A hash of each entry of ``part``, to see whether a table has changed; good within this process only."""
    deleted = np.zeros(len(part.keys), bool) if part.deleted is None else part.deleted
    everything = (part.keys, pl.Series(deleted), *part.values)
    columns = [series.alias(str(position)) for position, series in enumerate(everything)]
    return pl.DataFrame(columns).hash_rows().to_numpy().astype(np.uint32)


def size_problems(sizes: npt.NDArray[np.int64], keys: pl.Series, rows: npt.NDArray[np.int64]) -> Iterator[pl.DataFrame]:
    """Entries larger than the platform takes; ``rows`` are the row positions of ``keys``."""
    limit = PLATFORM_LIMITS.max_entity_bytes
    large = np.flatnonzero(sizes > limit)
    if len(large):
        yield problems(
            "entity-size",
            "the entry takes " + pl.Series(sizes[large]).cast(pl.String) + f" bytes, {limit} is the most",
            "shorten its longest values, or send some of its properties elsewhere",
            rows=rows[large],
            keys=keys.gather(pl.Series(large)),
        )


def _flaws(source: Source, renderer: Renderer) -> Iterator[pl.DataFrame]:
    """What the engine could not hold of the columns that are looked at."""
    if not source.flaws:
        return
    needed = {*renderer.layout.key, renderer.layout.delete, renderer.layout.language}
    places = {column.column: place_of(column) for column in renderer.layout.properties if column.column not in needed}
    for flaw in source.flaws:
        if flaw.column in renderer.layout.columns:
            yield problems(
                flaw.rule,
                flaw.message,
                "mend the cells, or leave the column out of properties" if flaw.column in places else "mend the cells",
                rows=flaw.rows,
                keys=None if flaw.rows is None else renderer.keys_at(source, flaw.rows),
                values=None if flaw.rows is None else pl.Series(flaw.values, dtype=pl.String),
                place=places.get(flaw.column, Place(flaw.column)),
            )


def _examples(renderer: Renderer, part: Slice, known: Collection[str]) -> dict[str, str]:
    """The first value that is sent of each column of ``part`` that has one, but for those ``known`` already."""
    named = zip([column.column for column, _ in renderer.columns], part.values, strict=True)
    unknown = ((name, values) for name, values in named if name not in known)
    if part.deleted is not None:
        sent = pl.Series(~part.deleted)
        unknown = ((name, values.filter(sent)) for name, values in unknown)
    return {name: _first(values) for name, values in unknown if values.null_count() < len(values)}


def _first(values: pl.Series) -> str:
    """The first that is not null; mostly it stands at the beginning, where it need not be looked for."""
    first: str | None = values[0]
    return str(values.drop_nulls()[0]) if first is None else first
