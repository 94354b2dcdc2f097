"""A sandbox for each file, a source for each test."""

import pytest

import occtoo_frames as of


@pytest.fixture(scope="module")
def box():
    """One sandbox for the tests of a file; each has a source of its own."""
    with of.sandbox() as running:
        yield running


@pytest.fixture
def source(box, request):
    """A new source."""
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)[:80]
    box.add_source(name)
    yield name
    box.clear_faults()
