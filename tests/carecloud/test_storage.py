"""The storage behind signed addresses, over real HTTP, refused in the documented order."""

import hashlib
import socket
from base64 import b64encode
from datetime import UTC, datetime
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from test_sigv4 import theirs


@pytest.fixture
def signer(box):
    """What the storage signs with."""
    return box._platform._core.portal.keys.signer


@pytest.fixture
def address(box, signer):
    """Makes signed addresses of one object."""
    return lambda method="PUT", expires_s=900: signer.presign(
        method,
        f"{box.url}/storage/bucket/file/a%20b.cc5txt",
        now=datetime.now(UTC).replace(tzinfo=None),
        expires_s=expires_s,
    )


def ask(url: str, method: str = "PUT", body: bytes | None = b"some bytes", headers: dict | None = None):
    """The answer, with its body."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=20)
    connection.request(method, f"{parts.path}?{parts.query}", body, headers or {})
    answer = connection.getresponse()
    answer.text = answer.read().decode()
    connection.close()
    return answer


def test_what_is_put_can_be_got(address):
    """Whole and in parts, with its digest as ETag."""
    put = ask(address())
    assert (put.status, put.headers["ETag"]) == (200, f'"{hashlib.md5(b"some bytes").hexdigest()}"')  # noqa: S324 - S3's
    assert ask(address("GET"), "GET", None).text == "some bytes"
    part = ask(address("GET"), "GET", None, {"Range": "bytes=5-7"})
    assert (part.status, part.text, part.headers["Content-Range"]) == (206, "byt", "bytes 5-7/10")
    assert ask(address("GET"), "GET", None, {"Range": "bytes=-3"}).text == "tes"
    assert ask(address("GET"), "GET", None, {"Range": "bytes=10-"}).status == 416
    assert ask(address("HEAD"), "HEAD", None).headers["Content-Length"] == "10"


def test_an_address_signed_by_botocore_is_taken(box, signer):
    """An independent signer."""
    assert ask(theirs("PUT", f"{box.url}/storage/bucket/x/y.cc5txt", signer=signer)).status == 200


def test_there_is_nothing_before_it_was_put(address):
    """404 in S3's words."""
    answer = ask(address("GET"), "GET", None)
    assert answer.status == 404
    assert "<Code>NoSuchKey</Code>" in answer.text


def test_the_length_must_be_said(address):
    """Chunked bodies are 501, ones without a length 411, and a wrong signature is said before both."""
    pieces = {"Transfer-Encoding": "chunked"}
    assert ask(address(), body=b"4\r\nsome\r\n0\r\n\r\n", headers=pieces).status == 501
    wrong = address() + "0"
    assert "SignatureDoesNotMatch" in ask(wrong, body=b"4\r\nsome\r\n0\r\n\r\n", headers=pieces).text
    parts = urlsplit(address())
    with socket.create_connection((parts.hostname, parts.port)) as raw:
        head = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
        raw.sendall(head.encode())
        assert b" 411 " in raw.recv(65_536).split(b"\r\n")[0]


def test_an_expired_address_says_so(address, box, signer):
    """403, AccessDenied, as S3 words it."""
    old = signer.presign("PUT", f"{box.url}/storage/a", now=datetime(2020, 1, 1), expires_s=900)
    answer = ask(old)
    assert answer.status == 403
    assert "<Message>Request has expired</Message>" in answer.text
    assert "AuthorizationQueryParametersError" in ask(f"{box.url}/storage/a").text


def test_a_digest_that_is_wrong_stores_nothing(address):
    """400 BadDigest; the right one is taken."""
    wrong = b64encode(hashlib.md5(b"other").digest()).decode()  # noqa: S324 - S3's
    assert "BadDigest" in ask(address(), headers={"Content-MD5": wrong}).text
    assert ask(address("GET"), "GET", None).status == 404
    right = b64encode(hashlib.md5(b"some bytes").digest()).decode()  # noqa: S324 - S3's
    assert ask(address(), headers={"Content-MD5": right}).status == 200


def test_a_body_cut_short_stores_nothing(address):
    """What lay there before still does."""
    assert ask(address()).status == 200
    parts = urlsplit(address())
    with socket.create_connection((parts.hostname, parts.port)) as raw:
        head = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 100\r\n\r\n"
        raw.sendall(head.encode() + b"half")
    assert ask(address("GET"), "GET", None).text == "some bytes"


def test_headers_of_the_portal_are_refused(address):
    """A client that shows its key to the storage hears of it."""
    answer = ask(address(), headers={"x-api-key": "secret"})
    assert answer.status == 400
    assert "x-api-key" in answer.text
