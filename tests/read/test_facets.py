"""Facets as tables."""

from typing import Any

import pandas as pd
import pytest
from reading_box import Box

from occtoo_frames._api.facets import facet_chart, read_facets
from occtoo_frames._read.facets import to_facets
from occtoo_frames.exceptions import ConfigurationError, ProtocolError
from occtoo_frames.protocol.http import Response
from occtoo_frames.typing import between


def test_facets_count_each_value(box: Box, shop: str) -> None:
    """Property, header, value, count; in the kind of frame asked for."""
    frame = read_facets(shop, connection=box.connection, frame="polars")
    assert frame.columns == ["property", "header", "value", "count"]
    assert set(frame.rows()) == {
        ("category", "category", "Shoes", 9),
        ("category", "category", "Boots", 8),
        ("category", "category", "Hats", 8),
    }
    assert isinstance(read_facets(shop, connection=box.connection), pd.DataFrame)


def test_facets_are_counted_under_the_filter(box: Box, shop: str) -> None:
    """As far as the platform can be asked; otherwise they would be wrong."""
    frame = read_facets(shop, where={"active": True}, connection=box.connection, frame="polars")
    assert frame["count"].sum() == 12
    assert read_facets(shop, where={"category": "x"}, connection=box.connection, frame="polars").height == 0
    with pytest.raises(ConfigurationError, match="cannot be asked"):
        read_facets(shop, exclude={"price": between(1, 2)}, connection=box.connection)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"price": between(1, 2), "active": True, "category": []}, "for none of the values of 'category' at"),
        ({"price": 7.5}, r"for Decimal\(.*\) values of 'price' at"),
        ({"category": ["Hats", None], "tags": ""}, "missing or empty values of 'category' and .* of 'tags' at"),
    ],
)
def test_what_cannot_be_counted_is_named_with_a_way_out(box: Box, shop: str, where: Any, words: str) -> None:
    """Only the part of the filter that cannot be asked."""
    with pytest.raises(ConfigurationError, match=f"{words} .*: leave that out, or read the entries") as caught:
        read_facets(shop, where=where, connection=box.connection)
    assert "'active'" not in str(caught.value)


def test_several_languages_have_a_column(box: Box, shop: str) -> None:
    """After the property."""
    frame = read_facets(shop, language=["en", "sv"], connection=box.connection, frame="polars")
    assert frame.columns == ["property", "language", "header", "value", "count"]
    assert frame.height == 6


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_a_chart_of_facets_has_a_bar_for_each_value(box: Box, shop: str, kind: Any) -> None:
    """Of one property or of all, from any kind of frame."""
    facets = read_facets(shop, connection=box.connection, frame=kind)
    for chart in (facet_chart(facets), facet_chart(facets, "category")):
        drawn = chart.to_dict()
        values = next(iter(drawn["datasets"].values()))
        assert {name: values[0][name] for name in ("value", "count")} == {"value": "Shoes", "count": 9}


@pytest.mark.parametrize("facets", [b"null", b"[]"])
def test_no_facets_are_an_empty_table(facets: bytes) -> None:
    """With the same columns."""
    assert to_facets(Response(200, {}, b'{"results":[],"facets":' + facets + b"}")).height == 0


def test_values_are_spelt_as_filters_spell_them() -> None:
    """What has no value is null."""
    values = b'[{"key":null,"count":4},{"key":true,"count":3},{"key":"True","count":2},{"key":5,"count":1}]'
    frame = to_facets(Response(200, {}, b'{"results":[],"facets":[{"propertyId":"a","values":' + values + b"}]}"))
    assert frame.select("property", "header", "value", "count").rows() == [
        ("a", "a", None, 4), ("a", "a", "true", 3), ("a", "a", "True", 2), ("a", "a", "5", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "facets",
    [
        *(b"1", b"[1]", b"[{}]", b'[{"propertyId":"a"}]', b'[{"values":[]}]', b'[{"propertyId":5,"values":[]}]'),
        b'[{"propertyId":"a","values":[{"key":"b","count":"x"}]}]',
        b'[{"propertyId":"a","values":[{"key":"b","count":99999999999999999999}]}]',
    ],
)
def test_facets_of_another_shape_are_an_error(facets: bytes) -> None:
    """Not a guess."""
    with pytest.raises(ProtocolError, match=r"its facets are none: .+"):
        to_facets(Response(200, {}, b'{"results":[],"facets":' + facets + b"}"))
