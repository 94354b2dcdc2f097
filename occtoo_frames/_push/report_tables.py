"""What receipts say, as tables.

Takes the receipts of a push, gives a polars frame of them, and one of what each says of its rows.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from occtoo_frames._push.delivery import Receipt

TOLD: Mapping[str, type[pl.DataType]] = {
    "rule": pl.String,
    "reason": pl.String,
    "batch": pl.Int64,
    "attempts": pl.Int64,
    "request_id": pl.String,
}
"""What a receipt says of each row that it covers."""

_BATCHES: Mapping[str, type[pl.DataType]] = {
    "batch": pl.Int64,
    "entries": pl.Int64,
    "outcome": pl.String,
    "rule": pl.String,
    "reason": pl.String,
    "attempts": pl.Int64,
    "status": pl.Int64,
    "request_id": pl.String,
    "bytes_sent": pl.Int64,
    "resent": pl.Boolean,
}


def told_table(receipts: Sequence[Receipt], why_unsent: str | None) -> pl.DataFrame:
    """A row for each receipt, then one for what no receipt covers, and one for what needed no sending."""
    rows = [
        *((receipt.rule, receipt.reason, receipt.batch, receipt.attempts, receipt.request_id) for receipt in receipts),
        (None, why_unsent, None, 0, None),
        (None, None, None, 0, None),
    ]
    return pl.DataFrame(rows, schema=TOLD, orient="row")


def batch_table(receipts: Sequence[Receipt]) -> pl.DataFrame:
    """A row for each receipt; see ``PushReport.batches``."""
    rows = [
        (
            receipt.batch,
            receipt.count,
            str(receipt.outcome),
            receipt.rule,
            receipt.reason,
            receipt.attempts,
            receipt.status,
            receipt.request_id,
            receipt.bytes_sent,
            receipt.resent,
        )
        for receipt in receipts
    ]
    return pl.DataFrame(rows, schema=_BATCHES, orient="row")
