"""A table through the portal and back, over real HTTP, also when things go wrong: one outcome for each row."""

import copy
import pickle
from itertools import product

import pandas as pd
import polars as pl
import pytest
from carecloud_frames import as_read
from families import FAMILY, asked, imported
from polars.testing import assert_frame_equal

import occtoo_frames as of


@pytest.mark.parametrize("mode", ["async", "sync"])
def test_what_is_imported_is_what_a_query_gives(box, mode):
    """Every dtype, value for value."""
    report = imported(mode=mode)
    assert report.ok
    assert report.counts == {"accepted": 3, "rejected": 0, "not_sent": 0, "unknown": 0, "unchanged": 0}
    assert_frame_equal(asked(), as_read(FAMILY))
    assert report.rows["outcome"].to_list() == ["accepted"] * 3
    assert report.to_dict()["action_id"] == report.action_id


@pytest.mark.parametrize("kind", ["pandas", "polars", "lazy", "arrow", "parquet", "file"])
def test_every_kind_of_table_is_taken(box, kind, tmp_path):
    """A sync file too."""
    table = FAMILY.select("entityId", "name", "members")
    table.write_parquet(tmp_path / "f.parquet")
    given = {
        "pandas": table.to_pandas(), "polars": table, "lazy": table.lazy(), "arrow": table.to_arrow(),
        "parquet": tmp_path / "f.parquet",
        "file": of.carecloud.write_sync_file(table, tmp_path / "f.cc5txt", entity="family", key="entityId"),
    }[kind]  # fmt: skip
    assert imported(given).counts["accepted"] == 3
    assert asked().height == 3


def test_fields_that_are_left_out_stay_and_deletions_delete(box):
    """Upserts merge, nulls empty, row type 90 removes."""
    imported()
    change = pl.DataFrame({"entityId": ["f-1", "f-2"], "name": [None, "x"], "gone": [False, True]})
    assert imported(change, delete="gone").ok
    found = asked()
    assert found["entityId"].to_list() == ["f-1", "f-3"]
    assert found["name"].to_list() == [None, None]
    assert found["members"].to_list() == [3, 2**62]


def test_refused_lines_are_joined_back_to_the_rows(box, tmp_path):
    """The other rows land; the caller's own rows come back with the portal's words."""
    frame = pd.DataFrame({"entityId": ["a", "b", "c", "d"], "born": ["19900101", "", "19901301", "19900103"]})
    path = tmp_path / "f.cc5txt"
    of.carecloud.write_sync_file(frame, path, entity="family", key="entityId", empty_text="null")
    path.write_text(path.read_text().replace("born:string", "born:date"))
    report = of.carecloud.import_file(path, entity="family")
    assert report.counts == {"accepted": 3, "rejected": 1, "not_sent": 0, "unknown": 0, "unchanged": 0}
    assert report.errors[["row", "line", "column", "rule"]].to_numpy().tolist() == [[2, 7, "born", "InvalidValue"]]
    assert report.failed()["row"].tolist() == [2]
    assert asked()["entityId"].to_list() == ["a", "b", "d"]


def test_left_out_rows_do_not_shift_the_others(box, monkeypatch):
    """Lines of the file are not rows of the table when some rows were left out."""
    frame = pd.DataFrame({"entityId": ["a", "b", "c", "d"], "n": ["1", "\r", "x", "4"]}, index=list("wxyz"))
    from occtoo_frames._sandbox import portal_import

    refusing = {**portal_import._READ, "string": lambda cell: None if cell == "x" else portal_import._raw(cell)}
    monkeypatch.setattr(portal_import, "_READ", refusing)
    report = imported(frame, on_invalid="skip")
    assert report.counts == {"accepted": 2, "rejected": 2, "not_sent": 0, "unknown": 0, "unchanged": 0}
    failed = report.failed()
    assert failed.index.tolist() == ["x", "y"]
    assert failed["rule"].tolist() == ["value-escape", "InvalidValue"]
    assert report.errors[["row", "line", "key"]].to_numpy().tolist() == [[2, 6, "c"]]
    with pytest.raises(
        of.InvalidRowsError, match=r"Mend .*\n  row 1, key 'b': rejected: value-escape: .*\n  row 2, key"
    ):
        report.raise_for_failures()


def test_a_wrong_count_rejects_the_whole_file(box, tmp_path):
    """Nothing of it lands; the client says so before it sends, so the portal is asked directly."""
    path = tmp_path / "f.cc5txt"
    of.carecloud.write_sync_file(FAMILY, path, entity="family", key="entityId")
    path.write_text(path.read_text().replace("99|3", "99|4"))
    with pytest.raises(of.UnsupportedFrameError, match="counts other rows"):
        of.carecloud.import_file(path, entity="family")
    from occtoo_frames._sandbox.portal_import import BrokenFileError, apply_file

    portal = box._platform._core.portal
    with pytest.raises(BrokenFileError, match="counts"):
        apply_file(path, portal.store, "", (portal.keys.workspace, portal.keys.bucket))
    assert asked().is_empty()


@pytest.mark.parametrize("fault", ["throttle", "camel_case", "nested_file", "expired_url"])
def test_what_can_be_mended_is(box, fault):
    """Throttles, spellings and old addresses end well."""
    box.faults(fault)
    assert imported().ok


