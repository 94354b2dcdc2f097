"""Files and links pushed from every kind of frame, into every situation; each row has one state."""

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import requests
from media_box import png

import occtoo_frames as of
from occtoo_frames._api.media_content import FileContent

ROWS = ["row", "unique_identifier", "file_id", "state", "public_url", "mime_type", "size", "width", "height", "reason"]


def _bytes(url: str) -> bytes:
    return requests.get(url, timeout=10).content


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.table])
def test_links_go_up_from_every_kind_of_frame(box, links, kind):
    """The report's rows are of the same kind, in the input's order."""
    frame = kind(links.to_dict(as_series=False))
    report = of.push_media(frame, link="image", unique_identifier="sku")
    assert report.ok
    assert report.counts == {"uploaded": 2, "skipped": 0, "failed": 0, "pending": 0}
    rows = pl.DataFrame(report.rows)
    assert rows.columns == ROWS
    assert rows["unique_identifier"].to_list() == links["sku"].to_list()
    assert rows.select("mime_type", "width", "height").rows() == [("image/png", 4, 3), ("image/png", 5, 6)]
    assert _bytes(rows["public_url"][0]) == png(4, 3)


def test_numbers_that_pandas_made_floats_are_identifiers(box, web, name):
    """A missing one turned the integers into floats; floats that are none stay refused."""
    number = 10**9 + int(name().removeprefix("id-"))
    frame = pd.DataFrame({"sku": [number, None], "image": [f"{web}/chair.png", f"{web}/table.png"]})
    report = of.push_media(frame, link="image", unique_identifier="sku", on_invalid="skip")
    assert report.row_table.select("unique_identifier", "state").rows() == [(str(number), "uploaded"), (None, "failed")]
    with pytest.raises(of.PlanError, match="make it text"):
        of.push_media(frame.assign(sku=[1.5, None]), link="image", unique_identifier="sku")


def test_files_go_up_from_paths_and_from_bytes(box, folder, files):
    """Every byte is equal."""
    paths = of.push_media(files, path="file", unique_identifier="sku").row_table
    held = pl.DataFrame({"picture": [png(4, 3), None], "called": ["x.png", None]})
    held = of.push_media(held, path="picture", filename="called").row_table
    assert _bytes(paths["public_url"][1]) == (folder / "table.png").read_bytes()
    assert _bytes(held["public_url"][0]) == png(4, 3)
    assert held["state"].to_list() == ["uploaded", "skipped"]
    assert held["name"].to_list() == ["x.png", None]


def test_a_large_file_goes_in_pieces_of_4_mib(box, tmp_path):
    """Three requests for nine million bytes."""
    (tmp_path / "a.bin").write_bytes(bytes(9_000_000))
    before = box.requests_seen["PATCH /media/uploads/files/{fileId}"]
    report = of.push_media(pd.DataFrame({"file": [tmp_path / "a.bin"]}).astype(str), path="file")
    assert report.rows["size"].tolist() == [9_000_000]
    assert box.requests_seen["PATCH /media/uploads/files/{fileId}"] - before == 3


def test_the_same_link_goes_up_once(box, web):
    """Variants of a product share the file; with identifiers each has its own."""
    frame = pl.DataFrame({"sku": ["s-1", "s-2"], "image": [f"{web}/chair.png"] * 2})
    rows = of.push_media(frame, link="image").row_table
    assert rows["file_id"].n_unique() == 1
    assert of.push_media(frame, link="image", unique_identifier="sku").row_table["file_id"].n_unique() == 2


