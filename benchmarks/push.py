"""A push, end to end: against the script that people write, and against its parts; or against the server's time.

    python benchmarks/push.py [--rows 50000] [--rounds 9] [--all-cores]

The sink, in a process of its own, reads bodies and nothing else. Rows of the base table of ``_tables.py``. *Encode and
send* is a push without its journal: nothing durable, no fingerprints. The client has one processor from its start on
and the sink the others; or, with ``--all-cores``, both have all, the sink takes 40 ms for each request, and the rows
make thirteen times sixteen batches: with fewer in the last turn, sixteen at a time could not be sixteen times as fast.
"""

import os

from _measure import parser, tell

LEAST = 100_000
"""Fewer rows are encoded in too short a time to be compared."""

TURNS = 13 * 16 * 1_000
"""Rows for thirteen turns of sixteen requests of a thousand entries."""

if __name__ == "__main__":
    choices = parser(__doc__, rows=LEAST, rounds=9)
    choices.add_argument("--all-cores", action="store_true")
    arguments = choices.parse_args()
    if not arguments.all_cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # the engine looks when it is imported

    from _pushing import on_all_cores, on_one_core

    rows = max(arguments.rows, TURNS if arguments.all_cores else LEAST)
    rounds = min(arguments.rounds, 3) if arguments.all_cores else arguments.rounds
    tell((on_all_cores if arguments.all_cores else on_one_core)(rows, rounds), arguments)
