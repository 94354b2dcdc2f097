"""A sync file read: its head, what stands in it, and its rows as a frame.

Takes a path, gives a Header, a SyncFile or a polars frame; a block of the file is in memory at a time. Values are read
as their field's type says, or as the caller's dtype; a cell that is neither is a problem with its row and column, and
is not shown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path

import polars as pl

from occtoo_frames._push.problems import Place, gathered, problems
from occtoo_frames.carecloud.cells import parsed
from occtoo_frames.carecloud.sync_file import SyncFile
from occtoo_frames.exceptions import ConfigurationError, UnsupportedFrameError
from occtoo_frames.protocol import cc5
from occtoo_frames.protocol.cc5 import Header

_BLOCK = 2 << 20
_HEAD_BYTES = 1 << 20
GONE = "delete"
"""The column that says which rows are deletions, in a file that has some."""


def read_header(path: Path) -> Header:
    """What the first four lines of the file say.

    Raises:
        UnsupportedFrameError: It is no sync file.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    try:
        return Header.from_wire(b"\n".join(head.split(b"\n", cc5.HEADER_LINES)[: cc5.HEADER_LINES]).decode())
    except (ValueError, UnicodeDecodeError) as error:
        why = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        raise UnsupportedFrameError(f"{path.name} is no sync file: {why}") from None


def inspect_file(path: Path) -> SyncFile:
    """The file with its counts and digest, its cells not looked at.

    Raises:
        UnsupportedFrameError: It is no sync file, or its last line counts other rows than there are.
    """
    header, digest, size = read_header(path), md5(usedforsecurity=False), 0
    kinds = {cc5.UPSERT: 0, cc5.DELETE: 0}
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
            size += len(block)
    end = None
    for lines in _blocks(path):
        codes = lines.str.slice(0, 3)
        for code in kinds:
            kinds[code] += int((codes == f"{code}{cc5.SEPARATOR}").sum())
        end = _end(lines, end, path)
    _check_end(end, sum(kinds.values()), path)
    counts = {"rows": sum(kinds.values()), "upserts": kinds[cc5.UPSERT], "deletes": kinds[cc5.DELETE]}
    nothing = gathered([])
    return SyncFile(path, header, {**counts, "invalid": 0, "bytes": size}, digest.hexdigest(), nothing)


@dataclass(frozen=True, slots=True)
class Read:
    """The rows of a file, and what is wrong with some of them."""

    frame: pl.DataFrame
    problems: pl.DataFrame


def read_rows(path: Path, schema: Mapping[str, pl.DataType] | None = None, delete: str | None = None) -> Read:
    """Every row of the file, in order.

    Args:
        path: The file.
        schema: The dtypes of some fields, instead of those that the file says.
        delete: The name of the column that says which rows are deletions; without one it is called ``delete`` and
            is there only if there are some.

    Raises:
        UnsupportedFrameError: It is no sync file, or its last line counts other rows than there are.
        ConfigurationError: ``delete`` is the name of a field.
    """
    header = read_header(path)
    if delete in {each.name for each in header.fields}:
        raise ConfigurationError(f"delete={delete!r}: the file has a field of this name; choose another")
    parts, found, end, first = [_nothing(header)], [], None, 0
    for lines in _blocks(path):
        end = _end(lines, end, path)
        codes = lines.str.slice(0, 3)
        rows = lines.filter(codes.is_in([f"{cc5.UPSERT}{cc5.SEPARATOR}", f"{cc5.DELETE}{cc5.SEPARATOR}"]))
        cut, wrong = _cut(rows, header, first)
        parts.append(cut)
        found.append(wrong)
        first += len(rows)
    _check_end(end, first, path)
    texts = pl.concat(parts, rechunk=True)
    columns, refused = _columns(texts, header, schema or {})
    gone = texts[_GONE]
    if delete is not None or gone.any():
        columns.append(gone.alias(delete or GONE))
    return Read(pl.DataFrame(columns), gathered([*found, *refused]))


_GONE = "|"
"""The name of no field."""


def _nothing(header: Header) -> pl.DataFrame:
    return pl.DataFrame(schema={**{each.name: pl.String() for each in header.fields}, _GONE: pl.Boolean()})