def test_several_links_of_a_row_are_several_files(box, web, name):
    """In several columns, lists, or one text; identifiers are numbered."""
    key = name()
    chair, table = f"{web}/chair.png", f"{web}/table.png"
    text = pl.DataFrame(
        {"sku": [key, name()], "images": [f"{chair} | {table}", None], "more": [f"{web}/chair.png?2", ""]}
    )
    report = of.push_media(text, link=["images", "more"], unique_identifier="sku", separator="|")
    assert report.row_table["row"].to_list() == [0, 0, 0, 1]
    assert report.row_table["unique_identifier"].to_list()[:3] == [key, f"{key}-2", f"{key}-3"]
    assert [len(ids) for ids in report.file_ids()] == [3, 0]
    lists = pl.DataFrame({"images": [[chair, table], []]})
    assert [len(ids) for ids in of.push_media(lists, link="images").file_ids()] == [2, 0]


def test_an_identifier_in_use_is_left_alone(box, links):
    """The second push sends no file, and tells what is there."""
    first = of.push_media(links, link="image", unique_identifier="sku")
    before = box.requests_seen["PUT /media/uploads/links"]
    second = of.push_media(links, link="image", unique_identifier="sku")
    assert box.requests_seen["PUT /media/uploads/links"] == before
    assert second.ok
    assert second.counts["skipped"] == 2
    columns = ["file_id", "public_url", "mime_type", "size", "width", "height"]
    assert second.row_table.select(columns).equals(first.row_table.select(columns))


def test_an_identifier_in_use_may_be_a_failure(box, links):
    """The reason names the file."""
    first = of.push_media(links[:1], link="image", unique_identifier="sku")
    second = of.push_media(links, link="image", unique_identifier="sku", on_existing="fail")
    assert second.row_table["state"].to_list() == ["failed", "uploaded"]
    assert first.row_table["file_id"][0] in second.row_table["reason"][0]
    with pytest.raises(of.InvalidRowsError, match=r"1 failed.*\n  row 0, key '.+': failed: "):
        second.raise_for_failures()


def test_a_dead_link_fails_with_its_reason(box, web, name):
    """The others are not held up by it."""
    frame = pl.DataFrame({"image": [f"{web}/none.png", f"{web}/chair.png?dead", "http://10.0.0.1/a.png"]})
    rows = of.push_media(frame, link="image").row_table
    assert rows["state"].to_list() == ["failed", "uploaded", "failed"]
    assert "answered 404" in rows["reason"][0]
    assert "fetches nothing from 10.0.0.1" in rows["reason"][2]


def test_nobody_waits_who_does_not_want_to(box, web, name):
    """The rows are pending, their ids known; later they are ready."""
    frame = pl.DataFrame({"sku": [name()], "image": [f"{web}/chair.png"]})
    report = of.push_media(frame, link="image", unique_identifier="sku", wait=False)
    assert report.counts["pending"] == 1
    assert not report.ok
    assert report.row_table["reason"].item() is None
    assert of.push_media(frame, link="image", unique_identifier="sku").counts["skipped"] == 1
    assert of.read_media(file_ids=report.row_table["file_id"])["state"].tolist() == ["ready"]


def test_waiting_ends(web, name):
    """What is not processed by then is pending, and said to be."""
    with of.sandbox(media_hosts=["127.0.0.1"], media_delay_s=3600) as box:
        frame = pl.DataFrame({"image": [f"{web}/chair.png"]})
        report = of.push_media(frame, link="image", max_wait_s=0.2, connection=box.connection)
    assert report.row_table.select("state", "reason").row(0) == ("pending", "it is still being processed")


