"""What ``of.sandbox`` passes on to the platform behind it."""

import polars as pl
import pytest

import occtoo_frames as of
from occtoo_frames._session.default import _defaults
from occtoo_frames.testing import FaultProxy, through


def test_facets_may_say_how_many_values_they_count() -> None:
    """The most frequent ones, as the platform does."""
    with of.sandbox() as box:
        box.add_source("products")
        of.push(pl.DataFrame({"sku": list("abcdef"), "cat": ["x", "x", "x", "y", "y", "z"]}), "products", "sku")
        urls = [
            box.publish("shop", f"e{number}", source="products", facets=facets)
            for number, facets in enumerate(({"cat": 2}, ["cat"], "cat"))
        ]
        box.settle()
        counts = [of.read_facets(url, frame="polars").select("value", "count").rows() for url in urls]
        with pytest.raises(ValueError, match=r"one or more of its values, got \{'cat': 0\}"):
            box.publish("shop", "none", source="products", facets={"cat": 0})
    assert counts == [[("x", 3), ("y", 2)]] + [[("x", 3), ("y", 2), ("z", 1)]] * 2


@pytest.mark.parametrize(
    "variables",
    [{"OCCTOO_PROXY": "http://127.0.0.1:9"}, {"OCCTOO_PROXY": "no proxy"}, {"OCCTOO_PROFILE": "missing"}],
)
def test_what_is_meant_for_the_platform_is_not_asked(monkeypatch, variables) -> None:
    """A sandbox has all it needs itself, also behind a bad network; no proxy is handed its secrets."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    table = pl.DataFrame({"sku": ["a"]})
    with of.sandbox() as box:
        box.add_source("products")
        assert of.push(table, "products", "sku").ok
        with FaultProxy(box.url) as proxy, through(proxy, box.connection):
            assert of.push(table, "products", "sku").ok
            assert proxy.requests_seen["POST /import/{source}"] == 1


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda box: box.add_source("a b"), "'a b' cannot name a source"),
        (lambda box: box.add_source(None), "None cannot name a source"),
        (lambda box: box.publish("shop", "e", source="none"), "no such source: none"),
        (lambda box: box.publish("shop", "e", source="products", languages=3), "languages is a list of names, got 3"),
        (lambda box: box.publish("shop", "e", source="products", types={"x": "Float"}), "Float"),
        (lambda box: box.faults("earthquake"), "no such fault"),
        (lambda box: box.faults("status", on="POST /imports"), "no request is such"),
        (lambda box: box.entries("product"), "has no source 'product'; did you mean 'products'"),
        (lambda box: box.settle(0), "still on their way after 0 s"),
        (lambda box: of.sandbox(port=int(box.url.rpartition(":")[2])), "the sandbox cannot start: .*in use"),
    ],
)
def test_what_a_sandbox_refuses_is_an_error_of_ours(ask, words) -> None:
    """Of one root, and in words."""
    with of.sandbox(visibility_delay_s=30.0) as box:
        box.add_source("products")
        of.push(pl.DataFrame({"sku": ["a"]}), "products", "sku")
        with pytest.raises(of.OcctooError, match=words):
            ask(box)


def test_a_closed_sandbox_stays_closed() -> None:
    """It says so, and is no default connection; what it has counted can be looked at."""
    box = of.sandbox()
    box.close()
    box.close()
    for use in (box.__enter__, box.settle, box.clear_faults, lambda: box.add_source("s"), lambda: box.entries("s")):
        with pytest.raises(of.ConfigurationError, match="this sandbox is closed"):
            use()
    assert (box.requests_seen, box.faults_met) == ({}, {})
    assert _defaults.now is not box.connection
