"""A table through the portal and back, over real HTTP, also when things go wrong: one outcome for each row."""

import copy
import json
import logging
import pickle
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product

import numpy as np
import pandas as pd
import polars as pl
import pytest
from carecloud_frames import as_read
from polars.testing import assert_frame_equal

import occtoo_frames as of

FAMILY = pl.DataFrame({
    "entityId": ["f-1", "f-2", "f-3"],
    "name": ["Ann | Bo", "two\r\nlines", None],
    "members": [3, None, 2**62],
    "weight": [71.5, 1e-7, None],
    "born": [date(1990, 1, 2), None, date(1985, 12, 31)],
    "seen": [datetime(2026, 11, 22, 8, 30), None, datetime(2026, 1, 1)],
    "active": [True, False, None],
    "tags": [["a", "b"], None, ["c|d"]],
    "address": [{"city": "Oslo | #/#", "zip": 150}, None, {"city": None, "zip": None}],
    "notes": [[{"n": 1}], [], None],
})  # fmt: skip
TYPES = {"born": pl.Date, "seen": pl.Datetime}
SECRET = "19900102-1234"


def imported(frame=FAMILY, **options):
    """The report of an import of families."""
    return of.carecloud.import_file(frame, entity="family", key="entityId", **options)


def asked(**options):
    """The families that the portal holds."""
    return of.carecloud.query("family", frame="polars", schema=TYPES, **options)


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


def test_a_refusal_of_the_storage_shows_no_signature(box, monkeypatch):
    """Its code and message, though its answer says more."""
    from occtoo_frames._sandbox import portal

    ticket = portal.Portal.ticket

    def changed(self, *said):
        good = ticket(self, *said)
        return replace(good, url=good.url + "0")

    monkeypatch.setattr(portal.Portal, "ticket", changed)
    with pytest.raises(of.AuthenticationError, match="SignatureDoesNotMatch") as caught:
        imported()
    assert "X-Amz" not in str(caught.value)


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


def test_a_query_filters_sorts_and_pages(box):
    """Equality, one of, ranges, nulls."""
    imported()
    assert asked(where={"active": True})["entityId"].to_list() == ["f-1"]
    assert asked(where={"entityId": ["f-1", "f-3", "x"]}).height == 2
    assert asked(where={"weight": of.between(1, None)})["entityId"].to_list() == ["f-1"]
    assert asked(where={"born": date(1990, 1, 2), "members": {"$gt": 2}})["entityId"].to_list() == ["f-1"]
    assert asked(where={"name": None})["entityId"].to_list() == ["f-3"]
    assert asked(where={"name": [None, "x"]})["entityId"].to_list() == ["f-3"]
    assert asked(where={"name": [None, "x"], "entityId": ["f-1", "f-3"]})["entityId"].to_list() == ["f-3"]
    names = asked()["name"].drop_nulls().to_list()
    assert asked(where={"name": [None, *names]}).height == 3
    assert asked(sort=["-entityId"], page_size=1)["entityId"].to_list() == ["f-3", "f-2", "f-1"]
    assert asked(limit=2, page_size=1).height == 2
    with pytest.raises(of.RejectedError, match="operator"):
        asked(where={"name": {"$where": "1"}})


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


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": "5"},
        {"limit": 1.5},
        {"limit": -1},
        {"page_size": None},
        {"page_size": 0},
        {"sort": 5},
        {"sort": [None]},
        {"schema": 5},
        {"schema": {"n": "Int64"}},
    ],
)
def test_an_option_of_a_query_that_means_nothing_is_refused(box, wrong):
    """Before anything is asked."""
    before = box.requests_seen
    with pytest.raises(of.ConfigurationError, match=next(iter(wrong))):
        of.carecloud.query("family", **wrong)
    assert box.requests_seen == before


def test_every_digit_of_a_number_comes_back(box):
    """As Decimal, if the schema says so."""
    frame = pl.DataFrame({"entityId": ["a"], "n": ["99999999999999.99"]}).with_columns(
        pl.col("n").cast(pl.Decimal(20, 2))
    )
    imported(frame)
    found = of.carecloud.query("family", schema={"n": pl.Decimal(20, 2)}, frame="polars")
    assert_frame_equal(found, frame)


def test_numbers_are_floats_only_if_floats_hold_them(box):
    """As in ``read_sync_file``: else decimals, and as text every digit stands; no dtype bends a value."""
    many = Decimal("12345678901234567890.5")
    frame = pl.DataFrame({"entityId": ["a", "b"], "d": [many, Decimal("1.10")], "f": [0.1, 1e22]})
    imported(frame)
    found = of.carecloud.query("family", frame="polars")
    assert found["d"].to_list() == [many, Decimal("1.1")]
    assert found["f"].to_list() == [0.1, 1e22]
    as_text = of.carecloud.query("family", schema={"d": pl.String}, frame="polars")["d"]
    assert as_text.to_list() == ["12345678901234567890.50", "1.10"]
    of_floats = of.carecloud.query("family", where={"entityId": "b"}, schema={"f": pl.Int128}, frame="polars")
    assert of_floats["f"].to_list() == [10**22]
    for dtype in (pl.Decimal(38, 0), pl.Int64, pl.Decimal(10, 2)):
        with pytest.raises(of.ProtocolError, match="'d' are no"):
            of.carecloud.query("family", schema={"d": dtype})


