"""``of.sandbox``: the local platform, and the connection to it."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from inspect import signature
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from occtoo_frames._given import to_count
from occtoo_frames._read.names import hint
from occtoo_frames._session.local import LocalConnection
from occtoo_frames.exceptions import ConfigurationError, NotSettledError

if TYPE_CHECKING:
    from occtoo_frames._sandbox.platform import LocalPlatform

_LAST_PORT = 65_535


class Sandbox:
    """A platform of your own on 127.0.0.1: real HTTP, a real database, no network.

    Inside its ``with`` it is the default connection. Without a path it keeps nothing, journals and snapshots of pushes
    neither; with one every acknowledged import survives a kill.

    Attributes:
        url: Its origin, for imports and destinations alike.
        connection: A Connection with its credentials, which looks nowhere else.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None, port: int = 0, **limits: Any) -> None:
        self._local = _started(path, port, limits)
        self._closed = False
        self._state = None if path is not None else _throw_away()
        self.url: str = self._platform.url
        self.connection = LocalConnection(
            provider_id=self._platform.provider_id,
            provider_secret=self._platform.provider_secret,
            client_id=self._platform.client_id,
            client_secret=self._platform.client_secret,
            destination_id=self._platform.destination_id,
            ingest_url=self.url,
            destinations_url=self.url,
            global_url=self.url,
            carecloud_url=self.url,
            carecloud_api_key=self._platform.portal.api_key,
            carecloud_workspace=self._platform.portal.workspace,
            carecloud_bucket=self._platform.portal.bucket,
            datatile_url=self.url,
            datatile_token=self._platform.collector.token,
            state_dir=None if self._state is None else self._state.name,
        )

    @property
    def _platform(self) -> "LocalPlatform":
        if self._closed:
            raise ConfigurationError("this sandbox is closed and nothing of it runs any more: make another one")
        return self._local

    def __enter__(self) -> Self:
        _ = self._platform
        self.connection.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.__exit__(kind, error, trace)
        self.close()

    def close(self) -> None:
        """Nothing of it runs any more, and without a path nothing of it is left."""
        self._closed = True
        self._local.stop()
        if self._state is not None:
            self._state.cleanup()

    def add_source(self, name: str) -> None:
        """The source ``name`` exists and may be pushed to.

        Raises:
            ConfigurationError: It is no name.
        """
        with _in_words():
            self._platform.add_source(name)

    def publish(
        self,
        destination: str,
        endpoint: str,
        *,
        source: str,
        languages: Iterable[str] = ("en",),
        types: Mapping[str, str] | None = None,
        facets: Iterable[str] | Mapping[str, int] = (),
        relations: Mapping[str, tuple[str, str]] | None = None,
        protected: bool = False,
        version: str = "v1",
        **more: Any,
    ) -> str:
        """The address of an endpoint that gives the entries of ``source``.

        Args:
            destination: The destination's id, the second part of the address.
            endpoint: The endpoint's id, the last part.
            source: Whose entries it gives.
            languages: The published languages, the default one first.
            types: Types of properties (``Text``, ``LocalizedText``, ``List``, ``LocalizedList``, ``Boolean``,
                ``Integer``, ``Decimal``, ``Timestamp``); the others are inferred from what was pushed.
            facets: The properties that are counted, or how many values of each at most: ``{"category": 20}``.
            relations: ``{"images": ("media", "imageIds")}``: the entries of another source whose keys a property lists.
            protected: Whether an application's token is needed.
            version: The version of the destination: ``v1``, ``v2``, …
            more: Anything else that the sandbox can publish.

        Raises:
            ConfigurationError: A part of it is none, a source is missing, or there are three versions already.
        """
        with _in_words():
            return self._platform.publish(
                destination,
                endpoint,
                source=source,
                languages=languages,
                types=types,
                facets=facets,
                relations=relations,
                protected=protected,
                version=version,
                **more,
            )

    def settle(self, timeout_s: float = 30.0) -> None:
        """Every import that was acknowledged is visible.

        Raises:
            NotSettledError: Not within ``timeout_s``.
        """
        try:
            self._platform.settle(timeout_s=timeout_s)
        except TimeoutError as error:
            raise NotSettledError(str(error)) from None

    def faults(
        self,
        kind: str,
        *,
        on: str = "",
        after: int = 0,
        times: int | None = 1,
        probability: float = 1.0,
        status: int | None = None,
        retry_after: float | datetime | str | None = None,
        delay_s: float | None = None,
        rate: float | None = None,
    ) -> None:
        """From now on it misbehaves as real servers do, after the faults asked for before.

        Args:
            kind: ``status`` (a refusal in JSON), ``html`` (a page where JSON should be), ``broken_json``, ``limit``
                (429 for what comes faster than ``rate``), ``slow``, ``cut`` (reset before anything is done),
                ``cut_after`` (reset when all is done), ``cut_answer`` (half an answer), ``gzip`` (says that it is
                compressed, and is not), ``expire_tokens``.
            on: A part of ``POST /import/{source}``, of ``POST /import/products`` and so on; empty for everywhere.
            after: How many requests there are spared before.
            times: How often; None without end.
            probability: How likely, each time.
            status: Of ``status``, ``html``, ``broken_json`` and ``limit``.
            retry_after: Of ``status``, ``html`` and ``limit``: seconds, a moment with its zone, or the very text.
            delay_s: Of ``slow``.
            rate: Of ``limit``: how many requests a second are let through.

        Raises:
            ConfigurationError: There is no such kind, it takes no such option, or no request is as ``on`` says.
        """
        with _in_words():
            self._platform.faults(
                kind,
                on=on,
                after=after,
                times=times,
                probability=probability,
                status=status,
                retry_after=retry_after,
                delay_s=delay_s,
                rate=rate,
            )

    def clear_faults(self) -> None:
        """Nothing goes wrong on purpose any more."""
        self._platform.clear_faults()

    @property
    def faults_met(self) -> Mapping[str, int]:
        """How often each kind of fault has happened."""
        return self._local.faults_met

    def entries(self, source: str) -> Any:
        """The entries that ``source`` holds, as the store has them; for looking at in tests.

        Raises:
            ConfigurationError: There is no such source.
        """
        known = self._platform.sources
        if source not in known:
            raise ConfigurationError(f"the sandbox has no source {source!r}; {hint(source, known)}")
        return self._platform.entries(source)

    @property
    def datatile_folder(self) -> str:
        """The hash of a ready folder of the collector."""
        return self._platform.collector.folder

    @property
    def collector(self) -> Any:
        """DATATILE's collector itself, for looking at in tests.

        ``dataset(hash)``, ``databases()``, ``limits``, ``pause()``, ``resume()``, ``add_folder()``, ``renew_token()``.
        """
        return self._platform.collector

    @property
    def requests_seen(self) -> Mapping[str, int]:
        """How many requests were made, by method and route."""
        return self._local.requests_seen

    def __repr__(self) -> str:
        return f"Sandbox({self.url!r})"