@pytest.mark.usefixtures("box")
class TestReplace:
    """The new file takes the old one's identifier, and the old one stays until the new one is taken."""

    def test_the_new_file_has_the_identifier(self, web, name):
        """By link and by file; nothing of the rehearsal is left."""
        key = name()
        frame = pl.DataFrame({"sku": [key], "image": [f"{web}/chair.png"]})
        old = of.push_media(frame, link="image", unique_identifier="sku").row_table["file_id"].item()
        for image in (f"{web}/table.png", f"{web}/chair.png"):
            newer = frame.with_columns(image=pl.lit(image))
            report = of.push_media(newer, link="image", unique_identifier="sku", on_existing="replace")
            new = report.row_table["file_id"].item()
            assert report.counts["uploaded"] == 1
            found = of.read_media([key, f"{key}.replacing"], [old], frame="polars")
            assert found.select("state", "file_id").rows()[:2] == [("ready", new), ("missing", None)]
            assert found["state"][2] == "missing"
            old = new

    @pytest.mark.parametrize("kind", ["link", "path"])
    def test_a_refused_file_leaves_the_old_one(self, box, web, name, kind, tmp_path):
        """A dead link, or a server that does not take the file: the identifier never stands without one."""
        key = name()
        good = pl.DataFrame({"sku": [key], "image": [f"{web}/chair.png"]})
        old = of.push_media(good, link="image", unique_identifier="sku").row_table["file_id"].item()
        (tmp_path / "new.bin").write_bytes(b"new")
        bad = pl.DataFrame(
            {"sku": [key], "image": [f"{web}/none.png" if kind == "link" else str(tmp_path / "new.bin")]}
        )
        box.faults("status", on="POST /media/uploads/files", status=400)
        report = of.push_media(bad, unique_identifier="sku", on_existing="replace", **{kind: "image"})
        assert report.row_table["state"].item() == "failed"
        assert f"the old file {old} stays" in report.row_table["reason"].item()
        assert of.read_media([key])["file_id"].tolist() == [old]

    def test_a_file_refused_after_the_deletion_is_still_there(self, box, web, name):
        """Under the identifier of the rehearsal, which the reason names."""
        key = name()
        frame = pl.DataFrame({"sku": [key], "image": [f"{web}/chair.png"]})
        of.push_media(frame, link="image", unique_identifier="sku")
        box.faults("status", on="PUT /media/uploads/links", status=400, after=1)
        report = of.push_media(frame, link="image", unique_identifier="sku", on_existing="replace")
        assert report.row_table["state"].item() == "failed"
        assert f"stands under '{key}.replacing'" in report.row_table["reason"].item()
        assert of.read_media([f"{key}.replacing"])["state"].tolist() == ["ready"]


class TestFaults:
    """What breaks on the way is mended, or said."""

    @pytest.mark.parametrize("kind", ["cut", "cut_after", "cut_answer", "status", "html", "expire_tokens"])
    @pytest.mark.parametrize(
        "route", ["PUT", "POST /media/uploads/files", "PATCH", "GET /media", "POST /media/files/batch"]
    )
    def test_one_fault_anywhere_changes_nothing(self, box, links, files, kind, route):
        """Links and files are there once, under their identifiers."""
        frame = pl.concat([links[:1], files[1:]], how="diagonal")
        box.faults(kind, on=route)
        report = of.push_media(frame, link="image", path="file", unique_identifier="sku")
        assert report.counts["uploaded"] == 2, report.rows
        assert [_bytes(url) for url in report.row_table["public_url"]] == [png(4, 3), png(5, 6, more=b"table")]
        assert of.read_media(frame["sku"])["file_id"].tolist() == report.row_table["file_id"].to_list()

    def test_wrong_credentials_stop_the_run(self, box, links):
        """Nothing is sent, every row says so, and the exception has the report."""
        wrong = of.Connection(
            provider_id="x", provider_secret="wrong-secret", ingest_url=box.url, retry=of.RetryPolicy(attempts=1)
        )
        with pytest.raises(of.PushInterruptedError) as caught:
            of.push_media(links, link="image", unique_identifier="sku", connection=wrong)
        assert caught.value.report.counts["failed"] == 2
        assert isinstance(caught.value.__cause__, of.AuthenticationError)
        assert "not sent" in caught.value.report.row_table["reason"][0]

    def test_an_outage_ends_soon(self):
        """Two hundred requests, no server: a few dozen attempts, not six hundred."""
        frame = pl.DataFrame({"image": [f"https://x.se/{number}.png" for number in range(10_000)]})
        nowhere = of.Connection(provider_id="x", provider_secret="y", ingest_url="http://127.0.0.1:9")
        with pytest.raises(of.PushInterruptedError) as caught:
            of.push_media(frame, link="image", connection=nowhere)
        assert caught.value.report.counts["failed"] == 10_000

    def test_a_file_that_changes_meanwhile_is_not_sent_on(self, tmp_path):
        """No mixture of two versions is ever whole."""
        (tmp_path / "a").write_bytes(b"abcdef")
        content = FileContent(tmp_path / "a")
        assert content.read(2, 2) == b"cd"
        (tmp_path / "a").write_bytes(b"ABCDEFG")
        with pytest.raises(OSError, match="changed while it was sent"):
            content.read(4, 2)


