"""What a Connection is told beside its credentials, checked; and how its settings are shown as attributes."""

import math
import os
from pathlib import Path
from typing import Any, Generic, Protocol, Self, TypeVar, overload

from occtoo_frames._given import to_number
from occtoo_frames._session.retry import RetryPolicy
from occtoo_frames.exceptions import ConfigurationError

V = TypeVar("V")


class _Named(Protocol):
    """What has settings by name."""

    def setting(self, name: str) -> Any:
        """The setting ``name``, or None."""
        ...


class Setting(Generic[V]):
    """A read-only attribute: the setting of its own name, or None."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name
        self.__doc__ = f"The setting ``{name}``, or None."

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: _Named, owner: type) -> V: ...
    def __get__(self, instance: _Named | None, owner: type) -> Self | V:
        return self if instance is None else instance.setting(self._name)

    def __set__(self, instance: _Named, value: object) -> None:
        raise AttributeError(f"{self._name} is read-only: make another Connection")


def checked_retry(retry: object) -> RetryPolicy:
    """``retry``; raises ConfigurationError if it is no policy."""
    if not isinstance(retry, RetryPolicy):
        raise ConfigurationError(f"retry={retry!r}: it must be a RetryPolicy")
    return retry


def checked_file(path: str | os.PathLike[str] | None) -> str | None:
    """``path`` as text; raises ConfigurationError if nothing stands there."""
    text = _path(path, "ca_bundle", "a file of certificates")
    if text is not None and not Path(text).exists():
        raise ConfigurationError(f"ca_bundle={text!r}: there is no such file")
    return text


def checked_folder(path: str | os.PathLike[str] | None) -> str | None:
    """``path`` as text; raises ConfigurationError if it is none."""
    return _path(path, "state_dir", "a folder")


def _path(path: object, name: str, of_what: str) -> str | None:
    if path is None:
        return None
    text = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not isinstance(text, str) or not text:
        raise ConfigurationError(f"{name}={path!r}: it must be the path of {of_what}")
    return text


def checked_timeout(timeout_s: float) -> float:
    """``timeout_s``; raises ConfigurationError if it is no number of seconds."""
    number = to_number(timeout_s)
    if number is None or not 0 < number < math.inf:
        raise ConfigurationError(f"timeout_s={timeout_s!r}: it must be a number of seconds above 0")
    return float(number)