def sandbox(path: str | os.PathLike[str] | None = None, port: int = 0, **limits: Any) -> Sandbox:
    """A local platform, started; as a context manager it is the default connection while open, and stops at the end.

    Args:
        path: The database file, or None to keep nothing.
        port: Where to listen on 127.0.0.1; 0 takes a free port.
        limits: ``visibility_delay_s``, ``token_lifetime_s``, ``max_body_bytes``, ``max_entities``,
            ``max_entity_bytes``, ``lenient``, ``tenant``; ``media_hosts`` (from where links are fetched, nowhere by
            default), ``media_delay_s``, ``media_max_bytes``.

    Raises:
        ConfigurationError: The extra ``sandbox`` is missing, an option is none or has a value that means nothing, or
            the file or the port cannot be used: another one has it, it is no sandbox's, or it cannot be opened.
    """
    return Sandbox(path, port, **limits)


def _started(path: str | os.PathLike[str] | None, port: int, limits: Mapping[str, Any]) -> "LocalPlatform":
    try:
        from occtoo_frames._sandbox.platform import LocalPlatform
        from occtoo_frames._sandbox.store import UnusableFileError
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"the sandbox needs {error.name}: pip install 'occtoo_frames[sandbox]'") from None
    port = to_count(port, "port", 0, _LAST_PORT)
    known = [name for name in signature(LocalPlatform).parameters if name not in {"path", "port"}]
    for name in limits:
        if name not in known:
            raise ConfigurationError(f"the sandbox has no option {name!r}; {hint(name, known)}")
    try:
        platform = LocalPlatform(None if path is None else os.fspath(path), port, **limits)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"the sandbox cannot be made so: {error}") from None
    try:
        return platform.start()
    except UnusableFileError as error:
        raise ConfigurationError(str(error)) from None
    except OSError as error:
        raise ConfigurationError(f"the sandbox cannot start: {error}") from None


@contextmanager
def _in_words() -> Iterator[None]:
    """What the platform refuses is an error of ours."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise ConfigurationError(str(error)) from None


def _throw_away() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="occtoo-state-", ignore_cleanup_errors=True)
