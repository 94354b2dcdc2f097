"""What the tests of journals and snapshots share: a source, a connection to it, and bodies of few entries."""

import pytest
from sync_source import Source, connection_to, small_cut

from occtoo_frames._push import plan, planning
from occtoo_frames._sync import changes


@pytest.fixture(autouse=True)
def _small_bodies(monkeypatch):
    """Plans of a few rows have many batches."""
    for module in (plan, planning, changes):
        monkeypatch.setattr(module, "cut", small_cut)


@pytest.fixture
def source():
    """An empty source."""
    return Source()


@pytest.fixture
def connection(source, tmp_path):
    """A connection to it."""
    return connection_to(source, tmp_path)
