"""A sandbox that fetches from a web server of pictures beside it."""

import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import polars as pl
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from media_box import pictures, png

import occtoo_frames as of

_numbers = count()


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    """Two pictures, an empty file and a page that calls itself a picture."""
    made = tmp_path_factory.mktemp("pictures")
    (made / "chair.png").write_bytes(png(4, 3))
    (made / "table.png").write_bytes(png(5, 6, more=b"table"))
    (made / "empty.png").write_bytes(b"")
    (made / "page.jpg").write_bytes(b"<!doctype html><title>404</title>")
    return made


@pytest.fixture(scope="session")
def web(folder) -> Iterator[str]:
    """The address of a web server of these files."""
    with pictures(folder) as address:
        yield address


@pytest.fixture(scope="session")
def shared_box() -> Iterator[of.Sandbox]:
    """A sandbox that may fetch from this machine, for all tests of a process."""
    opened = of.sandbox(media_hosts=["127.0.0.1"], media_delay_s=0.02)
    yield opened
    opened.close()


@pytest.fixture
def box(shared_box) -> Iterator[of.Sandbox]:
    """That sandbox as the default connection, without faults."""
    with shared_box.connection:
        yield shared_box
    shared_box.clear_faults()


@pytest.fixture
def name():
    """Gives identifiers that no other test has."""
    return lambda: f"id-{next(_numbers)}"


@pytest.fixture
def links(web, name) -> pl.DataFrame:
    """Two products with a picture each."""
    return pl.DataFrame({"sku": [name(), name()], "image": [f"{web}/chair.png", f"{web}/table.png"]})


@pytest.fixture
def files(folder, name) -> pl.DataFrame:
    """Two products with a file each."""
    return pl.DataFrame({"sku": [name(), name()], "file": [str(folder / "chair.png"), str(folder / "table.png")]})
