"""All of an import: what became of every row.

Takes the file, the fate that the portal gave it and the table it was made of, gives the ImportReport. Every row has
one outcome; the outcomes add up to the rows. No value of the table is in it but keys.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from occtoo_frames._frames.exit import to_kind
from occtoo_frames._frames.source import Source
from occtoo_frames._push.kept_here import KeptHere
from occtoo_frames._push.outcomes import Outcome
from occtoo_frames._push.shown import failure_lines
from occtoo_frames.carecloud.conversation import Fate
from occtoo_frames.carecloud.sync_file import SyncFile
from occtoo_frames.exceptions import InvalidRowsError
from occtoo_frames.protocol.carecloud import discreet

_ERRORS = pl.Schema({
    "row": pl.Int64(), "line": pl.Int64(), "key": pl.String(), "column": pl.String(), "rule": pl.String(),
    "message": pl.String(),
})  # fmt: skip
_OUTCOMES = [outcome.value for outcome in Outcome]
_LEFT_OUT = "left out of the file"
_UNTOLD = "the portal refused more rows than it names"

Keys = Callable[[npt.NDArray[np.int64]], pl.Series]


@dataclass(frozen=True)
class ImportReport(KeptHere):
    """What became of every row of an import.

    Attributes:
        entity: The entity.
        outcome: What became of the rows that the portal says nothing about.
        state: The portal's own word for the file's state; empty if it said none.
        reason: Why the outcome is not ``accepted``, or None.
        action_id: The portal's id of the action.
        file_id: The portal's id of the file; for ``carecloud.status``.
        file: The sync file: its header, counts and problems. A temporary file is gone by now.
        requests: How many requests were made.
        retries: How many of them were repetitions.
        seconds: How long it took.
        bytes_sent: How many bytes of bodies were sent.
    """

    _HAND_ON = "hand on .to_dict(), .rows, .errors or .failed()"

    entity: str
    fate: Fate = field(repr=False)
    file: SyncFile = field(repr=False)
    requests: int
    retries: int
    seconds: float
    bytes_sent: int
    source: Source | None = field(default=None, repr=False)
    keys: Keys | None = field(default=None, repr=False)

    @property
    def _holds_table(self) -> bool:
        """True unless a file was imported."""
        return self.source is not None

    @property
    def outcome(self) -> Outcome:
        """See the class."""
        return self.fate.outcome

    @property
    def state(self) -> str:
        """See the class."""
        return self.fate.state

    @property
    def reason(self) -> str | None:
        """See the class."""
        return self.fate.reason

    @property
    def action_id(self) -> str:
        """See the class."""
        return self.fate.ticket.action_id

    @property
    def file_id(self) -> str:
        """See the class."""
        return self.fate.ticket.file_id

    @property
    def ok(self) -> bool:
        """True if every row was accepted."""
        return self.counts["accepted"] == self.file.counts["rows"]

    @cached_property
    def counts(self) -> dict[str, int]:
        """Rows by outcome, as a plain dict; they add up to the rows of the table."""
        return {name: int(np.count_nonzero(self._outcomes == code)) for code, name in enumerate(_OUTCOMES)}

    @cached_property
    def error_table(self) -> pl.DataFrame:
        """``errors`` as polars."""
        told = self.fate.errors
        lines = pl.Series("line", [error.line for error in told], dtype=pl.Int64)
        rows = pl.Series("row", self.file.rows_of(lines.fill_null(0).to_numpy()), dtype=pl.Int64)
        rows = rows.set(rows < 0, None)
        columns = [error.field or None for error in told]
        rules, messages = [error.code or None for error in told], [discreet(error.message) for error in told]
        keys = self._keys_at(rows)
        values = zip(_ERRORS, (rows, lines, keys, columns, rules, messages), strict=True)
        return pl.DataFrame(dict(values), schema=_ERRORS)

    @property
    def errors(self) -> Any:
        """A frame of what the portal said about fields and lines: row, line, key, column, rule, message.

        ``row`` is the 0-based row of the table, ``line`` the line of the file, counted from 1.
        """
        return to_kind(self.error_table, self.file.kind)

    @cached_property
    def row_table(self) -> pl.DataFrame:
        """``rows`` as polars."""
        height = self.file.counts["rows"]
        why = self.error_table.filter(pl.col("row").is_not_null()).group_by("row").agg(
            pl.col("rule").first(),
            pl.concat_str([pl.col("column") + ": ", "message"], ignore_nulls=True).first().alias("reason"),
        )  # fmt: skip
        problems = self.file.found.group_by("row").agg(
            pl.col("rule").first().alias("found_rule"),
            pl.concat_str([
                pl.lit(f"{_LEFT_OUT}: "), pl.col("column") + ": ", "message", pl.lit("; "), "hint"
            ], ignore_nulls=True).first().alias("found_reason"),
        )  # fmt: skip
        numbers = np.arange(height, dtype=np.int64)
        table = pl.DataFrame({
            "row": numbers,
            "key": self._keys_at(pl.Series(numbers)),
            "outcome": pl.Series(self._outcomes).replace_strict(
                range(len(_OUTCOMES)), _OUTCOMES, return_dtype=pl.String
            ),
        })  # fmt: skip
        general = pl.when(pl.col("outcome") == self.outcome).then(pl.lit(self.reason, pl.String))
        untold = pl.when(pl.col("outcome") == Outcome.UNKNOWN).then(pl.lit(_UNTOLD))
        accepted = pl.col("outcome") == Outcome.ACCEPTED
        joined = table.join(why, on="row", how="left", maintain_order="left")
        joined = joined.join(problems, on="row", how="left", maintain_order="left")
        reason = pl.when(~accepted).then(pl.coalesce("found_reason", "reason", general, untold))
        rule = pl.when(~accepted).then(pl.coalesce("found_rule", "rule"))
        return joined.select("row", "key", "outcome", rule.alias("rule"), reason.alias("reason"))

    @property
    def rows(self) -> Any:
        """A frame of the caller's kind with a row for each row of the table: row, key, outcome, rule, reason."""
        return to_kind(self.row_table, self.file.kind)

    @cached_property
    def failed_table(self) -> pl.DataFrame:
        """The rows of ``row_table`` that were not accepted."""
        return self.row_table.filter(pl.col("outcome") != Outcome.ACCEPTED)

    def failed(self) -> Any:
        """The table's own rows that were not accepted, then outcome, rule and reason; of a file only the latter."""
        told = self.failed_table
        if self.source is None:
            return to_kind(told, self.file.kind)
        reasons = told.select("outcome", "rule", "reason")
        positions = told["row"].to_numpy()
        if self.source.restore is None:
            own = self.source.rows(positions).drop(reasons.columns, strict=False)
            return to_kind(pl.concat([own, reasons], how="horizontal"), self.file.kind)
        frame = self.source.restore(positions).copy()
        for name in reasons.columns:
            frame[name] = reasons[name].to_list()
        return frame

    def raise_for_failures(self) -> None:
        """Returns if the import is ``ok``.

        Raises:
            InvalidRowsError: Rows were not accepted; ``.problems`` is the frame of ``failed()``.
        """
        if not self.ok:
            said = f"{self._told()}. Mend those that were rejected (see .problems) and import them again."
            raise InvalidRowsError(f"{said}{failure_lines(self.failed_table)}", self.failed())

    def to_dict(self) -> dict[str, Any]:
        """The report without its rows, as plain values that JSON can hold."""
        return {
            "entity": self.entity,
            "ok": self.ok,
            "counts": self.counts,
            "file": dict(self.file.counts),
            "outcome": str(self.outcome),
            "state": self.state,
            "reason": self.reason,
            "action_id": self.action_id,
            "file_id": self.file_id,
            "errors": self.error_table.to_dicts(),
            "requests": self.requests,
            "retries": self.retries,
            "bytes_sent": self.bytes_sent,
            "seconds": round(self.seconds, 3),
        }

    @cached_property
    def _outcomes(self) -> npt.NDArray[np.int8]:
        """The outcome of each row as its position in ``Outcome``."""
        outcomes = np.full(self.file.counts["rows"], _code(self.outcome), np.int8)
        named = self.error_table["row"].drop_nulls().unique().to_numpy()
        if self.outcome is Outcome.ACCEPTED and self.fate.refused > len(named):
            outcomes[:] = _code(Outcome.UNKNOWN)
        outcomes[named] = _code(Outcome.REJECTED)
        outcomes[self.file.left_out] = _code(Outcome.REJECTED)
        return outcomes

    def _keys_at(self, rows: pl.Series) -> pl.Series:
        """The key of each row; null where it is not known."""
        known = rows.drop_nulls().unique().sort()
        if self.keys is None or known.is_empty():
            return pl.Series("key", [None] * len(rows), dtype=pl.String)
        keys = pl.DataFrame({"row": known, "key": self.keys(known.to_numpy())})
        return rows.alias("row").to_frame().join(keys, on="row", how="left", maintain_order="left")["key"]

    def _told(self) -> str:
        said = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in self.counts.items() if count)
        return f"{self.file.counts['rows']:,} rows to {self.entity}: {said or 'none'}"

    def __repr__(self) -> str:
        lines: Sequence[str | None] = (
            f"ImportReport: {self._told()}",
            f"  action {self.action_id}, file {self.file_id}, state {self.state or 'unknown'}",
            f"  {self.requests:,} requests, {self.bytes_sent:,} bytes in {self.seconds:.1f} s",
            self.reason and f"  {self.reason}",
            None if self.ok else "  .failed() gives the rows that did not land, .errors what the portal said",
        )
        return "\n".join(line for line in lines if line)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self))}</pre>"


def _code(outcome: Outcome) -> int:
    return _OUTCOMES.index(outcome)
