"""Random tables of every kind that a sync file can hold, with texts that are hard on it."""

from datetime import date, datetime

import polars as pl
from hypothesis import strategies as st

NASTY = st.lists(
    st.sampled_from(
        ["a", "å", "|", "#", "/", "#/#", "#Enter#", "Enter", "\n", "\r\n", "\r", " ", ",", '"', "\\", "€", "0"]
    ),
    max_size=6,
).map("".join)
TEXT = NASTY | st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8)
MOMENTS = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(lambda moment: moment.replace(microsecond=0))
FINITE = st.floats(allow_nan=False, allow_infinity=False)
INTEGERS = st.integers(-(2**63), 2**63 - 1)

COLUMNS = {
    "text": (pl.String(), TEXT),
    "int": (pl.Int64(), INTEGERS),
    "unsigned": (pl.UInt64(), st.integers(0, 2**64 - 1)),
    "float": (pl.Float64(), FINITE),
    "decimal": (pl.Decimal(38, 4), st.decimals(-(10**20), 10**20, places=4)),
    "bool": (pl.Boolean(), st.booleans()),
    "day": (pl.Date(), st.dates(date(1, 1, 1), date(9999, 12, 31))),
    "moment": (pl.Datetime("us"), MOMENTS),
    "choice": (pl.Enum(["a|b", "c", "#"]), st.sampled_from(["a|b", "c", "#"])),
    "texts": (pl.List(pl.String()), st.lists(TEXT, max_size=3)),
    "numbers": (pl.List(pl.Int64()), st.lists(INTEGERS, max_size=3)),
    "struct": (
        pl.Struct({"name": pl.String(), "size": pl.Int64()}),
        st.fixed_dictionaries({"name": st.none() | TEXT, "size": st.none() | INTEGERS}),
    ),
    "structs": (
        pl.List(pl.Struct({"note": pl.String()})),
        st.lists(st.fixed_dictionaries({"note": st.none() | TEXT}), max_size=2),
    ),
}
"""The dtype of each column, and what stands in it."""


@st.composite
def tables(draw: st.DrawFn) -> pl.DataFrame:
    """A table of some of these columns, with a key."""
    keys = draw(st.lists(TEXT, unique=True, max_size=6))
    chosen = draw(st.lists(st.sampled_from(sorted(COLUMNS)), unique=True))
    columns = [pl.Series("key", keys, dtype=pl.String)]
    for name in chosen:
        dtype, values = COLUMNS[name]
        cells = draw(st.lists(st.none() | values, min_size=len(keys), max_size=len(keys)))
        columns.append(pl.Series(name, cells, dtype=dtype, strict=False))
    return pl.DataFrame(columns)


def as_read(table: pl.DataFrame) -> pl.DataFrame:
    """The table with the one change that is documented: a line feed for a carriage return and line feed."""
    plain = [
        pl.col(name).str.replace_all("\r\n", "\n", literal=True)
        if dtype == pl.String
        else pl.col(name).list.eval(pl.element().str.replace_all("\r\n", "\n", literal=True))
        for name, dtype in table.schema.items()
        if dtype in {pl.String, pl.List(pl.String)}
    ]
    return table.with_columns(plain)
