"""What a push of files leaves in the user's hands: rows, entries, lists of ids, views."""

import copy
import pickle

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import xlsxwriter

import occtoo_frames as of
from occtoo_frames._push.media_report import MediaReport, MediaRun
from occtoo_frames._push.media_shown import may_show
from occtoo_frames._push.media_upload import Ending, MediaState
from occtoo_frames.protocol.media import MediaFile


def _report(*endings: Ending, **options: object) -> MediaReport:
    items = pl.DataFrame({
        "row": range(len(endings)),
        "unique_identifier": [f"id-{n}" for n in range(len(endings))],
        "filename": ["<b>.png"] * len(endings),
    })  # fmt: skip
    return MediaReport(items, endings, height=len(endings), kind="polars", run=MediaRun(), **options)


def _picture(url: str) -> Ending:
    return Ending(MediaState.UPLOADED, "f", MediaFile("f", url, filename="a.png", mime_type="image/png", size=3))


def test_products_carry_their_pictures_in_five_lines(box, web, name):
    """From links in a table to a published shop whose products have images."""
    media, products = name(), name()
    box.add_source(media)
    box.add_source(products)
    table = pd.DataFrame({"sku": ["c-1", "t-1"], "image": [f"{web}/chair.png", f"{web}/table.png"]})

    report = table.occtoo.push_media(link="image", unique_identifier="sku")
    report.entries().occtoo.push(media, key="file_id")
    of.link_media(table, report, "imageIds").occtoo.push(products, key="sku", properties=["imageIds"])

    url = box.publish(
        "shop", products, source=products, types={"imageIds": "List"}, relations={"images": (media, "imageIds")}
    )
    box.settle()
    read = of.read_destination(url, frame="polars")
    pictures = {row["id"]: row["images"][0] for row in read.select("id", "images").to_dicts()}
    assert [(pictures[sku]["name"], pictures[sku]["mimeType"]) for sku in ("c-1", "t-1")] == [
        ("chair.png", "image/png"),
        ("table.png", "image/png"),
    ]


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.table])
def test_the_ids_stand_beside_the_rows(box, links, kind):
    """Joined in their order; the caller's table is not changed; a pandas index stays."""
    frame = kind(links.to_dict(as_series=False))
    if isinstance(frame, pd.DataFrame):
        frame.index = pd.Index([7, 3])
    report = of.push_media(frame, link="image", unique_identifier="sku")
    linked = of.link_media(frame, report, "imageIds")
    if isinstance(frame, pd.DataFrame):
        assert linked.index.tolist() == [7, 3]
        assert "imageIds" not in frame.columns
    assert pl.DataFrame(linked)["imageIds"].to_list() == report.row_table["file_id"].to_list()


def test_a_report_says_what_to_hand_on_instead_of_being_pickled(box, links):
    """It holds the table; that of a deletion holds none. A copy is the report itself."""
    report = of.push_media(links, link="image")
    with pytest.raises(TypeError, match=r"a MediaReport is not pickled.*hand on \.to_dict"):
        pickle.dumps(report)
    assert copy.copy(report) is copy.deepcopy(report) is report
    deleted = of.delete_media(report.row_table["file_id"], frame="polars")
    assert pickle.loads(pickle.dumps(deleted)).rows.equals(deleted.rows)  # noqa: S301 - our own bytes


def test_a_table_of_another_height_is_refused(box, links):
    """Rows are matched by their place, so it has to be the same table."""
    report = of.push_media(links, link="image")
    with pytest.raises(of.PlanError, match="has 1 rows"):
        of.link_media(links[:1], report, "imageIds")
    with pytest.raises(of.PlanError, match="already"):
        of.link_media(links, report, "image")


