"""What can be known before anything is sent is known before anything is sent."""

import polars as pl
import pytest

import occtoo_frames as of


def _problems(frame: pl.DataFrame, **options: object) -> list[tuple]:
    with pytest.raises(of.InvalidRowsError) as caught:
        of.push_media(frame, **options)
    found = pl.DataFrame(caught.value.problems)
    assert found.select("message", "hint").null_count().row(0) == (0, 0)
    return found.select("row", "column", "rule").rows()


def test_every_wrong_row_has_its_rule_and_nothing_is_sent(box, folder, name):
    """Missing, empty, a folder, a page that calls itself a picture; dead schemes; names; identifiers."""
    rows = [
        ("media-file", folder / "none.png", name(), "a.png"),
        ("media-file", folder / "empty.png", name(), "a.png"),
        ("media-file", folder, name(), "a.png"),
        ("media-type", folder / "page.jpg", name(), "a.jpg"),
        ("media-type", folder / "chair.png", name(), "a.jpg"),
        ("media-filename", folder / "chair.png", name(), "a/b.png"),
        ("media-filename", folder / "chair.png", name(), "a\n.png"),
        ("media-identifier", folder / "chair.png", None, "a.png"),
        ("media-identifier", folder / "chair.png", "x" * 257, "a.png"),
        ("media-identifier", folder / "chair.png", "a\0b", "a.png"),
        ("media-identifier", folder / "chair.png", "twin", "a.png"),
        ("media-identifier", folder / "chair.png", "twin", "b.png"),
    ]
    frame = pl.DataFrame(
        {"file": [str(row[1]) for row in rows], "id": [row[2] for row in rows], "name": [row[3] for row in rows]}
    )
    before = sum(box.requests_seen.values())
    found = _problems(frame, path="file", unique_identifier="id", filename="name")
    assert [(row, rule) for row, _, rule in found] == [(place, rule) for place, (rule, *_) in enumerate(rows)]
    assert sum(box.requests_seen.values()) == before


@pytest.mark.parametrize(
    "link", ["ftp://x.se/a.png", "https://u:p@x.se/a.png", "x.se/a.png", "https://", "javascript:1"]
)
def test_a_link_that_is_none_is_a_problem(box, link):
    """http(s) only, and no user names."""
    assert _problems(pl.DataFrame({"image": [link]}), link="image") == [(0, "image", "media-link")]


def test_links_are_tried_if_asked_to(box, web):
    """From here only the public internet is called, so this machine's own server is refused."""
    assert _problems(pl.DataFrame({"image": [f"{web}/chair.png"]}), link="image", check_links=True)


def test_types_that_were_not_asked_for_are_problems(box, folder):
    """By the name."""
    frame = pl.DataFrame({"file": [str(folder / "chair.png")]})
    assert _problems(frame, path="file", accept="video/*") == [(0, "file", "media-type")]
    assert of.push_media(frame, path="file", accept=["video/*", "image/*"]).ok


def test_good_rows_can_be_sent_alone(box, folder, files):
    """The others fail with their reasons, and come back as they were."""
    frame = pl.concat([files, pl.DataFrame({"sku": ["bad"], "file": [str(folder / "none.png")]})])
    report = of.push_media(frame, path="file", unique_identifier="sku", on_invalid="skip")
    assert report.counts == {"uploaded": 2, "skipped": 0, "failed": 1, "pending": 0}
    assert report.failed().select("sku", "state").rows() == [("bad", "failed")]
    assert "does not exist" in report.failed()["reason"].item()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "link= or path="),
        ({"link": "image", "on_existing": "keep"}, "on_existing"),
        ({"link": "image", "on_existing": "replace"}, "unique_identifier="),
        ({"link": "image", "on_invalid": "ignore"}, "on_invalid"),
        ({"link": "image", "previews": "cdn.example.com"}, "previews"),
        ({"link": "image", "previews": 5}, "previews"),
        ({"link": "image", "accept": 5}, "accept"),
        ({"link": 5}, "link"),
        ({"path": ["image", None]}, "path"),
        ({"link": "image", "filename": 5}, "filename"),
        ({"link": "image", "unique_identifier": of.INDEX}, "unique_identifier"),
        ({"link": "image", "separator": 5}, "separator"),
        ({"link": "image", "concurrency": 0}, "concurrency"),
        ({"link": "image", "concurrency": -1}, "concurrency"),
        ({"link": "image", "concurrency": "x"}, "concurrency"),
        ({"link": "image", "max_wait_s": "x"}, "max_wait_s"),
        ({"link": "image", "max_wait_s": None}, "max_wait_s"),
        ({"link": "image", "wait": "false"}, "wait"),
        ({"link": "image", "check_links": 1}, "check_links"),
        ({"link": "image", "progress": "no"}, "progress"),
    ],
)
def test_a_wrong_option_is_a_configuration_error(box, links, options, said):
    """Before anything is looked at, the table included."""
    for frame in (links, "no such file.csv"):
        with pytest.raises(of.ConfigurationError, match=said):
            of.push_media(frame, **options)


def test_a_wrong_column_is_a_frame_error(box, links):
    """Missing, or of a type that holds no links."""
    with pytest.raises(of.ColumnNotFoundError, match="did you mean 'image'"):
        of.push_media(links, link="imag")
    with pytest.raises(of.PlanError, match="link: column 'image' is Float64"):
        of.push_media(pl.DataFrame({"image": [1.5]}), link="image")
    with pytest.raises(of.PlanError, match="unique_identifier: column 'id' is Float64"):
        of.push_media(pl.DataFrame({"image": ["http://x.se/a"], "id": [1.0]}), link="image", unique_identifier="id")


def test_bytes_need_a_name(box):
    """There is nothing to read one off."""
    frame = pl.DataFrame({"bytes": [b"abc"], "name": [None]}, schema={"bytes": pl.Binary, "name": pl.String})
    assert _problems(frame, path="bytes") == [(0, "bytes", "media-filename")]
    assert _problems(frame, path="bytes", filename="name") == [(0, "bytes", "media-filename")]
