"""A push over real HTTP: what lands, what is told of every row, what comes back."""

import copy
import json
import pickle
from pathlib import Path
from uuid import UUID

import numpy as np
import pandas as pd
import polars as pl
import pytest

import occtoo_frames as of

_TAXONOMY = Path(__file__).parents[3] / "shared" / "data" / "google_product_taxonomy.parquet"


@pytest.fixture(scope="module")
def box():
    """One sandbox for the tests of this file; each has a source of its own."""
    with of.sandbox() as running:
        yield running


@pytest.fixture
def source(box, request):
    """A new source."""
    name = request.node.name.partition("[")[0][:40]
    box.add_source(name)
    return name


def _writes(box):
    return sum(count for route, count in box.requests_seen.items() if "/import/" in str(route))


def _products(height=2_500):
    return pd.DataFrame(
        {
            "sku": [f"sku-{number}" for number in range(height)],
            "name_en": [f"Chair {number}" for number in range(height)],
            "name_sv": [f"Stol å {number}" if number % 3 else None for number in range(height)],
            "price": np.arange(height) / 4,
            "stock": pd.array([number if number % 5 else None for number in range(height)], dtype="Int64"),
            "active": [number % 2 == 0 for number in range(height)],
        }
    )


def test_everything_that_was_pushed_comes_back(box, source):
    """In every language, with types, from a report that adds up."""
    frame = _products()
    report = frame.occtoo.push(source, key="sku", lang_cols={"name": ["en", "sv"]})
    assert report.ok
    assert report.counts == {"accepted": 2_500, "rejected": 0, "not_sent": 0, "unknown": 0, "unchanged": 0}
    url = box.publish(f"d-{source}", "products", source=source, languages=["en", "sv"])
    assert report.verify(url).empty
    back = of.read_destination(url, language=["en", "sv"]).sort_values("id", key=lambda ids: ids.str[4:].astype(int))
    assert back["name_en"].to_list() == frame["name_en"].to_list()
    assert back["name_sv"].isna().to_list() == frame["name_sv"].isna().to_list()
    assert back["stock"].to_list() == frame["stock"].to_list()
    assert back["active"].to_list() == frame["active"].to_list()
    assert [float(price) for price in back["price"]] == frame["price"].to_list()


def test_bad_rows_stop_a_push_before_anything_is_sent(box, source):
    """The error holds the problems, and says the first of them."""
    frame = _products(10)
    frame.loc[3, "sku"] = "no good"
    before = _writes(box)
    with pytest.raises(
        of.InvalidRowsError, match=r"1 of 10 rows.*\n.*row 3, key 'no good', column 'sku': key-characters"
    ) as caught:
        frame.occtoo.push(source, key="sku")
    assert caught.value.problems["row"].to_list() == [3]
    assert _writes(box) == before


def test_the_other_rows_can_be_sent(box, source):
    """What failed comes back as it was, with its reason, and can be mended and pushed."""
    frame = _products(10).set_index(pd.Index(range(100, 110)))
    frame.loc[103, "sku"] = "no good"
    report = frame.occtoo.push(source, key="sku", lang_cols="auto", on_invalid="skip")
    assert report.counts["accepted"] == 9
    failed = report.failed()
    assert failed.index.to_list() == [103]
    assert failed[["outcome", "rule"]].to_numpy().tolist() == [["rejected", "key-characters"]]
    pd.testing.assert_frame_equal(failed[frame.columns], frame.loc[[103]])
    failed["sku"] = "good"
    assert failed[frame.columns].occtoo.push(source, key="sku", lang_cols="auto").ok
    with pytest.raises(of.InvalidRowsError, match=r"1 rejected\. Mend .*\n  row 3, key 'no good': rejected: key-char"):
        report.raise_for_failures()


def test_failed_rows_keep_their_own_columns_and_send_no_reasons(box, source):
    """A column called reason is the caller's; what the report adds is not sent when the rows are pushed again."""
    frame = pd.DataFrame({"sku": ["a@", "b"], "reason": ["mine", "too"], "v": [1, 2]})
    failed = of.push(frame, source, "sku", on_invalid="skip").failed()
    assert failed["reason"].to_list() == ["mine"]
    assert failed["push_rule"].to_list() == ["key-characters"]
    failed["sku"] = "a"
    report = of.push(failed, source, "sku")
    assert {column.property for column in report.plan.sent_as} == {"reason", "v"}
    plain = of.push(frame[["sku", "v"]], source, "sku", on_invalid="skip").failed()
    assert plain.columns.to_list() == ["sku", "v", "outcome", "rule", "reason"]
    assert {column.property for column in of.plan(plain, "sku").sent_as} == {"v"}


