"""What is sent when only changes are, what is deleted when a table is mirrored, and what a dry run foresees."""

import json
import re
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sync_source import RESET, Source, answer, connection_to, expected, planned, push_and_die, table

import occtoo_frames as of
from occtoo_frames._sync.fingerprints import cell_prints
from occtoo_frames._sync.parts import batches_and_entries

FRAME = table()


@pytest.fixture
def push(connection):
    """Pushes a table in small bodies."""

    def run(frame, *, nulls="skip", **options):
        return planned(frame, nulls=nulls).push("products", connection=connection, **options)

    return run


@pytest.fixture(scope="module")
def box():
    """A sandbox."""
    with of.sandbox() as running:
        yield running


def _writes(box):
    return sum(count for route, count in box.requests_seen.items() if "/import/" in route)


@pytest.fixture
def shop(box, request):
    """A new source of the sandbox."""
    name = re.sub("[^a-z]+", "-", request.node.name.lower()).strip("-")[:60]
    box.add_source(name)
    return name


@pytest.mark.parametrize("first", [False, True])
def test_nothing_changed_makes_no_request(box, shop, first):
    """Whether the first push was one of changes or a plain one."""
    assert of.push(FRAME, shop, "sku", "auto", changed_only=first).ok
    before = sum(box.requests_seen.values())
    report = of.push(FRAME, shop, "sku", "auto", changed_only=True)
    assert sum(box.requests_seen.values()) == before
    assert report.ok
    assert report.counts["unchanged"] == FRAME.height
    assert report.rows["outcome"].unique().to_list() == ["unchanged"]
    assert (report.requests, report.bytes_sent) == (0, 0)


def test_only_the_values_that_differ_are_sent(source, push):
    """One value of one row: its key and that value; the others are unchanged."""
    push(FRAME)
    before = len(source.imports)
    changed = FRAME.with_columns(price=pl.when(pl.col("sku") == "s7").then(99.5).otherwise("price"))
    report = push(changed, changed_only=True)
    assert source.imports[before:] == [["s7"]]
    assert (report.counts["accepted"], report.counts["unchanged"]) == (1, FRAME.height - 1)
    assert report.rows.filter(pl.col("outcome") == "accepted")["key"].to_list() == ["s7"]
    assert report.bytes_sent == len(
        b'{"entities":[{"key":"s7","delete":false,"properties":[{"id":"price","language":null,"value":"99.5"}]}]}'
    )
    assert source.entries == expected(changed)


def test_the_order_of_columns_and_rows_is_no_change(push, connection):
    """Nor are another library, other columns left out, or another spelling of the same bytes."""
    push(FRAME)
    for same in (FRAME.reverse(), FRAME.select("price", "name_sv", "name_en", "sku"), FRAME.drop("price")):
        plan = of.plan(same, "sku", {"name": ["en", "sv"]})
        report = plan.push("products", connection=connection, changed_only=True)
        assert report.counts["unchanged"] == FRAME.height


def test_a_null_that_is_skipped_is_no_change_and_one_that_clears_is(source, push):
    """With skip the source keeps what it has; with clear it gets an empty value, once."""
    push(FRAME)
    emptied = FRAME.with_columns(name_sv=pl.lit(None, pl.String))
    assert push(emptied, changed_only=True).counts["unchanged"] == FRAME.height
    held = sum(value is not None for value in FRAME["name_sv"])
    report = push(emptied, nulls="clear", changed_only=True)
    assert report.counts["accepted"] == FRAME.height
    assert sum(values[("name", "sv")] == "" for values in source.entries.values()) == FRAME.height
    assert held < FRAME.height
    assert push(emptied, nulls="clear", changed_only=True).counts["unchanged"] == FRAME.height


def test_values_that_went_back_and_forth_are_sent(source, push):
    """The snapshot is of what was accepted last, whichever push that was."""
    other = FRAME.with_columns(price=pl.col("price") + 1)
    for frame in (FRAME, other, FRAME):
        assert push(frame, changed_only=True).counts["accepted"] == FRAME.height
        assert source.entries == expected(frame)
    push(other)
    assert push(FRAME, changed_only=True).counts["accepted"] == FRAME.height
    assert source.entries == expected(FRAME)


@pytest.mark.parametrize("stored", [False, True])
def test_what_nobody_knows_of_is_sent_again(source, push, stored):
    """An outcome that is unknown leaves the snapshot in doubt, whether the source stored it or not."""
    push(FRAME)
    other = FRAME.with_columns(price=pl.col("price") + 1)
    source.fail(RESET, key="s9", stored=stored)
    report = push(other, changed_only=True)
    assert report.counts["unknown"] == 4
    source.heal()
    back = push(FRAME, changed_only=True)
    assert back.counts["accepted"] == FRAME.height
    assert source.entries == expected(FRAME)


