"""``where`` and ``exclude`` with values as frames give them, and with thousands of them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading_box import Box

from occtoo_frames._api.read import read_destination
from occtoo_frames._read.accepts import Accepts
from occtoo_frames._read.document import Endpoint, Property
from occtoo_frames._read.where import select
from occtoo_frames.exceptions import ConfigurationError
from occtoo_frames.typing import between

_NOON = datetime(2026, 10, 25, tzinfo=UTC)
_MOMENTS = [_NOON + timedelta(minutes=30 * half) for half in range(5)]
_DECIMALS = [Decimal(0), Decimal("-0.00"), Decimal("1.5"), Decimal("1E+19"), Decimal("0.000000000000000001")]
_HELD: dict[Any, list[Any]] = {
    pl.String: ["", "a", "A", "å", "null", "1"],
    pl.Boolean: [True, False],
    pl.Int8: [-128, 0, 127],
    pl.Int64: [-(2**63), 0, 2**53, 2**53 + 1, 2**63 - 1],
    pl.UInt64: [0, 2**64 - 1, 2**53 + 1],
    pl.Float32: [0.0, -0.0, 0.1, 1e30],
    pl.Float64: [0.0, -0.0, 0.1, 0.1 + 0.2, 1e300],
    pl.Decimal(38, 18): _DECIMALS,
    pl.Date: [date(1, 1, 1), date(2026, 1, 1), date(9999, 12, 31)],
    pl.Datetime("us", "UTC"): _MOMENTS,
    pl.Datetime("ns", "Europe/Stockholm"): _MOMENTS,
    pl.Datetime("ms", None): _MOMENTS,
}


def _held(dtype: Any, values: list[Any]) -> pl.Series:
    """A column of the values, moments in its own zone."""
    if not isinstance(dtype, pl.Datetime):
        return pl.Series("v", values, dtype=dtype)
    moments = pl.Series("v", values, dtype=pl.Datetime(dtype.time_unit, "UTC"))
    zone = dtype.time_zone
    return moments.dt.convert_time_zone(zone) if zone else moments.dt.replace_time_zone(None)


def _one_by_one(column: pl.Expr, values: list[Any], dtype: Any) -> pl.Expr:
    """A term for each value, joined by *or*: what the values mean."""
    parts = [column.is_null() if value is None else column == pl.lit(_held(dtype, [value])).first() for value in values]
    return reduce(or_, parts, pl.lit(False)).fill_null(value=False)


@given(data=st.data(), dtype=st.sampled_from(list(_HELD)), listed=st.booleans(), excluded=st.booleans())
def test_values_together_mean_what_they_mean_one_by_one(data: Any, dtype: Any, *, listed: bool, excluded: bool) -> None:
    """In every type, with nulls in the column, among the values, and in lists."""
    one = st.none() | st.sampled_from(_HELD[dtype])
    values = data.draw(st.lists(one, max_size=6))
    cells = data.draw(st.lists(st.none() | st.lists(one, max_size=3) if listed else one, max_size=8))
    if listed:
        flat = _held(dtype, [item for cell in cells for item in (cell or [])]).to_frame()
        rows = pl.Series("row", [row for row, cell in enumerate(cells) for _ in (cell or [])], dtype=pl.Int64)
        hits = set(rows.filter(flat.select(found=_one_by_one(pl.col("v"), values, dtype)).to_series()).to_list())
        expected = [row in hits or (cell is None and None in values) for row, cell in enumerate(cells)]
        grouped = flat.with_columns(rows).group_by("row").agg("v")
        at = pl.DataFrame({"row": pl.Series(range(len(cells)), dtype=pl.Int64)})
        column = at.join(grouped, on="row", how="left", maintain_order="left")["v"]
        empty = pl.Series([cell == [] for cell in cells], dtype=pl.Boolean)
        frame = column.to_frame().with_columns(
            v=pl.when(empty).then(pl.lit([], dtype=column.dtype)).otherwise(pl.col("v"))
        )
    else:
        frame = _held(dtype, cells).to_frame()
        expected = frame.with_columns(found=_one_by_one(pl.col("v"), values, dtype))["found"].to_list()
    endpoint = Endpoint("e", (Property("v", frame.schema["v"]),), Accepts(), False, ())
    selection = select(endpoint, *(({}, {"v": values}) if excluded else ({"v": values}, {})))
    assert selection.expr is not None
    found = frame.with_columns(found=selection.expr)["found"].to_list()
    assert found == [hit is not excluded for hit in expected]


_MANY = 5_000


@pytest.fixture(scope="module")
def many(box: Box) -> str:
    """The address of entries of thousands of values, some of which lack a text."""
    source = box.source()
    box.put(
        source,
        {
            f"k{n:04}": [("n", str(n), None), ("tags", f"t{n}|u", None), *([("word", f"w{n}", None)] if n % 2 else [])]
            for n in range(_MANY)
        },
    )
    types = {"n": "Integer", "tags": "List", "word": "Text"}
    return box.platform.publish("many", "m", source=source, languages=["en"], types=types)


@pytest.mark.parametrize("options", [{}, {"types": {"n": pl.Float64, "word": pl.String}}], ids=["asked", "here"])
def test_thousands_of_values_are_looked_up_together(box: Box, many: str, options: dict[str, Any]) -> None:
    """Whether the platform is asked or the values are compared here; each of these took minutes as a term a value."""
    asked = {
        "id": [f"k{n:04}" for n in range(1, 2 * _MANY, 2)],
        "n": np.arange(1, 2 * _MANY, 2),
        "tags": [f"t{n}" for n in range(1, 2 * _MANY, 2)],
        "word": [f"w{n}" for n in range(_MANY)],
    }
    common: dict[str, Any] = {"columns": ["id"], "frame": "polars", "connection": box.connection, **options}
    for name, values in asked.items():
        keep, rest = (read_destination(many, **{option: {name: values}}, **common) for option in ("where", "exclude"))
        assert keep["id"].to_list() == [f"k{n:04}" for n in range(1, _MANY, 2)]
        assert rest["id"].to_list() == [f"k{n:04}" for n in range(0, _MANY, 2)]


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_a_column_that_was_read_can_be_asked_for(box: Box, shop: str, kind: Any) -> None:
    """With what its library calls missing, whole or one value at a time."""
    everything = read_destination(shop, frame=kind, connection=box.connection)
    for name in ("id", "category", "price", "stock", "active", "made", "name"):
        values = everything[name]
        for asked in (values, list(values)) if kind != "pyarrow" else (values, values.combine_chunks()):
            ids = read_destination(shop, where={name: asked}, columns=["id"], frame="polars", connection=box.connection)
            assert ids.height == 25, name
            none = read_destination(shop, exclude={name: asked}, frame="polars", connection=box.connection)
            assert none.height == 0, name


_MISSING = [pd.NA, pd.NaT, np.datetime64("NaT"), np.datetime64("NaT", "ns")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name in ("name", "price", "made", "tags", "active") for value in _MISSING),
        *((name, value) for name in ("name", "made", "tags") for value in (float("nan"), np.nan, np.float32("nan"))),
    ],
)
def test_what_is_missing_in_pandas_is_no_value_here(box: Box, shop: str, name: str, value: Any) -> None:
    """Alone or among others; but it is no end of a range, which would leave that end open unsaid."""
    nothing = read_destination(shop, where={name: None}, frame="polars", connection=box.connection)
    for asked in (value, [value], pd.Series([value, None], dtype=object)):
        assert read_destination(shop, where={name: asked}, frame="polars", connection=box.connection).equals(nothing)
    with pytest.raises(ConfigurationError, match=f"cannot be a value of '{name}'"):
        read_destination(shop, where={name: between(value, None)}, connection=box.connection)


def test_a_nan_among_numbers_is_missing_in_pandas_only(box: Box, shop: str) -> None:
    """Where a column of floats has no other word for it; in a list it is a number that is none."""
    options: dict[str, Any] = {"types": {"price": pl.Float64}, "connection": box.connection}
    prices = read_destination(shop, **options)["price"]
    assert prices.dtype == float
    assert len(read_destination(shop, where={"price": prices}, **options)) == 25
    assert len(read_destination(shop, where={"price": pd.Index(prices)}, **options)) == 25
    for asked in (list(prices), prices.to_numpy(), pl.Series([float("nan")])):
        with pytest.raises(ConfigurationError, match=r"nan\)? cannot be a value of 'price'"):
            read_destination(shop, where={"price": asked}, **options)