def test_failed_rows_are_told_anew_however_they_were_mended(box, source):
    """A column was added, the order is another: what was said of them gives way to what is said now."""
    frame = pd.DataFrame({"sku": ["a@", "b"], "v": [1, 2]})
    failed = of.push(frame, source, "sku", on_invalid="skip").failed()
    failed["checked"] = True
    mixed = failed[["reason", "checked", "v", "outcome", "sku", "rule"]]
    report = of.push(mixed, source, "sku", on_invalid="skip")
    assert {column.property for column in report.plan.sent_as} == {"checked", "v"}
    assert report.failed().columns.to_list() == ["checked", "v", "sku", "outcome", "rule", "reason"]
    assert "outcome, rule, reason are taken for what the last push said" in report.warnings[0]
    for shown in (repr(report), report._repr_html_(), json.dumps(report.to_dict())):
        assert "outcome, rule, reason are taken" in shown
    own = of.plan(mixed, "sku", properties=["v", "outcome"])
    assert [column.property for column in own.sent_as] == ["v", "outcome"]
    assert not own.warnings


def test_columns_called_like_a_reports_are_the_callers_unless_they_tell_outcomes(box, source):
    """An outcome may be of anything."""
    frame = pd.DataFrame({"k": ["a@"], "outcome": ["won"], "x": [1], "rule": ["r"], "reason": ["because"]})
    plan = of.plan(frame, "k")
    assert [column.property for column in plan.sent_as] == ["outcome", "x", "rule", "reason"]
    assert not plan.warnings
    failed = plan.push(source, on_invalid="skip").failed()
    assert failed.columns.to_list() == [*frame.columns, "push_outcome", "push_rule", "push_reason"]
    assert [column.property for column in of.plan(failed, "k").sent_as] == ["outcome", "x", "rule", "reason"]


def test_plans_and_reports_are_themselves(box, source):
    """Two are never equal, they can stand in a set, and say what to hand on instead of being pickled."""
    frame = pl.DataFrame({"k": ["a"], "v": [1]})
    plan = of.plan(frame, "k")
    report = plan.push(source)
    assert plan != of.plan(frame, "k")
    assert len({plan, report, plan, report}) == 2
    with pytest.raises(TypeError, match="plan where the table is"):
        pickle.dumps(plan)
    with pytest.raises(TypeError, match=r"hand on \.to_dict"):
        pickle.dumps(report)
    assert copy.copy(plan) is copy.deepcopy(plan) is plan
    assert copy.copy(report) is copy.deepcopy(report) is report


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.__setitem__((0, "n"), 7),
        lambda frame: frame.__setitem__((0, "k"), "b"),
        lambda frame: frame.drop_in_place("n"),
        lambda frame: frame.insert_column(1, pl.Series("more", [1, 2])),
        lambda frame: frame.extend(frame.clone()),
        lambda frame: frame.__setitem__((0, "c"), "y"),
        lambda frame: frame.__setitem__((0, "big"), 3),
    ],
    ids=["value", "key", "dropped", "inserted", "extended", "category", "128 bits"],
)
def test_a_frame_that_was_changed_in_place_is_a_plan_error(box, source, change):
    """Which of the two is meant, nobody can know; nothing was sent."""
    frame = pl.DataFrame(
        {
            "k": ["a", "b"],
            "n": [1, 2],
            "odd": [None, [1]],
            "c": pl.Series(["x", "y"], dtype=pl.Categorical),
            "big": pl.Series([2**100, 2], dtype=pl.Int128),
            "\x00": [1, 2],
        }
    )
    named = ["n", "odd", "c", "big"]
    assert of.plan(frame, "k", properties=named).push(source).ok
    plan = of.plan(frame, "k", properties=named)
    change(frame)
    with pytest.raises(of.PlanError, match="changed"):
        plan.push(source)
    with pytest.raises(of.PlanError, match="changed"):
        list(plan.bodies())


