"""A document as JSON text: takes what stands in it, gives the text a piece at a time. Writes nothing."""

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

_IDLE_ZEROS = re.compile(r"(\.\d*[1-9])0+")


def pieces(document: Mapping[str, object]) -> Iterator[str]:
    """The text of ``document``; decimals and times stand in it as texts, spelled as a push spells them.

    An iterator in it is a list that comes an element at a time, each on a line: it may be a million rows.
    """
    before = "{\n"
    for name, value in document.items():
        yield f"{before}  {_LINE.encode(name)}: "
        before = ",\n"
        if isinstance(value, Iterator):
            yield from _elements(value)
        else:
            yield _WHOLE.encode(value).replace("\n", "\n  ")
    yield "\n}\n"


def _elements(rows: Iterator[object]) -> Iterator[str]:
    before = "["
    for row in rows:
        yield f"{before}\n    {_LINE.encode(row)}"
        before = ","
    yield "[]" if before == "[" else "\n  ]"


def _spelled(value: object) -> str:
    """Decimals without exponents, times with a T, and neither with zeros that say nothing."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, dt.datetime | dt.time):
        return _IDLE_ZEROS.sub(r"\1", value.isoformat())
    return str(value)


_LINE = json.JSONEncoder(ensure_ascii=False, default=_spelled)
_WHOLE = json.JSONEncoder(ensure_ascii=False, default=_spelled, indent=2)
