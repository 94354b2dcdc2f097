"""Which place wins: takes what was said in code, gives the settings of each group from one place.

A group's id, secret and addresses come from one place. A place that holds only a part of a group, beside another
that holds the rest, is an error: a secret must never go to an address that somebody else had in mind.
"""

import os
from collections.abc import Sequence
from typing import TypeAlias

from occtoo_frames._session.address import checked_address
from occtoo_frames._session.places import (
    ADDRESSES,
    DEFAULT_PROFILE,
    GROUPS,
    Group,
    Place,
    environment,
    variable,
    with_keyring,
)
from occtoo_frames._session.places import profile as read_profile
from occtoo_frames._session.proxies import Masked, checked_proxies
from occtoo_frames._session.secret import Secret
from occtoo_frames.exceptions import ConfigurationError

Settings: TypeAlias = dict[str, str | Secret]


def places_of(given: Place, profile: str | None) -> list[Place]:
    """The places in their order: arguments, a profile named in code, the environment, the profile it names."""
    surroundings = environment(os.environ)
    if profile is not None:
        return [given, with_keyring(read_profile(profile), profile), surroundings]
    named = os.environ.get("OCCTOO_PROFILE") or None
    return [given, surroundings, with_keyring(read_profile(named), named or DEFAULT_PROFILE)]


def proxy_of(places: Sequence[Place]) -> Secret | None:
    """The proxy that the first of the places names, or None."""
    return next((Secret(place.values["proxy"]) for place in places if "proxy" in place.values), None)


def checked_proxy(places: Sequence[Place]) -> Masked:
    """The proxy that the first of the places names, if requests can go through it."""
    place = next((place for place in places if "proxy" in place.values), None)
    if place is None:
        return Masked(None)
    return checked_proxies(Masked(place.values["proxy"]), f"the proxy in {place.name} ({variable('proxy')}, or proxy)")


def checked(values: Settings) -> Settings:
    """The settings of a group, its addresses checked, which may be shown from now on.

    Raises:
        ConfigurationError: An address is none that credentials may be sent to, or a secret is no text.
    """
    return {name: _checked(name, value) for name, value in values.items()}


def _checked(name: str, value: str | Secret) -> str | Secret:
    if not isinstance(value, Secret):
        return value
    return checked_address(value, name) if name in ADDRESSES else Secret(value)  # which raises for what is no text


def settle(places: Sequence[Place]) -> dict[str, Settings]:
    """The settings of each group, from the first place that holds any of it.

    Raises:
        ConfigurationError: Two places hold one group's settings between them.
    """
    return {name: settle_group(group, places) for name, group in GROUPS.items()}


def settle_group(group: Group, places: Sequence[Place]) -> Settings:
    """The settings of ``group`` from the first place that holds any.

    A later place is overridden as a whole if it has all credentials of the group; one with only a part was meant to
    complete the first.

    Raises:
        ConfigurationError: A later place would complete the first.
    """
    holding = [place for place in places if any(name in place.values for name in group.names)]
    if not holding:
        return {}
    first, *later = holding
    complete = [place for place in holding if set(group.credentials) <= set(place.values)]
    for place in later:
        missing = [name for name in group.names if name in place.values and name not in first.values]
        if missing and not (first in complete and place in complete):
            raise ConfigurationError(_mixed(group, first, place, missing))
    return {name: first.values[name] for name in group.names if name in first.values}


def _mixed(group: Group, first: Place, second: Place, missing: Sequence[str]) -> str:
    there = ", ".join(name for name in group.names if name in first.values)
    return (
        f"one set of credentials in two places: {there} from {first.name} and {', '.join(missing)} from "
        f"{second.name}; id, secret and addresses come from one place, so give them all in one of the two"
    )
