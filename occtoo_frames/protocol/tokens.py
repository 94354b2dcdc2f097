"""The two kinds of tokens: a data provider's (in the envelope) and an application's (flat).

Both live 60 minutes and their endpoints are rate limited (doc): hold on to a token, renew it early.
"""

from dataclasses import dataclass
from urllib.parse import quote

from occtoo_frames.protocol.envelope import Envelope
from occtoo_frames.protocol.fold import fold

PROVIDER_TOKEN_PATH = "/dataProviders/tokens"  # noqa: S105 - a path
"""``POST`` with ``{"id", "secret"}`` (doc)."""


def application_token_path(destination_id: str) -> str:
    """Where an application asks for its token: ``POST`` with ``{"clientId", "clientSecret"}`` (doc)."""
    return f"/destinations/{quote(destination_id, safe='')}/token"


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token and how many seconds it lives from its issue."""

    access_token: str
    expires_in_s: float = 3600.0

    @classmethod
    def from_wire(cls, document: object) -> "Token":
        """The token in ``document``, enveloped or flat.

        Raises:
            ValueError: No access token stands in it.
            TypeError: It is not a JSON object.
        """
        members = fold(document)
        if members.get("result") is not None:
            members = fold(members["result"])
        access_token = members.get("accesstoken")
        if not isinstance(access_token, str) or not access_token:
            raise ValueError("the answer holds no accessToken")
        expires = members.get("expiresin")
        lives = float(expires) if isinstance(expires, int | float) and not isinstance(expires, bool) else 3600.0
        return cls(access_token, lives)

    def to_provider_wire(self, request_id: str) -> dict[str, object]:
        """The data provider's answer (seen)."""
        result = {**self.to_application_wire(), "tokenType": "Bearer", "refreshToken": None, "scope": None}
        return Envelope(result, (), request_id).to_wire()

    def to_application_wire(self) -> dict[str, object]:
        """The application's answer (seen)."""
        return {"accessToken": self.access_token, "expiresIn": int(self.expires_in_s)}

    def __repr__(self) -> str:
        return f"Token(access_token=***, expires_in_s={self.expires_in_s})"