def test_a_table_whose_cells_cannot_all_be_given_back_is_refused(box, web, tmp_path):
    """The error of a formula in another column would be an empty cell of the table with the ids."""
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["image", "price"])
        page.write_string(1, 0, f"{web}/chair.png")
        page.write_formula(1, 1, "=NA()", None, "#N/A")
    report = of.push_media(tmp_path / "t.xlsx", link="image")
    assert report.ok
    with pytest.raises(of.PlanError, match=r"link_media: cells of column 'price' cannot be read \(row 0: '#NA'\)"):
        of.link_media(tmp_path / "t.xlsx", report, "ids")


def test_a_row_without_a_file_links_nothing(box, web):
    """Null, so that a push leaves what the platform has."""
    frame = pl.DataFrame({"image": [f"{web}/chair.png", None, f"{web}/none.png"]})
    linked = of.link_media(frame, of.push_media(frame, link="image"), "ids")
    assert linked["ids"].is_null().to_list() == [False, True, True]


def test_entries_name_their_properties_as_asked(box, links):
    """One row for each file, with the chosen facts."""
    report = of.push_media(pl.concat([links, links]).drop("sku"), link="image")
    found = report.entries(url="address", size=None, width="w")
    assert found.columns == ["file_id", "address", "name", "mimeType", "w"]
    assert found["w"].to_list() == [4, 5]


def test_failed_gives_the_callers_own_rows(box, web, name):
    """With pandas' index and every column, and why."""
    frame = pd.DataFrame({"image": [f"{web}/chair.png", f"{web}/none.png"], "note": ["a", "b"]}, index=[5, 6])
    failed = of.push_media(frame, link="image").failed()
    assert failed.index.tolist() == [6]
    assert failed.columns.tolist() == ["image", "note", "state", "reason"]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://cdn.example.com/a.png", True),
        ("https://CDN.example.com/a.png", True),
        ("http://cdn.example.com/a.png", False),
        ("https://evil.example.com/a.png", False),
        ("https://cdn.example.com.evil.com/a.png", False),
        ("https://cdn.example.com@evil.com/a.png", False),
        ("https://u@cdn.example.com/a.png", False),
        ("javascript:alert(1)", False),
        ("data:image/png;base64,AAAA", True),
        ("data:image/svg+xml;base64,AAAA", False),
        ("data:text/html;base64,AAAA", False),
        ("data:image/png;base64," + "A" * 200_000, False),
        ("https://[", False),
    ],
)
def test_pictures_come_from_allowed_hosts_only(address, shown):
    """Https and a host that the user named, or small pictures in the address itself."""
    assert may_show(address, ("cdn.example.com",)) is shown


def test_a_notebook_loads_nothing_by_itself():
    """No picture without a host that was named; then the picture, escaped."""
    ending = _picture('https://cdn.example.com/a".png')
    assert "<img" not in _report(ending)._repr_html_()
    html = _report(ending, previews=("cdn.example.com",))._repr_html_()
    assert 'src="https://cdn.example.com/a&quot;.png"' in html
    assert 'referrerpolicy="no-referrer"' in html


def test_what_comes_from_outside_is_escaped():
    """Reasons and names."""
    html = _report(Ending(MediaState.FAILED, None, None, "<script>alert(1)</script>"))._repr_html_()
    assert "<script>" not in html
    assert "<b>.png" not in html


def test_a_terminal_says_as_much():
    """Counts, cost, what to do."""
    report = _report(_picture("https://x.se/a"), Ending(MediaState.FAILED, None, None, "no"))
    assert repr(report).splitlines()[0] == "MediaReport: 1 uploaded, 1 failed"
    assert ".failed()" in repr(report)
    assert report.to_dict()["counts"] == {"uploaded": 1, "skipped": 0, "failed": 1, "pending": 0}


def test_counts_add_up_to_the_rows():
    """Each in one state."""
    states = [MediaState.UPLOADED, MediaState.SKIPPED, MediaState.PENDING, MediaState.FAILED, MediaState.DELETED]
    report = _report(*(Ending(state) for state in states))
    assert sum(report.counts.values()) == report.row_table.height == 5
