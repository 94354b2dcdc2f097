"""Frames in: from pandas to the engine, against Arrow's own conversion of the same frame and handing that to it.

    python benchmarks/frames.py [--rows 50000] [--rounds 5]

The base table of ``_tables.py`` as pandas has it: text as ``object``, as ``str``, and everything backed by Arrow. Ours
looks for what Arrow would bend or drop (mixed objects, half surrogates, ``nan`` that means missing); Arrow's does not.
"""

import pandas as pd
import polars as pl
import pyarrow as pa
from _measure import Figure, figure, interleaved, parser, tell
from _tables import base

from occtoo_frames._frames.door import open_frame


def tables(rows: int) -> dict[str, pd.DataFrame]:
    """The base table in the ways in which pandas keeps text."""
    plain = base(rows).drop("tags").to_pandas()
    plain["category"] = plain["category"].astype(object)
    texts = [
        name for name in plain.columns if isinstance(plain[name].dtype, pd.StringDtype) or plain[name].dtype == object
    ]
    return {
        "object": plain.astype(dict.fromkeys(texts, object)),
        "str": plain.astype(dict.fromkeys(texts, "str")),
        "Arrow-backed": base(rows).drop("tags", "category").to_pandas(use_pyarrow_extension_array=True),
    }


def figures(rows: int = 50_000, rounds: int = 5) -> list[Figure]:
    """Our time as a share of Arrow's, for each way."""
    found = []
    for name, frame in tables(rows).items():
        ways = {
            "ours": lambda frame=frame: open_frame(frame),
            "arrow": lambda frame=frame: pl.DataFrame(pa.Table.from_pandas(frame, preserve_index=False)),
        }
        times = interleaved(ways, 5 * rounds, least_s=0.05)  # a way takes some milliseconds: many short turns are fair
        found.append(figure(f"pandas {name} in, time ÷ Arrow's own", times["ours"], times["arrow"], asked="≤ 1.3"))
    return found


if __name__ == "__main__":
    arguments = parser(__doc__, rows=50_000, rounds=5).parse_args()
    tell(figures(arguments.rows, arguments.rounds), arguments)
