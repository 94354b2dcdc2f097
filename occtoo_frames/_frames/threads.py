"""Threads that are kept for the next work of their kind.

The allocators of Arrow and of the engine keep memory for each thread, and a new one has to ask the system for all of it
again. Knows nothing of the work.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache


@cache
def kept_threads(kind: str, count: int) -> ThreadPoolExecutor:
    """The ``count`` threads of this kind; whoever uses them leaves them open.

    Work of one kind is done in turn and must not wait for other work of its kind: all of it shares these threads.
    """
    return ThreadPoolExecutor(count, thread_name_prefix=f"occtoo-frames-{kind}")


if hasattr(os, "register_at_fork"):  # a child has none of the threads
    os.register_at_fork(after_in_child=kept_threads.cache_clear)