def test_a_frame_that_was_laid_down_anew_is_the_same(box, source):
    """Only what it holds counts."""
    frame = pl.concat([pl.DataFrame({"k": [f"k{at}"], "n": [at], "c": ["x"]}) for at in range(9)], rechunk=False)
    frame = frame.with_columns(pl.col("c").cast(pl.Categorical), f=pl.lit(float("nan")))
    plan = of.plan(frame.slice(3), "k", properties=["n", "c"])
    frame.rechunk()
    assert plan.push(source).ok


def test_a_table_that_changed_is_a_plan_error(box, source, tmp_path):
    """Nothing was sent, so nothing was interrupted."""
    file = tmp_path / "t.parquet"
    pl.DataFrame({"k": ["a"], "n": [1]}).write_parquet(file)
    plan = of.plan(file, "k")
    pl.DataFrame({"k": ["a"], "n": [55], "more": [0]}).write_parquet(file)
    with pytest.raises(of.PlanError, match="changed"):
        plan.push(source)


def test_a_row_that_gave_way_is_no_problem(box, source):
    """Even if it breaks a rule itself; and nobody says that the other row was sent when it was not."""
    frame = pl.DataFrame({"k": ["a", "a", "b", "b"], "v": [1.0, float("inf"), float("inf"), 2.0]})
    report = of.push(frame, source, "k", duplicates="last", on_invalid="skip")
    assert report.rows.select("outcome", "rule").rows() == [
        ("not_sent", "key-duplicate"),
        ("rejected", "value-not-finite"),
        ("not_sent", "key-duplicate"),
        ("accepted", None),
    ]
    assert "gives way" in report.rows["reason"][0]


def test_floats_of_every_size_are_verified(box, source):
    """However small, and without a sign of zero."""
    report = of.push(pl.DataFrame({"k": ["a", "b", "c"], "f": [-0.0, 1e-20, 1.5]}), source, "k")
    url = box.publish(f"d-{source}", "e", source=source, languages=["en"])
    assert report.verify(url).is_empty()


def test_every_row_has_one_outcome(box, source):
    """Invalid, dropped and accepted rows, in order, of the caller's kind."""
    frame = pl.DataFrame({"k": ["a", "b", "a", "c d"], "v": [1, 2, 3, 4]})
    report = frame.occtoo.push(source, "k", duplicates="last", on_invalid="skip")
    assert report.rows.select("row", "key", "outcome", "rule").rows() == [
        (0, "a", "not_sent", "key-duplicate"),
        (1, "b", "accepted", None),
        (2, "a", "accepted", None),
        (3, "c d", "rejected", "key-characters"),
    ]
    assert sum(report.counts.values()) == frame.height
    assert report.batches["entries"].to_list() == [2]
    assert report.failed()["k"].to_list() == ["a", "c d"]


def test_rows_that_gave_way_are_no_failure(box, source):
    """They are what was asked for, in a dry run as in a run, and of every one there is a row that landed."""
    frame = pl.DataFrame({"k": ["a", "a"], "v": ["old", "new"]})
    dry, report = (of.push(frame, source, "k", duplicates="last", dry_run=dry) for dry in (True, False))
    assert (dry.ok, report.ok) == (True, True)
    assert (report.counts["not_sent"], report.failed()["v"].to_list()) == (1, ["old"])
    report.raise_for_failures()
    with pytest.raises(of.PushInterruptedError) as caught:
        of.push(frame, "nowhere", "k", duplicates="last")
    assert not caught.value.report.ok


@pytest.mark.parametrize("kind", ["pandas", "polars", "csv"])
def test_a_row_that_gave_way_is_not_pushed_by_itself_unasked(box, source, tmp_path, kind):
    """It would bring back what another row has replaced; whoever wants that says so."""
    frame = pl.DataFrame({"k": ["a", "c d", "a"], "v": ["old", "x", "new"]})
    given = frame.to_pandas() if kind == "pandas" else frame
    failed = of.push(given, source, "k", duplicates="last", on_invalid="skip").failed()
    mended = pl.DataFrame(failed).with_columns(pl.col("k").str.replace(" ", "-"))
    if kind == "csv":
        mended.write_csv(tmp_path / "mended.csv")
    again = {"pandas": mended.to_pandas(), "polars": mended, "csv": tmp_path / "mended.csv"}[kind]
    plan = of.plan(again, "k")
    (found,) = plan.found.to_dicts()
    assert (found["row"], found["key"], found["rule"], found["column"]) == (0, "a", "key-duplicate", "rule")
    report = plan.push(source, on_invalid="skip")
    assert report.rows["outcome"].to_list() == ["rejected", "accepted"]
    wanted = mended.with_columns(rule=pl.lit(None, pl.String))
    assert of.push(wanted, source, "k").ok


