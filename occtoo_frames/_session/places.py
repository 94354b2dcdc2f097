"""Where credentials and addresses stand: which names there are, which belong together, and the places they come from.

Takes what was said in code and an environment, gives settings; reads the profile file and the keyring, nothing else.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeGuard

from platformdirs import user_config_dir

from occtoo_frames._session.secret import Secret, wrapped
from occtoo_frames.exceptions import ConfigurationError

SERVICE = "occtoo-frames"
"""The name under which a keyring holds secrets, each as user ``<profile>/<name>``."""

DEFAULT_PROFILE = "default"


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that belong together: credentials, and the addresses that they may be sent to."""

    name: str
    credentials: tuple[str, ...]
    addresses: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return self.credentials + self.addresses


GROUPS: Mapping[str, Group] = MappingProxyType(
    {
        group.name: group
        for group in (
            Group("provider", ("provider_id", "provider_secret"), ("ingest_url",)),
            Group("application", ("client_id", "client_secret", "destination_id"), ("destinations_url", "global_url")),
            Group("carecloud", ("carecloud_api_key", "carecloud_workspace", "carecloud_bucket"), ("carecloud_url",)),
            Group("datatile", ("datatile_token",), ("datatile_url",)),
        )
    }
)

SECRETS = frozenset({"provider_secret", "client_secret", "carecloud_api_key", "datatile_token", "proxy"})
"""Those that are never shown; a proxy may have a password in it."""

ADDRESSES = frozenset(name for group in GROUPS.values() for name in group.addresses)
"""Those that are shown once they are checked; until then there may be a password in one."""

DEFAULTS: Mapping[str, str] = MappingProxyType(
    {
        "ingest_url": "https://ingest.occtoo.com",
        "destinations_url": "https://destinations.occtoo.com",
        "global_url": "https://global.occtoo.com",
    }
)
"""The platform's hosts (doc)."""

_PLACE = re.compile(r"\(at (line \d+, column \d+|end of document)\)")

NAMES = frozenset(name for group in GROUPS.values() for name in group.names) | {"proxy"}
"""Every setting that a place may hold."""


def variable(name: str) -> str:
    """The environment variable of a setting: ``OCCTOO_PROVIDER_ID``, ``CARECLOUD_URL``, ``DATATILE_TOKEN``."""
    return name.upper() if name.startswith(("carecloud_", "datatile_")) else f"OCCTOO_{name.upper()}"


@dataclass(frozen=True, slots=True)
class Place:
    """One place and what stands in it."""

    name: str
    values: Mapping[str, str | Secret]


def said(place: str, values: Mapping[str, str | Secret | None]) -> Place:
    """A place with the values that are not None and not empty, masked if they are or may hold a secret.

    Nothing is raised: what is no text is found when it is checked, in frames that hold masked values only.
    """
    return Place(place, {name: _sealed(name, value) for name, value in values.items() if _is_said(value)})


def _is_said(value: object) -> TypeGuard[str | Secret]:
    return bool(value) if isinstance(value, str | Secret) else value is not None  # others may have no truth


def _sealed(name: str, value: str | Secret) -> str | Secret:
    if name in SECRETS:
        return wrapped(value, name)
    return Secret(str(value)) if name in ADDRESSES else str(value)


def environment(variables: Mapping[str, str]) -> Place:
    """What stands in the environment."""
    return said("the environment", {name: variables.get(variable(name)) for name in NAMES})


def profiles_path() -> Path:
    """Where profiles stand: ``<user config dir>/occtoo-frames/profiles.toml``, a table for each."""
    return Path(user_config_dir("occtoo-frames", appauthor=False)) / "profiles.toml"


def profile(name: str | None, path: Path | None = None) -> Place:
    """The profile ``name``; without a name the one called ``default``, empty if there is none.

    Raises:
        ConfigurationError: The named one does not exist, or the file cannot be read.
    """
    found = _profile(name, path or profiles_path())
    if isinstance(found, str):  # raised here, where no local variable holds the file's texts
        raise ConfigurationError(found)
    return found


def _profile(name: str | None, file: Path) -> Place | str:
    """The profile, or what is wrong with it."""
    tables = _tables(file)
    if isinstance(tables, str):
        return tables
    wanted = name or DEFAULT_PROFILE
    if wanted not in tables and name is not None:
        return f"there is no profile {name!r} in {file}; known: {', '.join(sorted(tables)) or 'none'}"
    values = tables.get(wanted, {})
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        return f"the profile {wanted!r} in {file} must be a table of texts"
    strange = sorted(set(values) - NAMES)
    if strange:
        return f"the profile {wanted!r} in {file} holds unknown names: {', '.join(strange)}"
    return said(f"the profile {wanted!r}", values)


def _tables(file: Path) -> dict[str, Any] | str:
    """What stands in the file, nothing if there is none, or what is wrong with it."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))  # of its words nothing else: they may quote the file
        return f'{file} is no TOML{f", at {place[1]}" if place else ""}: a table is [name], a line in it name = "text"'
    except UnicodeDecodeError as error:
        return f"{file} is no text in UTF-8, on line {error.object[: error.start].count(10) + 1}"
    except OSError as error:
        return f"{file} cannot be read: {error.strerror}"


def keyring(profile_name: str, names: tuple[str, ...]) -> Place:
    """What the system's keyring holds of ``names``; nothing if the extra is missing or the keyring is locked."""
    try:
        import keyring as library
        from keyring.errors import KeyringError
    except ImportError:
        return Place("the keyring", {})
    try:
        found = {name: library.get_password(SERVICE, f"{profile_name}/{name}") for name in names}
    except (KeyringError, RuntimeError, OSError):
        return Place("the keyring", {})
    return said("the keyring", found)


def with_keyring(place: Place, profile_name: str) -> Place:
    """A profile together with the secrets that it left to the keyring, which count as standing in it."""
    missing: list[str] = []
    for group in GROUPS.values():
        absent = [name for name in group.credentials if name not in place.values]
        if absent and len(absent) < len(group.credentials) and SECRETS.issuperset(absent):
            missing += absent
    if not missing:
        return place
    return Place(place.name, {**place.values, **keyring(profile_name, tuple(missing)).values})
