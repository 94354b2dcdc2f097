"""The platform without HTTP: sources, imports, publications and their views, over one store.

Takes what requests hold and gives what answers say; knows neither headers nor status codes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from secrets import compare_digest, token_urlsafe
from threading import Lock

from occtoo_frames._sandbox.collector import Collector
from occtoo_frames._sandbox.import_body import Vocabulary
from occtoo_frames._sandbox.intake import fold_import, split_column
from occtoo_frames._sandbox.keeper import Keeper
from occtoo_frames._sandbox.media import Library
from occtoo_frames._sandbox.media_fetch import Fetcher, hosts
from occtoo_frames._sandbox.portal import Portal
from occtoo_frames._sandbox.publication import MAX_VERSIONS, Publication, must_be_apart
from occtoo_frames._sandbox.selection import Asked
from occtoo_frames._sandbox.settings import Settings
from occtoo_frames._sandbox.snapshot import Snapshot, Snapshots
from occtoo_frames._sandbox.store import Store
from occtoo_frames._sandbox.store_inbox import Arrival
from occtoo_frames._sandbox.store_media import MediaStore
from occtoo_frames._sandbox.tokens import Tokens
from occtoo_frames._sandbox.view import View, view
from occtoo_frames.protocol import rules


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who may push and who may read; the secrets are not in the repr."""

    provider_id: str
    provider_secret: str
    client_id: str
    client_secret: str
    destination_id: str

    def __repr__(self) -> str:
        return f"Credentials(provider_id={self.provider_id!r}, client_id={self.client_id!r}, …)"

    def is_provider(self, identity: str, secret: str) -> bool:
        """True if these are the data provider's."""
        return _same(identity, self.provider_id) & _same(secret, self.provider_secret)

    def is_application(self, identity: str, secret: str) -> bool:
        """True if these are the application's."""
        return _same(identity, self.client_id) & _same(secret, self.client_secret)


class Core:
    """One platform: its store, its keeper and what was made of them. Safe to call from any thread."""

    def __init__(self, path: Path, settings: Settings, *, durable: bool) -> None:
        self.settings = settings
        self.tokens = Tokens(settings.token_lifetime_s)
        self.store = Store(path, durable=durable)
        self.credentials = _credentials(self.store.setting)
        self.collector = Collector(path.with_name(f"{path.name}.collector"), self.store.setting, durable=durable)
        self.portal = Portal(path.with_name(f"{path.name}.portal"), self.store.setting, durable=durable)
        self._snapshots = Snapshots(self.store)
        self._keeper = Keeper(self.store, settings.visibility_delay_s, self._snapshots.mark)
        self._asked: dict[str, Asked] = {}
        self._publishing = Lock()
        self._names = Vocabulary()
        self.media = Library(
            path.with_name(f"{path.name}.media"),
            MediaStore(self.store),
            delay_s=settings.media_delay_s,
            durable=durable,
        )
        self.fetcher = Fetcher(self.media, hosts(settings.media_hosts), settings.media_max_bytes)
        self.sources = self.store.sources()
        self.publications = {
            published.address: published for published in map(Publication.from_json, self.store.publications())
        }

    def close(self) -> None:
        """The file is complete and free."""
        self.fetcher.stop()
        self.portal.close()
        self.collector.stop()
        self._keeper.stop()
        self.store.close()

    def add_source(self, name: str) -> int:
        """The number of the source ``name``, which exists from now on.

        Raises:
            ValueError: It is no name.
        """
        if not isinstance(name, str) or not rules.is_id(name):
            raise ValueError(f"{name!r} cannot name a source: 1 to {rules.KEY_MAX_LENGTH} of A-Z, a-z, 0-9, _ and -")
        number = self.store.add_source(name)
        self.sources = self.store.sources()
        return number

    def accept(self, source: str, body: bytes, correlation: str | None) -> None:
        """The import in ``body`` is durable, and becomes visible soon.

        Raises:
            KeyError: There is no such source.
            RefusedError: The body breaks a rule.
        """
        number = self.sources[source]
        folded = fold_import(body, self.settings.limits, self._names, lenient=self.settings.lenient)
        if folded.count:
            self._keeper.accept(Arrival(number, folded.documents, folded.columns, correlation))

    def settle(self, timeout_s: float) -> None:
        """Every accepted import is visible."""
        self._keeper.settle(timeout_s)

    def publish(self, published: Publication) -> None:
        """``published`` stands at its address.

        Raises:
            ValueError: A source is missing, a relation is called as a property that was pushed, or the destination has
                too many versions.
        """
        needed = {published.source, *(source for source, _ in published.relations.values())}
        missing = sorted(needed - set(self.sources))
        if missing:
            raise ValueError(f"no such source: {', '.join(missing)}; add_source first")
        if published.relations and published.properties is None:
            must_be_apart(published, {split_column(column)[0] for column in self.snapshot(published.source).columns})
        with self._publishing:
            versions = {
                other.version for other in self.publications.values() if other.destination == published.destination
            }
            if len(versions | {published.version}) > MAX_VERSIONS:
                raise ValueError(f"{published.destination} has {MAX_VERSIONS} active versions already")
            self.store.publish(published.address, published.to_json())
            self.publications = {**self.publications, published.address: published}

    def endpoints(self, destination: str, version: str) -> list[Publication]:
        """What is published under one version of a destination."""
        base = f"{destination}/{version}"
        return [published for published in self.publications.values() if published.base == base]

    def snapshot(self, source: str) -> Snapshot:
        """The visible entries of a source."""
        return self._snapshots.of(self.sources[source])

    def asked(self, published: Publication) -> Asked:
        """The view of an endpoint as of now, with what it was asked before."""
        return self._of(published.address, published)

    def related(self, published: Publication) -> dict[str, View]:
        """The view of each relation of an endpoint."""
        return {
            name: self._of(f"{published.address}/{name}", related_publication(published, source)).view
            for name, (source, _) in published.relations.items()
        }

    def _of(self, place: str, published: Publication) -> Asked:
        snapshot = self.snapshot(published.source)
        held = self._asked.get(place)
        if held is None or held.view.snapshot is not snapshot or held.view.publication != published:
            held = self._asked[place] = Asked(view(published, snapshot))
        return held


def related_publication(published: Publication, source: str) -> Publication:
    """How the entries of ``source`` show as relations of an endpoint: with every property, all types found."""
    return Publication(
        destination=published.destination,
        endpoint=published.endpoint,
        version=published.version,
        source=source,
        languages=published.languages,
    )


def _credentials(setting: Callable[[str, str], str]) -> Credentials:
    def remembered(name: str, size: int) -> str:
        return setting(name, token_urlsafe(size))

    return Credentials(
        provider_id=remembered("provider_id", 9),
        provider_secret=remembered("provider_secret", 24),
        client_id=remembered("client_id", 9),
        client_secret=remembered("client_secret", 24),
        destination_id=remembered("destination_id", 9),
    )


def _same(given: str, right: str) -> bool:
    return compare_digest(given.encode(), right.encode())
