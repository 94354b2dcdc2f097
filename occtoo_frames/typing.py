"""The types that users annotate with, and the marks they pass.

Takes and gives nothing at run time but two marks: ``INDEX`` and ``between``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Literal, Protocol, TypeAlias

from occtoo_frames.exceptions import ConfigurationError


class IndexMark(Enum):
    """The type of ``INDEX``."""

    INDEX = "INDEX"

    def __repr__(self) -> str:
        return "occtoo_frames.INDEX"

    __str__ = __repr__


INDEX: Final = IndexMark.INDEX
"""Says that the key is the index of a pandas frame."""

Frame: TypeAlias = Any
"""A pandas DataFrame, polars DataFrame or LazyFrame, pyarrow Table or RecordBatchReader, anything with
``__arrow_c_stream__``, or a path to .parquet, .csv or .xlsx."""


class Array(Protocol):
    """An array of numpy, an index or a column of pandas, a series of polars."""

    @property
    def __array__(self) -> Callable[..., Any]:
        """What numpy makes an array of."""
        ...


Texts: TypeAlias = Sequence[str] | Array
"""Texts in order, of Python or of a table library, such as ``frame.columns``."""

FrameKind: TypeAlias = Literal["pandas", "polars", "pyarrow"]
Key: TypeAlias = str | Texts | IndexMark
LangCols: TypeAlias = Mapping[str, Texts | Mapping[str, str]] | Texts | Literal["auto"] | None
Properties: TypeAlias = Texts | Mapping[str, str] | None
Ids: TypeAlias = Literal["strict", "camel", "snake"]
Nulls: TypeAlias = Literal["skip", "clear"]
Duplicates: TypeAlias = Literal["fail", "first", "last", "merge"]
OnInvalid: TypeAlias = Literal["raise", "skip"]
Style: TypeAlias = Literal["name_lang", "name-lang", "name.lang", "name:lang", "name@lang", "name[lang]"]
Scalar: TypeAlias = Any
"""A value of a filter: text, number, boolean, date, datetime."""


@dataclass(frozen=True, slots=True)
class Between:
    """An inclusive range in ``where`` or ``exclude``; None leaves one end open.

    Raises:
        ConfigurationError: Both ends are None.
    """

    low: Scalar | None
    high: Scalar | None

    def __post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise ConfigurationError(
                "between(None, None) matches everything: leave the property out of the filter instead"
            )


def between(low: Scalar | None, high: Scalar | None) -> Between:
    """What matches values from ``low`` to ``high``, both included: ``where={"price": of.between(10, 20)}``.

    Where a property of a destination has times, a date is the first moment of its day in UTC: end with a datetime to
    have all of the last day.

    Args:
        low: The least value that matches, or None for no lower end.
        high: The greatest value that matches, or None for no upper end.

    Raises:
        ConfigurationError: Both ends are None.
    """
    return Between(low, high)


Where: TypeAlias = Mapping[str, Scalar | Sequence[Scalar] | Between] | None
