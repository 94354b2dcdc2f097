"""A bar for long runs: quiet outside a terminal or notebook, and for the first two seconds."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tqdm.auto import tqdm

_PATIENCE_S = 2.0


@contextmanager
def progress_bar(total: int | None, unit: str, *, progress: bool | None) -> "Iterator[tqdm[Any]]":
    """A bar that is gone when the work is done.

    Args:
        total: How much there is to do, or None if nobody knows yet.
        unit: What is counted.
        progress: True shows it at once, False never, None where a person is looking and it takes longer.
    """
    wanted = progress if progress is not None else sys.stderr.isatty() or "ipykernel" in sys.modules
    with tqdm(
        total=total, unit=f" {unit}", disable=not wanted, delay=0 if progress else _PATIENCE_S, leave=False
    ) as bar:
        yield bar
