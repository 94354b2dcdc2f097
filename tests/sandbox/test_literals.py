"""Values of a query against numbers at the ends of their types, and beyond them."""

from decimal import Decimal, localcontext
from operator import ge, gt, le, lt

import polars as pl
import pytest

from occtoo_frames._sandbox.literals import compare, equals

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
