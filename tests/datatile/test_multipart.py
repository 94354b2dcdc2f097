"""The form around a file: what an independent parser takes it for, again and again, without holding the file."""

import asyncio
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartParser

from occtoo_frames.datatile.multipart import Form


def parsed(form: Form) -> dict[str, object]:
    """The form as the sandbox's own library takes it apart: texts, and (name, type, bytes) of files."""

    async def pieces():
        with form.open() as stream:
            while piece := stream.read(1000):
                yield piece

    async def take():
        found = await MultiPartParser(Headers({"content-type": form.content_type}), pieces()).parse()
        out = {}
        for name, value in found.multi_items():
            out[name] = value if isinstance(value, str) else (value.filename, value.content_type, await value.read())
        await found.close()
        return out

    return asyncio.run(take())


@given(st.binary(max_size=5_000), st.text(st.characters(codec="utf-8", exclude_characters='"\r\n\\'), min_size=1))
def test_a_form_holds_the_file_and_its_fields(tmp_path_factory, content, text):
    """Whatever is in them, with as many bytes as promised."""
    path = tmp_path_factory.mktemp("form") / "a.zsav"
    path.write_bytes(content)
    form = Form(path, "a.zsav", {"callback": text})
    with form.open() as stream:
        assert len(stream.read()) == form.size
    assert parsed(form) == {"callback": text, "dataset": ("a.zsav", "application/x-spss-sav", content)}


@pytest.mark.parametrize(("ending", "kind"), [("csv", "text/csv"), ("xyz", "application/octet-stream")])
def test_the_part_names_its_type(tmp_path, ending, kind):
    """By the file's ending."""
    (tmp_path / f"a.{ending}").write_bytes(b"x")
    assert parsed(Form(tmp_path / f"a.{ending}", "b"))["dataset"] == ("b", kind, b"x")


def test_a_name_cannot_break_out_of_its_header(tmp_path):
    """Quotes and line breaks are written as browsers write them."""
    (tmp_path / "a.csv").write_bytes(b"x")
    form = Form(tmp_path / "a.csv", 'a"\r\nX-Evil: 1.csv')
    with form.open() as stream:
        head = stream.read().partition(b"\r\n\r\n")[0]
    assert b'filename="a%22%0D%0AX-Evil: 1.csv"' in head


def test_each_opening_gives_the_whole_form_again(tmp_path):
    """With the same boundary, so that a second attempt is the same request."""
    (tmp_path / "a.csv").write_bytes(b"x" * 1_000)
    form = Form(tmp_path / "a.csv", "a.csv")
    with form.open() as first, form.open() as second:
        assert first.read(500)
        whole = second.read()
    assert len(whole) == form.size
    assert Form(tmp_path / "a.csv", "a.csv").boundary != form.boundary


def test_a_large_file_is_not_held(tmp_path):
    """Fifty megabytes are read in less than two."""
    with (tmp_path / "a.csv").open("wb") as stream:
        stream.truncate(50_000_000)
    form = Form(tmp_path / "a.csv", "a.csv")
    tracemalloc.start()
    with form.open() as stream:
        size = sum(len(piece) for piece in iter(lambda: stream.read(262_144), b""))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size == form.size
    assert peak < 2_000_000
