"""How deep results are nested, told from their bytes without parsing them.

Takes an answer, or results one a line; says whether a result is nested deeper than a cap. Almost every page is settled
by counting: a result with no more brackets than the cap cannot be deeper, and where no stretch of the answer as long as
its longest result holds more, none of its results does.
"""

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

_QUOTE, _LINE_END = ord('"'), ord("\n")
_CASE = 0x20
"""The bit in which ``[`` and ``{`` differ, and ``]`` and ``}``."""


def may_be_deeper(body: bytes, longest: int, cap: int) -> bool:
    """False if no result in ``body``, of at most ``longest`` bytes, can be nested deeper than ``cap``."""
    opened = np.flatnonzero(_is(np.frombuffer(body, np.uint8), "{"))
    if len(opened) <= cap:
        return False
    stretches = opened[cap:] - opened[: len(opened) - cap]
    return bool(stretches.min() < longest)


def is_deeper(lines: bytes, cap: int) -> bool:
    """True if a result is nested deeper than ``cap``; one of plain values only is an object of depth 1."""
    if not lines:
        return False
    text = np.frombuffer(lines, np.uint8)
    opened = np.flatnonzero(_is(text, "{"))
    line_ends = np.append(np.flatnonzero(text == _LINE_END), len(text))
    in_each = np.diff(np.searchsorted(opened, line_ends), prepend=0)
    return bool(in_each.max() > cap) and depth_of(lines) > cap


def depth_of(lines: bytes) -> int:
    """The depth of the deepest result; brackets in texts are none."""
    if b"\\" in lines:
        lines = lines.replace(b"\\\\", b"").replace(b'\\"', b"")
    text = np.frombuffer(lines, np.uint8)
    text = text[(text == _QUOTE) | _is(text, "{") | _is(text, "}")]
    text = text[~np.logical_xor.accumulate(text == _QUOTE)]
    steps = _is(text, "{").astype(np.int64) - _is(text, "}")
    return int(np.cumsum(steps).max(initial=0))


def _is(text: Bytes, bracket: str) -> npt.NDArray[np.bool_]:
    """Where the bracket stands, curly or square."""
    found: npt.NDArray[np.bool_] = (text | _CASE) == ord(bracket)
    return found
