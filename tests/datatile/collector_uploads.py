"""What the tests of uploads share: a table, and how often the collector was asked."""

import polars as pl

FRAME = pl.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})


def posts(box) -> int:
    """How many uploads the collector was asked for."""
    return sum(count for route, count in box.requests_seen.items() if route.startswith("POST /api/v2/upload"))
