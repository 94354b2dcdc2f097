"""What the tests of imports and queries share: families, imported and asked for."""

from datetime import date, datetime

import polars as pl

import occtoo_frames as of

FAMILY = pl.DataFrame({
    "entityId": ["f-1", "f-2", "f-3"],
    "name": ["Ann | Bo", "two\r\nlines", None],
    "members": [3, None, 2**62],
    "weight": [71.5, 1e-7, None],
    "born": [date(1990, 1, 2), None, date(1985, 12, 31)],
    "seen": [datetime(2026, 11, 22, 8, 30), None, datetime(2026, 1, 1)],
    "active": [True, False, None],
    "tags": [["a", "b"], None, ["c|d"]],
    "address": [{"city": "Oslo | #/#", "zip": 150}, None, {"city": None, "zip": None}],
    "notes": [[{"n": 1}], [], None],
})  # fmt: skip
TYPES = {"born": pl.Date, "seen": pl.Datetime}


def imported(frame=FAMILY, **options):
    """The report of an import of families."""
    return of.carecloud.import_file(frame, entity="family", key="entityId", **options)


def asked(**options):
    """The families that the portal holds."""
    return of.carecloud.query("family", frame="polars", schema=TYPES, **options)
