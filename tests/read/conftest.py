"""A sandbox with a small shop, and a connection to it."""

from collections.abc import Iterator

import polars as pl
import pytest
from reading_box import Box, product

from occtoo_frames._api.read import read_destination
from occtoo_frames._api.scan import scan_destination
from occtoo_frames._sandbox.platform import LocalPlatform


@pytest.fixture(scope="session")
def box() -> Iterator[Box]:
    """A running sandbox and a connection to it."""
    with LocalPlatform(visibility_delay_s=0) as platform:
        yield Box(platform)


@pytest.fixture(scope="session")
def shop(box: Box) -> str:
    """The address of 25 products: texts in en and sv, numbers, lists, times, images; some gaps."""
    media = box.source()
    box.put(
        media, {f"m{n}": [("url", f"https://cdn.test/{n}.jpg", None), ("size", str(n * 10), None)] for n in range(4)}
    )
    products = box.source()
    box.put(products, {f"p{n:02}": product(n) for n in range(25)})
    return box.platform.publish(
        "shop",
        "products",
        source=products,
        languages=["en", "sv"],
        types={
            "name": "LocalizedText",
            "category": "Text",
            "price": "Decimal",
            "stock": "Integer",
            "active": "Boolean",
            "made": "Timestamp",
            "tags": "List",
            "imageIds": "List",
        },
        facets=["category"],
        relations={"images": (media, "imageIds")},
    )


@pytest.fixture(scope="session")
def table(box: Box, shop: str) -> pl.DataFrame:
    """The shop, read."""
    frame: pl.DataFrame = read_destination(shop, connection=box.connection, frame="polars")
    return frame


@pytest.fixture(scope="session")
def scan(box: Box, shop: str) -> pl.LazyFrame:
    """The shop, scanned in pages of 4."""
    return scan_destination(shop, connection=box.connection, page_size=4)
