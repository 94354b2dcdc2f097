"""Endpoints as pandera schemas."""

from pathlib import Path
from typing import Any

import pandera.errors
import polars as pl
import pytest
from reading_box import Box

from occtoo_frames._api.destination import destination
from occtoo_frames._api.read import read_destination
from occtoo_frames._read.destination import parse_address, to_destination
from occtoo_frames._read.pandera_schema import Backend
from occtoo_frames.exceptions import ConfigurationError

CONTRACT = Path(__file__).parent.parent / "contract"


@pytest.mark.parametrize("backend", ["pandas", "polars"])
def test_what_is_read_fits_the_schema(box: Box, shop: str, backend: Backend) -> None:
    """Full, empty, and not when something else stands there."""
    schema = destination(shop, box.connection).pandera_schema("products", backend=backend)
    full = read_destination(shop, frame=backend, connection=box.connection)
    schema.validate(full)
    schema.validate(full.head(0))
    broken: Any = full.drop("price", axis=1) if backend == "pandas" else full.with_columns(pl.lit(1).alias("name"))
    with pytest.raises((pandera.errors.SchemaError, pandera.errors.SchemaErrors)):
        schema.validate(broken)


@pytest.mark.parametrize("backend", ["pandas", "polars"])
@pytest.mark.parametrize("document", sorted(CONTRACT.glob("openapi_*.json")), ids=lambda path: path.stem)
def test_the_source_of_a_schema_makes_the_same_schema(document: Path, backend: Backend) -> None:
    """For every document; it runs by itself."""
    found = to_destination(parse_address("https://g.test/a/b/v1"), document.read_bytes())
    for endpoint in found.endpoints:
        made: dict[str, Any] = {}
        exec(found.pandera_source(endpoint, backend=backend), made)  # noqa: S102 - what is tested
        same = found.pandera_schema(endpoint, backend=backend)
        assert repr(made["schema"]) == repr(same)
        assert [str(one.dtype) for one in made["schema"].columns.values()] == [
            str(one.dtype) for one in same.columns.values()
        ]


def test_an_unknown_backend_is_refused() -> None:
    """By name."""
    found = to_destination(parse_address("https://g.test/a/b/v1"), (CONTRACT / "openapi_get_only.json").read_bytes())
    with pytest.raises(ConfigurationError, match="neither"):
        found.pandera_schema("items", backend="spark")  # type: ignore[arg-type]
