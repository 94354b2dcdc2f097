"""A small catalogue to start with: two sources, and an endpoint of both. Knows the platform's handle only."""

from occtoo_frames._sandbox.platform import LocalPlatform
from occtoo_frames.protocol.ingest import Entity, Property

_CHAIRS = (
    ("chair-1", "Blue chair", "Blå stol", "wood|kitchen", "1299.00", "12", "img-1"),
    ("chair-2", "Red armchair", "Röd fåtölj", "velvet|living", "3490.50", "3", "img-2|img-1"),
    ("table-1", "Oak table", "Ekbord", "wood|living", "5990.00", "0", ""),
)


def plant(platform: LocalPlatform) -> str:
    """The address of the endpoint ``products`` of the destination ``shop``; its entries are on their way."""
    platform.add_source("products")
    platform.add_source("images")
    platform.accept("products", [_product(*row) for row in _CHAIRS])
    platform.accept("images", [_image("img-1", "800"), _image("img-2", "1200")])
    return platform.publish(
        "shop",
        "products",
        source="products",
        languages=["en", "sv"],
        types={"tags": "List", "imageIds": "List"},
        facets=["tags"],
        relations={"images": ("images", "imageIds")},
    )


def _product(key: str, english: str, swedish: str, tags: str, price: str, stock: str, images: str) -> Entity:
    plain = {"tags": tags, "price": price, "stock": stock, "imageIds": images}
    names = (Property("name", english, "en"), Property("name", swedish, "sv"))
    return Entity(key, (*names, *(Property(name, value) for name, value in plain.items())))


def _image(key: str, width: str) -> Entity:
    return Entity(key, (Property("url", f"https://example.com/{key}.jpg"), Property("width", width)))
