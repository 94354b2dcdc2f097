"""What is a list in an option that takes one value or several; knows no option."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard


def is_list(value: object) -> TypeGuard[Iterable[Any]]:
    """True for whatever lists values, in Python or a table library; a text and a dict are one value.

    So is an array of numpy without a dimension, which cannot be iterated, though ``Iterable`` says so of every array.
    """
    return (
        isinstance(value, Iterable)
        and not isinstance(value, str | bytes | Mapping)
        and getattr(value, "ndim", None) != 0
    )