def test_the_snapshot_moves_only_for_what_was_accepted(source, push):
    """A row that the server refuses is sent again the next time, alone."""
    source.fail(answer(400, {"errors": [{"message": "no"}]}), key="s9")
    assert push(FRAME, changed_only=True).counts["rejected"] == 1
    source.heal()
    report = push(FRAME, changed_only=True)
    assert (report.counts["accepted"], report.counts["unchanged"]) == (1, FRAME.height - 1)
    assert source.entries == expected(FRAME)


def test_a_deletion_is_sent_once(source, push, connection):
    """An entry that comes back after it is sent whole."""
    push(FRAME)
    gone = FRAME.with_columns(gone=pl.col("sku") == "s3")
    plan = of.plan(gone, "sku", {"name": ["en", "sv"]}, delete="gone")
    first, second = (plan.push("products", connection=connection, changed_only=True) for _ in range(2))
    assert (first.counts["accepted"], second.counts["unchanged"]) == (1, FRAME.height)
    assert "s3" not in source.entries
    assert push(FRAME, changed_only=True).counts["accepted"] == 1
    assert source.entries == expected(FRAME)


def test_a_mirror_deletes_what_vanished(source, push):
    """Outside the sum over the rows; once."""
    push(FRAME)
    report = push(FRAME.tail(38), mirror=True)
    assert report.counts == {
        "accepted": 38, "rejected": 0, "not_sent": 0, "unknown": 0, "unchanged": 0, "deleted": 3,
    }  # fmt: skip
    assert report.ok
    assert source.entries == expected(FRAME.tail(38))
    again = push(FRAME.tail(38), mirror=True, changed_only=True)
    assert (again.counts["deleted"], again.requests) == (0, 0)


def test_deletions_that_failed_are_no_success(source, push):
    """And are tried again."""
    push(FRAME)
    frame = FRAME.tail(38).with_columns(price=pl.when(pl.col("price") > 8.9).then(0.5).otherwise("price"))
    source.fail(RESET, key="s0", stored=True)
    report = push(frame, mirror=True, changed_only=True)
    assert not report.ok
    assert (report.counts["unchanged"], report.counts["unknown"], report.counts["deleted"]) == (33, 1, 0)
    source.heal()
    assert push(frame, mirror=True, changed_only=True).counts["deleted"] == 3
    assert source.entries == expected(frame)


def test_a_mirror_brakes(source, push):
    """More than max_delete of the known keys are refused with their number, and nothing is sent."""
    push(FRAME)
    sent = len(source.imports)
    with pytest.raises(of.PlanError, match=r"5 of 41 known keys.*'s0', 's1', 's2', 's3', 's4'.*max_delete=0.1"):
        push(FRAME.tail(36), mirror=True)
    assert len(source.imports) == sent
    assert push(FRAME.tail(36), mirror=True, max_delete=np.float32(0.2)).counts["deleted"] == 5
    for share in (-0.1, 1.1, "all", True):
        with pytest.raises(of.ConfigurationError, match="max_delete"):
            push(FRAME, mirror=True, max_delete=share)


@pytest.mark.parametrize("max_delete", [0.1, 1.0])
def test_an_empty_table_never_deletes(source, push, max_delete):
    """It is an accident, not a wish."""
    push(FRAME)
    report = push(FRAME.clear(), mirror=True, max_delete=max_delete)
    assert report.counts["deleted"] == 0
    assert source.entries == expected(FRAME)


def test_the_key_of_a_rejected_row_has_not_vanished(source, push):
    """Its entry stays as it is; a row whose key cannot be read might be any entry, so nothing is deleted."""
    push(FRAME)
    flawed = FRAME.with_columns(price=pl.when(pl.col("sku") == "s5").then(float("nan")).otherwise("price")).tail(40)
    report = push(flawed, mirror=True, on_invalid="skip")
    assert (report.counts["rejected"], report.counts["deleted"]) == (1, 1)
    assert set(source.entries) == set(flawed["sku"])
    illegible = FRAME.with_columns(sku=pl.when(pl.col("sku") == "s5").then(pl.lit("s 5")).otherwise("sku")).tail(39)
    assert push(illegible, mirror=True, on_invalid="skip").counts["deleted"] == 0
    assert "s5" in source.entries