def test_rows_of_a_column_problem_are_all_rejected(box, source):
    """Nothing is sent without its column."""
    before = _writes(box)
    report = of.push(pl.DataFrame({"k": ["a"], "not legal": [1]}), source, "k", on_invalid="skip")
    assert report.rows.select("outcome", "rule").rows() == [("rejected", "property-id")]
    assert _writes(box) == before


def test_a_source_that_was_not_granted_ends_the_push(box):
    """With the server's own words, and a report."""
    with pytest.raises(of.PushInterruptedError, match="nowhere") as caught:
        _products(3_000).occtoo.push("nowhere", key="sku")
    assert isinstance(caught.value.__cause__, of.AuthenticationError)
    report = caught.value.report
    assert report.counts["not_sent"] == 3_000
    words = "Forbidden: The source 'nowhere' does not exist or is not granted to the data provider"
    assert report.rows["reason"][0] == words


def test_rows_the_server_refuses_are_found(box, source):
    """One bad entry does not hold back its batch; the server's words are its reason."""
    with of.sandbox(max_entity_bytes=500) as strict:
        strict.add_source("s")
        frame = pl.DataFrame(
            {"k": [f"k{n}" for n in range(300)], "v": ["x" * (600 if n == 77 else 5) for n in range(300)]}
        )
        report = frame.occtoo.push("s", "k")
        assert report.counts["accepted"] == 299
        (row,) = report.rows.filter(pl.col("outcome") != "accepted").to_dicts()
        assert (row["row"], row["outcome"]) == (77, "rejected")
        assert row["reason"]


def test_a_delete_removes_entries(box, source):
    """By key; the other columns are not looked at, bad ones neither."""
    frame = _products(20)
    frame.occtoo.push(source, key="sku", lang_cols="auto")
    gone = frame.iloc[:5].assign(**{"not legal": 1})
    report = gone.occtoo.delete(source, "sku")
    assert report.counts["accepted"] == 5
    url = box.publish(f"d-{source}", "products", source=source, languages=["en", "sv"])
    box.settle()
    assert len(of.read_destination(url)) == 15
    assert report.verify(url).empty


def test_deletes_and_updates_may_share_a_push(box, source):
    """By a boolean column."""
    pl.DataFrame({"k": ["a", "b"], "v": ["1", "2"]}).occtoo.push(source, "k")
    pl.DataFrame({"k": ["a", "b"], "v": ["x", "3"], "gone": [True, False]}).occtoo.push(source, "k", delete="gone")
    url = box.publish(f"d-{source}", "e", source=source, languages=["en"])
    box.settle()
    assert of.read_destination(url, frame="polars").select("id", "v").rows() == [("b", 3)]


def test_a_plan_is_sent_as_it_was_shown(box, source):
    """Its checks are not run again, its bodies are the same."""
    frame = _products(50)
    plan = frame.occtoo.plan("sku", "auto")
    report = plan.push(source)
    assert report.counts["accepted"] == 50
    assert report.plan is plan
    assert report.bytes_sent >= plan.counts["bytes"]


def test_a_stream_is_checked_and_sent(box, source):
    """Although it can be read once only."""
    reader = pl.DataFrame({"k": ["a", "b"], "v": [1, 2]}).to_arrow().to_reader()
    report = of.push(reader, source, "k")
    assert report.counts["accepted"] == 2
    assert report.rows.column("outcome").to_pylist() == ["accepted", "accepted"]


def test_verify_tells_what_is_different(box, source):
    """Key, property, language, what was sent and what was read."""
    report = pl.DataFrame({"k": ["a"], "v": ["x"]}).occtoo.push(source, "k")
    pl.DataFrame({"k": ["a"], "v": ["y"]}).occtoo.push(source, "k")
    url = box.publish(f"d-{source}", "e", source=source, languages=["en"])
    box.settle()
    from occtoo_frames._api.verify import verify

    assert verify(report, url, box.connection, patience_s=0).rows() == [("a", "v", None, "x", "y")]


