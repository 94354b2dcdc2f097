"""A table written as a sync file: every row checked, a slice in memory at a time, the file whole or not there.

Takes a Source, its Layout and a header; gives the SyncFile. Two looks at the table: the keys alone first, since a key
that stands twice is found only at the end, then everything.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import md5
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from occtoo_frames._frames.beside import beside, from_elsewhere
from occtoo_frames._frames.exit import to_kind
from occtoo_frames._frames.source import Source
from occtoo_frames._push.deletions import odd_deletions
from occtoo_frames._push.encoder import slice_rows
from occtoo_frames._push.escaping import bytes_of, contiguous
from occtoo_frames._push.growing import Growing
from occtoo_frames._push.problems import Place, gathered, problems
from occtoo_frames._push.rendering import Refusal
from occtoo_frames._push.repeated import repeated, stand_in
from occtoo_frames._push.shown import problem_lines
from occtoo_frames.carecloud.forms import escaped, text_refusals
from occtoo_frames.carecloud.layout import Layout
from occtoo_frames.exceptions import InvalidRowsError, PlanError
from occtoo_frames.protocol import cc5
from occtoo_frames.protocol.carecloud import KEY
from occtoo_frames.protocol.cc5 import Header
from occtoo_frames.typing import FrameKind, OnInvalid

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SyncFile:
    """A sync file on the disk, and what stands in it; a path wherever one is taken.

    Attributes:
        path: The file.
        header: Its first four lines.
        counts: rows of the table, upserts and deletes in the file, invalid rows that were left out, bytes.
        md5: The digest of its bytes, in hex.
    """

    path: Path
    header: Header
    counts: dict[str, int]
    md5: str
    found: pl.DataFrame = field(repr=False)
    kind: FrameKind = field(default="pandas", repr=False)
    left_out: Rows = field(default_factory=lambda: np.zeros(0, np.int64), repr=False)

    @property
    def ok(self) -> bool:
        """True if every row stands in the file."""
        return self.found.is_empty()

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.counts["bytes"]

    @property
    def problems(self) -> Any:
        """A frame of the caller's kind: row, key, column, property, language, rule, value, message, hint.

        ``value`` is always missing: what stands in these tables is personal.
        """
        return to_kind(self.found, self.kind)

    def rows_of(self, lines: Rows) -> Rows:
        """The 0-based row of the table that stands on each line (counted from 1); -1 for lines that hold none."""
        ranks = lines - cc5.FIRST_ROW_LINE
        rows = ranks + np.searchsorted(self.left_out - np.arange(len(self.left_out)), ranks, side="right")
        written = self.counts["upserts"] + self.counts["deletes"]
        return np.where((ranks >= 0) & (ranks < written), rows, -1)

    def __fspath__(self) -> str:
        return os.fspath(self.path)

    def __repr__(self) -> str:
        counts = ", ".join(f"{count:,} {name}" for name, count in self.counts.items() if count)
        return f"SyncFile({self.path.name!r}, {self.header.entity_type}: {counts or 'no rows'})"


def write_table(source: Source, layout: Layout, header: Header, path: Path, *, on_invalid: OnInvalid) -> SyncFile:
    """The file at ``path``, of the rows that have no problem.

    Raises:
        InvalidRowsError: A whole column has a problem, or a row has and ``on_invalid`` is ``"raise"``; then there is
            no new file.
        FileNotWrittenError: There can be no file at ``path``, or no room is left for it.
    """
    found = [*layout.problems, *_flaws(source, layout)]
    _refuse(gathered(found).filter(pl.col("row").is_null()), source)
    keys = _Keys(source, layout)
    found += keys.problems()
    with beside(path) as part:
        with part.open("wb") as stream:
            writing = _Writing(layout, stream, keys.total, [*found])
            writing.write(header.to_wire().encode())
            writing.table(source)
        whole = gathered(writing.found)
        if on_invalid == "raise":
            _refuse(whole, source)
    counts = {
        "rows": keys.total,
        "upserts": writing.upserts,
        "deletes": writing.deletes,
        "invalid": int(writing.bad.sum()),
        "bytes": writing.size,
    }
    return SyncFile(path, header, counts, writing.digest.hexdigest(), whole, source.kind, np.flatnonzero(writing.bad))


def _refuse(found: pl.DataFrame, source: Source) -> None:
    if found.is_empty():
        return
    rows = found["row"].n_unique() - int(found["row"].null_count() > 0)
    what = f"{rows:,} rows have problems" if rows else "whole columns have problems"
    raise InvalidRowsError(
        f"{what}; no file was written. Mend them (see .problems)"
        + (", or leave them out with on_invalid='skip'" if rows else ", or leave the columns out of properties")
        + f".{problem_lines(found)}",
        to_kind(found, source.kind),
    )


def keys_at(source: Source, layout: Layout, rows: Rows) -> pl.Series:
    """The keys of the rows at positions ``rows``, which ascend."""
    parts, start = [pl.Series("key", [], dtype=pl.String)], 0
    for frame in source.slices(list(layout.key)):
        low, high = np.searchsorted(rows, [start, start + frame.height])
        if high > low:
            here = pl.Series(rows[low:high] - start)
            parts.append(layout.keys(frame.select(pl.all().gather(here))))
        start += frame.height
    return pl.concat(parts)


class _Keys:
    """The keys of a table: how many, which are missing, cannot be written, or stand more than once."""

    def __init__(self, source: Source, layout: Layout) -> None:
        self._source, self._layout = source, layout
        self._found: list[pl.DataFrame] = []
        self.total, hashes = 0, Growing(np.uint64, source.known_height)
        for keys in self._keys():
            hashes.extend(keys.hash().to_numpy())
            self._found += self._wrong(keys, self.total)
            self.total += len(keys)
        self._twice = repeated(hashes.items)

    def problems(self) -> Iterator[pl.DataFrame]:
        """What is wrong with keys."""
        yield from self._found
        if not len(self._twice):
            return
        rows, keys = self._suspects()
        again = (keys.is_duplicated() & keys.is_not_null() & (keys != "")).fill_null(value=False)
        if again.any():
            message, hint = "the key stands in more than one row", "keep one row for each key"
            place = Place(None, KEY)
            yield problems(
                "key-duplicate", message, hint, rows=rows[again.to_numpy()], keys=keys.filter(again), place=place
            )

    def _keys(self) -> Iterator[pl.Series]:
        """All of them, a slice at a time."""
        return (self._layout.keys(frame) for frame in self._source.slices(list(self._layout.key)))

    def _suspects(self) -> tuple[Rows, pl.Series]:
        """The rows whose key has the hash of another's, and these keys."""
        rows, found, first = [np.zeros(0, np.int64)], [pl.Series("key", [], dtype=pl.String)], 0
        for keys in self._keys():
            here = np.flatnonzero(stand_in(self._twice, keys.hash().to_numpy()))
            rows.append(here + first)
            found.append(keys.gather(pl.Series(here)))
            first += len(keys)
        return np.concatenate(rows), pl.concat(found)

    def _wrong(self, keys: pl.Series, first: int) -> Iterator[pl.DataFrame]:
        missing = (keys.is_null() | (keys == "")).fill_null(value=True)
        place = Place(None, KEY)
        if missing.any():
            refusal = Refusal("key-missing", missing, "the key is missing", "fill it in, or drop the row")
            yield _cells(refusal, keys, first, place)
        for refusal in text_refusals(keys, empty=False):
            yield _cells(refusal, keys, first, place)


