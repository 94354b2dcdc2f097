"""The handle on the local platform: started and stopped, told what to hold and to publish. Knows no HTTP."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import msgspec

from occtoo_frames._sandbox.aims import PORTAL_KINDS, possible
from occtoo_frames._sandbox.collector import Collector
from occtoo_frames._sandbox.core import Core
from occtoo_frames._sandbox.faults import KINDS
from occtoo_frames._sandbox.lifecycle import Lifecycle
from occtoo_frames._sandbox.portal import PortalFault, PortalKeys
from occtoo_frames._sandbox.publication import one_or_several, publication
from occtoo_frames._sandbox.settings import Settings
from occtoo_frames._sandbox.traffic import Fault, RetryAfter, Traffic
from occtoo_frames.protocol.ingest import Entity
from occtoo_frames.protocol.rules import PLATFORM_LIMITS, Limits


class LocalPlatform:
    """A platform on 127.0.0.1, from ``start`` to ``stop``.

    With a path everything acknowledged survives a kill and credentials stay the same; without one nothing is kept.

    Args:
        path: The database file, or None.
        port: Where to listen, 0 for a free port.
        visibility_delay_s: How long an acknowledged import stays invisible.
        token_lifetime_s: How long tokens live.
        max_body_bytes: The longest body of an import; longer ones get 413.
        max_entities: The most entities of an import.
        max_entity_bytes: The largest entity of an import.
        lenient: Takes numbers and booleans as values of an import, as their text.
        tenant: The first part of destinations' addresses.
        media_hosts: From where links to files are fetched: host names, ``localhost`` or addresses by name, ``*`` for
            every public host; by default from nowhere.
        media_delay_s: How long a file is processed after its last byte.
        media_max_bytes: The largest file.

    Raises:
        ValueError: A value is none that its option can have.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        port: int = 0,
        *,
        visibility_delay_s: float = 0.02,
        token_lifetime_s: float = 3600.0,
        max_body_bytes: int = PLATFORM_LIMITS.max_body_bytes,
        max_entities: int = PLATFORM_LIMITS.max_entities,
        max_entity_bytes: int = PLATFORM_LIMITS.max_entity_bytes,
        lenient: bool = False,
        tenant: str = "sandbox",
        media_hosts: Iterable[str] = (),
        media_delay_s: float = 0.05,
        media_max_bytes: int = 1 << 30,
    ) -> None:
        self._settings = Settings(
            Limits(max_entities, max_body_bytes, max_entity_bytes),
            visibility_delay_s,
            token_lifetime_s,
            lenient,
            tenant,
            media_hosts=one_or_several(media_hosts),
            media_delay_s=media_delay_s,
            media_max_bytes=media_max_bytes,
        )
        self._traffic = Traffic(KINDS)
        self._life = Lifecycle(path, port, self._settings, self._traffic)

    def start(self) -> Self:
        """The platform answers at ``url``.

        Raises:
            RuntimeError: It runs already, or another process has its file.
            OSError: The port is taken.
        """
        self._life.start()
        return self

    def stop(self) -> None:
        """Nothing of it runs any more, and without a path nothing of it is left."""
        self._life.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Its origin: ingest, destinations and global at once."""
        return self._life.url

    @property
    def provider_id(self) -> str:
        """The data provider's id."""
        return self._core.credentials.provider_id

    @property
    def provider_secret(self) -> str:
        """The data provider's secret."""
        return self._core.credentials.provider_secret

    @property
    def client_id(self) -> str:
        """The application's id."""
        return self._core.credentials.client_id

    @property
    def client_secret(self) -> str:
        """The application's secret."""
        return self._core.credentials.client_secret

    @property
    def destination_id(self) -> str:
        """What the application asks for its token with."""
        return self._core.credentials.destination_id

    @property
    def collector(self) -> Collector:
        """DATATILE's collector here: its token, folders, databases and limits."""
        return self._core.collector

    @property
    def portal(self) -> PortalKeys:
        """Who may call CareCloud's portal here, in which workspace and bucket."""
        return self._core.portal.keys

    @property
    def sources(self) -> dict[str, int]:
        """How many entries each source has."""
        core = self._core
        return {name: core.store.count(number) for name, number in core.sources.items()}

    def add_source(self, name: str) -> None:
        """The source ``name`` exists and is granted to the data provider.

        Raises:
            ValueError: It is no name.
        """
        self._core.add_source(name)

    def publish(
        self,
        destination: str,
        endpoint: str,
        *,
        source: str,
        languages: Iterable[str],
        types: Mapping[str, str] | None = None,
        properties: Iterable[str] | None = None,
        facets: Iterable[str] | Mapping[str, int] = (),
        relations: Mapping[str, tuple[str, str]] | None = None,
        searchable: Iterable[str] | None = None,
        separators: Mapping[str, str] | None = None,
        protected: bool = False,
        version: str = "v1",
    ) -> str:
        """The address at which the entries of ``source`` can be read from now on.

        Args:
            destination: The second part of the address.
            endpoint: The last part of the address, in lower case.
            source: Whose entries.
            languages: The first is the one without being asked.
            types: Declared types by property; the others are found from what was pushed.
            properties: Those that are shown; None shows all.
            facets: The properties that are counted, or how many values of each at most.
            relations: By name: the related source, and the property that lists its keys.
            searchable: Where a search looks when it is not told; None is every text.
            separators: What stands between the elements of a list, where it is not ``|``.
            protected: Whether an application's token is needed.
            version: The third part of the address.

        Raises:
            ValueError: A part of it is none, a source is missing, or there are three versions already.
        """
        published = publication(
            destination,
            endpoint,
            source=source,
            languages=languages,
            types=types,
            properties=properties,
            facets=facets,
            relations=relations,
            searchable=searchable,
            separators=separators,
            protected=protected,
            version=version,
        )
        self._core.publish(published)
        return f"{self.url}/{self._settings.tenant}/{published.address}"

    def settle(self, timeout_s: float = 60.0) -> None:
        """Every acknowledged import is visible.

        Raises:
            TimeoutError: It took longer.
        """
        self._core.settle(timeout_s)

    def accept(self, source: str, entities: Iterable[Entity]) -> None:
        """The entities are durable in the source, as if imported over HTTP.

        Raises:
            KeyError: There is no such source.
            RefusedError: They break a rule.
        """
        body = {"entities": [entity.to_wire() for entity in entities]}
        self._core.accept(source, msgspec.json.encode(body), None)

    def entries(self, source: str) -> dict[str, dict[str, str]]:
        """The visible entries of a source: for each key the values by ``property`` or ``property:language``.

        Raises:
            KeyError: There is no such source.
        """
        number = self._core.sources[source]
        pieces = self._core.store.all_documents(number)
        return {
            key: msgspec.json.decode(document, type=dict[str, str])
            for piece in pieces
            for key, document in zip(piece.keys, piece.docs.split(b"\n"), strict=True)
        }

    def faults(
        self,
        kind: str,
        *,
        on: str = "",
        after: int = 0,
        times: int | None = 1,
        probability: float = 1.0,
        status: int | None = None,
        retry_after: RetryAfter | None = None,
        delay_s: float | None = None,
        rate: float | None = None,
    ) -> None:
        """From now on this goes wrong, after the faults asked for before.

        Args:
            kind: status, html, broken_json, limit, slow, cut, cut_after, cut_answer, gzip or expire_tokens; of
                CareCloud's portal, with ``on`` and ``times`` alone, ``bad_key``, ``throttle``, ``quota``,
                ``too_large``, ``gateway_timeout``, ``not_success``, ``camel_case``, ``nested_file``, ``expired_url``,
                ``wrong_etag``, ``import_fails`` or ``import_hangs``.
            on: A part of ``POST /import/{source}`` or ``POST /import/products``; empty for everywhere.
            after: How many requests there are spared before.
            times: How often; None without end.
            probability: How likely, each time.
            status: Of the kinds status, html, broken_json and limit.
            retry_after: Of the kinds status, html and limit: seconds, a moment, or the header's very text.
            delay_s: Of the kind slow.
            rate: Of the kind limit: how many requests a second are let through.

        Raises:
            ValueError: There is no such kind, it takes no such option, or no request is as ``on`` says.
        """
        asked = Fault(kind, on, after, times, probability, status, retry_after, delay_s, rate)
        fault = possible(asked, self._settings.tenant)
        if kind in PORTAL_KINDS:
            self._core.portal.trouble.add(cast("PortalFault", kind), on, times)
        else:
            self._traffic.add(fault)

    def clear_faults(self) -> None:
        """Nothing goes wrong on purpose any more."""
        self._traffic.clear()
        self._core.portal.trouble.clear()

    @property
    def faults_met(self) -> Counter[str]:
        """How often each kind of fault has happened."""
        return self._traffic.met

    def expire_tokens(self) -> None:
        """No token handed out before is valid any more."""
        self._core.tokens.expire()

    @property
    def requests_seen(self) -> Counter[str]:
        """How many requests each route got: ``POST /import/{source}``, …, whatever their answers were."""
        return self._traffic.seen

    @property
    def _core(self) -> Core:
        return self._life.core
