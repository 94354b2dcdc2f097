"""A sandbox that tests fill by plain HTTP, and a connection to it."""

import itertools
from collections.abc import Mapping, Sequence

import requests

from occtoo_frames._sandbox.platform import LocalPlatform
from occtoo_frames._session.connection import Connection
from occtoo_frames._session.run import Clock
from occtoo_frames._session.transport import RequestsTransport, Transport
from occtoo_frames.protocol.http import Failure, Request, Response

Value = tuple[str, str, str | None]


class Meter:
    """A transport that counts the answers to POSTs and their bytes."""

    def __init__(self) -> None:
        self.inner = RequestsTransport()
        self.requests = 0
        self.size = 0

    def send(self, request: Request, *, timeout_s: float) -> Response | Failure:
        """What the server answers."""
        event = self.inner.send(request, timeout_s=timeout_s)
        if isinstance(event, Response) and request.method == "POST":
            self.requests += 1
            self.size += len(event.body)
        return event


class Box:
    """A running sandbox, a connection to it, and a way to put entries in."""

    def __init__(self, platform: LocalPlatform) -> None:
        self.platform = platform
        self.connection = self.connect()
        self._names = (f"s{number}" for number in itertools.count())

    def connect(self, transport: Transport | None = None) -> Connection:
        """A new connection, over another transport if one is given."""
        platform = self.platform
        return Connection(
            provider_id=platform.provider_id,
            provider_secret=platform.provider_secret,
            client_id=platform.client_id,
            client_secret=platform.client_secret,
            destination_id=platform.destination_id,
            ingest_url=platform.url,
            destinations_url=platform.url,
            global_url=platform.url,
            transport=transport,
            clock=Clock(chance=lambda: 0.5),
        )

    def source(self) -> str:
        """The name of a new source."""
        name = next(self._names)
        self.platform.add_source(name)
        return name

    def put(self, source: str, entries: Mapping[str, Sequence[Value]], *, delete: Sequence[str] = ()) -> None:
        """The entries are visible in the source: for each key its (property, value, language)s."""
        entities = [
            {
                "key": key,
                "delete": False,
                "properties": [{"id": name, "value": value, "language": language} for name, value, language in values],
            }
            for key, values in entries.items()
        ] + [{"key": key, "delete": True, "properties": []} for key in delete]
        for start in range(0, len(entities), 1000):
            self._post(source, entities[start : start + 1000])
        self.platform.settle()

    def _post(self, source: str, entities: list[dict[str, object]]) -> None:
        url = self.platform.url
        credentials = {"id": self.platform.provider_id, "secret": self.platform.provider_secret}
        token = requests.post(f"{url}/dataProviders/tokens", json=credentials, timeout=30).json()
        headers = {"Authorization": f"Bearer {token['result']['accessToken']}"}
        answer = requests.post(f"{url}/import/{source}", json={"entities": entities}, headers=headers, timeout=30)
        assert answer.status_code == 202, answer.text


def product(n: int) -> list[Value]:
    """The values of product ``n``."""
    values: list[Value] = [("name", f"Chair {n}", "en"), ("category", ("Shoes", "Boots", "Hats")[n % 3], None)]
    values += [("name", f"Stol {n}", "sv")] if n % 4 else []
    values += [("price", f"{n}.50", None)] if n != 5 else []
    values += [("stock", str(2**53 + n), None), ("active", "true" if n % 2 else "false", None)]
    values += [("made", f"2024-01-{n + 1:02}T08:00:00Z", None)]
    values += [("tags", "|".join(["a", "b", "c"][: n % 4]), None)] if n % 4 else []
    values += [("imageIds", "|".join(f"m{k}" for k in range(n % 3)), None)] if n % 3 else []
    return values
