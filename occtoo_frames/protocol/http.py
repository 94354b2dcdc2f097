"""What is said over HTTP, without saying it: requests, responses, failures and conversations.

A conversation is a generator that yields requests and is sent what came back. It holds every rule of an exchange
and no wire; a driver elsewhere runs it, and a test runs it with a list of answers.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from json import loads
from types import MappingProxyType
from typing import BinaryIO, Protocol, TypeAlias, TypeVar

_NONE: Mapping[str, str] = MappingProxyType({})


class Upload(Protocol):
    """A body too large for memory, such as a file: opened anew for each attempt, and always of the same size."""

    @property
    def size(self) -> int:
        """How many bytes there are to read."""

    def open(self) -> BinaryIO:
        """The bytes from their beginning; whoever opens it closes it."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``body`` is sent as it is; its bytes are not in the repr.

    Attributes:
        max_wire_bytes: How much of an answer's body is taken from the wire; None is no cap.
        max_answer_bytes: How large its body may be once it is decompressed; None leaves it to the transport.
        fresh: True if it goes over a new connection. One that lay idle may be closed by the server at the moment it is
            used, and nobody can tell then whether the request arrived: whatever is asked only once needs a new one.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=lambda: _NONE)
    body: bytes | memoryview | Upload | None = field(default=None, repr=False)
    max_wire_bytes: int | None = None
    max_answer_bytes: int | None = None
    fresh: bool = False

    @property
    def size(self) -> int:
        """How many bytes the body has."""
        if self.body is None:
            return 0
        return memoryview(self.body).nbytes if isinstance(self.body, bytes | memoryview) else self.body.size


@dataclass(frozen=True)
class Response:
    """One answer: status, headers under lower-case names, and the whole body (no slots, to keep what was read).

    Attributes:
        hide: Gives a text of the answer as it may be shown, without the secrets of whoever asked.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=lambda: _NONE)
    body: bytes = field(default=b"", repr=False)
    hide: Callable[[str], str] = field(default=str, repr=False, compare=False)

    @property
    def ok(self) -> bool:
        """True for a 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the class of success

    @cached_property
    def document(self) -> object:
        """The JSON value in the body, read once and not to be changed; None if there is none that can be read."""
        try:
            value: object = loads(self.body)
        except (ValueError, RecursionError):
            return None
        return value


@dataclass(frozen=True, slots=True)
class Failure:
    """No answer came.

    Attributes:
        sent: True if the body may have reached the server, so that what it did is unknown.
        final: True if trying again cannot help (a certificate that cannot be verified).
        reason: What happened, in words, without secrets or query strings.
        capped: True if an answer came that is larger than the request allows.
    """

    reason: str
    sent: bool
    final: bool = False
    capped: bool = False


T = TypeVar("T")
Event: TypeAlias = Response | Failure
Conversation: TypeAlias = Generator[Request, Response, T]
"""Yields requests, is sent their responses, returns what was learned."""