@pytest.mark.parametrize("odd", [5, "s\ud800", object()])
@pytest.mark.parametrize("more", [[], ["part"]])
def test_a_key_that_the_engine_cannot_hold_might_be_any(source, connection, odd, more):
    """Nothing is deleted then, whether it is the whole key or a part of it."""
    frame = FRAME.head(9).select("sku", pl.col("price").cast(pl.Int64).alias("part")).to_pandas()
    options = {"key": ["sku", *more], "key_separator": "-", "connection": connection}
    of.push(frame, "products", **options)
    held = set(source.entries)
    frame["sku"] = frame["sku"].astype(object)
    frame.loc[3, "sku"] = odd
    report = of.push(frame, "products", **options, mirror=True, max_delete=1.0, on_invalid="skip")
    assert (report.counts["rejected"], report.counts["deleted"]) == (1, 0)
    assert set(source.entries) == held


def test_a_mirror_that_was_interrupted_goes_on(source, push):
    """Resumed, it compares: what was accepted is not sent again, deletions included."""
    push(FRAME)
    frame = FRAME.tail(38).with_columns(price=pl.col("price") + 1)
    source.fail(RESET, after=14)
    with pytest.raises(of.PushInterruptedError):
        push(frame, mirror=True)
    source.heal()
    report = push(frame, mirror=True, resume=True)
    assert report.counts["unchanged"] > 0
    assert source.entries == expected(frame)


def test_a_dry_run_writes_nothing(box, shop):
    """It foresees creates, updates, unchanged, deletes and invalid rows, and the run does exactly that."""
    of.push(FRAME, shop, "sku", "auto")
    frame = pl.concat(
        [
            FRAME.tail(39).with_columns(price=pl.when(pl.col("sku").str.ends_with("5")).then(0.5).otherwise("price")),
            table(3, start=100),
        ]
    )
    options = {"lang_cols": "auto", "changed_only": True, "mirror": True}
    before, state = _writes(box), _files(box)
    foreseen = of.push(frame, shop, "sku", dry_run=True, **options)
    assert _writes(box) == before
    assert _files(box) == state
    counts = foreseen.counts
    assert {name: counts[name] for name in ("creates", "updates", "unchanged", "deletes", "invalid")} == {
        "creates": 3, "updates": 4, "unchanged": 35, "deletes": 2, "invalid": 0,
    }  # fmt: skip
    assert foreseen.ok
    assert "3 creates, 4 updates" in repr(foreseen)
    assert "Dry run" in foreseen._repr_html_()
    report = of.push(frame, shop, "sku", **options)
    assert (report.requests, report.bytes_sent) == (counts["requests"], counts["bytes"])
    assert (report.counts["accepted"], report.counts["deleted"]) == (7, 2)


def _files(box):
    return sorted(path.name for path in Path(box.connection.state_dir).iterdir() if path.suffix == ".sqlite")


def test_a_dry_run_needs_no_account(tmp_path):
    """It tells of invalid rows instead of raising, and everything else would be created."""
    frame = pd.DataFrame({"sku": ["a", "b c", "d"], "price": [1.0, 2.0, 3.0]})
    connection = of.Connection(state_dir=tmp_path)
    report = frame.occtoo.push("products", "sku", dry_run=True, connection=connection)
    assert not report.ok
    assert (report.counts["creates"], report.counts["invalid"], report.counts["requests"]) == (2, 1, 1)
    assert report.counts["bytes"] == report.plan.counts["bytes"]
    assert report.rows["outcome"].to_list() == ["not_sent", "rejected", "not_sent"]
    assert report.failed()["sku"].to_list() == ["b c"]
    assert not list(tmp_path.iterdir())
    assert frame.occtoo.delete("products", "sku", dry_run=True, connection=connection).counts["deletes"] == 2


def test_a_dry_run_tells_that_a_mirror_would_brake(push, source):
    """Without raising."""
    push(FRAME)
    report = push(FRAME.tail(10), mirror=True, dry_run=True)
    assert report.counts["deletes"] == 31
    assert not report.ok
    assert "max_delete" in report.stopped
    assert "max_delete" in repr(report)


def test_a_forgotten_source_is_sent_whole(push, connection):
    """And mirrors delete nothing."""
    push(FRAME)
    assert of.forget("products", connection=connection)
    assert not of.forget("products", connection=connection)
    report = push(FRAME.tail(30), changed_only=True, mirror=True)
    assert (report.counts["accepted"], report.counts["deleted"]) == (30, 0)