def _blocks(path: Path) -> Iterator[pl.Series]:
    """The lines after the head, some at a time, without their ends; empty lines left out."""
    with path.open("rb") as stream:
        for _ in range(cc5.HEADER_LINES):
            stream.readline(_HEAD_BYTES)
        rest = b""
        while block := stream.read(_BLOCK):
            whole, _, after = block.rpartition(b"\n")
            if whole or block.startswith(b"\n"):
                yield _lines(rest + whole, path)
                rest = after
            else:
                rest += block
        if rest:
            yield _lines(rest, path)


def _lines(block: bytes, path: Path) -> pl.Series:
    try:
        text = block.decode()
    except UnicodeDecodeError:
        raise UnsupportedFrameError(f"{path.name} is no sync file: it is not UTF-8") from None
    lines = pl.Series([text]).str.split("\n").explode()
    return (lines.str.strip_suffix("\r") if "\r" in text else lines).replace("", None).drop_nulls()


def _end(lines: pl.Series, before: int | None, path: Path) -> int | None:
    """What the last line counts, as far as it was met; nothing may stand after it, and nothing else between."""
    codes = lines.str.slice(0, 3)
    known = codes.is_in([f"{code}{cc5.SEPARATOR}" for code in (cc5.UPSERT, cc5.DELETE, cc5.END)])
    if not known.all():
        raise UnsupportedFrameError(f"{path.name} holds a line that is no row 10, 90 or 99")
    ends = (codes == f"{cc5.END}{cc5.SEPARATOR}").arg_true()
    if (before is not None and len(lines)) or (len(ends) and ends[0] != len(lines) - 1):
        raise UnsupportedFrameError(f"{path.name} goes on after its line 99")
    if not len(ends):
        return before
    count = lines[-1].split(cc5.SEPARATOR)[1]
    return int(count) if count.isdecimal() else -1


def _check_end(end: int | None, rows: int, path: Path) -> None:
    if end is None:
        raise UnsupportedFrameError(f"{path.name} has no line 99: it was cut off")
    if end != rows:
        raise UnsupportedFrameError(f"{path.name} counts other rows in its line 99 than the {rows:,} that it has")


def _cut(rows: pl.Series, header: Header, first: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The cells of some rows as texts, and a problem for each row that has more or fewer of them than it should."""
    names = [each.name for each in header.fields]
    gone = rows.str.starts_with(cc5.DELETE)
    marks = rows.str.count_matches(cc5.SEPARATOR, literal=True)
    width = pl.select(pl.when(gone).then(len(header.keys)).otherwise(len(names))).to_series()
    ended = rows.str.ends_with(cc5.SEPARATOR)
    wrong = ~(((marks == width) & gone) | ((marks == width + 1) & ended))
    cells = rows.str.split_exact(cc5.SEPARATOR, len(names) + 1).struct.unnest()
    texts = cells.select(cells.columns[1 : len(names) + 1]).rename(dict(zip(cells.columns[1:], names, strict=False)))
    texts = texts.with_columns(pl.when(wrong).then(None).otherwise(pl.all()).name.keep(), gone.alias(_GONE))
    if not wrong.any():
        return texts, gathered([])
    at = wrong.arg_true().cast(pl.Int64).to_numpy() + first
    return texts, problems("value-type", "the row has more or fewer values than there are fields", "mend it", rows=at)


def _columns(
    texts: pl.DataFrame, header: Header, schema: Mapping[str, pl.DataType]
) -> tuple[list[pl.Series], list[pl.DataFrame]]:
    keys = texts[header.keys[0]]
    columns, found = [], []
    for each in header.fields:
        cells = texts[each.name]
        values, lost = parsed(cells, each.type, schema.get(each.name))
        columns.append(values.alias(each.name))
        wrong = pl.Series(lost)
        if wrong.any():
            at = wrong.arg_true()
            wanted = each.type if each.name not in schema else str(schema[each.name])
            found.append(problems(
                "value-type", f"the text is no {wanted}", "mend the cell, or name another dtype in schema",
                rows=at.cast(pl.Int64).to_numpy(), keys=keys.gather(at), place=Place(each.name, each.name),
            ))  # fmt: skip
    return columns, found