def test_files_are_deleted(box, links):
    """Gone, and the identifier free; one that is not there is skipped."""
    ids = of.push_media(links, link="image", unique_identifier="sku").row_table["file_id"]
    report = of.delete_media([*ids, "nobody"])
    assert report.counts == {"uploaded": 0, "skipped": 1, "failed": 0, "pending": 0, "deleted": 2}
    assert report.ok
    assert of.delete_media(ids).counts == {"uploaded": 0, "skipped": 2, "failed": 0, "pending": 0, "deleted": 0}
    assert of.delete_media([]).counts["deleted"] == 0
    assert of.read_media(links["sku"])["state"].tolist() == ["missing", "missing"]
    assert of.push_media(links, link="image", unique_identifier="sku").counts["uploaded"] == 2


def test_an_id_that_is_given_twice_is_deleted_once(box, links):
    """Both of its rows say so."""
    (one, _) = of.push_media(links, link="image", unique_identifier="sku").row_table["file_id"]
    assert of.delete_media([one, "nobody", one]).row_table["state"].to_list() == ["deleted", "skipped", "deleted"]


def test_a_row_without_a_file_keeps_its_identifier(box, links):
    """The report says of which of the input's rows there is nothing."""
    frame = pl.concat([links, pl.DataFrame({"sku": ["ü-3", None], "image": [None, None]})], how="vertical_relaxed")
    rows = of.push_media(frame, link="image", unique_identifier="sku").row_table
    assert rows["unique_identifier"].to_list() == [*links["sku"], "ü-3", None]
    assert rows["state"].to_list() == ["uploaded", "uploaded", "skipped", "skipped"]
    assert of.push_media(frame, link="image").row_table["unique_identifier"].to_list() == [None] * 4


@pytest.mark.parametrize("kind", ["cut_after", "status"])
def test_a_deletion_whose_answer_is_lost_is_a_deletion(box, links, kind):
    """The second attempt finds nothing, and knows why."""
    ids = of.push_media(links, link="image", unique_identifier="sku").row_table["file_id"]
    box.faults(kind, on="DELETE")
    assert of.delete_media(ids).counts["deleted"] == 2


def test_files_are_read_by_identifier_and_by_id(box, links):
    """In the order asked for; unknown ones are rows with the state missing."""
    report = of.push_media(links, link="image", unique_identifier="sku").row_table
    found = of.read_media(["nobody", *links["sku"]], [report["file_id"][1], "nothing"], frame="polars")
    assert found["state"].to_list() == ["missing", "ready", "ready", "ready", "missing"]
    assert found["file_id"].to_list() == [None, *report["file_id"], report["file_id"][1], "nothing"]
    assert found["filename"].to_list() == [None, "chair.png", "table.png", "table.png", None]
    assert of.read_media([]).columns.tolist() == found.columns


@pytest.mark.parametrize(
    "asked", [{}, {"file_ids": "one"}, {"file_ids": 5}, {"unique_identifiers": [None]}, {"file_ids": [""]}]
)
def test_reading_nothing_or_something_else_is_a_configuration_error(box, asked):
    """One text is not a list of its letters."""
    with pytest.raises(of.ConfigurationError):
        of.read_media(**asked)
