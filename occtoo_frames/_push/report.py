"""All of a push: what became of every row.

Takes the plan, what of it was sent, and the receipts of its batches, gives the PushReport. Every row has exactly one
outcome; the outcomes add up to the rows.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from occtoo_frames._frames.exit import to_kind
from occtoo_frames._push.by_row import V, of_entries, of_rows
from occtoo_frames._push.delivery import Receipt
from occtoo_frames._push.kept_here import KeptHere
from occtoo_frames._push.outcomes import FAILURES, Outcome
from occtoo_frames._push.plan import PushPlan
from occtoo_frames._push.problems import with_problems
from occtoo_frames._push.report_tables import TOLD, batch_table, told_table
from occtoo_frames._push.reread import as_pushed, stands_in_file
from occtoo_frames._push.told import OWN_REASONS, REASONS
from occtoo_frames.exceptions import ConfigurationError, InvalidRowsError, OcctooError

_OUTCOMES = [outcome.value for outcome in Outcome]
_STOPPED = "the run stopped before its batch was sent"
_DRY = "nothing is sent in a dry run"
_MOST_KEPT = 2_000_000
"""How many cells of rows that failed are held for later."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What of a plan was sent, if that was not all of it.

    Attributes:
        chosen: For each entry of the plan whether it was sent; the others needed no sending.
        vanished: How many entries were sent to be deleted, after all others, because their keys vanished.
        mirrored: Whether it was looked for such keys.
    """

    chosen: npt.NDArray[np.bool_]
    vanished: int = 0
    mirrored: bool = False


@dataclass(frozen=True, eq=False)
class PushReport(KeptHere):
    """What became of every row of a push.

    Attributes:
        counts: accepted, rejected, not_sent, unknown, unchanged; they add up to the rows. With ``mirror`` there is
            deleted, and of a dry run creates, updates, deletes, invalid, bytes, requests, beside that sum.
        requests: How many import requests were made.
        retries: How many of them were repetitions.
        seconds: How long the run took.
        waited_s: How many seconds of it were spent waiting at the server's word or between attempts.
        bytes_sent: How many bytes of bodies were sent, counted before compression.
        stopped: Why the run ended early, or a dry run says that it would not begin, or None.
        forecast: What a run would do, if this was a dry run; else None.
    """

    _HAND_ON = "hand on .to_dict(), .rows, .batches or .failed()"

    plan: PushPlan = field(repr=False)
    target: str
    receipts: Sequence[Receipt] = field(repr=False)
    requests: int
    retries: int
    seconds: float
    waited_s: float
    bytes_sent: int
    stopped: str | None = None
    verifier: Any = field(default=None, repr=False)
    sent: Sent | None = field(default=None, repr=False)
    forecast: Mapping[str, int] | None = None

    @property
    def ok(self) -> bool:
        """True if every row was accepted or needed no sending; of a dry run, if every row could be sent.

        A row that gave way to another one of its key, as ``duplicates`` says, needed none.
        """
        if self.forecast is not None:
            return not self.counts["rejected"] and self.stopped is None
        vanished = 0 if self.sent is None else self.sent.vanished
        failures = sum(self.counts[name] for name in FAILURES) - self._gave_way
        return not failures and self.counts.get("deleted", 0) == vanished

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was decided of the table that may not be meant; those of the plan."""
        return self.plan.warnings

    @cached_property
    def counts(self) -> dict[str, int]:
        """Rows by outcome, as a plain dict; they add up to the rows, other numbers stand beside."""
        counts = {name: int(np.count_nonzero(self._outcomes == code)) for code, name in enumerate(_OUTCOMES)}
        if self.sent is not None and self.sent.mirrored:
            counts["deleted"] = self._deleted
        return counts | dict(self.forecast or {})

    @property
    def _gave_way(self) -> int:
        """How many rows were not sent because another one of their key was, which is what was asked for."""
        return int(np.count_nonzero(self._outcomes[self.plan.dropped] == _OUTCOMES.index(Outcome.NOT_SENT)))

    @property
    def _deleted(self) -> int:
        """How many entries are deleted now because their keys had vanished."""
        first = int(np.count_nonzero(self._chosen))
        accepted = [receipt for receipt in self.receipts if receipt.outcome is Outcome.ACCEPTED]
        return sum(max(0, receipt.first + receipt.count - max(first, receipt.first)) for receipt in accepted)

    @property
    def _chosen(self) -> npt.NDArray[np.bool_]:
        """For each entry of the plan whether it was sent."""
        return np.ones(len(self.plan.sizes), bool) if self.sent is None else self.sent.chosen

    @cached_property
    def _outcomes(self) -> npt.NDArray[np.int8]:
        """The outcome of each row as its position in ``Outcome``."""
        told = [*(receipt.outcome for receipt in self.receipts), Outcome.NOT_SENT, Outcome.UNCHANGED]
        outcomes = self._of_rows(np.array([_OUTCOMES.index(outcome) for outcome in told], np.int8))
        rejected = self.plan.found["row"]
        outcomes[slice(None) if rejected.null_count() else rejected.to_numpy()] = _OUTCOMES.index(Outcome.REJECTED)
        return outcomes

    def _of_rows(self, values: npt.NDArray[V]) -> npt.NDArray[V]:
        """For each row one of ``values``: one for each receipt, for no receipt, and for what needed no sending."""
        return of_rows(self.plan.entry_of_row, of_entries(self.receipts, values, self._chosen))

    @cached_property
    def rows(self) -> Any:
        """A frame of the caller's kind with a row for each row of the input, in its order.

        Columns: row, key, outcome, rule, reason, batch, attempts, request_id.

        Raises:
            PlanError: A file was pushed, and it has changed since.
        """
        return to_kind(self.row_table, self.plan.source.kind)

    @cached_property
    def row_table(self) -> pl.DataFrame:
        """``rows`` as polars."""
        return self._told_of(np.arange(len(self.plan.entry_of_row)))

    @cached_property
    def failed_table(self) -> pl.DataFrame:
        """The rows of ``row_table`` that ``failed()`` gives: all that did not arrive; of a dry run, could not."""
        return self._told_of(self._failed_at)

    @cached_property
    def _failed_at(self) -> npt.NDArray[np.int64]:
        """The positions of these rows."""
        failures = FAILURES if self.forecast is None else (Outcome.REJECTED,)
        return np.flatnonzero(np.isin(self._outcomes, [_OUTCOMES.index(one) for one in failures]))

    @cached_property
    def _failed_rows(self) -> pl.DataFrame:
        """These rows as they came."""
        source = self.plan.source
        return as_pushed(source, lambda: source.rows(self._failed_at))

    def keep_failed(self) -> None:
        """The failed rows of a file are held from now on, if they are not too many: it will be mended and written."""
        source = self.plan.source
        if stands_in_file(source) and 0 < len(self._failed_at) * len(source.columns) <= _MOST_KEPT:
            with suppress(OcctooError, OSError):  # it is another file already: whoever asks for the rows is told
                _ = self.failed_table, self._failed_rows

    def _told_of(self, rows: npt.NDArray[np.int64]) -> pl.DataFrame:
        """What there is to tell of ``rows``, which ascend."""
        told, source = told_table(self.receipts, self._why_unsent), self.plan.source
        table = told[self._of_rows(np.arange(told.height))[rows]].with_columns(
            row=pl.Series(rows),
            key=as_pushed(source, lambda: self.plan.renderer.keys_at(source, rows)),
            outcome=pl.Series(self._outcomes[rows]).replace_strict(
                range(len(_OUTCOMES)), _OUTCOMES, return_dtype=pl.String
            ),
        )
        table = with_problems(table, self.plan.found, self.plan.dropped)
        return table.select("row", "key", "outcome", "rule", "reason", *list(TOLD)[2:])

    @property
    def _why_unsent(self) -> str | None:
        """What is said of rows that no receipt covers."""
        if self.forecast is not None:
            return _DRY
        return self.stopped and f"{_STOPPED}: {self.stopped}"

    @cached_property
    def batches(self) -> Any:
        """A frame of the caller's kind with a row for each receipt, a batch being more than one if it was divided.

        Columns: batch, entries, outcome, rule, reason, attempts, status, request_id, bytes_sent, resent.
        """
        return to_kind(batch_table(self.receipts), self.plan.source.kind)

    def failed(self) -> Any:
        """The input's own rows that were rejected, not sent or unknown, ready to be mended and pushed again.

        The caller's columns (and pandas index) as they came, then ``outcome``, ``rule`` and ``reason``, or
        ``push_outcome``, ``push_rule`` and ``push_reason`` if the table has one of these itself. A plan does not send
        them. Rows that gave way to another one of their key stand here too, as not sent; planned again they are
        problems, until they are taken out or their rule is emptied.

        Raises:
            PlanError: A file was pushed that has changed since, and its failed rows are not held: the push was
                interrupted, or they were very many.
        """
        told = self.failed_table
        source = self.plan.source
        taken = set(REASONS) & set(source.columns)
        names = self.plan.renderer.layout.told or (OWN_REASONS if taken else REASONS)
        reasons = told.select(REASONS).rename(dict(zip(REASONS, names, strict=True)))
        if source.restore is None:
            own = self._failed_rows.drop(names, strict=False)
            return to_kind(pl.concat([own, reasons], how="horizontal"), source.kind)
        frame = source.restore(self._failed_at).drop(columns=list(names), errors="ignore")
        for name in reasons.columns:
            frame[name] = reasons[name].to_list()
        return frame

    def raise_for_failures(self) -> None:
        """Returns if the push is ``ok``.

        Raises:
            InvalidRowsError: Rows were rejected, not sent or unknown; ``.problems`` is the frame of ``failed()``.
        """
        if not self.ok:
            from occtoo_frames._push.shown import failure_lines

            said = f"{self._told()}. Mend those that were rejected (see .problems) and push them all again."
            raise InvalidRowsError(f"{said}{failure_lines(self.failed_table)}", self.failed())

    def verify(self, url: str) -> Any:
        """Reads the destination endpoint at ``url`` back and compares what was accepted; a frame of differences.

        Columns: key, property, language, sent, read. Empty if everything that was accepted came back. An import is
        visible some time after it was accepted, so differences are waited for a little before they are told. A value
        in a language that the endpoint does not publish did not come back: what was read is ``(not published)``.
        A property called ``id`` is not compared, since destinations give the key of an entry as its id; ``warnings``
        names it.

        Raises:
            ConfigurationError: This was a dry run, or ``url`` is no address of an endpoint.
            PlanError: A file was pushed, and it has changed since.
            ResponseError: The endpoint cannot be read.
        """
        if self.forecast is not None:
            raise ConfigurationError("a dry run sends nothing, so there is nothing to verify: push first")
        return self.verifier(self, url)

    def to_dict(self) -> dict[str, Any]:
        """The report without its rows, as plain values that JSON can hold."""
        return {
            "source": self.target,
            "ok": self.ok,
            "counts": self.counts,
            "plan": dict(self.plan.counts),
            "dry_run": self.forecast is not None,
            "requests": self.requests,
            "retries": self.retries,
            "bytes_sent": self.bytes_sent,
            "seconds": round(self.seconds, 3),
            "waited_s": round(self.waited_s, 3),
            "stopped": self.stopped,
            "warnings": list(self.warnings),
        }

    def _told(self) -> str:
        from occtoo_frames._push.shown import counted

        said = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in self.counts.items() if count)
        return f"{counted(len(self.plan.entry_of_row), 'row')} to {self.target!r}: {said or 'none'}"

    def __repr__(self) -> str:
        from occtoo_frames._push.shown import report_text

        return report_text(self)

    def _repr_html_(self) -> str:
        from occtoo_frames._push.shown import report_html

        return report_html(self)
