"""The encoder against what people write, and against the engine's own JSON writer per byte of output.

    python benchmarks/encode.py [--rows 100000] [--rounds 5] [--threads 2]

One run, the ways in turn. ``encode`` is laying down the bodies of a plan that was made; ``plan`` is every check of it.
"""

import argparse
import os


def main() -> None:
    """Sets the number of threads, which the engine reads when it is imported, and measures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    os.environ["POLARS_MAX_THREADS"] = str(arguments.threads)

    from _encoding import run

    run(arguments.rows, arguments.rounds, arguments.threads)


if __name__ == "__main__":
    main()
