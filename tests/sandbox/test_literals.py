"""Values of a query against numbers at the ends of their types, and beyond them."""

from datetime import datetime
from decimal import Decimal, localcontext
from operator import ge, gt, le, lt

import polars as pl
import pytest

from occtoo_frames._sandbox.literals import FEW, BadQueryError, among, compare, equals

WHOLE = {str(number): number for number in (-(2**63), 1 - 2**63, 0, 2**63 - 2, 2**63 - 1)}
EXACT = {text: Decimal(text) for text in (f"-{'9' * 20}.{'9' * 18}", "0", f"{'9' * 20}.{'9' * 18}")}
BEYOND = [
    str(-(2**63) - 1),
    str(2**63),
    f"1{'0' * 20}",
    f"-1{'0' * 20}",
    f"{'9' * 20}.{'9' * 19}",
    "1e30",
    "-1e30",
    "0.5",
]


@pytest.mark.parametrize(
    ("dtype", "numbers"), [(pl.Int64(), WHOLE), (pl.Decimal(38, 18), EXACT)], ids=["whole", "exact"]
)
def test_the_ends_of_a_type_are_found_and_what_is_beyond_is_not(
    dtype: pl.DataType, numbers: dict[str, int | Decimal]
) -> None:
    """As Python compares them, which rounds nothing."""
    held = pl.DataFrame({"v": list(numbers.values())}, schema={"v": dtype})
    for text in [*numbers, *BEYOND]:
        with localcontext(prec=100):
            wanted = Decimal(text)
        pairs = [(equals(pl.col("v"), dtype, text, "v"), [one == wanted for one in numbers.values()])]
        for end, holds in {"gte": ge, "gt": gt, "lte": le, "lt": lt}.items():
            pairs.append(
                (compare(pl.col("v"), dtype, end, text, "v"), [holds(one, wanted) for one in numbers.values()])
            )
        for condition, expected in pairs:
            assert held.with_columns(found=condition)["found"].to_list() == expected


_MORE = [f"{number}" for number in range(100, 100 + FEW)]


@pytest.mark.parametrize(
    ("dtype", "cells", "texts"),
    [
        (pl.Int64(), [None, *WHOLE.values()], [*WHOLE, "", *BEYOND]),
        (pl.Decimal(38, 18), [None, *EXACT.values()], [*EXACT, "", *BEYOND]),
        (pl.Float64(), [None, -0.0, 0.1, 1e30, 2.0**53], ["0", "0.1", "", "1e30", "9007199254740993"]),
        (pl.List(pl.String), [None, [], ["a"], ["a", "ü"], ["100"]], ["a", "", "ü", "A"]),
        (pl.Boolean(), [None, True, False], ["true", "", "FALSE", "True"]),
    ],
    ids=str,
)
def test_many_values_are_what_each_of_them_is(dtype: pl.DataType, cells: list[object], texts: list[str]) -> None:
    """A row fits if it fits one of them."""
    held = pl.DataFrame({"v": cells}, schema={"v": dtype}, strict=False)
    more = ["true"] * FEW if isinstance(dtype, pl.Boolean) else _MORE
    for one in [*texts, None]:
        asked = [*([] if one is None else [one]), *more, *more]
        each = [equals(pl.col("v"), dtype, text, "v").fill_null(value=False) for text in asked]
        wanted = held.select(pl.any_horizontal(each)).to_series().to_list()
        found = held.with_columns(found=among(pl.col("v"), dtype, asked, "v").fill_null(value=False))["found"]
        assert found.to_list() == wanted


def test_many_moments_are_what_each_of_them_is() -> None:
    """Whatever zone they are said in."""
    moments = [datetime(2026, 10, 25, hour) for hour in range(12)]
    held = pl.DataFrame({"v": [None, *moments]}, schema={"v": pl.Datetime("us")})
    asked = [f"{moment.isoformat()}Z" for moment in moments[2:]] + ["2026-10-25T01:00:00+01:00"]
    found = held.with_columns(found=among(pl.col("v"), held.schema["v"], asked, "v").fill_null(value=False))["found"]
    assert found.to_list() == [False, True, False, *[True] * 10]
    with pytest.raises(BadQueryError, match="v must be an ISO date or time, got 'x'"):
        among(pl.col("v"), held.schema["v"], [*asked, "x"], "v")
