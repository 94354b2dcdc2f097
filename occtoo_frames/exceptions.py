"""Every exception of the package, split by what the caller can do next.

::

    OcctooError
    ├── ConfigurationError (ValueError)      mend credentials, addresses or options
    ├── FrameError                           mend the table or how it is described
    │   ├── UnsupportedFrameError (TypeError)
    │   ├── FileMissingError (FileNotFoundError)
    │   ├── ColumnNotFoundError (KeyError)
    │   └── PlanError (ValueError)
    ├── FileNotWrittenError (OSError)        mend the path, or make room; an older file is as it was
    ├── InvalidRowsError                     mend the rows in .problems
    ├── ConnectionFailedError                mend the network, or try again later
    ├── ResponseError                        read the server's words: .status, .request_id, .errors
    │   ├── AuthenticationError              401, 403
    │   ├── NotFoundError                    404
    │   ├── ConflictError                    409
    │   ├── RejectedError                    400, 413, 422: the request itself was refused
    │   ├── RateLimitedError                 429
    │   ├── ServerError                      5xx
    │   └── ProtocolError                    an answer that no rule of the platform explains
    ├── ReadLimitError                       raise the limit it names, or read less
    ├── NotSettledError (TimeoutError)       give a sandbox more time
    ├── UploadFailedError                    .report says what is known of a file's job
    └── PushInterruptedError                 .report says what happened to every row
"""

from typing import Any


class OcctooError(Exception):
    """The root: ``except OcctooError`` catches everything this package raises on purpose."""

    def __reduce__(self) -> tuple[Any, ...]:
        """An error comes out of another process whole; Python's own way asks its class for the message alone."""
        return _as_it_was, (type(self), self.args), self.__dict__


class ConfigurationError(OcctooError, ValueError):
    """Credentials, addresses or options are missing, malformed, or come from more than one place."""


class FrameError(OcctooError):
    """The table, or what was said about it, cannot be used."""


class UnsupportedFrameError(FrameError, TypeError):
    """The object is no table that the package can read."""


class FileMissingError(FrameError, FileNotFoundError):
    """No file stands at the path that was given for a table, or no folder where one was to be written."""


class ColumnNotFoundError(FrameError, KeyError):
    """A named column does not stand in the table."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class PlanError(FrameError, ValueError):
    """The table's columns cannot be turned into properties as asked."""


class FileNotWrittenError(OcctooError, OSError):
    """A file could not be written whole; one that was there before is as it was."""


class InvalidRowsError(OcctooError):
    """Rows break a rule; nothing was sent.

    Attributes:
        problems: A frame of the caller's kind: row, key, column, property, language, rule, value,
            message, hint.
    """

    def __init__(self, message: str, problems: Any) -> None:
        super().__init__(message)
        self.problems = problems


class ConnectionFailedError(OcctooError):
    """The server could not be reached, or the connection broke before an answer came."""


class ResponseError(OcctooError):
    """The server answered, and not with what was asked for.

    Attributes:
        status: The HTTP status.
        request_id: The platform's id of the request, or None.
        errors: The server's own messages, in its order.
    """

    def __init__(
        self, message: str, *, status: int, request_id: str | None = None, errors: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.request_id = request_id
        self.errors = errors


class AuthenticationError(ResponseError):
    """401 or 403: wrong or expired credentials, or a source that was not granted to the data provider."""


class NotFoundError(ResponseError):
    """404: nothing stands at this address."""


class ConflictError(ResponseError):
    """409: the server holds something that this request contradicts."""


class RejectedError(ResponseError):
    """400, 413 or 422: the request was understood and refused."""


class RateLimitedError(ResponseError):
    """429: more requests than the server takes, beyond the patience of the retry policy."""


class ServerError(ResponseError):
    """5xx: the server failed, and went on failing."""


class ProtocolError(ResponseError):
    """The answer follows no rule that is known of the platform: a redirect, HTML, broken JSON."""


class ReadLimitError(OcctooError):
    """A read, or one of its pages, is larger than its ReadLimits."""


class NotSettledError(OcctooError, TimeoutError):
    """A sandbox has not made every acknowledged import visible in the time that it was given."""


class UploadFailedError(OcctooError):
    """A file's job failed, has not ended, or nobody knows what became of it.

    Attributes:
        report: The report with what is known.
    """

    def __init__(self, message: str, report: Any) -> None:
        super().__init__(message)
        self.report = report


class PushInterruptedError(OcctooError):
    """The run could not go on.

    Attributes:
        report: The PushReport of what was done: every row has its outcome.
    """

    def __init__(self, message: str, report: Any) -> None:
        super().__init__(message)
        self.report = report


def _as_it_was(kind: type[OcctooError], args: tuple[Any, ...]) -> OcctooError:
    return kind.__new__(kind, *args)
