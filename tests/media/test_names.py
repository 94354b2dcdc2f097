"""Names of files: forty that are wrong, and what is made of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occtoo_frames._push.media_names import filename_flaw, name_of_link, numbered, safe_filename
from occtoo_frames._push.media_types import content_flaw, is_accepted
from occtoo_frames._sandbox.media_links import name_flaw

BAD = {
    "": "file",
    " ": "file",
    ".": "file",
    "..": "file",
    "...": "file",
    "../../etc/passwd": "passwd",
    "..\\..\\boot.ini": "boot.ini",
    "/etc/passwd": "passwd",
    "C:\\images\\a.jpg": "a.jpg",
    "a/b.jpg": "b.jpg",
    "a\\b.jpg": "b.jpg",
    "a/": "a",
    "/": "file",
    "a\u2044b.jpg": "b.jpg",
    "a\uff0fb.jpg": "b.jpg",
    "a\u2215b.jpg": "b.jpg",
    "a\0.jpg": "a.jpg",
    "a\n.jpg": "a.jpg",
    "a\r\nSet-Cookie: x.jpg": "aSet-Cookie_ x.jpg",
    "a\t.jpg": "a.jpg",
    "a\x7f.jpg": "a.jpg",
    "a\x85.jpg": "a.jpg",
    "gpj\u202exe.jpg": "gpjxe.jpg",
    "a\u200b.jpg": "a.jpg",
    "a\ufeff.jpg": "a.jpg",
    "a\ud800.jpg": "a.jpg",
    "a\u2028b.jpg": "ab.jpg",
    "CON": "_CON",
    "nul.txt": "_nul.txt",
    "com1.jpg": "_com1.jpg",
    "a.jpg.": "a.jpg",
    "a.jpg ": "a.jpg",
    " a.jpg": "a.jpg",
    "a:b.jpg": "a_b.jpg",
    "a.jpg:stream": "a.jpg_stream",
    "a|b.jpg": "a_b.jpg",
    'a"b.jpg': "a_b.jpg",
    "<script>.jpg": "_script_.jpg",
    "a?.jpg": "a_.jpg",
    "a*.jpg": "a_.jpg",
    "x" * 300 + ".jpg": "x" * 251 + ".jpg",
    "ö" * 200 + ".png": "ö" * 125 + ".png",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_name_is_refused_and_can_be_made_safe(name):
    """Given by somebody it is a problem; read off a path it becomes another."""
    assert filename_flaw(name) is not None
    assert safe_filename(name) == BAD[name]
    assert filename_flaw(BAD[name]) is None
    assert name_flaw(BAD[name]) is None


def test_there_are_forty():
    """At least."""
    assert len(BAD) >= 40


@pytest.mark.parametrize(
    "name", ["a.jpg", "Stühle (2).png", "椅子.webp", "a b.tar.gz", "-x", "e\u0301.png", "console.txt"]
)
def test_a_good_name_stays(name):
    """Any script, spaces within, brackets."""
    assert filename_flaw(name) is None


@given(st.text(st.characters(exclude_categories=()), max_size=400))
def test_a_safe_name_has_no_flaw(text):
    """Whatever comes in, surrogates included; and it is safe already."""
    name = safe_filename(text)
    assert filename_flaw(name) is None
    assert name_flaw(name) is None
    assert safe_filename(name) == name


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("https://x.se/a/b.jpg?w=1#c", "b.jpg"),
        ("https://x.se/st%C3%BChle%20r%C3%B6da.png", "stühle röda.png"),
        ("https://x.se/..%2F..%2Fetc%2Fpasswd", "passwd"),
        ("https://x.se/", "file"),
        ("https://x.se", "file"),
        ("https://x.se/a%00%0a.jpg", "a.jpg"),
    ],
)
def test_a_link_gives_a_name(link, name):
    """The last part of its path, without its escapes, made safe."""
    assert name_of_link(link) == name


def test_later_files_of_a_row_are_numbered_before_the_extension():
    """The first keeps its name."""
    assert [numbered("a.tar.gz", 1), numbered("a.jpg", 2), numbered("a", 3)] == ["a.tar.gz", "a-2.jpg", "a-3"]


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.jpg", b"<!doctype html>"),
        ("a.png", b"\xff\xd8\xff\xe0"),
        ("a.webp", b"RIFF\0\0\0\0WAVE"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n"),
        ("a.mp4", b"GIF89a"),
        ("a.GIF", b"plain text"),
    ],
)
def test_bytes_that_are_not_what_the_name_says_are_found(name, head):
    """An error page saved as a picture is the usual one."""
    assert "its name says" in content_flaw(name, head)


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.jpg", b"\xff\xd8\xff\xe0"),
        ("a.webp", b"RIFF\0\0\0\0WEBPVP8"),
        ("a.mp4", b"\0\0\0\x18ftypmp42"),
        ("a.svg", b"<svg"),
        ("a.bin", b"anything"),
        ("noext", b"\xff\xd8"),
    ],
)
def test_bytes_that_fit_or_say_nothing_pass(name, head):
    """What is not known is for the platform to say."""
    assert content_flaw(name, head) is None


def test_types_are_accepted_by_pattern():
    """``image/*`` is every image; nothing is no type."""
    assert is_accepted("image/PNG", ["image/*"])
    assert is_accepted("video/mp4", ["image/*", "video/mp4"])
    assert not is_accepted("text/html", ["image/*"])
    assert not is_accepted(None, ["*"])
