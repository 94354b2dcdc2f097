"""The encoder against what people write, and against the engine's own JSON writer per byte of output.

    python benchmarks/encode.py [--rows 100000] [--rounds 5] [--threads 2]

One run, the ways in turn, each for a fifth of a second a round at least. ``encode`` is laying down the bodies of a plan
that was made; ``plan`` is every check of it.
"""

import os

from _measure import parser, tell

if __name__ == "__main__":
    choices = parser(__doc__, rows=100_000, rounds=5)
    choices.add_argument("--threads", type=int, default=2)
    arguments = choices.parse_args()
    os.environ["POLARS_MAX_THREADS"] = str(arguments.threads)  # the engine reads it when it is imported

    from _encoding import figures

    tell(figures(arguments.rows, arguments.rounds, arguments.threads), arguments)
