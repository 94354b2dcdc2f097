"""Connections: credentials, addresses and patience in one value, and this process's default one.

Takes what is said in code, then the environment, a profile and the keyring; gives a ``Session`` that carries requests.
"""

import os
from collections.abc import Callable
from functools import partial
from inspect import signature
from threading import RLock
from typing import Any, ParamSpec

from occtoo_frames._session.address import origin_of
from occtoo_frames._session.auth import application_token, provider_token
from occtoo_frames._session.compression import Compress, checked_compress
from occtoo_frames._session.default import Openable, connected, default_or
from occtoo_frames._session.options import Setting, checked_file, checked_folder, checked_retry, checked_timeout
from occtoo_frames._session.places import DEFAULT_PROFILE, DEFAULTS, GROUPS, NAMES, keyring, said, variable
from occtoo_frames._session.proxies import Masked, Proxies, checked_proxies
from occtoo_frames._session.retry import RetryPolicy
from occtoo_frames._session.run import Clock
from occtoo_frames._session.secret import Secret
from occtoo_frames._session.session import Access, Grant, Session
from occtoo_frames._session.settings import Settings, checked, checked_proxy, places_of, proxy_of, settle, settle_group
from occtoo_frames._session.transport import RequestsTransport, Transport
from occtoo_frames.exceptions import ConfigurationError

P = ParamSpec("P")

PATIENCE = RetryPolicy()
"""How patient a connection is unless told otherwise."""


