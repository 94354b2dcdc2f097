"""The sync file, line by line, and the problems of what it cannot hold."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

import occtoo_frames as of
from occtoo_frames.protocol.cc5 import Header

SAMPLE = Path(__file__).parents[1] / "contract" / "family_member.cc5txt"

MEMBERS = pl.DataFrame({
    "id": ["m-1", "m-2", "m-3"],
    "name": ["Ann | Bo", "two\nlines", None],
    "visits": [3, None, 0],
    "weight": [71.5, 1e-7, None],
    "born": [date(1990, 1, 2), None, date(1985, 12, 31)],
    "seen": [datetime(2026, 11, 22, 8, 30), None, datetime(2026, 1, 1)],
    "active": [True, False, None],
    "tags": [["a", "b"], None, ["c|d"]],
    "address": [{"city": "Oslo | Bergen", "zip": 150}, None, {"city": None, "zip": None}],
    "gone": [False, True, None],
})  # fmt: skip


@pytest.fixture
def path(tmp_path):
    """Where a file may go."""
    return tmp_path / "members.cc5txt"


def write(frame, path, **options):
    """A file of the key ``id``, without workspace and bucket."""
    said = {"entity": "family_member", "key": "id", "workspace": "w", "bucket": "b", **options}
    return of.carecloud.write_sync_file(frame, path, **said)


def rules(frame, tmp_path, **options):
    """Row, column and rule of each problem."""
    written = write(frame, tmp_path / "x.cc5txt", on_invalid="skip", **options)
    return written.found.select("row", "column", "rule").rows()


def test_a_file_is_written_line_by_line(path):
    """Every row type, field type and escape."""
    written = write(
        MEMBERS, path, delete="gone", customer="acme", reference="r1", created=datetime(2026, 11, 22, tzinfo=UTC)
    )
    assert path.read_text() == (
        "00|acme|cc5|20261122000000|r1\n"
        "01|wks_family_member|w|b|cc-family-member|upsert\n"
        "02|entityId\n"
        "03|entityId:string|name:string|visits:int|weight:number|born:date|seen:date|active:bool|tags:array"
        "|address:object\n"
        r"10|m-1|Ann #/# Bo|3|71.5|19900102|20261122083000|true|a,b|{\"city\":\"Oslo \u007c Bergen\",\"zip\":150}|"
        "\n90|m-2\n"
        '10|m-3||0||19851231|20260101000000||c#/#d|{"city":null,"zip":null}|\n'
        "99|3\n"
    ).replace('\\"', '"')
    assert written.counts == {"rows": 3, "upserts": 2, "deletes": 1, "invalid": 0, "bytes": path.stat().st_size}


def test_a_file_of_others_is_read():
    """The contract sample, with all that we would write otherwise: CRLF, no types, escapes inside JSON."""
    read = of.carecloud.read_sync_file(SAMPLE, frame="polars")
    assert read.to_dicts() == [
        {"entityId": "1", "name": "Ann", "note": "a|b\nc", "born": date(1990, 1, 2), "points": 12, "delete": False,
         "tags": ["x", "y"], "extra": '{"k":"p|q"}'},
        {"entityId": "2", "name": None, "note": None, "born": None, "points": None, "delete": False,
         "tags": None, "extra": None},
        {"entityId": "3", "name": None, "note": None, "born": None, "points": None, "delete": True,
         "tags": None, "extra": None},
    ]  # fmt: skip


def test_a_header_goes_there_and_back():
    """Pipes in its values too."""
    header = Header.from_wire(SAMPLE.read_text())
    assert Header.from_wire(header.to_wire()) == header
    assert (header.customer, header.entity_type, header.keys) == ("a|b", "wks_family_member", ("entityId",))


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        (["x", ""], "value-empty"),
        (["x", "a\rb"], "value-escape"),
        (["x", "a#/#b"], "value-escape"),
        (["x", "#Enter#"], "value-escape"),
        (["x", "#/|"], "value-escape"),
        ([["x"], ["a,b"]], "value-separator"),
        ([["x"], []], "value-empty"),
        ([["x"], [""]], "value-empty"),
        ([["x"], ["y", None]], "value-type"),
        ([1.5, float("inf")], "value-not-finite"),
        ([{"a": 1.5}, {"a": float("nan")}], "value-not-finite"),
        ([datetime(2026, 1, 1), datetime(2026, 1, 1, 0, 0, 0, 5)], "value-date"),
    ],
)
def test_what_cannot_come_back_is_a_problem(values, rule, tmp_path):
    """Its row and column are named, and nothing else."""
    frame = pl.DataFrame({"id": [1, 2], "value": values}, strict=False)
    assert rules(frame, tmp_path) == [(1, "value", rule)]


def test_a_problem_shows_no_value(path):
    """Neither in the frame nor in the message."""
    frame = pd.DataFrame({"id": ["k1"], "ssn": ["secret\rvalue"]})
    with pytest.raises(of.InvalidRowsError) as caught:
        write(frame, path)
    assert "secret" not in str(caught.value)
    assert caught.value.problems["value"].isna().all()
    assert caught.value.problems[["row", "key", "column"]].to_numpy().tolist() == [[0, "k1", "ssn"]]
    assert not path.exists()


def test_keys_must_be_there_once(tmp_path):
    """Every row of a key that stands twice has a problem."""
    frame = pl.DataFrame({"id": ["a", None, "", "a", "b"], "x": [1, 2, 3, 4, 5]})
    assert [(row, rule) for row, _, rule in rules(frame, tmp_path)] == [
        (0, "key-duplicate"), (1, "key-missing"), (2, "key-missing"), (3, "key-duplicate"),
    ]  # fmt: skip


def test_names_and_dtypes_are_checked_before_anything_is_written(path):
    """A column that cannot be written stops even ``on_invalid="skip"``."""
    zone = pl.Series([datetime(2026, 1, 1)]).dt.replace_time_zone("UTC")
    frame = pl.DataFrame({"id": ["a"], "_id": [1], "a.b": [1], "when": zone, "raw": [b"x"]})
    with pytest.raises(of.InvalidRowsError) as caught:
        write(frame, path, on_invalid="skip")
    assert dict(zip(caught.value.problems["column"], caught.value.problems["rule"], strict=True)) == {
        "_id": "property-id", "a.b": "property-id", "when": "value-type", "raw": "value-type",
    }  # fmt: skip


def test_a_time_with_a_zone_can_be_sent_as_text(path):
    """And read as what it was."""
    zone = pl.Series([datetime(2026, 1, 1, 12)]).dt.replace_time_zone("Europe/Oslo")
    frame = pl.DataFrame({"id": ["a"], "when": zone})
    write(frame, path, types={"when": "string"})
    read = of.carecloud.read_sync_file(path, schema={"when": frame.schema["when"]}, frame="polars")
    assert read["when"].equals(frame["when"])


@pytest.mark.parametrize("deletes", ["remove", "disable"])
def test_a_text_may_say_what_is_deleted(tmp_path, deletes):
    """As a csv has it; another word is a problem of its row, and a number of the table."""
    frame = pl.DataFrame({"id": ["1", "2", "3", "4"], "gone": ["TRUE", "false", None, "yes"]})
    written = write(frame, tmp_path / "a.csv", delete="gone", deletes=deletes, on_invalid="skip")
    assert written.problems.select("row", "rule", "column", "value").rows() == [(3, "value-type", "gone", None)]
    assert written.counts["deletes"] == (deletes == "remove")
    with pytest.raises(of.PlanError, match="must be a boolean column"):
        write(frame.with_columns(gone=1), tmp_path / "b.csv", delete="gone")


def test_deletions_may_be_soft(path):
    """As the field ``disabled``."""
    write(MEMBERS.select("id", "gone"), path, delete="gone", deletes="disable")
    assert path.read_text().splitlines()[3:] == [
        "03|entityId:string|disabled:bool", "10|m-1|false|", "10|m-2|true|", "10|m-3|false|", "99|3",
    ]  # fmt: skip


def test_text_can_be_declared(tmp_path):
    """A csv is all text: what is declared must say such values."""
    table = tmp_path / "members.csv"
    table.write_text("id,born,n,ok,doc\n007,19900102,12,true,{}\n008,19901301,1.x,yes,[]\n")
    types = {"born": "date", "n": "number", "ok": "bool", "doc": "object"}
    assert rules(table, tmp_path, types=types) == [(1, name, "value-type") for name in ("born", "n", "ok", "doc")]
    assert (tmp_path / "x.cc5txt").read_text().splitlines()[4] == "10|007|19900102|12|true|{}|"


def test_integers_before_a_value_went_missing_are_keys_again(path):
    """The float column of pandas."""
    frame = pd.DataFrame({"id": [1.0, 2.0], "x": [1.0, None]})
    write(frame, path)
    assert path.read_text().splitlines()[3:6] == ["03|entityId:int|x:number", "10|1|1.0|", "10|2||"]


def test_an_index_and_several_columns_make_a_key(tmp_path):
    """Joined by the separator."""
    frame = pd.DataFrame({"x": [1]}, index=["k"])
    write(frame, tmp_path / "a.cc5txt", key=of.INDEX)
    assert (tmp_path / "a.cc5txt").read_text().splitlines()[4] == "10|k|1|"
    write(pl.DataFrame({"a": ["x"], "b": [1]}), tmp_path / "b.cc5txt", key=["a", "b"])
    assert (tmp_path / "b.cc5txt").read_text().splitlines()[3:5] == ["03|entityId:string", "10|x-1|"]


@pytest.mark.parametrize(
    "text",
    [
        "", "nothing", "00|c|cc5|d|r\n01|a|b|c|d|e\n02|entityId\n", "{head}10|1|\n", "{head}10|1|\n99|2\n",
        "{head}10|1|\n99|1\n10|2|\n", "{head}11|1|\n99|1\n", "{head}99|x\n",
    ],
)  # fmt: skip
def test_what_is_no_whole_sync_file_is_refused(path, text):
    """A count that is wrong, an end that is missing, lines of no known type."""
    head = "00|c|cc5|d|r\n01|wks_note|w|b|cc-note|upsert\n02|entityId\n03|entityId:int\n"
    path.write_text(text.replace("{head}", head))
    with pytest.raises(of.UnsupportedFrameError):
        of.carecloud.read_sync_file(path)


def test_cells_that_are_not_of_their_type_are_problems(path):
    """With row and column, without the value."""
    head = "00|||20260101000000|\n01|wks_note|||cc-note|\n02|entityId\n03|entityId|n:int|d:date\n"
    path.write_text(f"{head}10|a|1|20260101|\n10|b|secret|20261301|\n10|c|1|\n99|3\n")
    with pytest.raises(of.InvalidRowsError) as caught:
        of.carecloud.read_sync_file(path, frame="polars")
    assert caught.value.problems.select("row", "key", "column").rows() == [
        (1, "b", "n"),
        (1, "b", "d"),
        (2, None, None),
    ]
    assert "secret" not in str(caught.value)


def test_a_file_is_whole_or_not_there(path):
    """What stood there stays when the new one has problems, and nothing is left beside it."""
    write(MEMBERS.select("id"), path)
    before = path.read_bytes()
    with pytest.raises(of.InvalidRowsError):
        write(pl.DataFrame({"id": ["a", "a"]}), path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"entity": "order"}, "family_member"), ({"types": {"name": "text"}}, "string"),
        ({"properties": {"name": "x", "visits": "x"}}, "both become"), ({"deletes": "soft"}, "disable"),
        ({"properties": {"name": "entityId2", "visits": "entityId2"}}, "both"), ({"empty_text": "no"}, "null"),
        ({"key": []}, "key"), ({"properties": {"name": "entityId", "visits": "visits"}}, "written already"),
    ],
)  # fmt: skip
def test_what_is_said_wrongly_is_a_plan_error(path, options, said):
    """The message says what could be said instead."""
    with pytest.raises(of.PlanError, match=said):
        write(MEMBERS, path, **options)


def test_a_name_of_which_nothing_legal_is_left_gets_no_empty_one(path):
    """The hint can be followed."""
    with pytest.raises(of.InvalidRowsError) as caught:
        write(pl.DataFrame({"id": ["a"], "": [1]}), path)
    assert caught.value.problems["hint"].to_list() == ["rename the column, or leave it out"]


def test_an_empty_action_is_refused(path):
    """The portal would not know what to do with the rows."""
    with pytest.raises(of.ConfigurationError, match="upsert"):
        write(MEMBERS, path, action=" ")


def test_a_place_where_no_file_can_be_is_named(tmp_path):
    """Not the file that would have been written beside it."""
    with pytest.raises(FileNotFoundError) as caught:
        write(MEMBERS, tmp_path / "nowhere" / "m.cc5txt")
    assert caught.value.filename == str(tmp_path / "nowhere" / "m.cc5txt")


def test_no_dtype_rounds_a_number(path):
    """Digits that a decimal has no place for make the cell a problem."""
    write(pl.DataFrame({"id": ["a", "b"], "n": [1.005, 1.5]}), path)
    with pytest.raises(of.InvalidRowsError) as caught:
        of.carecloud.read_sync_file(path, schema={"n": pl.Decimal(10, 2)}, frame="polars")
    assert caught.value.problems["row"].to_list() == [0]
    assert of.carecloud.read_sync_file(path, schema={"n": pl.Decimal(10, 3)}, frame="polars")["n"].to_list() == [
        Decimal("1.005"),
        Decimal("1.5"),
    ]
