"""A portal for each test, and the random tables beside this file importable."""

import sys
from pathlib import Path

import pytest

import occtoo_frames as of

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def box():
    """A sandbox; its portal is the default connection's."""
    with of.sandbox() as opened:
        yield opened