class _Writing:
    """The lines of a table going into a stream."""

    def __init__(self, layout: Layout, stream: IO[bytes], total: int, found: list[pl.DataFrame]) -> None:
        self._layout, self._stream = layout, stream
        self.found = found
        self.bad = np.zeros(total, np.bool_)
        for frame in found:
            self._mark(frame)
        self.upserts = self.deletes = self.size = 0
        self.digest = md5(usedforsecurity=False)

    def write(self, data: Any) -> None:
        """``data`` stands in the stream, counted and digested."""
        self._stream.write(data)
        self.digest.update(data)
        self.size += len(data)

    def table(self, source: Source) -> None:
        """Every good row stands in the stream, and the line of the count after them."""
        first = 0
        slices = source.slices(self._layout.needed, slice_rows(len(self._layout.columns)))
        for frame in from_elsewhere(slices):
            if first + frame.height > len(self.bad):
                raise PlanError("the table grew while it was written")
            self._slice(frame, first)
            first += frame.height
        if first < len(self.bad):
            raise PlanError("the table shrank while it was written")
        self.write(f"{cc5.END}{cc5.SEPARATOR}{self.upserts + self.deletes}\n".encode())

    def _slice(self, frame: pl.DataFrame, first: int) -> None:
        layout = self._layout
        keys, gone = layout.keys(frame), layout.deleted(frame)
        removed = gone if layout.deletes == "remove" else gone & False
        for refused in self._refusals(frame, keys, removed, first):
            self.found.append(refused)
            self._mark(refused)
        lines = self._lines(frame, keys, gone, removed)
        good = pl.Series(~self.bad[first : first + frame.height])
        if not good.all():
            lines, removed = lines.filter(good), removed.filter(good)
        self.deletes += int(removed.sum())
        self.upserts += len(lines) - int(removed.sum())
        if len(lines):
            self.write(bytes_of(contiguous(lines)).data)

    def _lines(self, frame: pl.DataFrame, keys: pl.Series, gone: pl.Series, removed: pl.Series) -> pl.Series:
        layout = self._layout
        cells = [column.form.write(frame[column.column]) for column in layout.columns]
        if layout.delete and layout.deletes == "disable":
            cells.append(gone.cast(pl.String))
        named = [each.alias(str(position)) for position, each in enumerate([escaped(keys), *cells])]
        table = pl.DataFrame([*named, removed.alias("removed")])
        upserts = pl.concat_str(
            pl.lit(cc5.UPSERT), pl.exclude("removed").fill_null(""), pl.lit("\n"), separator=cc5.SEPARATOR
        )
        if not removed.any():
            return table.select(upserts).to_series()
        deletes = pl.concat_str(pl.lit(cc5.DELETE + cc5.SEPARATOR), pl.col("0").fill_null(""), pl.lit("\n"))
        return table.select(pl.when("removed").then(deletes).otherwise(upserts)).to_series()

    def _refusals(
        self, frame: pl.DataFrame, keys: pl.Series, removed: pl.Series, first: int
    ) -> Iterator[pl.DataFrame]:  # fmt: skip
        if self._layout.delete is not None:
            for found in odd_deletions(frame[self._layout.delete], keys, first):
                yield found.with_columns(value=pl.lit(None, pl.String))
        for column in self._layout.columns:
            place = Place(column.column, column.field.name)
            for refusal in column.form.refuse(frame[column.column]):
                mask = refusal.mask & ~removed
                excused = refusal.rule == "value-empty" and self._layout.empty_text == "null"
                if mask.any() and not excused:
                    yield _cells(Refusal(refusal.rule, mask, refusal.message, refusal.hint), keys, first, place)

    def _mark(self, found: pl.DataFrame) -> None:
        self.bad[found["row"].drop_nulls().to_numpy()] = True


def _cells(refusal: Refusal, keys: pl.Series, first: int, place: Place) -> pl.DataFrame:
    rows = refusal.mask.arg_true()
    numbers = rows.cast(pl.Int64).to_numpy() + first
    return problems(refusal.rule, refusal.message, refusal.hint, rows=numbers, keys=keys.gather(rows), place=place)


def _flaws(source: Source, layout: Layout) -> Iterator[pl.DataFrame]:
    """What the engine could not hold of the columns that are looked at."""
    names = {column.column: column.field.name for column in layout.columns}
    for flaw in source.flaws:
        if flaw.column in layout.needed:
            place = Place(flaw.column, names.get(flaw.column, KEY))
            yield problems(flaw.rule, flaw.message, "mend the cells", rows=flaw.rows, place=place)
