"""What ``encode.py`` measures, imported once the number of threads is set."""

import io
import json
import math
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from _measure import Figure, figure, interleaved
from _tables import LANGUAGES, SHAPES

import occtoo_frames as of

NAIVE_ROWS = 5_000
LEAST_S = 0.2


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


def shapes(rows: int, rounds: int, threads: int) -> Iterator[Figure]:
    """Of every shape: bytes laid down a second, ours ÷ write_ndjson's, and the time of a plan ÷ that of encoding."""
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
        times = interleaved(ways, rounds, LEAST_S)
        per_byte = [value / ndjson.tell() * plan.counts["bytes"] for value in times["ndjson"]]
        asked = "≥ 1.3" if name == "base table" else "≥ 1.0"
        yield figure(f"{name}, {threads} threads: bytes/s ÷ write_ndjson's", per_byte, times["encode"], asked)
        yield figure(f"{name}, {threads} threads: plan ÷ encode, time", times["plan"], times["encode"], "≤ 1.25")


def against_naive(rows: int, rounds: int, threads: int) -> Iterator[Figure]:
    """The base table against dictionaries and json."""
    frame = SHAPES["base table"](rows)
    few = frame.head(NAIVE_ROWS)
    pandas = few.with_columns(pl.col("category").cast(pl.String)).to_pandas()
    plan = of.plan(frame, "sku", "auto")
    assert {column.language for column in plan.sent_as} == {None, *LANGUAGES}
    ways = {"naive": lambda: naive(pandas.to_dict("records")), "encode": lambda: encode(plan)}
    times = interleaved(ways, rounds, LEAST_S)
    per_row = [value / few.height * frame.height for value in times["naive"]]
    asked = "≥ 50" if threads > 1 else "≥ 30"
    yield figure(f"base table, {threads} threads: rows/s ÷ to_dict + json", per_row, times["encode"], asked)


def figures(rows: int, rounds: int, threads: int) -> list[Figure]:
    """All of it."""
    return [*against_naive(rows, rounds, threads), *shapes(rows, rounds, threads)]
