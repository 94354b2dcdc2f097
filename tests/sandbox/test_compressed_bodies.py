"""Imports in gzip, and what is no import in gzip."""

import gzip
import json
import zlib

import pytest
from sandbox_client import Client, entity

from occtoo_frames._sandbox.inflating import BodyTooLargeError, BrokenCodingError, inflated
from occtoo_frames._sandbox.platform import LocalPlatform

BODY = json.dumps({"entities": [entity("a", {"name:sv": "Blå stol"})]}).encode()
STORED = {"a": {"name:sv": "Blå stol"}}


def send(client, body, coding="gzip", **more):
    """The answer to an import of these very bytes."""
    headers = {**client.headers(), "Content-Encoding": coding, **more}
    return client.post("/import/products", data=body, headers=headers)


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip", " gzip "])
def test_a_body_in_gzip_is_stored_as_if_it_were_plain(client, coding):
    """Whichever name the coding has."""
    assert send(client, gzip.compress(BODY), coding.strip()).status_code == 202
    client.platform.settle()
    assert client.platform.entries("products") == STORED


@pytest.mark.parametrize("coding", ["", "identity"])
def test_no_coding_is_plain(client, coding):
    """Also where it is said."""
    assert send(client, BODY, coding).status_code == 202


@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "gzip, gzip", "gzip, br", "*"])
def test_a_coding_that_is_not_known_is_a_415_that_says_which_are(client, coding):
    """Nothing is stored."""
    answer = send(client, gzip.compress(BODY), coding)
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "gzip")
    client.platform.settle()
    assert client.platform.entries("products") == {}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        BODY,
        zlib.compress(BODY),
        gzip.compress(BODY)[:-1],
        gzip.compress(BODY)[: len(BODY) // 2],
        gzip.compress(BODY)[:-8] + bytes(8),
        gzip.compress(BODY) + b"more",
        gzip.compress(b"") * 101,
    ],
    ids=["empty", "plain", "zlib", "a byte short", "half", "checksum", "trailing", "members"],
)
def test_what_is_no_gzip_is_a_400(client, body):
    """Nothing of it is stored."""
    answer = send(client, body)
    assert answer.status_code == 400
    assert "gzip" in answer.json()["errors"][0]["details"]["message"]
    client.platform.settle()
    assert client.platform.entries("products") == {}


def test_the_limit_stands_for_what_is_inside():
    """To the byte, and a bomb is a 413 like any body that is too long."""
    with LocalPlatform(max_body_bytes=len(BODY)) as platform:
        platform.add_source("products")
        client = Client(platform)
        with client.session:
            assert send(client, gzip.compress(BODY)).status_code == 202
            assert send(client, gzip.compress(BODY + b" ")).status_code == 413
            assert send(client, gzip.compress(bytes(50_000_000))).status_code == 413
            platform.settle()
            assert platform.entries("products") == STORED


def test_a_bomb_is_not_unpacked():
    """No more than the limit and a byte is ever laid down."""
    bomb = zlib.compress(bytes(100_000_000), 9, 31)
    with pytest.raises(BodyTooLargeError):
        inflated(bomb, 1_000)
    with pytest.raises(BodyTooLargeError):
        inflated(gzip.compress(b"a" * 600) * 2, 1_000)


def test_members_follow_one_another():
    """As the format allows."""
    assert inflated(gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two"), 7) == b"one two"
    with pytest.raises(BrokenCodingError):
        inflated(gzip.compress(b"one") + gzip.compress(b"two")[:-3], 100)


def test_every_answer_of_an_import_says_gzip_and_a_token_does_not(client):
    """It holds for the resource that answers; tokens are taken plain only."""
    assert client.send({"entities": [entity("a")]}).headers["accept-encoding"] == "gzip"
    assert client.send({"entities": [entity("å")]}).headers["accept-encoding"] == "gzip"
    assert client.post("/import/products").headers["accept-encoding"] == "gzip"
    pair = {"id": client.platform.provider_id, "secret": client.platform.provider_secret}
    assert "accept-encoding" not in client.post("/dataProviders/tokens", json=pair).headers


def test_who_may_not_import_hears_nothing_of_codings_first(client):
    """A token is asked for before the body is looked at."""
    answer = client.post("/import/products", data=b"x", headers={"Content-Encoding": "br"})
    assert answer.status_code == 401
