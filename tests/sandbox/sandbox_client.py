"""The few calls that a client makes, over real HTTP on loopback."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests

from occtoo_frames._sandbox.platform import LocalPlatform


def value(property_id: str, text: str | None, language: str | None = None) -> dict[str, Any]:
    """A property as it stands in an import."""
    return {"id": property_id, "value": text, "language": language}


def entity(key: str, values: Mapping[str, str | None] | None = None, *, delete: bool = False) -> dict[str, Any]:
    """An entity of an import; values by ``property`` or ``property:language``."""
    pairs = [(column.partition(":"), text) for column, text in (values or {}).items()]
    listed = [value(property_id, text, language or None) for (property_id, _, language), text in pairs]
    return {"key": key, "delete": delete, "properties": listed}


@dataclass
class Client:
    """Talks to a platform as a stranger would, with its credentials."""

    platform: LocalPlatform
    session: requests.Session = field(default_factory=requests.Session)
    token: str = ""

    def __post_init__(self) -> None:
        self.session.trust_env = False

    def post(self, path: str, **options: Any) -> requests.Response:
        """The answer to a POST."""
        return self.session.post(self.platform.url + path, timeout=30, **options)

    def get(self, url: str, params: Any = None, **options: Any) -> requests.Response:
        """The answer to a GET of an address or a path."""
        whole = url if url.startswith("http") else self.platform.url + url
        return self.session.get(whole, params=params, timeout=30, **options)

    def provider_token(self) -> str:
        """A new token of the data provider."""
        answer = self.post(
            "/dataProviders/tokens",
            json={"id": self.platform.provider_id, "secret": self.platform.provider_secret},
        )
        return answer.json()["result"]["accessToken"]

    def application_token(self) -> str:
        """A new token of the application."""
        answer = self.post(
            f"/destinations/{self.platform.destination_id}/token",
            json={"clientId": self.platform.client_id, "clientSecret": self.platform.client_secret},
        )
        return answer.json()["accessToken"]

    def headers(self) -> dict[str, str]:
        """What a data provider sends."""
        self.token = self.token or self.provider_token()
        return {"Authorization": f"Bearer {self.token}"}

    def send(self, body: Any, source: str = "products", **options: Any) -> requests.Response:
        """The answer to an import of this JSON body."""
        return self.post(f"/import/{source}", json=body, headers=self.headers(), **options)

    def put(self, entries: Mapping[str, Mapping[str, str | None]], source: str = "products") -> None:
        """The entries are visible in the source."""
        answer = self.send({"entities": [entity(key, values) for key, values in entries.items()]}, source)
        assert answer.status_code == 202, answer.text
        self.platform.settle()

    def delete(self, keys: Sequence[str], source: str = "products") -> None:
        """The entries are gone."""
        assert self.send({"entities": [entity(key, delete=True) for key in keys]}, source).status_code == 202
        self.platform.settle()

    def publish(self, **options: Any) -> str:
        """The address of ``products``, published in English and Swedish unless told otherwise."""
        return self.platform.publish("shop", "products", **{"source": "products", "languages": ["en", "sv"], **options})

    def read(self, url: str, params: Any = None, **body: Any) -> dict[str, Any]:
        """The answer of an endpoint, by POST if there is a body."""
        answer = self.session.post(url, json=body, timeout=30) if body else self.get(url, params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ids(self, url: str, params: Any = None, **body: Any) -> list[str]:
        """The keys of what an endpoint answers."""
        return [result["id"] for result in self.read(url, params, **body)["results"]]
