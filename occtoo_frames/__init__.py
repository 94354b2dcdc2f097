"""Tables into and out of the Occtoo experience data platform: planned, checked, reported row by row (unofficial).

``import occtoo_frames as of``; ``df.occtoo`` is then there on pandas and polars frames.
"""

from occtoo_frames import accessor as _accessor  # registers df.occtoo
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
from occtoo_frames.exceptions import (
    AuthenticationError,
    ColumnNotFoundError,
    ConfigurationError,
    ConflictError,
    ConnectionFailedError,
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
)
from occtoo_frames.typing import INDEX, Between, between

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
