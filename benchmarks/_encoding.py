"""What ``encode.py`` measures, imported once the number of threads is set."""

import io
import json
import math
from collections.abc import Sequence

import numpy as np
import polars as pl
from _measure import interleaved, median, ratio
from _tables import LANGUAGES, SHAPES

import occtoo_frames as of
from occtoo_frames._push import ahead

NAIVE_ROWS = 5_000


def naive(records: list[dict[str, object]]) -> int:
    """What people write: dictionaries, a list of properties, ``json.dumps`` per thousand."""
    total = 0
    for start in range(0, len(records), 1_000):
        entities = []
        for row in records[start : start + 1_000]:
            properties = []
            for column, value in row.items():
                if column == "sku" or value is None or (isinstance(value, float) and math.isnan(value)):
                    continue
                name, _, language = column.partition("_")
                listed = isinstance(value, Sequence | np.ndarray) and not isinstance(value, str)
                text = "|".join(value) if listed else str(value)
                properties.append({"id": name, "value": text, "language": language or None})
            entities.append({"key": row["sku"], "delete": False, "properties": properties})
        total += len(json.dumps({"entities": entities}))
    return total


def encode(plan: of.PushPlan) -> int:
    """Every body of the plan."""
    return sum(len(batch.body) for batch in plan.batches())


def shapes(rows: int, rounds: int, threads: int) -> None:
    """Every shape: seconds, megabytes a second, and the two ratios."""
    print(f"{rows:,} rows, {threads} threads, {rounds} rounds")
    print(f"{'shape':24}{'rows/s':>10}{'MB/s':>8}   per byte / write_ndjson     plan / encode")
    for name, make in SHAPES.items():
        frame = make(rows)
        plan = of.plan(frame, "sku", "auto")
        ndjson = io.BytesIO()
        frame.write_ndjson(ndjson)
        ways = {
            "encode": lambda plan=plan: encode(plan),
            "ndjson": lambda frame=frame: frame.write_ndjson(io.BytesIO()),
            "plan": lambda frame=frame: of.plan(frame, "sku", "auto"),
        }
        times = interleaved(ways, rounds)
        size = plan.counts["bytes"]
        seconds = median(times["encode"])
        per_byte = [value / ndjson.tell() * size for value in times["ndjson"]]
        share = median([a / b for a, b in zip(times["plan"], times["encode"], strict=True)])
        print(
            f"{name:24}{frame.height / seconds:10,.0f}{size / seconds / 1e6:8.0f}   "
            f"{ratio(times['encode'], per_byte):26} {share:10.2f}"
        )


def against_naive(rows: int, rounds: int) -> None:
    """The base table against dictionaries and json."""
    frame = SHAPES["base table"](rows)
    few = frame.head(NAIVE_ROWS)
    pandas = few.with_columns(pl.col("category").cast(pl.String)).to_pandas()
    plan = of.plan(frame, "sku", "auto")
    assert {column.language for column in plan.sent_as} == {None, *LANGUAGES}
    ways = {"naive": lambda: naive(pandas.to_dict("records")), "encode": lambda: encode(plan)}
    times = interleaved(ways, rounds)
    per_row = [value / few.height * frame.height for value in times["naive"]]
    print(f"base table, times faster than to_dict('records') + json: {ratio(times['encode'], per_row)}")


def run(rows: int, rounds: int, threads: int) -> None:
    """Both tables."""
    ahead.WORKERS = threads
    shapes(rows, rounds, threads)
    against_naive(rows, rounds)
