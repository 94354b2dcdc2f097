"""This process's default: what was opened last and is still open, else one that is made when it is asked for.

Takes what is opened and closed, gives the one of now. Knows nothing of what it is for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import RLock
from types import TracebackType
from typing import Any, Self, TypeVar

from occtoo_frames.exceptions import ConfigurationError


class Openable:
    """What can be this process's default: while it is open as a context manager, or from ``connect`` on."""

    _connected = False  # whether it is the default already when it is entered
    _before: "tuple[Any, ...]" = ()  # the defaults that it took the place of

    def __enter__(self) -> Self:
        with _guard:
            if _defaults.now is not self or not self._connected:
                self._make_default()
            self._connected = False
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _guard:
            if not self._before:
                raise ConfigurationError("this connection is not open: it is closed as often as it was entered")
            *before, _defaults.now = self._before
            self._before = tuple(before)

    def _make_default(self) -> None:
        self._before = (*self._before, _defaults.now)
        _defaults.now = self


@dataclass(slots=True)
class _Defaults:
    """This process's default, and the one made from the surroundings when there is none."""

    now: Any = None
    ambient: Any = None


_defaults = _Defaults()
_guard = RLock()

T = TypeVar("T", bound=Openable)


def connected(openable: T) -> T:
    """``openable``, which is the default from now on, and until its end if it is entered next."""
    with _guard:
        openable._make_default()  # noqa: SLF001 - the class stands in this module
        openable._connected = True  # noqa: SLF001 - and so is this
    return openable


def default_or(make: Callable[[], T], alike: Callable[[T, T], bool]) -> T:
    """This process's default; without any, what ``make`` gives, the same as before if the two are ``alike``."""
    with _guard:
        if _defaults.now is not None:
            now: T = _defaults.now
            return now
        found = make()
        if _defaults.ambient is None or not alike(_defaults.ambient, found):
            _defaults.ambient = found
        ambient: T = _defaults.ambient
        return ambient
