"""Bodies that are read while they are sent, against a server of raw sockets on loopback."""

import io
from dataclasses import dataclass, field

import pytest
from raw_server import RawServer

from occtoo_frames._session.transport import RequestsTransport
from occtoo_frames.protocol.http import Failure, Request


@dataclass
class Pieces:
    """An upload of bytes in memory that counts how often it was opened and closed."""

    content: bytes
    size: int
    opened: list[io.BytesIO] = field(default_factory=list)

    def open(self) -> io.BytesIO:
        """The bytes from their beginning."""
        self.opened.append(io.BytesIO(self.content))
        return self.opened[-1]


@pytest.fixture
def server():
    """Takes a request and answers 200."""
    started = RawServer(lambda exchange: exchange.read().answer())
    yield started
    started.close()


def put(server, upload):
    """What comes back for one PUT."""
    return RequestsTransport().send(Request("PUT", f"{server.url}/file", {}, upload), timeout_s=5)


def test_an_upload_is_opened_anew_for_each_attempt_and_closed(server):
    """Each time the whole of it arrives, with its length and never chunked."""
    content = bytes(range(256)) * 4_000
    upload = Pieces(content, len(content))
    assert [put(server, upload).status for _ in range(2)] == [200, 200]
    assert [exchange.body for exchange in server.exchanges] == [content, content]
    assert server.exchanges[1].header("content-length") == str(len(content))
    assert server.exchanges[1].header("transfer-encoding") is None
    assert [stream.closed for stream in upload.opened] == [True, True]


@pytest.mark.parametrize("size", [9, 11])
def test_an_upload_of_another_size_than_promised_never_arrives_whole(server, size):
    """The server cannot have acted on it, and trying again cannot help."""
    event = put(server, Pieces(b"0123456789", size))
    assert event == Failure("what is to be sent changed its size", sent=False, final=True)
    assert all(len(exchange.body) < size for exchange in server.exchanges)


def test_an_upload_that_cannot_be_read_says_so_without_its_path(server, tmp_path):
    """A file that is gone."""

    class Gone:
        size = 3

        def open(self):
            return (tmp_path / "gone").open("rb")

    event = put(server, Gone())
    assert event == Failure("what is to be sent cannot be read: No such file or directory", sent=False, final=True)


def test_an_empty_upload_is_a_request_without_body(server):
    """Its length is said to be nothing."""
    assert put(server, Pieces(b"", 0)).status == 200
    assert server.exchanges[0].header("content-length") == "0"


def test_the_size_of_a_request_is_that_of_its_body():
    """In bytes, whatever the body is."""
    bodies = [None, b"abc", memoryview(b"abcd"), Pieces(b"", 5)]
    assert [Request("PUT", "https://x", {}, body).size for body in bodies] == [0, 3, 4, 5]
