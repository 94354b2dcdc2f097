"""Tokens: the conversations that ask for one, and the keeper that holds it.

A conversation takes an address and credentials and gives a token. The keeper takes a way to fetch one and gives it
to any number of threads: cached, renewed early, one flight at a time, and only ever for its own origin.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from json import dumps
from threading import Lock

from occtoo_frames._session.address import Origin, origin_of
from occtoo_frames._session.errors import RunStoppedError
from occtoo_frames._session.secret import MASK, Secret
from occtoo_frames.exceptions import ConfigurationError, OcctooError, ProtocolError
from occtoo_frames.protocol.http import Conversation, Request, Response
from occtoo_frames.protocol.tokens import PROVIDER_TOKEN_PATH, Token, application_token_path
from occtoo_frames.protocol.words import document_of, request_id_of

EARLY_S = 300.0
"""A token is renewed this long before it ends, or a tenth of its life before, whichever is shorter."""

OLD_S = 300.0
"""A 403 for a token younger than this says that something was not granted; for an older one the token may be gone."""

_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


def provider_token(ingest_url: str, provider_id: str, provider_secret: Secret) -> Conversation[Token]:
    """The data provider's token (doc)."""
    words = {"id": provider_id, "secret": provider_secret.reveal()}
    return _token(_asking(f"{ingest_url}{PROVIDER_TOKEN_PATH}", words))


def application_token(
    destinations_url: str, destination_id: str, client_id: str, client_secret: Secret
) -> Conversation[Token]:
    """The application's token for a protected destination (doc, seen)."""
    words = {"clientId": client_id, "clientSecret": client_secret.reveal()}
    return _token(_asking(f"{destinations_url}{application_token_path(destination_id)}", words))


def _asking(url: str, words: Mapping[str, str]) -> Request:
    return Request("POST", url, _JSON, dumps(words).encode())


def _token(request: Request) -> Conversation[Token]:
    """Holds the request alone, whose repr shows no body: the answer may fail here."""
    return _read_token((yield request))


def _read_token(response: Response) -> Token:
    try:
        return Token.from_wire(document_of(response))
    except (TypeError, ValueError):
        raise ProtocolError(
            f"the token endpoint answered {response.status} without a token",
            status=response.status,
            request_id=request_id_of(response),
        ) from None


_SEALED = frozenset({"authorization", "token", "x-api-key"})


class SealedHeaders(dict[str, str]):
    """Headers whose repr shows no authorization, no token and no key."""

    def __repr__(self) -> str:
        return repr({name: MASK if name.lower() in _SEALED else value for name, value in self.items()})


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token and the one origin that it may be shown to."""

    token: Secret
    origin: Origin

    def sign(self, request: Request) -> Request:
        """``request`` with the token.

        Raises:
            ConfigurationError: It goes to another origin.
        """
        if origin_of(request.url) != self.origin:
            scheme, host, port = self.origin
            raise ConfigurationError(
                f"the token belongs to {scheme}://{host}:{port} and is not sent to {origin_of(request.url)[1]}"
            )
        return replace(request, headers=SealedHeaders(request.headers, Authorization=f"Bearer {self.token.reveal()}"))


class TokenKeeper:
    """Holds one token for all threads.

    Args:
        origin: Where the token may be sent.
        now: A monotonic clock in seconds.
    """

    def __init__(self, origin: Origin, now: Callable[[], float]) -> None:
        self._origin = origin
        self._now = now
        self._lock = Lock()
        self._flights = 0
        self._error: OcctooError | None = None
        self._bearer: Bearer | None = None
        self._since = self._until = -math.inf

    @property
    def token(self) -> Secret | None:
        """The token at hand, fresh or not."""
        return None if self._bearer is None else self._bearer.token

    @property
    def fresh(self) -> Bearer | None:
        """The token at hand, unless there is none or it ends soon."""
        bearer = self._bearer
        return bearer if bearer is not None and self._now() < self._until else None

    def bearer(self, fetch: Callable[[], Token]) -> Bearer:
        """The token, fetched if there is none or it ends soon.

        Raises:
            OcctooError: What ``fetch`` raised; all who waited for the same flight get it.
        """
        seen = self._flights
        with self._lock:
            if (fresh := self.fresh) is not None:
                return fresh
            if self._flights != seen and self._error is not None:
                raise self._error
            return self._fly(fetch)

    def refuse(self, refused: Bearer, *, certain: bool) -> bool:
        """True if asking again may help: another token is there already, or this one is dropped.

        Args:
            refused: The token that the server did not take.
            certain: False if the refusal may be about something else (403): a young token is then kept.
        """
        with self._lock:
            if self._bearer is not refused:
                return True
            if not certain and self._now() - self._since < OLD_S:
                return False
            self._bearer = None
            return True

    def _fly(self, fetch: Callable[[], Token]) -> Bearer:
        self._flights += 1
        self._error = None
        try:
            token = fetch()
        except RunStoppedError:
            raise
        except OcctooError as error:
            self._error = error
            raise
        self._since = self._now()
        lives = token.expires_in_s if math.isfinite(token.expires_in_s) and token.expires_in_s > 0 else EARLY_S
        self._until = self._since + lives - min(EARLY_S, lives / 10)
        self._bearer = Bearer(Secret(token.access_token), self._origin)
        return self._bearer