@pytest.mark.parametrize("mode", ["async", "sync"])
def test_a_gateway_that_times_out_is_no_second_import(box, mode):
    """The import goes on, and is asked after."""
    route = "/appfile/file/import" if mode == "sync" else "/appdata/import/file/async"
    box.faults("gateway_timeout", on=route)
    assert imported(mode=mode).ok
    assert box.requests_seen[f"POST {route}"] == 1


@pytest.mark.parametrize(
    ("route", "fault"),
    [
        *product(["/appfile/file/path", "/appfile/file/{fileId}"], ["cut", "cut_after", "cut_answer", "html"]),
        *product(["/storage"], ["cut", "cut_after", "html"]),  # its good answer has no body that could be cut
    ],
)
def test_a_broken_connection_is_tried_again_where_that_is_safe(box, fault, route):
    """The file is read again from its beginning."""
    box.faults(fault, on=route)
    assert imported().ok


@pytest.mark.parametrize("fault", ["cut", "cut_after", "cut_answer", "html"])
def test_a_broken_connection_on_import_is_one_outcome(box, fault):
    """Accepted if it went on, unknown if nobody can tell; never asked for twice."""
    box.faults(fault, on="/appdata/import/file/async")
    report = imported(max_wait_s=0.3)
    begun = fault in {"cut_after", "cut_answer"}
    assert report.counts["accepted" if begun else "unknown"] == 3
    assert box.requests_seen["POST /appdata/import/file/async"] == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("bad_key", of.AuthenticationError), ("quota", of.RateLimitedError), ("too_large", of.RejectedError),
        ("not_success", of.RejectedError), ("wrong_etag", of.ProtocolError),
    ],
)  # fmt: skip
def test_what_cannot_be_mended_is_an_error_before_anything_is_imported(box, fault, error):
    """A quota is not asked for again and again."""
    box.faults(fault)
    with pytest.raises(error):
        imported()
    assert asked().is_empty()
    assert box.requests_seen["POST /appfile/file/path"] == 1


def test_an_import_that_fails_rejects_every_row(box):
    """With the portal's words."""
    box.faults("import_fails")
    report = imported()
    assert report.counts["rejected"] == 3
    assert "the import failed" in report.reason
    assert set(report.rows["reason"]) == {report.reason}


def test_an_import_that_hangs_is_unknown(box):
    """Until ``status`` says more."""
    box.faults("import_hangs")
    report = imported(max_wait_s=0.2)
    assert report.counts["unknown"] == 3
    assert of.carecloud.status(report.file_id).state == "Importing"


def test_nobody_need_wait(box):
    """``status`` waits later."""
    report = imported(wait=False)
    assert report.counts["unknown"] == 3
    assert of.carecloud.status(report.file_id, wait_s=20).outcome == "accepted"
    assert of.carecloud.status("no-such-file").outcome == "unknown"


@pytest.mark.parametrize("wait_s", ["5", None, -1, float("nan")])
def test_a_wait_that_is_none_is_refused(box, wait_s):
    """Before a file is sent."""
    before = box.requests_seen
    with pytest.raises(of.ConfigurationError, match="max_wait_s"):
        imported(max_wait_s=wait_s)
    with pytest.raises(of.ConfigurationError, match="wait_s"):
        of.carecloud.status("f", wait_s=wait_s)
    with pytest.raises(of.ConfigurationError, match="file_id"):
        of.carecloud.status(None)
    assert box.requests_seen == before
    assert imported(max_wait_s=float("inf")).ok


def test_what_is_missing_is_said(box):
    """Credentials, the key of a table, the entity of a file."""
    with pytest.raises(of.ConfigurationError, match="CARECLOUD_API_KEY"):
        imported(connection=of.Connection(provider_id="x", provider_secret="y"))
    with pytest.raises(of.PlanError, match="key"):
        of.carecloud.import_file(FAMILY, entity="family")
    with pytest.raises(FileNotFoundError):
        of.carecloud.import_file("nowhere.cc5txt", entity="family")
    with pytest.raises(of.ConfigurationError, match="mode"):
        imported(mode="later")


def test_a_report_says_what_to_hand_on_instead_of_being_pickled(box, tmp_path):
    """It holds the table; that of a file holds none."""
    report = imported()
    with pytest.raises(TypeError, match=r"an ImportReport is not pickled.*hand on \.to_dict"):
        pickle.dumps(report)
    assert copy.copy(report) is report
    file = of.carecloud.write_sync_file(FAMILY, tmp_path / "f.cc5txt", entity="family", key="entityId")
    of_file = of.carecloud.import_file(file.path, entity="family")
    told = pickle.loads(pickle.dumps(of_file))  # noqa: S301 - our own bytes
    assert told.to_dict() == of_file.to_dict()


def test_imports_survive_a_restart(tmp_path):
    """With a path the portal's records are there again, and so is its key."""
    with of.sandbox(tmp_path / "box.sqlite") as first:
        imported()
        key = first.connection.carecloud_api_key.reveal()
    with of.sandbox(tmp_path / "box.sqlite") as second:
        assert second.connection.carecloud_api_key.reveal() == key
        assert asked().height == 3


def test_an_import_before_the_upload_fails(box):
    """As the documents say."""
    portal = box._platform._core.portal
    ticket = portal.ticket(box.url, "family", "x.cc5txt", "")
    portal.begin(ticket.file_id).result(20)
    status = of.carecloud.status(ticket.file_id)
    assert (status.outcome, status.state) == ("rejected", "Failed")
    assert "not been uploaded" in status.reason
