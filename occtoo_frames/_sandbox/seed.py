"""A small catalogue to start with: two sources, and an endpoint of both. Knows the platform's handle only."""

from collections.abc import Mapping

from occtoo_frames._sandbox.intake import split_column
from occtoo_frames._sandbox.platform import LocalPlatform
from occtoo_frames.protocol.ingest import Entity, Property

_PRODUCTS = {
    "chair-1": {
        "name:en": "Blue chair",
        "name:sv": "Blå stol",
        "tags": "wood|kitchen",
        "price": "1299.00",
        "stock": "12",
    },
    "chair-2": {"name:en": "Red armchair", "name:sv": "Röd fåtölj", "tags": "velvet", "price": "3490.50", "stock": "3"},
    "table-1": {"name:en": "Oak table", "name:sv": "Ekbord", "tags": "wood", "price": "5990.00", "stock": "0"},
}
_IMAGE_IDS = {"chair-1": "img-1", "chair-2": "img-2|img-1", "table-1": ""}
_IMAGES = {
    "img-1": {"url": "https://example.com/img-1.jpg", "width": "800"},
    "img-2": {"url": "https://example.com/img-2.jpg", "width": "1200"},
}


def plant(platform: LocalPlatform) -> str:
    """The address of the endpoint ``products`` of the destination ``shop``; its entries are on their way."""
    platform.add_source("products")
    platform.add_source("images")
    products = {key: {**values, "imageIds": _IMAGE_IDS[key]} for key, values in _PRODUCTS.items()}
    platform.accept("products", [_entity(key, values) for key, values in products.items()])
    platform.accept("images", [_entity(key, values) for key, values in _IMAGES.items()])
    return platform.publish(
        "shop",
        "products",
        source="products",
        languages=["en", "sv"],
        types={"tags": "List", "imageIds": "List"},
        facets=["tags"],
        relations={"images": ("images", "imageIds")},
    )


def _entity(key: str, values: Mapping[str, str]) -> Entity:
    pairs = [(split_column(column), value) for column, value in values.items()]
    return Entity(key, tuple(Property(name, value, language) for (name, language), value in pairs))
