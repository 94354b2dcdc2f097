"""The conversation that brings a file's bytes over: every chunk size, every interruption, no socket."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tus_model import BASE, BREAKS, Model, Slip

from occtoo_frames._api.media_content import BytesContent
from occtoo_frames._push.media_talk import NotDoneError
from occtoo_frames._push.media_tus import STALLS, described, send_file
from occtoo_frames.protocol import tus
from occtoo_frames.protocol.http import Response
from occtoo_frames.protocol.meaning import Asked

BYTES = b"every byte once"
SIZES = range(1, len(BYTES) + 2)


def _send(model: Model, slip: Slip, *, chunk_bytes: int = 4, content: bytes = BYTES) -> str:
    metadata = described("a.bin", len(content), None)
    return model.hold(send_file(BASE, BytesContent(content), metadata, slip, chunk_bytes=chunk_bytes))


@pytest.mark.parametrize("chunk_bytes", SIZES)
def test_every_chunk_size_brings_every_byte(chunk_bytes):
    """As many requests as chunks, and one to begin."""
    model, slip = Model(), Slip()
    file_id = _send(model, slip, chunk_bytes=chunk_bytes)
    assert model.files[file_id] == BYTES
    assert len(model.requests) == 1 + -(-len(BYTES) // chunk_bytes)
    assert slip.file_id is None


@pytest.mark.parametrize("kind", BREAKS)
@pytest.mark.parametrize("chunk_bytes", SIZES)
def test_a_break_at_any_request_costs_no_byte(kind, chunk_bytes):
    """Whichever request breaks, in whichever way, the file is whole; the server refuses any byte sent twice."""
    whole = 1 + -(-len(BYTES) // chunk_bytes)
    for broken in range(whole + 1):
        if (kind, broken) == ("no-offset", 0):
            continue  # a new file without a place cannot be gone on with
        model = Model({broken: kind})
        assert model.files[_send(model, Slip(), chunk_bytes=chunk_bytes)] == BYTES
        assert len(model.requests) <= whole + 3


@pytest.mark.parametrize(("first", "second"), list(product(BREAKS, BREAKS)))
def test_two_breaks_in_a_row_cost_no_byte(first, second):
    """Also where the question for the offset itself breaks."""
    for broken in range(1, 6):
        model = Model({broken: first, broken + 1: second})
        try:
            file_id = _send(model, Slip())
        except NotDoneError:
            assert "no-offset" in {first, second}  # an offset that is not told is not guessed
        else:
            assert model.files[file_id] == BYTES


@given(
    st.dictionaries(st.integers(1, 40), st.sampled_from(BREAKS), max_size=12), st.integers(1, 20), st.binary(min_size=1)
)
def test_whatever_breaks_nothing_is_wrong(breaks, chunk_bytes, content):
    """Either every byte is there once, or the conversation says that it is not done and goes on from there later."""
    model, slip = Model(breaks), Slip()
    try:
        file_id = _send(model, slip, chunk_bytes=chunk_bytes, content=content)
    except NotDoneError:
        model.breaks = {}
        assert slip.file_id is not None
        file_id = _send(model, slip, chunk_bytes=chunk_bytes, content=content)
    assert model.files[file_id] == content


def test_a_begun_file_is_gone_on_with():
    """The server is asked how much it has, and gets the rest."""
    model, slip = Model(files={"f0": bytearray(BYTES[:7])}, lengths={"f0": len(BYTES)}), Slip("f0")
    assert _send(model, slip) == "f0"
    assert [request.method for request in model.requests] == ["HEAD", "PATCH", "PATCH"]
    assert model.files["f0"] == BYTES


@pytest.mark.parametrize("length", [None, len(BYTES) + 1])
def test_a_begun_file_that_is_gone_or_another_is_begun_anew(length):
    """Nothing is ever put behind other bytes."""
    model = Model() if length is None else Model(files={"old": bytearray()}, lengths={"old": length})
    file_id = _send(model, Slip("old"))
    assert file_id != "old"
    assert model.files[file_id] == BYTES


def test_the_place_of_a_new_file_is_not_believed():
    """``Location`` may point anywhere: only its last part is used, below the platform's own address."""
    model = Model()
    _send(model, Slip())
    assert {request.url.partition("/media")[0] for request in model.requests} == {BASE}


def test_a_server_that_never_takes_a_chunk_is_left():
    """After so many attempts without progress it is not done, and remembered."""
    model, slip = Model(dict.fromkeys(range(1, 100, 2), "server-error")), Slip()
    with pytest.raises(NotDoneError, match="answered 502"):
        _send(model, slip)
    assert sum(request.method == "PATCH" for request in model.requests) == STALLS
    assert slip.file_id == "f0"


def test_a_refusal_is_told_in_the_servers_words():
    """400 on creation is nobody's network."""
    talk = send_file(BASE, BytesContent(b"x"), {"Filename": "a"}, Slip())
    next(talk)
    with pytest.raises(NotDoneError, match="answered 400: Invalid request: no such type"):
        talk.send(
            Asked(Response(400, {}, b'{"errors":[{"message":"Invalid request","details":{"message":"no such type"}}]}'))
        )


def test_an_offset_beyond_the_file_is_not_believed():
    """A server that claims more bytes than there are is not done with."""
    talk = send_file(BASE, BytesContent(b"xy"), {"Filename": "a"}, Slip())
    next(talk)
    talk.send(Asked(Response(201, {"location": "/f1"})))
    talk.send(Asked(Response(204, {tus.OFFSET: "9"})))
    next(talk)
    with pytest.raises(NotDoneError, match="more bytes than the file"):
        talk.send(Asked(Response(200, {tus.OFFSET: "9"})))


def test_what_is_said_of_a_file_survives_the_header():
    """Names in any script come back; so does a value that is empty."""
    said = {**described("stühle 椅子.png", 3, "sku,1"), "Empty": ""}
    header = tus.to_metadata(said)
    assert header.isascii()
    assert tus.from_metadata(header) == {name.lower(): value for name, value in said.items()}


@pytest.mark.parametrize("header", ["a !!", "a eA==,a eA==", " ,", "a /w=="])
def test_malformed_metadata_is_refused(header):
    """Not base 64, a name twice, no name, not UTF-8."""
    with pytest.raises(ValueError, match="Upload-Metadata"):
        tus.from_metadata(header)
