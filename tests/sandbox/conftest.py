"""A platform of one's own, and a client of it."""

from collections.abc import Iterator

import pytest
from sandbox_client import Client

from occtoo_frames._sandbox.platform import LocalPlatform


@pytest.fixture
def platform() -> Iterator[LocalPlatform]:
    """A platform with the source ``products``."""
    with LocalPlatform() as running:
        running.add_source("products")
        yield running


@pytest.fixture
def client(platform: LocalPlatform) -> Iterator[Client]:
    """A client of that platform."""
    made = Client(platform)
    with made.session:
        yield made
