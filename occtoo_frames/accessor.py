"""``df.occtoo`` on pandas DataFrames, polars DataFrames and polars LazyFrames.

Each method is the function of the same name without its frame: same parameters, same defaults, same result. The
function is loaded when the method is first looked at, so that having the accessor costs nothing.
"""

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from inspect import signature
from typing import Any

import pandas as pd
import polars as pl


class _Verb:
    """A function as a method: at the first look the method that it becomes stands in its place."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner, self._name = owner, name

    def __get__(self, accessor: object, owner: type) -> Callable[..., Any]:
        method = _without_frame(getattr(import_module(self._module), self._name))
        setattr(self._owner, self._name, method)
        return getattr(owner if accessor is None else accessor, self._name)  # type: ignore[no-any-return]


def _without_frame(verb: Callable[..., Any]) -> Callable[..., Any]:
    """The verb as a method: its frame is the accessor's."""

    @wraps(verb)
    def method(self: "OcctooAccessor", *args: Any, **kwargs: Any) -> Any:
        return verb(self._frame, *args, **kwargs)

    described = signature(verb)
    own = next(iter(signature(method, follow_wrapped=False).parameters.values()))
    method.__signature__ = described.replace(  # type: ignore[attr-defined]  # help() and notebooks show it
        parameters=[own.replace(annotation=own.empty), *list(described.parameters.values())[1:]]
    )
    return method


class OcctooAccessor:
    """The verbs of ``occtoo_frames`` on a frame."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    plan = _Verb("occtoo_frames._api.plan")
    validate = _Verb("occtoo_frames._api.plan")
    to_entries = _Verb("occtoo_frames._api.plan")
    from_entries = _Verb("occtoo_frames._api.plan")
    push = _Verb("occtoo_frames._api.push")
    delete = _Verb("occtoo_frames._api.push")
    push_media = _Verb("occtoo_frames._api.media")
    link_media = _Verb("occtoo_frames._api.media_linking")


pd.api.extensions.register_dataframe_accessor("occtoo")(OcctooAccessor)
pl.api.register_dataframe_namespace("occtoo")(OcctooAccessor)
pl.api.register_lazyframe_namespace("occtoo")(OcctooAccessor)
