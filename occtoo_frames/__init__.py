"""Tables into and out of the Occtoo experience data platform: planned, checked, reported row by row (unofficial).

``import occtoo_frames as of``; ``df.occtoo`` is then there on pandas and polars frames. What stands behind a name is
loaded when the name is first looked at, so that the import costs next to nothing beyond that of pandas and polars.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from occtoo_frames import accessor as _accessor  # registers df.occtoo
from occtoo_frames.exceptions import (
    AuthenticationError,
    ColumnNotFoundError,
    ConfigurationError,
    ConflictError,
    ConnectionFailedError,
    FileMissingError,
    FrameError,
    InvalidRowsError,
    NotFoundError,
    OcctooError,
    PlanError,
    ProtocolError,
    PushInterruptedError,
    RateLimitedError,
    ReadLimitError,
    RejectedError,
    ResponseError,
    ServerError,
    UnsupportedFrameError,
    UploadFailedError,
)
from occtoo_frames.typing import INDEX, Between, between

if TYPE_CHECKING:
    from occtoo_frames import carecloud, datatile
    from occtoo_frames._api.changes import read_changes
    from occtoo_frames._api.destination import destination
    from occtoo_frames._api.facets import facet_chart, read_facets
    from occtoo_frames._api.forget import forget
    from occtoo_frames._api.media import push_media
    from occtoo_frames._api.media_kept import delete_media, read_media
    from occtoo_frames._api.media_linking import link_media
    from occtoo_frames._api.plan import from_entries, plan, to_entries, validate
    from occtoo_frames._api.push import delete, push
    from occtoo_frames._api.read import read_destination
    from occtoo_frames._api.remember import remember
    from occtoo_frames._api.sandbox import Sandbox, sandbox
    from occtoo_frames._api.scan import explain, scan_destination
    from occtoo_frames._push.media_report import MediaReport
    from occtoo_frames._push.plan import PushPlan
    from occtoo_frames._push.report import PushReport
    from occtoo_frames._read.changes import ReadCursor
    from occtoo_frames._read.destination import Destination
    from occtoo_frames._read.limits import ReadLimits
    from occtoo_frames._session.connection import Connection, connect
    from occtoo_frames._session.retry import RetryPolicy
    from occtoo_frames._session.secret import Secret

del _accessor

__all__ = [
    "INDEX",
    "AuthenticationError",
    "Between",
    "ColumnNotFoundError",
    "ConfigurationError",
    "ConflictError",
    "Connection",
    "ConnectionFailedError",
    "Destination",
    "FileMissingError",
    "FrameError",
    "InvalidRowsError",
    "MediaReport",
    "NotFoundError",
    "OcctooError",
    "PlanError",
    "ProtocolError",
    "PushInterruptedError",
    "PushPlan",
    "PushReport",
    "RateLimitedError",
    "ReadCursor",
    "ReadLimitError",
    "ReadLimits",
    "RejectedError",
    "ResponseError",
    "RetryPolicy",
    "Sandbox",
    "Secret",
    "ServerError",
    "UnsupportedFrameError",
    "UploadFailedError",
    "between",
    "carecloud",
    "connect",
    "datatile",
    "delete",
    "delete_media",
    "destination",
    "explain",
    "facet_chart",
    "forget",
    "from_entries",
    "link_media",
    "plan",
    "push",
    "push_media",
    "read_changes",
    "read_destination",
    "read_facets",
    "read_media",
    "remember",
    "sandbox",
    "scan_destination",
    "to_entries",
    "validate",
]

_ROOMS = {  # the imports above, for the moment at which they are needed; a test holds the two equal
    "_api.changes": "read_changes",
    "_api.destination": "destination",
    "_api.facets": "facet_chart read_facets",
    "_api.forget": "forget",
    "_api.media": "push_media",
    "_api.media_kept": "delete_media read_media",
    "_api.media_linking": "link_media",
    "_api.plan": "from_entries plan to_entries validate",
    "_api.push": "delete push",
    "_api.read": "read_destination",
    "_api.remember": "remember",
    "_api.sandbox": "Sandbox sandbox",
    "_api.scan": "explain scan_destination",
    "_push.media_report": "MediaReport",
    "_push.plan": "PushPlan",
    "_push.report": "PushReport",
    "_read.changes": "ReadCursor",
    "_read.destination": "Destination",
    "_read.limits": "ReadLimits",
    "_session.connection": "Connection connect",
    "_session.retry": "RetryPolicy",
    "_session.secret": "Secret",
}
_HOMES = {name: f"{__name__}.{room}" for room, names in _ROOMS.items() for name in names.split()}
_NAMESPACES = ("carecloud", "datatile")

if not TYPE_CHECKING:  # so that a type checker still refuses names that do not exist

    def __getattr__(name: str) -> Any:
        """What ``name`` stands for; it is loaded once, and an ordinary attribute from then on.

        Threads need no lock of ours: the import system has one for each module, and no module here imports in circles.

        Raises:
            AttributeError: There is no such name.
            ImportError: There is, and its module, or a library that it needs, cannot be loaded.
        """
        if name not in _HOMES and name not in _NAMESPACES:
            message = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(message, name=name, obj=sys.modules[__name__])
        home = _HOMES.get(name, f"{__name__}.{name}")
        try:
            module = import_module(home)
            thing = module if name in _NAMESPACES else getattr(module, name)
        except AttributeError as error:  # left as it is, the name would seem not to exist
            raise ImportError(f"{__name__}.{name} cannot be loaded: {error}", name=home) from error
        globals()[name] = thing
        return thing


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
