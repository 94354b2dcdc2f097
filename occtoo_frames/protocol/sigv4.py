"""Addresses signed in their query by AWS Signature Version 4, as S3 takes them: made, and checked.

The host alone is signed and the payload is not (``UNSIGNED-PAYLOAD``). Knows no clock; takes the time.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal, TypeAlias
from urllib.parse import parse_qsl, quote, unquote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
_STAMP = "%Y%m%dT%H%M%SZ"
_PAYLOAD = "UNSIGNED-PAYLOAD"
_SIGNATURE = "X-Amz-Signature"
_NEEDED = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", _SIGNATURE)
MAX_EXPIRES_S = 604_800
_SCOPE_PARTS = 5

Broken: TypeAlias = Literal["parameters", "expired", "signature"]
Pairs: TypeAlias = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Signer:
    """Credentials and the place that they are for; the secret is not in the repr."""

    access_key: str
    secret_key: str
    region: str
    service: str = "s3"

    def __repr__(self) -> str:
        return f"Signer({self.access_key!r}, …, {self.region!r}, {self.service!r})"

    def presign(self, method: str, url: str, *, now: datetime, expires_s: int) -> str:
        """``url`` with a signature that lets anybody ``method`` it until ``now`` (UTC) plus ``expires_s``."""
        parts = urlsplit(url)
        asked = [
            *parse_qsl(parts.query, keep_blank_values=True),
            ("X-Amz-Algorithm", ALGORITHM),
            ("X-Amz-Credential", f"{self.access_key}/{self._scope(now)}"),
            ("X-Amz-Date", now.strftime(_STAMP)),
            ("X-Amz-Expires", str(expires_s)),
            ("X-Amz-SignedHeaders", "host"),
        ]
        signature = self._signature(method, parts.path, asked, parts.netloc, now)
        query = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in [*asked, (_SIGNATURE, signature)])
        return f"{parts.scheme}://{parts.netloc}{parts.path}?{query}"

    def broken(self, method: str, path: str, query: Pairs, host: str, now: datetime) -> Broken | None:
        """What is wrong with a signed request, looked at in this order; None if nothing is.

        Args:
            method: The HTTP method.
            path: The path as it came, percent-encoded.
            query: The parameters as they came, decoded.
            host: The ``Host`` header.
            now: The time, UTC, without a zone.
        """
        given = dict(query)
        if any(query_name not in given for query_name in _NEEDED) or given["X-Amz-Algorithm"] != ALGORITHM:
            return "parameters"
        try:
            signed_at = datetime.strptime(given["X-Amz-Date"], _STAMP)  # noqa: DTZ007 - the Z says UTC
            lifetime_s = int(given["X-Amz-Expires"])
        except ValueError:
            return "parameters"
        access_key, _, scope = given["X-Amz-Credential"].partition("/")
        if not 0 < lifetime_s <= MAX_EXPIRES_S or len(scope.split("/")) != _SCOPE_PARTS - 1:
            return "parameters"
        if not signed_at - timedelta(minutes=15) <= now <= signed_at + timedelta(seconds=lifetime_s):
            return "expired"
        rest = [(name, value) for name, value in query if name != _SIGNATURE]
        right = self._signature(method, path, rest, host, signed_at)
        ours = access_key == self.access_key and scope == self._scope(signed_at)
        signed = given["X-Amz-SignedHeaders"] == "host"
        same = hmac.compare_digest(right.encode(), given[_SIGNATURE].encode())
        return None if ours and signed and same else "signature"

    def _scope(self, moment: datetime) -> str:
        return f"{moment:%Y%m%d}/{self.region}/{self.service}/aws4_request"

    def _signature(self, method: str, path: str, query: Pairs, host: str, moment: datetime) -> str:
        pairs = sorted((_encoded(name), _encoded(value)) for name, value in query)
        canonical = "\n".join(
            (
                method,
                quote(unquote(path), safe="/~"),
                "&".join(f"{name}={value}" for name, value in pairs),
                f"host:{host}\n",
                "host",
                _PAYLOAD,
            )
        )
        told = (ALGORITHM, moment.strftime(_STAMP), self._scope(moment), sha256(canonical.encode()).hexdigest())
        return self._sign(self._key(moment), "\n".join(told)).hex()

    def _key(self, moment: datetime) -> bytes:
        key = f"AWS4{self.secret_key}".encode()
        for part in self._scope(moment).split("/"):
            key = self._sign(key, part)
        return key

    @staticmethod
    def _sign(key: bytes, text: str) -> bytes:
        return hmac.digest(key, text.encode(), "sha256")


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
