"""Pages of every type of property, decoded."""

import polars as pl

from occtoo_frames._read.decode import Decoder
from occtoo_frames._read.document import Property
from occtoo_frames._read.page import open_page

DECIMAL = pl.Decimal(38, 18)
MOMENT = pl.Datetime("us", "UTC")
PART = pl.Struct({"id": pl.String(), "price": DECIMAL, "at": MOMENT, "more": pl.List(pl.Struct({"n": pl.Int64()}))})
PROPERTIES = (
    Property("id", pl.String()),
    Property("text", pl.String()),
    Property("whole", pl.Int64()),
    Property("big", pl.UInt64()),
    Property("price", DECIMAL),
    Property("ratio", pl.Float64()),
    Property("active", pl.Boolean()),
    Property("at", MOMENT),
    Property("day", pl.Date()),
    Property("tags", pl.List(pl.String())),
    Property("parts", pl.List(PART)),
    Property("open", pl.String(), loose=True),
    Property("texts", pl.List(pl.String()), loose=True),
)
DECODER = Decoder(PROPERTIES)


def decode(*rows: str) -> pl.DataFrame:
    """The rows as a decoded page."""
    return DECODER.decode(open_page(b'{"results":[' + ",".join(rows).encode() + b"]}", 2))