def test_whatever_lands_is_verified(box, source):
    """Zones, nanoseconds, long decimals, cleared numbers, dates as times, and a column called id."""
    frame = pl.DataFrame(
        {
            "k": ["a", "b"],
            "id": ["7", "7"],
            "zoned": pl.Series(["2026-01-01T10:00:00", None]).str.to_datetime().dt.replace_time_zone("Europe/Oslo"),
            "fine": pl.Series([1, None]).cast(pl.Datetime("ns")),
            "long": pl.Series(["0.12345678901234567890123", None]).cast(pl.Decimal(38, 30)),
            "number": [1, None],
            "day": pl.Series(["2026-01-01", None]).str.to_date(),
        }
    )
    report = of.push(frame, source, "k", nulls="clear")
    url = box.publish(f"d-{source}", "e", source=source, types={"day": "Timestamp"})
    box.settle()
    assert report.verify(url).is_empty()


def test_a_report_is_json_without_its_rows(box, source):
    """For logs and commands."""
    told = json.loads(json.dumps(pl.DataFrame({"k": ["a"], "v": [1]}).occtoo.push(source, "k").to_dict()))
    assert told["source"] == source
    assert told["counts"]["accepted"] == 1
    assert told["stopped"] is None


def test_a_report_is_shown_escaped(box, source):
    """In text and HTML."""
    report = pl.DataFrame({"k": ["<b>"], "v": [1]}).occtoo.push(source, "k", on_invalid="skip")
    assert "1 rejected" in repr(report)
    assert "<b>" not in report._repr_html_().replace("<b>", "", report._repr_html_().count('<div class="tile"><b>'))


def test_on_invalid_is_one_of_two(box, source):
    """Anything else is an error."""
    with pytest.raises(of.ConfigurationError, match="on_invalid"):
        pl.DataFrame({"k": ["a"]}).occtoo.push(source, "k", on_invalid="ignore")


@pytest.mark.parametrize("library", ["pandas", "polars"])
@pytest.mark.skipif(not _TAXONOMY.is_file(), reason="the taxonomy file is not at hand")
def test_a_real_catalogue_in_twenty_one_languages_comes_back_equal(box, library):
    """5,600 categories, names and paths, pushed, read back and compared cell by cell."""
    frame = pl.read_parquet(_TAXONOMY)
    key = next(name for name in frame.columns if frame[name].n_unique() == frame.height and "_" not in name)
    name = f"taxonomy-{library}"
    box.add_source(name)
    given = frame if library == "polars" else frame.to_pandas()
    report = of.push(given, name, key, "auto", ids="camel")
    assert report.counts["accepted"] == frame.height
    languages = report.plan.entry_table()["language"].drop_nulls().unique(maintain_order=True).to_list()
    assert len(languages) == 21
    url = box.publish("taxonomy", library, source=name, languages=languages)
    box.settle()
    back = of.read_destination(url, language=languages, frame="polars", page_size=3_000)
    renamed = {"id": key} | {column: column for column in frame.columns}
    found = back.rename({k: v for k, v in renamed.items() if k in back.columns and k != v})
    wanted = frame.with_columns(pl.col(key).cast(pl.String)).sort(key)
    localised = [column for column in frame.columns if column in found.columns]
    assert sum(column.startswith(("name_", "path_")) for column in localised) == 42
    assert found.sort(key).select(localised).equals(wanted.select(localised))
    assert report.verify(url).shape[0] == 0


@pytest.mark.parametrize(
    "name", ["nightly", "0c6cbe1e9d0e4a57a4b51cbb3a1f3f7e", "", 7, "{0c6cbe1e-9d0e-4a57-a4b5-1cbb3a1f3f7e}"]
)
def test_a_correlation_id_is_a_guid(box, source, name):
    """Said before anything is sent, with how to make one; of a deletion and of a plan likewise."""
    frame, before = pl.DataFrame({"sku": ["a"]}), _writes(box)
    for send in (
        of.push,
        of.delete,
        lambda _frame, _source, key, **options: of.plan(frame, key).push(source, **options),
    ):
        with pytest.raises(of.ConfigurationError, match=r"correlation_id=.* takes a GUID.* make one with str\(uuid"):
            send(frame, source, "sku", correlation_id=name)
    assert _writes(box) == before
    guid = "0C6CBE1E-9d0e-4a57-a4b5-1cbb3a1f3f7e"
    assert of.push(frame, source, "sku", correlation_id=guid).ok
    assert of.delete(frame, source, "sku", correlation_id=UUID(guid)).ok
