"""Compressed pushes over real HTTP into a sandbox: what goes over the wire, and what arrives."""

import gzip

import polars as pl
import pytest
from recording_link import RecordingLink

import occtoo_frames as of
from occtoo_frames._sandbox.proxy import FaultProxy
from occtoo_frames._session.compression import RECENT

SLOW_LINK = 4_000_000
"""Bytes a second."""


@pytest.fixture
def box():
    """A sandbox with a source."""
    with of.sandbox() as running:
        running.add_source("products")
        yield running


@pytest.fixture
def link_to(box):
    """Makes a link to the sandbox, and a connection over it."""
    links = []

    def make(compress, *, to=box, before=None, **options):
        link = RecordingLink(before or to.url, **options)
        links.append(link)
        known = to.connection
        connection = of.Connection(
            provider_id=known.provider_id,
            provider_secret=known.provider_secret,
            ingest_url=link.url,
            state_dir=known.state_dir,
            compress=compress,
        )
        return link, connection

    yield make
    for link in links:
        link.close()


def table(rows):
    """Products with a text that is worth compressing, and one that has to be escaped."""
    number = pl.int_range(rows, eager=True)
    text = "a long description of a product that is much like any other, " * 3
    return pl.DataFrame(
        {
            "sku": pl.select(pl.format("p-{}", number)).to_series(),
            "text": pl.select(pl.format('{} "{}" — blå\n', pl.lit(text), number)).to_series(),
            "price": number / 7,
        }
    )


def push(frame, connection, **options):
    """A push in requests of a few hundred entries."""
    return of.push(frame, "products", "sku", connection=connection, progress=False, **options)


def expected(frame, box):
    """What the sandbox holds after a plain push of the same table to another source."""
    box.add_source("plainly")
    of.push(frame, "plainly", "sku", connection=box.connection, progress=False)
    box.settle()
    return box.entries("plainly")


@pytest.mark.parametrize("concurrency", [1, 4])
def test_over_a_slow_link_bodies_go_compressed_once_some_went_plain(box, link_to, concurrency):
    """Everything arrives as if they were plain."""
    link, connection = link_to("auto", rate=SLOW_LINK)
    frame = table(16_000)
    report = push(frame, connection, concurrency=concurrency)
    assert report.counts["accepted"] == 16_000
    assert all(carried.coding is None for carried in link.imports[:RECENT])
    assert sum(carried.coding == "gzip" for carried in link.imports) >= RECENT
    box.settle()
    assert box.entries("products") == expected(frame, box)


def test_compressed_bodies_hold_the_plans_very_bytes(box, link_to):
    """And the report counts these, not what is left of them on the wire."""
    link, connection = link_to(True)
    frame = table(5_000)
    plan = of.plan(frame, "sku")
    report = plan.push("products", connection=connection, concurrency=1, progress=False)
    assert [carried.coding for carried in link.imports] == [None, *["gzip"] * 4]
    opened = [gzip.decompress(each.body) if each.coding else each.body for each in link.imports]
    assert opened == list(plan.bodies())
    assert report.bytes_sent == plan.counts["bytes"]
    assert sum(len(carried.body) for carried in link.imports) < report.bytes_sent / 2
    box.settle()
    assert box.entries("products") == expected(frame, box)


def test_tokens_are_asked_for_in_plain_words(link_to):
    """Whatever was said of imports."""
    link, connection = link_to(True)
    push(table(2_000), connection)
    tokens = [carried for carried in link.carried if carried not in link.imports]
    assert tokens
    assert all(carried.coding is None and carried.status == 200 for carried in tokens)


def test_never_is_never(link_to):
    """However slow the link."""
    link, connection = link_to(False, rate=SLOW_LINK)
    push(table(9_000), connection)
    assert {carried.coding for carried in link.imports} == {None}


def test_after_a_415_everything_arrives_plain(box, link_to):
    """Each entry is accepted once."""
    link, connection = link_to(True, refuses=True)
    frame = table(5_000)
    report = push(frame, connection, concurrency=1)
    assert report.counts["accepted"] == 5_000
    assert [(each.coding, each.status) for each in link.imports] == [
        (None, 202),
        ("gzip", 415),
        *[(None, 202)] * 4,
    ]
    assert report.retries == 1
    box.settle()
    assert box.entries("products") == expected(frame, box)


def test_compressed_bodies_over_a_bad_network_arrive_whole(box, link_to):
    """Cut before, cut after, refused for a while."""
    link, connection = link_to(True)
    push(table(10), connection)
    for kind in ("cut_after", "cut", "status", "expire_tokens"):
        box.faults(kind, on="POST /import", after=1)
    frame = table(6_000)
    report = push(frame, connection, concurrency=2)
    assert report.counts["accepted"] == 6_000
    assert all(each.coding == "gzip" for each in link.imports[1:])
    box.settle()
    assert box.entries("products") == expected(frame, box)


@pytest.mark.parametrize("kind", ["reset_before", "reset_mid", "lost", "reset_after", "cut_answer", "garbage"])
def test_a_link_that_breaks_under_a_compressed_body_loses_nothing(box, link_to, kind):
    """It goes again, in the same bytes."""
    with FaultProxy(box.url) as proxy:
        link, connection = link_to(True, before=proxy.url)
        push(table(10), connection)
        proxy.faults(kind, on="POST /import", after=1)
        frame = table(3_000)
        report = push(frame, connection, concurrency=1)
        met = dict(proxy.faults_met)
    assert met == {kind: 1}
    assert report.counts["accepted"] == 3_000
    sent = [each for each in link.imports if each.coding == "gzip"]
    assert len({each.body for each in sent}) == 3
    box.settle()
    assert box.entries("products") == expected(frame, box)


def test_a_bad_row_is_found_among_compressed_ones(link_to):
    """The others land."""
    frame = table(400).with_columns(
        text=pl.when(pl.col("sku") == "p-300").then(pl.lit("x" * 900_000)).otherwise("text")
    )
    with of.sandbox(max_entity_bytes=500_000) as strict:
        strict.add_source("products")
        link, connection = link_to(True, to=strict)
        push(table(10), connection)
        report = push(frame, connection)
        strict.settle()
        assert strict.entries("products").keys() == {f"p-{number}" for number in range(400) if number != 300}
    rejected = report.rows.filter(pl.col("outcome") == "rejected")
    assert rejected["key"].to_list() == ["p-300"]
    assert report.counts["accepted"] == 399
    assert {400, 202} <= {carried.status for carried in link.imports if carried.coding == "gzip"}
