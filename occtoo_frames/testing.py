"""For tests of code that uses this package: a pytest plugin with a sandbox and a bad network in front of it.

Installed with the package, so its fixtures are there without an import; pytest and the extra ``sandbox`` are needed.
Gives the fixtures ``occtoo_sandbox`` and ``occtoo_faults``, and ``FaultProxy`` and ``through`` for tests of one's own.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from occtoo_frames._api.sandbox import Sandbox, sandbox
from occtoo_frames._sandbox.proxy import FaultProxy
from occtoo_frames._session.connection import Connection
from occtoo_frames._session.local import LocalConnection
from occtoo_frames._session.places import NAMES

__all__ = ["FaultProxy", "occtoo_faults", "occtoo_sandbox", "through"]


@pytest.fixture
def occtoo_sandbox() -> Iterator[Sandbox]:
    """A sandbox of this test's own, empty; it is the default connection while the test runs."""
    with sandbox() as box:
        yield box


@pytest.fixture
def occtoo_faults(occtoo_sandbox: Sandbox) -> Iterator[FaultProxy]:
    """A bad network before ``occtoo_sandbox``: the default connection leads through it while the test runs."""
    with FaultProxy(occtoo_sandbox.url) as proxy, through(proxy, occtoo_sandbox.connection):
        yield proxy


def through(proxy: FaultProxy, connection: Connection, **options: Any) -> Connection:
    """A connection with the credentials of ``connection`` that reaches its addresses through ``proxy``.

    What is known of its sources is kept where ``connection`` keeps it. Nothing else is looked up, no other proxy among
    it.

    Args:
        proxy: The proxy.
        connection: A connection to what the proxy stands before.
        options: ``timeout_s``, ``retry`` and whatever else a Connection takes.
    """
    known = {name: connection.setting(name) for name in NAMES if hasattr(Connection, name)}
    settings = {name: value for name, value in known.items() if value is not None}
    addresses = {name: proxy.through(value) for name, value in settings.items() if name.endswith("_url")}
    return LocalConnection(**{**settings, **addresses, "state_dir": connection.state_dir, **options})