def test_a_snapshot_can_be_built_from_a_destination(box, shop):
    """Values of every type and language come back as the bytes that were sent; only what differs is sent then."""
    frame = FRAME.with_columns(
        stock=pl.int_range(pl.len()),
        active=pl.int_range(pl.len()) % 2 == 0,
        tags=pl.concat_list(pl.lit("a"), pl.lit("b|").str.strip_suffix("|")),
        code=pl.int_range(pl.len()).cast(pl.String).str.zfill(6),
        day=pl.date(2026, 1, 1),
    )
    of.push(frame, shop, "sku", "auto")
    url = box.publish(shop, "products", source=shop, languages=["en", "sv"])
    box.settle()
    of.forget(shop)
    assert of.remember(shop, url) == frame.height
    changed = frame.with_columns(stock=pl.when(pl.col("sku") == "s7").then(-1).otherwise("stock"))
    report = of.push(changed.tail(40), shop, "sku", "auto", changed_only=True, mirror=True)
    assert (report.counts["accepted"], report.counts["unchanged"], report.counts["deleted"]) == (1, 39, 1)


def test_a_snapshot_knows_the_languages_of_the_endpoint_and_no_others(box):
    """Though the destination has more, from another endpoint: what this one does not publish is sent."""
    frame = pl.DataFrame({"sku": ["a", "b"], "name_en": ["stool", "lamp"], "name_sv": ["pall", "lampa"]})
    box.add_source("spoken")
    of.push(frame, "spoken", "sku", lang_cols={"name": ["en", "sv"]})
    urls = [box.publish("spoken", tag, source="spoken", languages=[tag]) for tag in ("en", "sv")]
    box.settle()
    for url, known, other in zip(urls, ("en", "sv"), ("sv", "en"), strict=True):
        assert of.remember("spoken", url) == 2
        alone = frame.select("sku", f"name_{known}")
        report = of.push(alone, "spoken", "sku", lang_cols={"name": [known]}, changed_only=True)
        assert report.counts["unchanged"] == 2
        alone = frame.select("sku", f"name_{other}")
        report = of.push(alone, "spoken", "sku", lang_cols={"name": [other]}, changed_only=True)
        assert report.counts["accepted"] == 2


def test_rows_of_several_languages_are_compared_as_entries(source, connection):
    """The rows of an unchanged key are unchanged, those of a changed one share its outcome."""
    frame = pl.DataFrame(
        {"sku": ["a", "a", "b", "b"], "lang": ["en", "sv", "en", "sv"], "name": ["x", "y", "z", "å"]},
    )
    options = {"connection": connection, "language_column": "lang", "changed_only": True}
    of.push(frame, "products", "sku", **options)
    changed = frame.with_columns(name=pl.when(pl.col("name") == "y").then(pl.lit("Y")).otherwise("name"))
    report = of.push(changed, "products", "sku", **options)
    assert report.rows["outcome"].to_list() == ["accepted", "accepted", "unchanged", "unchanged"]
    assert source.entries["a"] == {("name", "en"): "x", ("name", "sv"): "Y"}


def test_a_change_that_was_taken_back_after_a_death_is_taken_back_in_the_source(tmp_path, monkeypatch):
    """Whatever write of the journal it was: the source may have the change, and the snapshot does not hide it."""
    changed = FRAME.with_columns(price=pl.when(pl.col("sku") == "s1").then(77.0).otherwise("price"))
    writes, seen = 0, set()
    while True:
        source = Source()
        connection = connection_to(source, tmp_path / str(writes))

        def push(frame, connection=connection):
            return planned(frame).push("products", connection=connection, changed_only=True)

        push(FRAME)
        died = push_and_die(monkeypatch, writes, lambda push=push: push(changed))
        seen.add(source.entries["s1"][("price", None)])
        assert push(FRAME).ok
        assert source.entries == expected(FRAME)
        if not died:
            break
        writes += 1
    assert seen == {"0.25", "77.0"}


def test_fingerprints_are_those_of_every_version():
    """BLAKE2b of an entry's bytes as they stand in the body, and of a value's, 16 bytes: a snapshot outlives us."""
    frame = table(9).with_columns(gone=pl.Series([False] * 8 + [True]), name_sv=pl.Series(['å"', None, "", *"aabcde"]))
    plan = planned(frame, delete="gone")
    for batch, part, prints in batches_and_entries(plan):
        entries = json.loads(bytes(batch.body))["entities"]
        texts = [json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() for entry in entries]
        assert prints.tolist() == [list(blake2b(text, digest_size=16).digest()) for text in texts]
        there, values = cell_prints(part)
        for row, entry in enumerate(entries):
            sent = [blake2b(item["value"].encode(), digest_size=16).digest() for item in entry.get("properties", ())]
            assert [cell.tobytes() for cell in values[row][there[row]]] == sent
