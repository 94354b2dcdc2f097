"""Whether a fault can happen at all: takes what was asked for, and the routes that there are.

A test whose fault waits at a misspelt route would pass without it.
"""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import get_args

from occtoo_frames._sandbox.app import routes
from occtoo_frames._sandbox.faults import KINDS
from occtoo_frames._sandbox.portal import PortalFault
from occtoo_frames._sandbox.traffic import Fault, Kinds, route_name

PORTAL_KINDS: Kinds = dict.fromkeys(get_args(PortalFault), frozenset())
"""What goes wrong in CareCloud's portal; its faults take no options of their own."""

_NAME, _PATH = "{name}", "{path}"
"""Stand for what differs from address to address: any characters but blanks, and in a name no slash."""


def possible(fault: Fault, tenant: str) -> Fault:
    """``fault``, if some request can meet it.

    Raises:
        ValueError: There is no such kind, it takes no such option, or no request holds its ``on``.
    """
    fault.checked(PORTAL_KINDS if fault.kind in PORTAL_KINDS else KINDS)
    if not any(fault.on in name or _is_part(fault.on, letters) for name, letters in _requests(tenant)):
        names = [name for name, _ in _requests(tenant)]
        likely = get_close_matches(fault.on, names, n=3, cutoff=0.3) or names[:3]
        raise ValueError(f"on={fault.on!r}: no request is such; there are {', '.join(likely)}")
    return fault


def _requests(tenant: str) -> Iterator[tuple[str, list[str]]]:
    """Each method and route: its name, and its letters with ``_NAME`` and ``_PATH`` where those stand."""
    for route in routes():
        path = route.path.replace("{tenant}", tenant)
        letters = [letter for piece in re.split(r"(\{[^}]+\})", path) for letter in _letters(piece)]
        for method in sorted(route.methods or ()):
            yield route_name(method, route.path), [*f"{method} ", *letters]


def _letters(piece: str) -> list[str]:
    if not piece.startswith("{"):
        return [*piece]
    return [_PATH if piece.endswith(":path}") else _NAME]


def _is_part(text: str, letters: list[str]) -> bool:
    """Whether ``text`` stands anywhere in a request of these letters.

    It may begin at any place. Each of its characters then moves every place where we may be on to the next letter, if
    it is that letter; where any name may stand it goes on and stays, as the name may be longer.
    """
    places = set(range(len(letters)))
    for character in text:
        places = {
            after for place in places if place < len(letters) for after in _after(place, letters[place], character)
        }
    return bool(places)


def _after(place: int, letter: str, character: str) -> tuple[int, ...]:
    if letter in {_NAME, _PATH}:
        return () if character == " " or (character == "/" and letter == _NAME) else (place, place + 1)
    return (place + 1,) if character == letter else ()