def test_a_decimal_is_asked_for_with_every_digit():
    """Not by way of a float."""
    from occtoo_frames.carecloud.conversation import post
    from occtoo_frames.carecloud.querying import _filter

    body = post("", "", _filter({"n": of.between(Decimal("12345678901234567890.50"), None)})).request.body
    assert body == b'{"n":{"$gte":12345678901234567890.50}}'


def test_conditions_and_sorts_may_be_said_in_several_ways(box):
    """One name is a sort; any collection is one of; what is neither is a ConfigurationError that shows no value."""
    imported()
    assert asked(sort="-entityId")["entityId"].to_list() == ["f-3", "f-2", "f-1"]
    assert asked(sort="weight")["entityId"].to_list() == asked(sort=["weight"])["entityId"].to_list()
    for values in ({"f-1", "x"}, ("f-1",), pl.Series(["f-1"]), pd.Series(["f-1"]), np.array(["f-1"])):
        assert asked(where={"entityId": values})["entityId"].to_list() == ["f-1"]
    assert asked(where={"members": np.array([3])}).height == 1
    moment = datetime(1990, 1, 2, tzinfo=UTC)
    for wrong in ([1], {"name": object()}, {"weight": float("nan")}, {"name": b"x"}, {"born": moment}):
        with pytest.raises(of.ConfigurationError, match="where") as caught:
            asked(where=wrong)
        assert "1990" not in str(caught.value)


def test_large_integers_come_back(box):
    """As decimals where 64 bits are too few, in every kind of frame."""
    imported(pl.DataFrame({"entityId": ["a", "b"], "n": pl.Series([1, 2**64 - 1], dtype=pl.UInt64)}))
    for kind in ("pandas", "polars", "pyarrow"):
        found = of.carecloud.query("family", frame=kind)
        assert [int(number) for number in pl.DataFrame(found)["n"]] == [1, 2**64 - 1]


def test_the_key_of_the_portal_never_reaches_the_storage(box, monkeypatch):
    """Nor does any header of its, even though both stand at one address here."""
    sent = []
    transport = box.connection.session._transport
    send = transport.send
    monkeypatch.setattr(transport, "send", lambda request, **more: sent.append(request) or send(request, **more))
    imported()
    to_storage = [dict(request.headers) for request in sent if "/storage/" in request.url]
    assert to_storage == [{"Content-Type": "application/octet-stream"}]
    others = [request.headers for request in sent if "/storage/" not in request.url]
    assert all(headers["x-api-key"] == box.connection.carecloud_api_key.reveal() for headers in others)
    assert box.connection.carecloud_api_key.reveal() not in repr(sent)


def test_a_portal_that_repeats_the_key_is_shown_without_it(box, monkeypatch):
    """In the report of an import that failed."""
    key = box.connection.carecloud_api_key.reveal()
    transport = box.connection.session._transport
    send = transport.send

    def answer(request, **more):
        event = send(request, **more)
        if request.method != "GET":
            return event
        told = {"ErrorCode": key, "Message": f"key {key}", "Errors": [{"FieldName": "f", "Message": f"by {key}"}]}
        failed = {"IsSuccess": True, "ResponseStatus": told, "Data": {"State": "Failed"}}
        return replace(event, body=json.dumps(failed).encode())

    monkeypatch.setattr(transport, "send", answer)
    report = imported()
    assert report.outcome == "rejected"
    assert "***" in report.reason
    said = (repr(report), str(report.to_dict()), str(report.rows.to_dicts()), str(report.errors.to_dicts()))
    assert not [text for text in said if key in text]


def test_nobodys_data_stands_in_logs_errors_or_reports(box, caplog):
    """Keys and columns do."""
    caplog.set_level(logging.DEBUG)
    frame = pd.DataFrame({"entityId": ["k1", "k2"], "ssn": [SECRET, f"{SECRET}\r"]})
    with pytest.raises(of.InvalidRowsError) as caught:
        imported(frame)
    report = imported(frame, on_invalid="skip")
    for fault in ("not_success", "bad_key", "wrong_etag"):
        box.faults(fault)
        with pytest.raises(of.OcctooError) as refused:
            imported(frame.head(1))
        assert SECRET not in str(refused.value)
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name == "occtoo_frames")
    said = [caplog.text, str(caught.value), repr(report), report.rows.to_string(), report.errors.to_string()]
    said += [caught.value.problems.to_string(), repr(report.file), str(report.to_dict())]
    assert not [text for text in said if SECRET in text]
    assert "Signature" not in logged
    assert box.connection.carecloud_api_key.reveal() not in caplog.text
    assert "PUT" in logged


def test_an_address_that_is_not_https_gets_no_file(box, monkeypatch):
    """Unless it is this machine."""
    from occtoo_frames._sandbox import portal

    monkeypatch.setattr(portal.Portal, "ticket", _elsewhere)
    with pytest.raises(of.ProtocolError, match="not https"):
        imported()


def _elsewhere(*_arguments):
    from occtoo_frames.protocol.carecloud import Ticket

    return Ticket("a", "f", "p", "http://storage.example/x?X-Amz-Signature=s")


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
