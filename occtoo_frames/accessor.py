"""``df.occtoo`` on pandas DataFrames, polars DataFrames and polars LazyFrames.

Each method is the function of the same name without its frame: same parameters, same defaults, same result.
"""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any

import pandas as pd
import polars as pl

from occtoo_frames._api.media import push_media
from occtoo_frames._api.media_linking import link_media
from occtoo_frames._api.plan import plan, to_entries, validate
from occtoo_frames._api.push import delete, push


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

    plan = _without_frame(plan)
    validate = _without_frame(validate)
    to_entries = _without_frame(to_entries)
    push = _without_frame(push)
    delete = _without_frame(delete)
    push_media = _without_frame(push_media)
    link_media = _without_frame(link_media)


pd.api.extensions.register_dataframe_accessor("occtoo")(OcctooAccessor)
pl.api.register_dataframe_namespace("occtoo")(OcctooAccessor)
pl.api.register_lazyframe_namespace("occtoo")(OcctooAccessor)