class Connection(Openable):
    """Credentials, addresses and patience; reads and pushes go through it, from any number of threads.

    What is not given is looked up: a ``profile`` named here, the environment (``OCCTOO_PROVIDER_ID``, …), the profile
    that ``OCCTOO_PROFILE`` names or ``default``, the keyring. Id, secret and addresses that belong together come from
    one place. As a context manager it is this process's default while open.

    Args:
        provider_id: The data provider, to push.
        provider_secret: Its secret; shown to ``ingest_url`` only.
        client_id: The application, to read protected destinations.
        client_secret: Its secret; shown to ``destinations_url`` only.
        destination_id: The destination that the application's token is for.
        ingest_url: Where entries and files are taken.
        destinations_url: Where applications get their tokens.
        global_url: Where destinations answer; an application's token is shown here only.
        carecloud_url: Where CareCloud's API answers.
        carecloud_api_key: Its key.
        carecloud_workspace: The workspace.
        carecloud_bucket: The bucket that files are put into.
        datatile_url: Where the collector answers.
        datatile_token: Its token.
        profile: The profile to look into first.
        timeout_s: The longest silence of a server.
        proxies: One proxy's address, ``http://`` or ``https://``, or a dict of them by ``http``, ``https`` or ``all``;
            the environment knows ``OCCTOO_PROXY`` only.
        ca_bundle: A file of certificates to trust instead of the usual ones.
        retry: How patient to be.
        state_dir: Where journals and snapshots of pushes are kept; the user's state directory if left out.
        compress: ``"auto"`` compresses the bodies of imports where the link is slow, True on any link, False never;
            each only where the server says that it takes compressed bodies.
        transport: What carries requests; for tests.
        clock: Time and chance; for tests.

    Raises:
        ConfigurationError: Settings are malformed, or come from more than one place.
    """

    _lone = False  # whether its arguments are all it has
    provider_id: Setting[str | None] = Setting()
    provider_secret: Setting[Secret | None] = Setting()
    client_id: Setting[str | None] = Setting()
    client_secret: Setting[Secret | None] = Setting()
    destination_id: Setting[str | None] = Setting()
    ingest_url: Setting[str] = Setting()
    destinations_url: Setting[str] = Setting()
    global_url: Setting[str] = Setting()
    carecloud_url: Setting[str | None] = Setting()
    carecloud_api_key: Setting[Secret | None] = Setting()
    carecloud_workspace: Setting[str | None] = Setting()
    carecloud_bucket: Setting[str | None] = Setting()
    datatile_url: Setting[str | None] = Setting()
    datatile_token: Setting[Secret | None] = Setting()

    def __init__(
        self,
        *,
        provider_id: str | None = None,
        provider_secret: str | Secret | None = None,
        client_id: str | None = None,
        client_secret: str | Secret | None = None,
        destination_id: str | None = None,
        ingest_url: str | None = None,
        destinations_url: str | None = None,
        global_url: str | None = None,
        carecloud_url: str | None = None,
        carecloud_api_key: str | Secret | None = None,
        carecloud_workspace: str | None = None,
        carecloud_bucket: str | None = None,
        datatile_url: str | None = None,
        datatile_token: str | Secret | None = None,
        profile: str | None = None,
        timeout_s: float = 60,
        proxies: Proxies = None,
        ca_bundle: str | os.PathLike[str] | None = None,
        retry: RetryPolicy = PATIENCE,
        state_dir: str | os.PathLike[str] | None = None,
        compress: Compress = "auto",
        transport: Transport | None = None,
        clock: Clock | None = None,
    ) -> None:
        masked = Masked(proxies)
        given = said("the arguments", {name: value for name, value in locals().items() if name in NAMES})
        del provider_secret, client_secret, carecloud_api_key, datatile_token, proxies  # before anything can fail
        del ingest_url, destinations_url, global_url, carecloud_url, datatile_url  # where a password may stand
        places = [given] if self._lone else places_of(given, profile)
        self._profile = profile or (not self._lone and os.environ.get("OCCTOO_PROFILE")) or DEFAULT_PROFILE
        self._groups = {name: checked(values) for name, values in settle(places).items() if values or self._lone}
        self._made_from = (self._profile, dict(self._groups), proxy_of(places))
        self._timeout_s = checked_timeout(timeout_s)
        self._proxies = checked_proxies(masked, "proxies") or checked_proxy(places)
        self._ca_bundle = checked_file(ca_bundle)
        self._retry = checked_retry(retry)
        self._state_dir = checked_folder(state_dir)
        self._compress = checked_compress(compress)
        self._transport, self._clock = transport, clock
        self._lock = RLock()
        self._session: Session | None = None
        self._process = -1

    @property
    def session(self) -> Session:
        """What carries this connection's requests; one for each process."""
        with self._lock:
            if self._session is None or self._process != os.getpid():
                self._session, self._process = self._make_session(), os.getpid()
            return self._session

    @property
    def timeout_s(self) -> float:
        """The longest silence of a server."""
        return self._timeout_s

    @property
    def profile(self) -> str:
        """The profile that is looked into."""
        return self._profile

    @property
    def proxies(self) -> Proxies:
        """The proxies, their passwords masked."""
        return self._proxies.shown

    @property
    def ca_bundle(self) -> str | None:
        """The file of certificates that is trusted instead of the usual ones."""
        return self._ca_bundle

    @property
    def retry(self) -> RetryPolicy:
        """How patient it is."""
        return self._retry

    @property
    def state_dir(self) -> str | None:
        """Where journals and snapshots of pushes are kept; None for the user's state directory."""
        return self._state_dir

    @property
    def compress(self) -> Compress:
        """When the bodies of imports are compressed."""
        return self._compress

    def setting(self, name: str) -> Any:
        """The setting ``name``, or None; an address of the platform if none was set."""
        group = next(group for group in GROUPS.values() if name in group.names)
        return self._group(group.name).get(name, DEFAULTS.get(name))

    def require(self, group: str) -> None:
        """Returns if the credentials of ``group`` are complete.

        Raises:
            ConfigurationError: Some are missing; the message says which, and where they can be set.
        """
        needed = GROUPS[group].credentials
        missing = [name for name in needed if name not in self._group(group)]
        if missing:
            variables = ", ".join(variable(name) for name in missing)
            raise ConfigurationError(
                f"{', '.join(missing)} missing: pass to connect(), or set {variables}, or name a profile that has them"
            )

    def _group(self, name: str) -> Settings:
        """The settings of a group; the keyring is asked at last, and only if nothing else is known of it."""
        with self._lock:
            if name not in self._groups:
                found = keyring(self._profile, GROUPS[name].names)
                self._groups[name] = checked(settle_group(GROUPS[name], [found]))
            return self._groups[name]

    def _make_session(self) -> Session:
        transport = self._transport or RequestsTransport(self._proxies.reveal(), self._ca_bundle)
        return Session(
            transport,
            policy=self._retry,
            timeout_s=self._timeout_s,
            access=self._access,
            secrets=self._secrets,
            clock=self._clock,
        )

    def _secrets(self) -> list[Secret]:
        return [one for group in tuple(self._groups.values()) for one in group.values() if isinstance(one, Secret)]

    def _access(self, grant: Grant) -> Access:
        self.require(grant)
        values: Any = {name: self.setting(name) for name in GROUPS[grant].names}
        if grant == "provider":
            return Access(origin_of(values["ingest_url"]), partial(provider_token, **values))
        shown_to = origin_of(values.pop("global_url"))
        return Access(shown_to, partial(application_token, **values))

    def __repr__(self) -> str:
        groups: dict[str, Settings] = getattr(self, "_groups", {})  # without any, it was never made whole
        shown = {name: value for group in groups.values() for name, value in group.items()}
        return f"Connection({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    def __reduce__(self) -> Any:
        raise TypeError("a Connection is not pickled: make it where it is used, from a profile or the environment")


def _connecting(make: Callable[P, Connection]) -> Callable[P, Connection]:
    def connect(*args: P.args, **kwargs: P.kwargs) -> Connection:
        made = partial(make, *args, **kwargs).__call__  # its repr shows no arguments, of which one may be a secret
        del args, kwargs
        return connected(made())

    connect.__doc__ = f"""A connection, which is this process's default from now on.

    As a context manager it restores the previous default at its end.
    {(make.__doc__ or "").partition("while open.")[2]}"""
    connect.__qualname__ = "connect"
    connect.__signature__ = signature(make)  # type: ignore[attr-defined]  # help() and notebooks show it
    return connect


connect = _connecting(Connection)


def current_connection(connection: Connection | None = None) -> Connection:
    """``connection``, else this process's default, else one made from the environment, a profile and the keyring.

    Raises:
        ConfigurationError: It is no connection, or the surroundings hold a malformed one.
    """
    if connection is not None:
        if not isinstance(connection, Connection):
            raise ConfigurationError(f"connection= takes a Connection, not {type(connection).__name__}")
        return connection
    default: Connection = default_or(Connection, _made_alike)
    return default


def _made_alike(known: Connection, found: Connection) -> bool:
    return known._made_from == found._made_from  # noqa: SLF001 - this module is the connection's own
